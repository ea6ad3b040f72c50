#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A text as valid UTF-8, its class, and where it stands.
struct LabeledText {
  var text: [UInt8]
  var label: Int
  var place: String

  static func dataset(
    _ texts: [LabeledText], tokenizer: TextTokenizer, classNames: [String], name: String
  ) throws(DataError) -> SequenceDataset {
    var examples: [SequenceExample] = []
    examples.reserveCapacity(texts.count)
    for text in texts {
      let tokens = try tokenizer.encode(text.text, at: text.place)
      examples.append(SequenceExample(tokens: tokens, label: text.label))
    }
    return SequenceDataset(
      examples: examples, classNames: classNames, vocabulary: tokenizer.vocabulary, name: name)
  }
}

extension TextClassificationSource {
  /// The classes of the training texts, in order.
  func classNames() throws(DataError) -> [String] {
    let place: String
    let names: [String]
    switch self {
    case .folder(let folder):
      place = "\(folder)/train"
      names = try Self.classFolders(of: place)
    case .tables(let train, _, let hasHeader):
      place = train
      names = try Self.sortedLabels(LabeledTable(path: train, hasHeader: hasHeader))
    }
    guard names.count > 1 else {
      let got = names.isEmpty ? "none" : "only \(DataError.quoted(names[0].utf8))"
      throw DataError(at: place, expected: "at least 2 classes", got: got)
    }
    return names
  }

  /// The training or test texts, in the order of the source.
  func texts(isTrain: Bool, classNames: [String]) throws(DataError) -> [LabeledText] {
    switch self {
    case .folder(let folder):
      return try Self.texts(
        folder: "\(folder)/\(isTrain ? "train" : "test")", classNames: classNames)
    case .tables(let train, let test, let hasHeader):
      let table = try LabeledTable(path: isTrain ? train : test, hasHeader: hasHeader)
      var texts: [LabeledText] = []
      for row in table.rows {
        let place = table.file.place(line: row.line)
        guard let label = Self.index(of: row.label, in: classNames) else {
          throw Self.unknownClass(row.label, place: "\(place):1", classNames: classNames)
        }
        texts.append(
          LabeledText(text: try table.unescapedText(of: row), label: label, place: place))
      }
      return texts
    }
  }

  private static func texts(
    folder: String, classNames: [String]
  ) throws(DataError) -> [LabeledText] {
    var texts: [LabeledText] = []
    for name in try classFolders(of: folder) {
      guard let label = index(of: name, in: classNames) else {
        throw unknownClass(name, place: folder, classNames: classNames)
      }
      let files = try entries(of: "\(folder)/\(name)").filter { $0.hasSuffix(".txt") }
      guard !files.isEmpty else {
        throw DataError(at: "\(folder)/\(name)", expected: "files *.txt", got: "none")
      }
      for file in files {
        let text = try TextFile(path: "\(folder)/\(name)/\(file)")
        texts.append(LabeledText(text: text.bytes, label: label, place: text.name))
      }
    }
    guard !texts.isEmpty else {
      throw DataError(at: folder, expected: "class folders", got: "none")
    }
    return texts
  }

  private static func unknownClass(
    _ name: String, place: String, classNames: [String]
  ) -> DataError {
    let known = classNames.prefix(20).joined(separator: ", ")
    return DataError(
      at: place, expected: "a class of the training texts (\(known))",
      got: DataError.quoted(name.utf8))
  }

  /// Names are compared byte by byte, not by the canonical equivalence of strings.
  private static func index(of name: String, in classNames: [String]) -> Int? {
    classNames.firstIndex { $0.utf8.elementsEqual(name.utf8) }
  }

  private static func classFolders(of folder: String) throws(DataError) -> [String] {
    try entries(of: folder).filter { $0 != "unsup" && TextFile.isFolder("\(folder)/\($0)") }
  }

  /// The names in a folder that are not hidden, in the order of their bytes.
  private static func entries(of folder: String) throws(DataError) -> [String] {
    guard TextFile.isFolder(folder) else {
      throw DataError(at: folder, expected: "a folder", got: "none of this name")
    }
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder)
        .filter { $0.utf8.first != UInt8(ascii: ".") }
        .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    } catch {
      throw DataError(
        at: folder, expected: "a readable folder", got: TextFile.systemMessage(of: error))
    }
  }

  private static func sortedLabels(_ table: LabeledTable) -> [String] {
    var seen: Set<[UInt8]> = []
    var labels: [String] = []
    for row in table.rows where seen.insert(Array(row.label.utf8)).inserted {
      labels.append(row.label)
    }
    let areIntegers = labels.allSatisfy { Int($0) != nil }
    return labels.sorted { left, right in
      if areIntegers, let leftNumber = Int(left), let rightNumber = Int(right),
        leftNumber != rightNumber
      {
        return leftNumber < rightNumber
      }
      return left.utf8.lexicographicallyPrecedes(right.utf8)
    }
  }
}

/// A table of lines `label<TAB>text`.
struct LabeledTable {
  let file: TextFile
  private(set) var rows: [(label: String, text: Range<Int>, line: Int)] = []

  init(path: String, hasHeader: Bool) throws(DataError) {
    file = try TextFile(path: path)
    try file.requireNoByteOrderMark()
    let bytes = file.bytes
    for (line, range) in file.lines.enumerated().dropFirst(hasHeader ? 1 : 0) {
      let columns = 1 + bytes[range].count { $0 == UInt8(ascii: "\t") }
      guard columns == 2, let tab = bytes[range].firstIndex(of: UInt8(ascii: "\t")) else {
        throw DataError(
          at: file.place(line: line), expected: "2 columns (label, text)", got: "\(columns)")
      }
      guard tab > range.lowerBound else {
        throw DataError(at: "\(file.place(line: line)):1", expected: "a label", got: "''")
      }
      guard tab + 1 < range.upperBound else {
        throw DataError(
          at: "\(file.place(line: line)):\(tab + 2 - range.lowerBound)", expected: "a text",
          got: "''")
      }
      let label = String(decoding: bytes[range.lowerBound..<tab], as: UTF8.self)
      rows.append((label, (tab + 1)..<range.upperBound, line))
    }
    guard !rows.isEmpty else {
      throw DataError(at: path, expected: "rows of label and text", got: "none")
    }
  }

  /// The text of a row without its escapes.
  func unescapedText(
    of row: (label: String, text: Range<Int>, line: Int)
  ) throws(DataError) -> [UInt8] {
    let raw = file.bytes[row.text]
    guard raw.contains(UInt8(ascii: "\\")) else { return Array(raw) }
    var text: [UInt8] = []
    text.reserveCapacity(raw.count)
    var position = raw.startIndex
    while position < raw.endIndex {
      guard raw[position] == UInt8(ascii: "\\") else {
        text.append(raw[position])
        position += 1
        continue
      }
      switch position + 1 < raw.endIndex ? raw[position + 1] : 0 {
      case UInt8(ascii: "\\"): text.append(UInt8(ascii: "\\"))
      case UInt8(ascii: "t"): text.append(UInt8(ascii: "\t"))
      case UInt8(ascii: "n"): text.append(UInt8(ascii: "\n"))
      case UInt8(ascii: "r"): text.append(UInt8(ascii: "\r"))
      default:
        let column = position - row.text.lowerBound + row.label.utf8.count + 2
        throw DataError(
          at: "\(file.place(line: row.line)):\(column)",
          expected: #"an escape \\, \t, \n or \r"#,
          got: DataError.quoted(raw[position...].prefix(2)))
      }
      position += 2
    }
    return text
  }
}
