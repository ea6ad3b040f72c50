import LaneKernels
import SequenceTensor

/// What dropout sets to zero together.
public enum DropoutKind: String, Sendable, Hashable, CaseIterable, Codable {
  /// Each value by itself.
  case elementwise
  /// A whole channel of a sequence at all positions (PyTorch's `Dropout1d`, S4's `tie_dropout`).
  case channel
}

extension Variable {
  /// Sets values to zero with a probability and scales the rest by 1/(1 - rate), while training.
  ///
  /// Without a tape it does nothing. The mask is a function of a key drawn from the tape's random
  /// source and of the position, so it is not stored.
  ///
  /// - Precondition: `0 ≤ rate < 1`.
  public func dropout(_ rate: Float, _ kind: DropoutKind = .elementwise) -> Variable {
    require(rate >= 0 && rate < 1, "Variable.dropout: rate \(rate) outside 0..<1")
    guard let tape, rate > 0 else { return self }
    let key = tape.random.next()
    switch kind {
    case .elementwise:
      let mask = { (x: Tensor) in x.droppedOut(rate, key: key) }
      return Self.primitive([self], value: mask(value)) { [mask($0)] }
    case .channel:
      require(
        shape.rank == 3, "Variable.dropout: \(shape) is not [batch, length, channels]")
      let ones = Tensor(repeating: 1, shape: [shape[0], 1, shape[2]])
      return self * Variable(ones.droppedOut(rate, key: key))
    }
  }
}

extension Tensor {
  fileprivate func droppedOut(_ rate: Float, key: UInt64) -> Tensor {
    let threshold = UInt32(min(Double(rate) * 0x1p32, Double(UInt32.max)))
    return Tensor(uninitialized: shape) { y in
      Parallel.forEachRange(count, grain: Parallel.elementGrain) { range in
        let at = range.lowerBound
        lanes.dropout(
          y + at, pointer + at, key, UInt64(at), threshold, 1 / (1 - rate), range.count)
      }
    }
  }
}
