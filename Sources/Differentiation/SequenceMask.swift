import LaneKernels
public import SequenceTensor

/// The true lengths of the sequences of a padded batch.
public struct SequenceMask: Sendable, Equatable {
  /// How many positions of each sequence count.
  public let lengths: [Int]
  /// The padded length.
  public let length: Int

  /// Creates a mask.
  ///
  /// - Precondition: every length is between 0 and the padded length.
  public init(lengths: [Int], length: Int) {
    require(
      lengths.allSatisfy { $0 >= 0 && $0 <= length },
      "SequenceMask: a length outside 0...\(length) in \(lengths)")
    self.lengths = lengths
    self.length = length
  }

  /// The number of positions that count, over all sequences.
  public var count: Int { lengths.reduce(0, +) }

  /// Whether nothing is masked.
  public var isFull: Bool { lengths.allSatisfy { $0 == length } }

  /// The sequences with zeros beyond their lengths.
  ///
  /// - Parameter x: `[batch, length, channels]`.
  public func applied(to x: Tensor) -> Tensor {
    check(x.shape)
    var y = x
    let out = y.mutablePointer()
    let channels = x.shape[2]
    for (b, kept) in lengths.enumerated() where kept < length {
      (out + (b * length + kept) * channels).update(
        repeating: 0, count: (length - kept) * channels)
    }
    return y
  }

  func check(_ shape: Shape) {
    require(
      shape.rank == 3 && shape[0] == lengths.count && shape[1] == length,
      "SequenceMask: \(lengths.count) sequences of \(length) for input \(shape)")
  }
}

/// How a sequence becomes one vector.
public enum SequencePooling: String, Sendable, Hashable, CaseIterable, Codable {
  /// The mean over the true length.
  case mean
  /// The sum over the true length.
  case sum
  /// The last true position.
  case last
  /// The largest value of each channel over the true length, as text classifiers that look for words
  /// have it (Collobert et al., "Natural language processing (almost) from scratch", 2011).
  case maximum
}

extension Variable {
  /// The sequences with zeros beyond their lengths.
  public func masked(_ mask: SequenceMask?) -> Variable {
    guard let mask, !mask.isFull else { return self }
    return Self.primitive([self], value: mask.applied(to: value)) { [mask.applied(to: $0)] }
  }

  /// One vector a sequence: `[batch, channels]` from `[batch, length, channels]`.
  ///
  /// - Parameters:
  ///   - pooling: how.
  ///   - mask: the true lengths; `nil` counts everything. A sequence of length 0 gives zeros.
  public func pooled(_ pooling: SequencePooling, mask: SequenceMask?) -> Variable {
    require(shape.rank == 3, "Variable.pooled: \(shape) is not [batch, length, channels]")
    let (batch, length, channels) = (shape[0], shape[1], shape[2])
    let mask = mask ?? SequenceMask(lengths: Array(repeating: length, count: batch), length: length)
    mask.check(shape)
    // The positions that count and their weight.
    let spans: [(positions: Range<Int>, weight: Float)]
    switch pooling {
    case .mean: spans = mask.lengths.map { (0..<$0, 1 / Float(max(1, $0))) }
    case .sum: spans = mask.lengths.map { (0..<$0, 1) }
    case .last: spans = mask.lengths.map { (max(0, $0 - 1)..<$0, 1) }
    case .maximum: return maximum(mask)
    }
    var result = Tensor(zeros: [batch, channels])
    let y = result.mutablePointer()
    Parallel.forEach(tasks: batch) { b, _ in
      let (positions, weight) = spans[b]
      let row = y + b * channels
      lanes.sum_rows(
        row, value.pointer + (b * length + positions.lowerBound) * channels, positions.count,
        channels)
      lanes.scale(row, row, weight, channels)
    }
    return Self.primitive([self], value: result) { [shape] dy in
      var gradient = Tensor(zeros: shape)
      let dx = gradient.mutablePointer()
      Parallel.forEach(tasks: batch) { b, _ in
        let (positions, weight) = spans[b]
        for n in positions {
          lanes.scale(
            dx + (b * length + n) * channels, dy.pointer + b * channels, weight, channels)
        }
      }
      return [gradient]
    }
  }

  /// The largest values over the true lengths; of equal ones the first has the gradient.
  private func maximum(_ mask: SequenceMask) -> Variable {
    let (batch, length, channels) = (shape[0], shape[1], shape[2])
    var places = [Int](repeating: 0, count: batch * channels)
    var result = Tensor(zeros: [batch, channels])
    let y = result.mutablePointer()
    places.withUnsafeMutableBufferPointer { places in
      // Sequences write to their own places.
      nonisolated(unsafe) let places = places
      Parallel.forEach(tasks: batch) { b, _ in
        for n in 0..<mask.lengths[b] {
          let row = value.pointer + (b * length + n) * channels
          // A NaN is the largest of all, so that it reaches the loss.
          for c in 0..<channels where n == 0 || row[c] > y[b * channels + c] || row[c].isNaN {
            y[b * channels + c] = row[c]
            places[b * channels + c] = n
          }
        }
      }
    }
    return Self.primitive([self], value: result) { [shape] dy in
      var gradient = Tensor(zeros: shape)
      let dx = gradient.mutablePointer()
      for b in 0..<batch where mask.lengths[b] > 0 {
        for c in 0..<channels {
          let at = b * channels + c
          dx[(b * length + places[at]) * channels + c] = dy.pointer[at]
        }
      }
      return [gradient]
    }
  }
}
