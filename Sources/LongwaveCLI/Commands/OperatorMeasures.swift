import Longwave

/// The measures of PDEBench and the errors of the steps, as the commands print them.
struct OperatorMeasures {
  private let measures: [(key: String, name: String, value: Double)]
  private let steps: [Double]

  init(_ prediction: Tensor, _ pairs: FieldDataset) {
    let (found, truth) = (
      Tensor.stacked(prediction.frames(of: pairs.frameChannels)),
      Tensor.stacked(pairs.targets.frames(of: pairs.frameChannels))
    )
    let errors = BenchmarkErrors(prediction: found, target: truth, hasTime: true)
    measures = [
      ("rmse", "RMSE", errors.rootMeanSquare), ("nrmse", "nRMSE", errors.normalized),
      ("crmse", "cRMSE", errors.conserved), ("max", "maximum", errors.maximum),
      ("brmse", "bRMSE", errors.boundary), ("frmse_low", "fRMSE low", errors.low),
      ("frmse_mid", "fRMSE middle", errors.middle), ("frmse_high", "fRMSE high", errors.high),
    ]
    steps =
      pairs.targetSteps > 1
      ? RolloutReport(
        predictions: prediction.frames(of: pairs.frameChannels), targets: truth
      ).errors : []
  }

  var json: String {
    let all = measures.map { ",\"\($0.key)\":\(JSONNumber($0.value))" }.joined()
    guard !steps.isEmpty else { return all }
    return all
      + ",\"relative_l2_by_step\":[\(steps.map { "\(JSONNumber($0))" }.joined(separator: ","))]"
  }

  var lines: [String] {
    let indent = "              "
    var lines = measures.map { measure in
      indent + measure.name
        + String(repeating: " ", count: max(1, 16 - measure.name.count))
        + NumberFormat.significant(measure.value, digits: 4)
    }
    for (index, error) in steps.enumerated() {
      lines.append(
        indent + "step \(BenchText.pad(index + 1, 4))       "
          + NumberFormat.significant(error, digits: 4))
    }
    return lines
  }
}

/// A number as JSON has it: null for what is not finite.
struct JSONNumber: CustomStringConvertible {
  private let value: Double

  init(_ value: Double) { self.value = value }

  var description: String { value.isFinite ? "\(value)" : "null" }
}
