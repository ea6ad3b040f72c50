import SequenceTensor

/// Sequences of one step, padded on the right to a common length.
public struct Batch: Sendable, Equatable {
  /// Token ids, `[rows × length]` in row-major order; `Vocabulary.padding` (0) after a sequence.
  public let tokens: [Int32]
  /// The length of each sequence without padding; `rows` numbers.
  public let lengths: [Int]
  /// The class of each sequence; `rows` numbers.
  public let labels: [Int]
  /// The position of each sequence in its data set; `rows` numbers.
  public let indices: [Int]
  /// Number of sequences.
  public let rows: Int
  /// The padded length.
  public let length: Int

  /// Gathers examples and pads them.
  ///
  /// - Parameters:
  ///   - indices: which examples, in order.
  ///   - examples: the examples to choose from.
  ///   - padTo: the padded length; by default that of the longest sequence.
  /// - Precondition: `indices` is not empty and in range; no sequence is longer than `padTo`.
  public init(gathering indices: [Int], from examples: [SequenceExample], padTo: Int? = nil) {
    require(!indices.isEmpty, "Batch: at least one example is needed")
    let longest = indices.reduce(0) { max($0, examples[$1].tokens.count) }
    let length = padTo ?? longest
    require(longest <= length, "Batch: padTo is \(length), a sequence has \(longest) tokens")
    var tokens: [Int32] = []
    tokens.reserveCapacity(indices.count * length)
    for index in indices {
      let sequence = examples[index].tokens
      tokens.append(contentsOf: sequence)
      tokens.append(
        contentsOf: repeatElement(Vocabulary.padding, count: length - sequence.count))
    }
    self.tokens = tokens
    self.indices = indices
    lengths = indices.map { examples[$0].tokens.count }
    labels = indices.map { examples[$0].label }
    rows = indices.count
    self.length = length
  }
}

/// How examples are put into batches.
public enum BatchPolicy: Sendable, Codable, Equatable {
  /// In random order, each batch padded to its longest sequence.
  case shuffled
  /// In random order, but sorted by length within windows of `window` batches.
  ///
  /// Batches then hold sequences of similar length and need little padding; their own order is
  /// random again. A window of 1 is the same as `shuffled` but for the order within a batch.
  case bucketed(window: Int)
  /// All examples sorted by length, for evaluation; see ``BatchPlan/inOriginalOrder(_:)``.
  case sequential
}

/// Which examples make up which batch of one epoch.
///
/// A plan depends only on the lengths of the examples, its options, the seed and the epoch. To go
/// on at step s of epoch e, make the plan of epoch e and begin with batch s.
public struct BatchPlan: Sendable, Equatable {
  /// For each batch, the positions of its examples in the data set.
  public let batches: [[Int]]
  /// The length of every batch, if it is fixed.
  public let padTo: Int?

  /// Number of batches.
  public var count: Int { batches.count }

  /// Plans one epoch.
  ///
  /// - Parameters:
  ///   - examples: the examples of the data set.
  ///   - batchSize: number of examples of a batch, but for the last one.
  ///   - policy: how examples are put into batches.
  ///   - padTo: the length of every batch; by default each is as long as its longest sequence.
  ///   - dropLast: leaves out the examples, chosen at random, that do not fill a batch.
  ///   - seed: the seed of all epochs.
  ///   - epoch: which epoch.
  /// - Precondition: `batchSize > 0`, `epoch >= 0`, a window of at least 1, and no `dropLast` with
  ///   the sequential policy, which must not lose examples.
  /// - Throws: `DataError` if there are no examples (or too few for one batch with `dropLast`), or
  ///   if one is longer than `padTo`.
  /// - Complexity: O(n log n) for n examples.
  public init(
    for examples: [SequenceExample], batchSize: Int, policy: BatchPolicy, padTo: Int? = nil,
    dropLast: Bool = false, seed: UInt64 = 0, epoch: Int = 0
  ) throws(DataError) {
    try self.init(
      forLengths: examples.map(\.tokens.count), batchSize: batchSize, policy: policy,
      padTo: padTo, dropLast: dropLast, seed: seed, epoch: epoch)
  }

