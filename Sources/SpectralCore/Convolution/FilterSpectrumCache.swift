public import SequenceTensor
import Synchronization

/// A plan with the spectrum of the filter that it applies.
public struct PreparedConvolution: Sendable {
  /// What computes the convolution.
  public let plan: ConvolutionPlan
  /// Its filter.
  public let spectrum: FilterSpectrum

  /// Computes the convolution of `[batch, length, channels]`; see `ConvolutionPlan`.
  public func callAsFunction(_ operands: ConvolutionOperands) -> Tensor {
    plan(operands, spectrum)
  }
}

/// The spectra of the filters that were applied last, for inference, where filters stay the same.
///
/// A filter counts as unchanged if the tensors that it was made from are the ones of before, stored
/// in the same place. That is safe, because the cache holds on to them: whoever writes to a tensor
/// that is shared writes to a copy in another place. For the same reason a cache is not for
/// training: it would make an optimiser copy every parameter instead of updating it in place. What
/// trains a filter calls `removeAll()` first.
///
/// Many threads may use a cache at once. Two that miss the same filter at the same time both make
/// it; results have the same bits as without a cache.
///
/// - Complexity: each of the filters kept holds its spectrum, 8·N bytes a channel for a transform
///   of N points.
public final class FilterSpectrumCache: Sendable {
  /// What a prepared convolution depends on.
  private struct Key: Equatable {
    let length: Int
    let channels: Int
    let boundary: Boundary
    let sources: [Tensor]

    static func == (a: Key, b: Key) -> Bool {
      (a.length, a.channels, a.boundary) == (b.length, b.channels, b.boundary)
        && a.sources.count == b.sources.count
        && zip(a.sources, b.sources).allSatisfy { $0.isIdentical(to: $1) }
    }
  }

  /// The latest use last.
  private let entries = Mutex<[(key: Key, value: PreparedConvolution)]>([])
  private let capacity: Int

  /// Creates an empty cache.
  ///
  /// - Parameter capacity: how many filters are kept; the same filter for sequences of another
  ///   length counts as another.
  /// - Precondition: `capacity` is positive.
  public init(capacity: Int = 2) {
    require(capacity > 0, "FilterSpectrumCache: capacity \(capacity)")
    self.capacity = capacity
  }

  /// The convolution of sequences with a filter, which is transformed if it is not known.
  ///
  /// - Parameters:
  ///   - filter: `[taps, heads]` or `[batch, taps, heads]`; see `ConvolutionPlan.spectrum(of:)`.
  ///   - length: the length of the sequences.
  ///   - channels: the channels of the sequences; by default as many as the filter has.
  ///   - boundary: what lies beyond the ends.
  public func convolution(
    with filter: Tensor, length: Int, channels: Int? = nil, boundary: Boundary = .causal
  ) -> PreparedConvolution {
    convolution(
      length: length, channels: channels ?? filter.shape.last, boundary: boundary,
      madeFrom: [filter]
    ) { filter }
  }

  /// The convolution of sequences with a filter that is computed from other tensors, which is made
  /// and transformed if it is not known.
  ///
  /// - Parameters:
  ///   - length: the length of the sequences.
  ///   - channels: the channels of the sequences.
  ///   - boundary: what lies beyond the ends.
  ///   - sources: the tensors that the filter is computed from, in an order that is always the
  ///     same. Whatever else it depends on must stay as it is while this cache is used.
  ///   - makeFilter: makes the filter, `[taps, heads]` or `[batch, taps, heads]`.
  public func convolution(
    length: Int, channels: Int, boundary: Boundary = .causal, madeFrom sources: [Tensor],
    _ makeFilter: () -> Tensor
  ) -> PreparedConvolution {
    let key = Key(length: length, channels: channels, boundary: boundary, sources: sources)
    if let known = known(key) { return known }
    // Not under the lock: it takes long, and uses threads that may come here too.
    let filter = makeFilter()
    let plan = ConvolutionPlanner.plan(
      ConvolutionProblem(
        input: [1, length, channels], filter: filter.shape, boundary: boundary))
    let made = PreparedConvolution(
      plan: plan, spectrum: plan.spectrum(of: filter, channels: channels))
    keep(made, as: key)
    return made
  }

  /// Forgets all filters and lets go of the tensors that they were made from.
  public func removeAll() { entries.withLock { $0 = [] } }

  private func known(_ key: Key) -> PreparedConvolution? {
    entries.withLock { entries in
      guard let index = entries.firstIndex(where: { $0.key == key }) else { return nil }
      entries.append(entries.remove(at: index))
      return entries.last?.value
    }
  }

  private func keep(_ value: PreparedConvolution, as key: Key) {
    entries.withLock { entries in
      entries.removeAll { $0.key == key }
      entries.append((key, value))
      if entries.count > capacity { entries.removeFirst() }
    }
  }
}
