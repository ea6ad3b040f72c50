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

  /// A line of JSON with the measures behind what it has.
  func added(to line: JSONLine) -> JSONLine {
    let all = measures.reduce(line) { $0.adding($1.key, number: $1.value) }
    return steps.isEmpty ? all : all.adding("relative_l2_by_step", numbers: steps)
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
