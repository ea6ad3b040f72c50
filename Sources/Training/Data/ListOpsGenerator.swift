import SequenceTensor

/// What the ListOps generator makes; the defaults are those of Long Range Arena.
public struct ListOpsGenerationOptions: Sendable, Codable, Equatable {
  /// Number of training expressions (`num_train_samples`).
  public var trainCount = 96_000
  /// Number of validation expressions (`num_valid_samples`).
  public var validationCount = 2_000
  /// Number of test expressions (`num_test_samples`).
  public var testCount = 2_000
  /// Depth from which on every node is a digit; the root has depth 1 (`max_depth`).
  public var maximumDepth = 10
  /// Most arguments of a list; the fewest are 2 (`max_args`).
  public var maximumArguments = 10
  /// Every expression is longer than this many tokens, parentheses not counted (`min_length`).
  public var minimumLength = 500
  /// Every expression is shorter than this many tokens (`max_length`).
  public var maximumLength = 2_000
  /// The seed; the original has none.
  public var seed: UInt64 = 0
  /// Ends lines in CRLF as the original does (Python's `csv` writer), or else in LF.
  public var endsLinesInCarriageReturn = true
  /// Trees drawn without a new expression after which the generator gives up.
  public var maximumAttempts = 2_000_000

  /// Creates the options of Long Range Arena.
  public init() {}

  /// Number of all expressions.
  public var totalCount: Int { trainCount + validationCount + testCount }
}

/// The generator of the ListOps data of Long Range Arena (`lra_benchmarks/data/listops.py`).
///
/// A node above the greatest depth is a list with probability 1/4, else a digit drawn uniformly;
/// a list has 2 to `maximumArguments` arguments, and its operator (MIN, MAX, MED, SM) is drawn
/// after them. Trees that are too short, too long or already there are drawn again.
///
/// The distribution is the original's. Deviations: a seed gives the same files on every platform;
/// a tree is given up as soon as it is known to be too long, since it would be rejected anyway;
/// the splits are cut from a shuffled list, where the original relies on the order of a set.
public struct ListOpsGenerator {
  /// What is to be made.
  public let options: ListOpsGenerationOptions

  private var random: RandomSource
  /// The accepted expressions, one after the other, and where each ends.
  private var nodes: [ListOpsNode] = []
  private var ends: [Int] = []
  /// From a fingerprint to the expression that has it; only looked up, never iterated over.
  private var known: [UInt64: Int] = [:]
  private var candidate: [ListOpsNode] = []
  private var openLists: [(position: Int, remaining: Int)] = []

  /// Checks the options.
  ///
  /// - Throws: `DataError` whose `place` names the option that no expression can satisfy.
  public init(options: ListOpsGenerationOptions = .init()) throws(DataError) {
    try options.validate()
    self.options = options
    random = RandomSource(seed: options.seed)
  }

