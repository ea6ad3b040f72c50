import SequenceTensor

/// Examples of a task that become batches only when they are needed: pixels can stay bytes, and
/// windows of one long series need not be copied.
public protocol SequenceExamples: Sendable {
  /// A name for reports, such as `mnist train`.
  var name: String { get }
  /// How many there are.
  var count: Int { get }
  /// The number of positions of an example; of a pair, of the longer sequence.
  func length(of index: Int) -> Int
  /// Gathers examples.
  ///
  /// - Parameters:
  ///   - indices: which, in order; at least one.
  ///   - padTo: the padded length; by default that of the longest of them.
  func batch(_ indices: [Int], padTo: Int?) -> SequenceBatch
  /// What the loss is told by beside nats an answer.
  var unit: AnswerUnit? { get }
}

extension SequenceExamples {
  /// Nothing.
  public var unit: AnswerUnit? { nil }

  /// The lengths of all examples.
  public var lengths: [Int] { (0..<count).map(length(of:)) }

  /// The length to pad to: that of the longest of some examples, or more.
  func paddedLength(_ indices: [Int], padTo: Int?) -> Int {
    padTo ?? indices.reduce(1) { max($0, length(of: $1)) }
  }

  /// A number that changes when anything that is read or asked for does.
  public var fingerprint: UInt64 {
    var hash = Fingerprint()
    for start in stride(from: 0, to: count, by: 64) {
      let batch = batch(Array(start..<min(start + 64, count)), padTo: nil)
      for length in batch.lengths { hash.mix(UInt64(length)) }
      switch batch.input {
      case .tokens(let tokens): hash.mix(tokens)
      case .values(let values): hash.mix(values.elements)
      }
      switch batch.target {
      case .classes(let classes): hash.mix(classes)
      case .tokens(let tokens): hash.mix(tokens)
      case .values(let values): hash.mix(values.elements)
      }
    }
    return hash.value
  }
}

/// FNV-1a over words.
struct Fingerprint {
  private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

  mutating func mix(_ word: UInt64) { value = (value ^ word) &* 0x100_0000_01B3 }

  mutating func mix(_ tokens: [Int32]) {
    for token in tokens { mix(UInt64(UInt32(bitPattern: token))) }
  }

  mutating func mix(_ values: some Sequence<Float>) {
    for value in values { mix(UInt64(value.bitPattern)) }
  }
}

/// Some examples of others, in an order.
public struct SelectedExamples: SequenceExamples {
  /// A name for reports.
  public let name: String
  private let base: any SequenceExamples
  private let indices: [Int]

  /// Selects examples.
  ///
  /// - Precondition: every index is below the number of examples.
  public init(_ indices: [Int], of base: any SequenceExamples, name: String) {
    precondition(
      indices.allSatisfy { (0..<base.count).contains($0) },
      "SelectedExamples: indices must be in 0..<\(base.count)")
    self.name = name
    self.base = base
    self.indices = indices
  }

  /// That of all examples.
  public var unit: AnswerUnit? { base.unit }

  /// How many were selected.
  public var count: Int { indices.count }

  /// The length of the selected example.
  public func length(of index: Int) -> Int { base.length(of: indices[index]) }

  /// Gathers selected examples.
  public func batch(_ indices: [Int], padTo: Int?) -> SequenceBatch {
    base.batch(indices.map { self.indices[$0] }, padTo: padTo)
  }
}
