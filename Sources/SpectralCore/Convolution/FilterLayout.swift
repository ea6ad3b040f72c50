import SequenceTensor

/// Which column of a filter meets which channel of which sequence.
///
/// A filter is `[taps, heads]` for the whole batch, or `[batch, taps, heads]` with a filter for each
/// sequence. The channels of a head are neighbours: channel c meets column c / (channels / heads).
struct FilterLayout: Sendable, Hashable {
  /// The sequences that have filters of their own; `nil` if one filter serves the whole batch.
  let batch: Int?
  /// The number of rows.
  let taps: Int
  /// The number of columns.
  let heads: Int
  /// The channels of the sequences.
  let channels: Int

  init(_ filter: Shape, channels: Int) {
    require(
      filter.rank == 2 || filter.rank == 3,
      "Convolution: filter \(filter) is neither [taps, heads] nor [batch, taps, heads]")
    batch = filter.rank == 3 ? filter[0] : nil
    taps = filter[-2]
    heads = filter[-1]
    self.channels = channels
    require(
      filter.count > 0 && channels > 0 && channels % heads == 0,
      "Convolution: filter \(filter) [.., taps, heads] for \(channels) channels")
  }

  /// The number of filters: one, or one for each sequence.
  var filters: Int { batch ?? 1 }

  /// The channels of a head.
  var width: Int { channels / heads }

  /// The filter that a sequence meets.
  func filter(of sequence: Int) -> Int { batch == nil ? 0 : sequence }

  /// A filter with each column repeated, `[filters, taps, heads·copies]`.
  ///
  /// - Complexity: O(1) for one copy.
  func expanded(_ filter: Tensor, copies: Int) -> Tensor {
    guard copies > 1 else { return filter.reshaped(filters, taps, heads) }
    return Tensor(uninitialized: [filters, taps, heads * copies]) { y in
      Parallel.forEachRange(filter.count, grain: max(1, Parallel.elementGrain / copies)) { range in
        for n in range { (y + n * copies).update(repeating: filter.pointer[n], count: copies) }
      }
    }
  }

  /// The gradient of a filter, in its own shape, from that of its columns repeated for every
  /// channel, `[filters, taps, channels]`: the sums over the channels of the heads, in order.
  func folded(_ gradient: Tensor) -> Tensor {
    let heads = width == 1 ? gradient : gradient.reshaped(-1, width).sum(axis: 1)
    return heads.reshaped(to: Shape((batch.map { [$0] } ?? []) + [taps, self.heads]))
  }
}