  /// Generates the data set and writes `basic_train.tsv`, `basic_val.tsv` and `basic_test.tsv`.
  ///
  /// The files appear together when all are complete. Generating and writing the official 100,000
  /// expressions takes about 0.2 GB of memory and 0.7 GB of disk.
  ///
  /// - Parameters:
  ///   - options: what to generate.
  ///   - folder: where; created if it does not exist.
  ///   - replacesExisting: whether files of these names may be replaced.
  ///   - progress: called now and then with the numbers of expressions found and wanted.
  /// - Throws: `DataError` for options, if no new expression is found, or if writing fails.
  public static func write(
    _ options: ListOpsGenerationOptions = .init(), toFolder folder: String,
    replacesExisting: Bool = false,
    progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws(DataError) {
    var generator = try ListOpsGenerator(options: options)
    // Opened first, so that a folder which cannot be written to costs no time.
    var files = try AtomicFileGroup(
      folder: folder, names: ListOpsDataset.Split.allCases.map(\.fileName),
      replacesExisting: replacesExisting)
    let order = try generator.generate(progress: progress)
    let lineEnd = options.endsLinesInCarriageReturn ? "\r\n" : "\n"
    let counts = [options.trainCount, options.validationCount, options.testCount]
    var start = 0
    var text: [UInt8] = []
    for (file, count) in counts.enumerated() {
      text.append(contentsOf: "Source\tTarget\(lineEnd)".utf8)
      for index in order[start..<start + count] {
        generator.appendRow(index, lineEnd: lineEnd, to: &text)
        if text.count > 1 << 20 {
          try files.append(text, toFile: file)
          text.removeAll(keepingCapacity: true)
        }
      }
      try files.append(text, toFile: file)
      text.removeAll(keepingCapacity: true)
      start += count
    }
    try files.commit()
  }

  /// Draws distinct expressions until there are enough, and returns them in random order.
  package mutating func generate(
    progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws(DataError) -> [Int] {
    let total = options.totalCount
    let interval = max(1, total / 1000)
    var attempts = 0
    while ends.count < total {
      guard attempts < options.maximumAttempts else { throw options.exhausted(found: ends.count) }
      attempts += 1
      guard drawCandidate(), acceptCandidate() else { continue }
      attempts = 0
      if ends.count % interval == 0 || ends.count == total { progress(ends.count, total) }
    }
    // Likely expressions are found early, so the splits need a random order to be alike.
    var order = Array(0..<total)
    random.shuffle(&order)
    return order
  }

  /// An accepted expression.
  package func expression(_ index: Int) -> ListOpsExpression {
    ListOpsExpression(nodes: nodes[(index == 0 ? 0 : ends[index - 1])..<ends[index]])
  }

  /// Appends a row of the files: the expression, a tab, its value, the end of the line.
  package func appendRow(_ index: Int, lineEnd: String, to text: inout [UInt8]) {
    let expression = expression(index)
    expression.appendText(to: &text)
    text.append(UInt8(ascii: "\t"))
    text.append(UInt8(ascii: "0") + UInt8(expression.value))
    text.append(contentsOf: lineEnd.utf8)
  }

  /// Draws one tree into `candidate`; false if its length is not between the limits.
  private mutating func drawCandidate() -> Bool {
    candidate.removeAll(keepingCapacity: true)
    openLists.removeAll(keepingCapacity: true)
    // Every argument still to come counts as one token: the least that the tree will have.
    var length = 1
    repeat {
      let depth = openLists.count + 1
      if depth < options.maximumDepth, random.uniform() <= 0.25 {
        let arguments = random.integer(in: 2...options.maximumArguments)
        length += 1 + arguments
        if length >= options.maximumLength { return false }
        openLists.append((candidate.count, arguments))
        candidate.append(ListOpsNode(operation: .minimum, arguments: arguments))
        continue
      }
      candidate.append(ListOpsNode(digit: random.integer(below: 10)))
      while let list = openLists.last {
        if list.remaining > 1 {
          openLists[openLists.count - 1].remaining -= 1
          break
        }
        let operators = ListOpsOperator.allCases
        candidate[list.position] = ListOpsNode(
          operation: operators[random.integer(below: operators.count)],
          arguments: candidate[list.position].arguments)
        openLists.removeLast()
      }
    } while !openLists.isEmpty
    return length > options.minimumLength
  }

  /// Keeps `candidate` if it is new.
  private mutating func acceptCandidate() -> Bool {
    var fingerprint: UInt64 = 0xCBF2_9CE4_8422_2325
    for node in candidate {
      fingerprint = (fingerprint ^ UInt64(node.code)) &* 0x0000_0100_0000_01B3
      fingerprint ^= fingerprint >> 29
    }
    // Different expressions may share a fingerprint; the next free one then stands for the second.
    while let index = known[fingerprint] {
      if expression(index).nodes == candidate[...] { return false }
      fingerprint &+= 1
    }
    known[fingerprint] = ends.count
    nodes.append(contentsOf: candidate)
    ends.append(nodes.count)
    return true
  }
}
