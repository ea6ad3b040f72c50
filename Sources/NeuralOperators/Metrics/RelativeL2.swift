public import SequenceTensor

/// Where the steps of a predicted history are.
public enum StepLayout: Sendable, Hashable {
  /// In the axis after the batch: `[batch, time, x, …, channels]`.
  case timeAxis
  /// In groups of channels: `[batch, x, …, steps·channels]`, as the roll-outs of Li et al. (2021)
  /// stack them.
  case channels(perStep: Int)
}

/// Relative errors ‖prediction - target‖₂/‖target‖₂, in double precision.
///
/// Where a target is zero the error is 0 if the prediction is too, else infinite.
public enum RelativeL2 {
  /// The error of each sample, all else taken together.
  ///
  /// - Precondition: shapes are equal and have a batch.
  public static func perSample(_ prediction: Tensor, _ target: Tensor) -> [Double] {
    quotients(prediction, target, entries: FieldEntries(shape: target.shape, scope: .sample))
  }

  /// The mean of the samples' errors over whole histories.
  ///
  /// This is `test_l2_full` of the scripts of Li et al. (2021).
  public static func overall(_ prediction: Tensor, _ target: Tensor) -> Double {
    mean(perSample(prediction, target))
  }

  /// The mean over the samples of the error of each step: `test_l2_step` of the scripts of Li et
  /// al., which add the steps up.
  ///
  /// - Precondition: shapes are equal and suit the layout.
  public static func perStep(
    _ prediction: Tensor, _ target: Tensor, layout: StepLayout = .timeAxis
  ) -> [Double] {
    let shape = target.shape
    let quotients: [Double]
    let steps: Int
    switch layout {
    case .timeAxis:
      require(
        shape.rank >= 4, "RelativeL2.perStep: \(shape) is not [batch, time, x, …, channels]")
      steps = shape[1]
      let entries = FieldEntries(
        batch: shape[0] * steps, size: shape.count / max(1, shape[0] * steps), period: 1)
      quotients = Self.quotients(prediction, target, entries: entries)
    case .channels(let channels):
      require(
        shape.rank >= 3 && channels > 0 && shape.last % channels == 0,
        "RelativeL2.perStep: \(shape) has not groups of \(channels) channels")
      steps = shape.last / channels
      // Sums of single channels, from which those of the groups are put together.
      let entries = FieldEntries(shape: shape, scope: .channel)
      func grouped(_ sums: [Double]) -> [Double] {
        (0..<sums.count / channels).map { group in
          sums[group * channels..<(group + 1) * channels].reduce(0, +)
        }
      }
      requireEqual(prediction, target)
      quotients = zip(
        grouped(entries.powerSums(prediction, minus: target, power: 2)),
        grouped(entries.powerSums(target, power: 2))
      ).map(quotient)
    }
    return (0..<steps).map { step in
      mean(stride(from: step, to: quotients.count, by: steps).map { quotients[$0] })
    }
  }

  private static func quotients(
    _ prediction: Tensor, _ target: Tensor, entries: FieldEntries
  ) -> [Double] {
    requireEqual(prediction, target)
    return zip(
      entries.powerSums(prediction, minus: target, power: 2), entries.powerSums(target, power: 2)
    ).map(quotient)
  }

  /// The quotient of the roots of two sums of squares.
  static func quotient(_ error: Double, _ size: Double) -> Double {
    error == 0 ? 0 : (error / size).squareRoot()
  }

  static func mean(_ values: [Double]) -> Double {
    values.reduce(0, +) / Double(max(1, values.count))
  }

  private static func requireEqual(_ prediction: Tensor, _ target: Tensor) {
    require(
      prediction.shape == target.shape && target.shape.rank >= 1,
      "RelativeL2: prediction \(prediction.shape) and target \(target.shape)")
  }
}
