public import SequenceTensor

/// How the error of a roll-out grows, and when it has left the truth.
public struct RolloutReport: Sendable, Equatable, Codable {
  /// The mean over the samples of the relative L2 error of each step.
  public let errors: [Double]
  /// The mean over the samples of the correlation of prediction and truth at each step.
  ///
  /// That is the inner product over the product of the norms, after the means are subtracted; 1
  /// where neither varies.
  public let correlations: [Double]
  /// The error above which a step counts as diverged.
  public let threshold: Double
  /// The first step whose error is above the threshold or no number; nil if there is none.
  public let divergenceStep: Int?

  /// Measures a roll-out.
  ///
  /// - Parameters:
  ///   - predictions: a frame `[batch, x, (y, (z,)) channels]` for each step.
  ///   - targets: the true frames, `[batch, steps, x, (y, (z,)) channels]`, at least as many steps.
  ///   - threshold: the relative error that counts as divergence.
  /// - Precondition: there are targets of the shape of the predictions.
  public init(predictions: [Tensor], targets: Tensor, threshold: Double = 1) {
    require(
      targets.shape.rank >= 4 && predictions.count <= targets.shape[1],
      "RolloutReport: \(predictions.count) predictions, targets \(targets.shape)"
        + " [batch, steps, x, …, channels]")
    errors = predictions.indices.map {
      RelativeL2.overall(predictions[$0], targets.frame($0))
    }
    correlations = predictions.indices.map {
      Self.correlation(predictions[$0], targets.frame($0))
    }
    self.threshold = threshold
    divergenceStep = errors.firstIndex { !($0 <= threshold) }
  }

  /// The number of first steps whose correlation is at least `limit`; 0.8 is usual.
  public func correlatedSteps(limit: Double = 0.8) -> Int {
    correlations.firstIndex { !($0 >= limit) } ?? correlations.count
  }

  /// The mean of the errors of the steps.
  public var meanError: Double { RelativeL2.mean(errors) }

  private static func correlation(_ prediction: Tensor, _ target: Tensor) -> Double {
    let entries = FieldEntries(shape: target.shape, scope: .sample)
    let count = Double(max(1, entries.size))
    func means(_ field: Tensor) -> [Double] {
      let x = field.pointer
      return entries.sums { Double(x[$0]) }.map { $0 / count }
    }
    func products(_ a: Tensor, _ b: Tensor) -> [Double] {
      let (x, y) = (a.pointer, b.pointer)
      return entries.sums { Double(x[$0]) * Double(y[$0]) }
    }
    let (mx, my) = (means(prediction), means(target))
    let covariances = zip(products(prediction, target), zip(mx, my)).map {
      $0 - count * $1.0 * $1.1
    }
    func variances(_ field: Tensor, _ means: [Double]) -> [Double] {
      zip(products(field, field), means).map { max(0, $0 - count * $1 * $1) }
    }
    let sizes = zip(variances(prediction, mx), variances(target, my)).map { ($0 * $1).squareRoot() }
    return RelativeL2.mean(
      zip(covariances, sizes).map { $1 > 0 ? $0 / $1 : $0 == 0 && $1 == 0 ? 1 : .nan })
  }
}
