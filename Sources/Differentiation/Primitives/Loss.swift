import LaneKernels
public import SequenceTensor

extension Variable {
  /// The mean cross-entropy, in nats, between the softmax of logits and labels.
  ///
  /// - Parameter labels: one class a row of `[…, classes]`; negative labels are left out of the
  ///   mean.
  /// - Returns: a scalar.
  /// - Precondition: one label a row, each below the number of classes.
  public func softmaxCrossEntropy(labels: [Int32]) -> Variable {
    let (rows, classes) = (shape.rows, shape.last)
    require(
      labels.count == rows && labels.allSatisfy { $0 < classes },
      "Variable.softmaxCrossEntropy: \(labels.count) labels for logits \(shape)")
    let counted = labels.count { $0 >= 0 }
    let weight = 1 / Float(max(1, counted))
    var losses = Tensor(uninitialized: [rows]) { _ in }
    let out = losses.mutablePointer()
    let gradient = Tensor(uninitialized: shape) { dlogits in
      labels.withUnsafeBufferPointer { labels in
        guard let first = labels.baseAddress else { return }
        nonisolated(unsafe) let base = first
        Parallel.forEachRange(rows, grain: max(1, 4096 / max(1, classes))) { range in
          let at = range.lowerBound
          lanes.softmax_cross_entropy(
            out + at, dlogits + at * classes, value.pointer + at * classes, base + at, weight,
            range.count, classes)
        }
      }
    }
    let loss = Tensor(scalar: losses.sum() / Float(max(1, counted)))
    return Self.primitive([self], value: loss) { [gradient * $0.scalar] }
  }

  /// The mean of squared differences from a target of the same shape.
  public func meanSquaredError(_ target: Tensor) -> Variable {
    require(
      target.shape == shape, "Variable.meanSquaredError: \(shape) and target \(target.shape)")
    let difference = value - target
    let loss = Float(difference.sumOfSquares() / Double(max(1, value.count)))
    return Self.primitive([self], value: Tensor(scalar: loss)) { [count = value.count] dy in
      [difference * (2 * dy.scalar / Float(max(1, count)))]
    }
  }
}
