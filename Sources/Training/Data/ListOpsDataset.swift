/// The ListOps files of Long Range Arena: `basic_train.tsv`, `basic_val.tsv`, `basic_test.tsv`.
///
/// Each has the header `Source<TAB>Target` and lines in LF or CRLF. As in S4's pipeline, the
/// parentheses of the binary tree are dropped and `]` is kept (there renamed to `X`, since
/// torchtext's tokenizer would drop it; ids do not depend on the name). Deviation: anything but the
/// 15 tokens of ListOps is an error, never `<unk>`.
public enum ListOpsDataset {
  /// The three files.
  public enum Split: String, Sendable, Codable, CaseIterable {
    /// The training expressions.
    case train
    /// The validation expressions.
    case validation
    /// The test expressions.
    case test

    /// The name of the split's file.
    public var fileName: String {
      switch self {
      case .train: "basic_train.tsv"
      case .validation: "basic_val.tsv"
      case .test: "basic_test.tsv"
      }
    }
  }

  /// The names of the classes, the digits `0` to `9`.
  public static let classNames = (0...9).map { String($0) }

  /// The 15 tokens, at the index by which ``ListOpsTable`` stores them.
  package static let tokens =
    classNames + ListOpsOperator.allCases.map(\.token) + ["]"]

  /// Loads the three splits of a folder.
  ///
  /// - Parameters:
  ///   - folder: the folder of the three files.
  ///   - options: where sequences are cut and what is added to them.
  ///   - vocabulary: that of an earlier run; by default the tokens by descending frequency in the
  ///     training file after cutting, where tokens that do not occur come last.
  /// - Throws: `DataError` with the file and line of the first mistake.
  public static func load(
    folder: String, options: TokenizationOptions = .listOps, vocabulary: Vocabulary? = nil
  ) throws(DataError) -> DatasetSplits {
    try options.validate()
    let train = try ListOpsTable(folder: folder, split: .train, options: options)
    let vocabulary =
      if let vocabulary { vocabulary } else { try train.vocabulary(options: options) }
    return DatasetSplits(
      train: try train.dataset(vocabulary: vocabulary, options: options),
      validation: try load(.validation, folder: folder, options: options, vocabulary: vocabulary),
      test: try load(.test, folder: folder, options: options, vocabulary: vocabulary))
  }

  /// Loads one split with the vocabulary of an earlier run, as for evaluation.
  ///
  /// - Throws: `DataError` with the file and line of the first mistake.
  public static func load(
    _ split: Split, folder: String, options: TokenizationOptions = .listOps,
    vocabulary: Vocabulary
  ) throws(DataError) -> SequenceDataset {
    try options.validate()
    let table = try ListOpsTable(folder: folder, split: split, options: options)
    return try table.dataset(vocabulary: vocabulary, options: options)
  }

  /// The ids of one expression in text form, with or without parentheses, as a loaded one has.
  ///
  /// - Throws: `DataError` for an unknown token, or if the options do not fit the vocabulary.
  public static func encode(
    _ expression: String, options: TokenizationOptions = .listOps, vocabulary: Vocabulary
  ) throws(DataError) -> [Int32] {
    try options.validate()
    var table = ListOpsTable(name: "expression", split: .test)
    let bytes = Array(expression.utf8)
    try table.appendRow(bytes, bytes.indices, label: 0, place: "expression", options: options)
    return try table.dataset(vocabulary: vocabulary, options: options).examples[0].tokens
  }
}

/// A ListOps file as the indices of its tokens, one byte each, before ids are given.
struct ListOpsTable {
  private let name: String
  private let split: ListOpsDataset.Split
  private var codes: [UInt8] = []
  private var ends: [Int] = []
  private var labels: [UInt8] = []

  init(name: String, split: ListOpsDataset.Split) {
    self.name = name
    self.split = split
  }

  init(
    folder: String, split: ListOpsDataset.Split, options: TokenizationOptions
  ) throws(DataError) {
    let text = try TextFile(path: "\(folder)/\(split.fileName)")
    try text.requireNoByteOrderMark()
    self.init(name: text.name, split: split)
    let bytes = text.bytes
    let lines = text.lines
    guard bytes[lines[0]].elementsEqual("Source\tTarget".utf8) else {
      throw DataError(
        at: text.place(line: 0), expected: "the header 'Source\\tTarget'",
        got: DataError.quoted(bytes[lines[0]]))
    }
    guard lines.count > 1 else {
      throw DataError(at: name, expected: "rows after the header", got: "none")
    }
    codes.reserveCapacity(bytes.count / 3)
    ends.reserveCapacity(lines.count)
    labels.reserveCapacity(lines.count)
    for (line, range) in lines.enumerated().dropFirst() {
      let columns = 1 + bytes[range].count { $0 == UInt8(ascii: "\t") }
      guard columns == 2, let tab = bytes[range].lastIndex(of: UInt8(ascii: "\t")) else {
        throw DataError(
          at: text.place(line: line), expected: "2 columns (Source, Target)", got: "\(columns)")
      }
      let label = bytes[range.upperBound - 1]
      guard tab + 2 == range.upperBound, UInt8(ascii: "0")...UInt8(ascii: "9") ~= label else {
        throw DataError(
          at: "\(text.place(line: line)):\(tab + 2 - range.lowerBound)",
          expected: "a Target of 0...9", got: DataError.quoted(bytes[(tab + 1)..<range.upperBound]))
      }
      try appendRow(
        bytes, range.lowerBound..<tab, label: label - UInt8(ascii: "0"),
        place: text.place(line: line), options: options)
    }
  }

