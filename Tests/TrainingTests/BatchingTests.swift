import Testing
import Training

@Suite struct BatchingTests {
  /// Lengths 1...count in a fixed disorder.
  static func examples(_ count: Int) -> [SequenceExample] {
    (0..<count).map { index in
      let length = 1 + index * 7 % count
      return SequenceExample(
        tokens: [Int32](repeating: Int32(index + 1), count: length), label: index % 3)
    }
  }

  @Test func batchIsPaddedOnTheRight() {
    let examples = [[5, 6, 7], [8], [9, 9]].enumerated().map {
      SequenceExample(tokens: $1.map { Int32($0) }, label: $0)
    }
    let batch = Batch(gathering: [2, 0], from: examples)
    #expect(batch.tokens == [9, 9, 0, 5, 6, 7])
    #expect(batch.lengths == [2, 3] && batch.labels == [2, 0] && batch.indices == [2, 0])
    #expect(batch.rows == 2 && batch.length == 3)
    let fixed = Batch(gathering: [1], from: examples, padTo: 4)
    #expect(fixed.tokens == [8, 0, 0, 0] && fixed.length == 4 && fixed.lengths == [1])
  }

  static let policies: [BatchPolicy] = [
    .shuffled, .bucketed(window: 1), .bucketed(window: 3), .bucketed(window: .max), .sequential,
  ]

  @Test(arguments: policies, [1, 4, 50, 200])
  func everyExampleOnce(policy: BatchPolicy, batchSize: Int) throws {
    let examples = Self.examples(101)
    let plan = try BatchPlan(for: examples, batchSize: batchSize, policy: policy, seed: 3)
    #expect(plan.batches.joined().sorted() == Array(0..<101))
    #expect(plan.count == (101 + batchSize - 1) / batchSize)
    let sizes = plan.batches.map(\.count).sorted()
    #expect(sizes.dropFirst().allSatisfy { $0 == batchSize }, "only one batch is smaller")
    for step in 0..<plan.count {
      let batch = plan.batch(step, of: examples)
      #expect(batch.length == batch.lengths.max())
      #expect(batch.labels == plan.batches[step].map { $0 % 3 })
      for (row, index) in batch.indices.enumerated() {
        let tokens = batch.tokens[(row * batch.length)..<((row + 1) * batch.length)]
        #expect(tokens.count { $0 == Int32(index + 1) } == batch.lengths[row])
        #expect(tokens.suffix(batch.length - batch.lengths[row]).allSatisfy { $0 == 0 })
      }
    }
  }