  /// Plans one epoch of examples of which the lengths are known; parameters and errors as above.
  public init(
    forLengths lengths: [Int], batchSize: Int, policy: BatchPolicy, padTo: Int? = nil,
    dropLast: Bool = false, seed: UInt64 = 0, epoch: Int = 0
  ) throws(DataError) {
    require(batchSize > 0, "BatchPlan: batchSize must be positive, got \(batchSize)")
    require(epoch >= 0, "BatchPlan: epoch must not be negative, got \(epoch)")
    require(!dropLast || policy != .sequential, "BatchPlan: sequential keeps all examples")
    guard lengths.count >= (dropLast ? batchSize : 1) else {
      throw DataError(
        at: "data set", expected: "at least \(dropLast ? batchSize : 1) examples",
        got: "\(lengths.count)")
    }
    if let padTo, let index = lengths.firstIndex(where: { $0 > padTo }) {
      throw DataError(
        at: "example \(index)", expected: "at most \(padTo) tokens", got: "\(lengths[index])")
    }
    self.padTo = padTo

    // A seed of its own per purpose, then a stream per epoch: no epoch needs those before it.
    var purpose = RandomSource(seed: seed, stream: Self.stream)
    var random = RandomSource(seed: purpose.next(), stream: UInt64(epoch))
    var order = Array(lengths.indices)
    if policy != .sequential { random.shuffle(&order) }
    // Before any sorting, so that what is left out does not depend on its length.
    if dropLast { order.removeLast(order.count % batchSize) }
    switch policy {
    case .shuffled: batches = Self.cut(order, batchSize)
    case .sequential: batches = Self.cut(Self.sortedByLength(order, lengths), batchSize)
    case .bucketed(let window):
      require(window > 0, "BatchPlan: the window must be positive, got \(window)")
      // A window beyond the data is one window; the product of both may not be a number.
      let batchCount = (order.count + batchSize - 1) / batchSize
      var batches: [[Int]] = []
      for examplesOfWindow in Self.cut(order, min(window, batchCount) * batchSize) {
        batches += Self.cut(Self.sortedByLength(examplesOfWindow, lengths), batchSize)
      }
      random.shuffle(&batches)
      self.batches = batches
    }
  }

  /// One batch of the plan.
  ///
  /// - Parameters:
  ///   - step: which batch, `0..<count`.
  ///   - examples: the examples with which the plan was made.
  public func batch(_ step: Int, of examples: [SequenceExample]) -> Batch {
    require(
      batches.indices.contains(step), "BatchPlan: step must be in 0..<\(count), got \(step)")
    return Batch(gathering: batches[step], from: examples, padTo: padTo)
  }

  /// Brings the results of all batches, such as predictions, into the order of the data set.
  ///
  /// - Parameter results: for each batch, one result per example.
  /// - Precondition: the plan holds all examples, and `results` has the form of `batches`.
  public func inOriginalOrder<Result>(_ results: [[Result]]) -> [Result] {
    require(
      results.count == count && zip(results, batches).allSatisfy { $0.count == $1.count },
      "BatchPlan: there must be one result for each example of each batch")
    let pairs = zip(batches.joined(), results.joined()).sorted { $0.0 < $1.0 }
    require(
      pairs.enumerated().allSatisfy { $0 == $1.0 }, "BatchPlan: the plan left examples out")
    return pairs.map(\.1)
  }

  /// The fraction of all places of the batches that padding takes.
  public func paddingFraction(of examples: [SequenceExample]) -> Double {
    var places = 0
    var tokens = 0
    for batch in batches {
      let lengths = batch.map { examples[$0].tokens.count }
      places += lengths.count * (padTo ?? lengths.max() ?? 0)
      tokens += lengths.reduce(0, +)
    }
    return places == 0 ? 0 : 1 - Double(tokens) / Double(places)
  }

  /// The random stream that only batches use ("batches" in ASCII).
  private static let stream: UInt64 = 0x0062_6174_6368_6573

  private static func cut(_ indices: [Int], _ size: Int) -> [[Int]] {
    stride(from: 0, to: indices.count, by: size).map { start in
      Array(indices[start..<min(start + size, indices.count)])
    }
  }

  /// Sorted by length; those of one length stay in their order.
  private static func sortedByLength(
    _ indices: [Int], _ lengths: [Int]
  ) -> [Int] {
    indices.enumerated().map { (lengths[$1], $0, $1) }
      .sorted { ($0.0, $0.1) < ($1.0, $1.1) }
      .map(\.2)
  }
}