  /// Adds the tokens of one expression, up to where it is cut; all of them are checked.
  mutating func appendRow(
    _ bytes: [UInt8], _ range: Range<Int>, label: UInt8, place: @autoclosure () -> String,
    options: TokenizationOptions
  ) throws(DataError) {
    let start = codes.count
    var position = range.lowerBound
    while position < range.upperBound {
      if bytes[position] == UInt8(ascii: " ") {
        position += 1
        continue
      }
      var end = position + 1
      while end < range.upperBound, bytes[end] != UInt8(ascii: " ") { end += 1 }
      switch Self.code(bytes, position..<end) {
      case .some(Self.parenthesis): break
      case .some(let code): if codes.count - start < options.maximumTokens { codes.append(code) }
      case nil:
        throw DataError(
          at: "\(place()):\(position - range.lowerBound + 1)",
          expected: "a token of ListOps (a digit, [MIN, [MAX, [MED, [SM, ], parentheses)",
          got: DataError.quoted(bytes[position..<end]))
      }
      position = end
    }
    guard codes.count > start else {
      throw DataError(
        at: place(), expected: "an expression", got: DataError.quoted(bytes[range]))
    }
    ends.append(codes.count)
    labels.append(label)
  }

  /// All 15 tokens by descending frequency in this file.
  func vocabulary(options: TokenizationOptions) throws(DataError) -> Vocabulary {
    var counts = [Int](repeating: 0, count: ListOpsDataset.tokens.count)
    for code in codes { counts[Int(code)] += 1 }
    return try Vocabulary(
      counts: zip(ListOpsDataset.tokens, counts).map { (token: $0, count: $1) },
      minimumFrequency: 0, hasBeginOfSequence: options.appendBeginOfSequence,
      hasEndOfSequence: options.appendEndOfSequence)
  }

  /// The sequences of ids.
  func dataset(
    vocabulary: Vocabulary, options: TokenizationOptions
  ) throws(DataError) -> SequenceDataset {
    let (begin, end) = try options.specials(of: vocabulary)
    let ids = ListOpsDataset.tokens.map { vocabulary.identifier(of: $0) }
    var examples: [SequenceExample] = []
    examples.reserveCapacity(ends.count)
    for row in ends.indices {
      let rowCodes = codes[(row == 0 ? 0 : ends[row - 1])..<ends[row]]
      var tokens = begin
      tokens.reserveCapacity(begin.count + rowCodes.count + end.count)
      for code in rowCodes {
        // Only a vocabulary from elsewhere can lack a token.
        if let id = ids[Int(code)] {
          tokens.append(id)
        } else {
          tokens.append(
            try vocabulary.identifier(
              of: ListOpsDataset.tokens[Int(code)], unknownTokens: options.unknownTokens,
              at: "\(name):\(row + 2)"))
        }
      }
      tokens.append(contentsOf: end)
      examples.append(SequenceExample(tokens: tokens, label: Int(labels[row])))
    }
    return SequenceDataset(
      examples: examples, classNames: ListOpsDataset.classNames, vocabulary: vocabulary,
      name: "listops \(split.rawValue)")
  }

  private static let parenthesis: UInt8 = 255

  /// The index of a token in `ListOpsDataset.tokens`, or `nil`.
  private static func code(_ bytes: [UInt8], _ range: Range<Int>) -> UInt8? {
    let first = bytes[range.lowerBound]
    switch range.count {
    case 1:
      switch first {
      case UInt8(ascii: "("), UInt8(ascii: ")"): return parenthesis
      case UInt8(ascii: "]"): return 14
      case UInt8(ascii: "0")...UInt8(ascii: "9"): return first - UInt8(ascii: "0")
      default: return nil
      }
    case 3, 4:
      guard first == UInt8(ascii: "[") else { return nil }
      for code in 10..<14 where bytes[range].elementsEqual(ListOpsDataset.tokens[code].utf8) {
        return UInt8(code)
      }
      return nil
    default: return nil
    }
  }
}