  @Test(arguments: [BatchPolicy.shuffled, .bucketed(window: 2)])
  func epochsAreReachedWithoutEarlierOnes(policy: BatchPolicy) throws {
    let examples = Self.examples(60)
    func plan(seed: UInt64, epoch: Int) throws -> BatchPlan {
      try BatchPlan(for: examples, batchSize: 8, policy: policy, seed: seed, epoch: epoch)
    }
    let whole = try (0..<4).map { try plan(seed: 5, epoch: $0) }
    // Resuming at step 2 of epoch 3 in a new process.
    let resumed = try plan(seed: 5, epoch: 3)
    for step in 2..<resumed.count {
      #expect(resumed.batch(step, of: examples) == whole[3].batch(step, of: examples))
    }
    for (left, right) in [(0, 1), (1, 2), (0, 3)] { #expect(whole[left] != whole[right]) }
    #expect(try plan(seed: 6, epoch: 3) != resumed)
    #expect(try plan(seed: 5, epoch: 0).batches[0] != Array(0..<8), "the order is random")
  }

  @Test func plansAreTheSameOnEveryPlatform() throws {
    let examples = Self.examples(10)
    let shuffled = try BatchPlan(for: examples, batchSize: 4, policy: .shuffled, seed: 1, epoch: 2)
    #expect(shuffled.batches == [[8, 4, 7, 1], [6, 9, 2, 0], [5, 3]])
    let bucketed = try BatchPlan(
      for: examples, batchSize: 2, policy: .bucketed(window: 3), seed: 1, epoch: 2)
    #expect(bucketed.batches == [[4, 7], [8, 1], [6, 9], [0, 3], [2, 5]])
  }

  @Test func bucketsHoldSimilarLengths() throws {
    let examples = Self.examples(96)
    let shuffled = try BatchPlan(for: examples, batchSize: 8, policy: .shuffled)
    let bucketed = try BatchPlan(for: examples, batchSize: 8, policy: .bucketed(window: 12))
    #expect(bucketed.paddingFraction(of: examples) < 0.1)
    #expect(shuffled.paddingFraction(of: examples) > 0.3)
    // One window of all: batches of consecutive lengths, themselves in random order.
    let longest = (0..<12).map { bucketed.batch($0, of: examples).length }
    #expect(longest.sorted() == Array(stride(from: 8, through: 96, by: 8)))
    #expect(longest != longest.sorted())
    // A window is cut from the shuffled order: its examples are those of its batches.
    let order = Array(shuffled.batches.joined())
    let windows = try BatchPlan(for: examples, batchSize: 8, policy: .bucketed(window: 3))
    for start in stride(from: 0, to: 96, by: 24) {
      let window = Set(order[start..<start + 24])
      #expect(windows.batches.count { window.isSuperset(of: $0) } == 3)
    }
  }

  @Test func predictionsComeBackInOrder() throws {
    let examples = Self.examples(23)
    let plan = try BatchPlan(for: examples, batchSize: 5, policy: .sequential)
    let lengths = plan.batches.joined().map { examples[$0].tokens.count }
    #expect(lengths == Array(1...23))
    let predictions = (0..<plan.count).map { step in
      plan.batch(step, of: examples).indices.map { "example \($0)" }
    }
    #expect(plan.inOriginalOrder(predictions) == (0..<23).map { "example \($0)" })
    let equal = [SequenceExample](repeating: .init(tokens: [1], label: 0), count: 6)
    let stable = try BatchPlan(for: equal, batchSize: 4, policy: .sequential)
    #expect(stable.batches == [[0, 1, 2, 3], [4, 5]])
  }

  @Test func fixedLength() throws {
    let examples = Self.examples(5)
    let plan = try BatchPlan(for: examples, batchSize: 2, policy: .shuffled, padTo: 8)
    #expect((0..<plan.count).allSatisfy { plan.batch($0, of: examples).length == 8 })
    #expect(plan.paddingFraction(of: examples) == 1 - 15.0 / 40.0)
    // 1 + 7·2 mod 5 = 5 tokens.
    expectDataError("example 2", expected: "at most 4 tokens", got: "5") {
      _ = try BatchPlan(for: examples, batchSize: 2, policy: .shuffled, padTo: 4)
    }
  }

  @Test(arguments: [BatchPolicy.shuffled, .bucketed(window: 2)])
  func lastBatchIsDropped(policy: BatchPolicy) throws {
    let examples = Self.examples(11)
    var dropped: Set<Int> = []
    for epoch in 0..<20 {
      let plan = try BatchPlan(
        for: examples, batchSize: 4, policy: policy, dropLast: true, epoch: epoch)
      #expect(plan.batches.map(\.count) == [4, 4])
      dropped.formUnion(Set(0..<11).subtracting(plan.batches.joined()))
    }
    #expect(dropped.count == 11, "which examples are dropped changes, whatever their length")
    expectDataError("data set", expected: "at least 12 examples", got: "11") {
      _ = try BatchPlan(for: examples, batchSize: 12, policy: policy, dropLast: true)
    }
    expectDataError("data set", expected: "at least 1 examples", got: "0") {
      _ = try BatchPlan(for: [], batchSize: 12, policy: policy)
    }
  }

  @Test func lengthStatistics() throws {
    let statistics = try #require(LengthStatistics(lengths: [9, 1, 2, 4]))
    #expect(statistics.minimum == 1 && statistics.maximum == 9)
    #expect(statistics.median == 3 && statistics.mean == 4)
    #expect(statistics.ninetiethPercentile == 9)
    #expect(LengthStatistics(lengths: Array(1...10))?.ninetiethPercentile == 9)
    #expect(LengthStatistics(lengths: [5, 3, 4])?.median == 4)
    #expect(LengthStatistics(lengths: []) == nil)
  }
}
