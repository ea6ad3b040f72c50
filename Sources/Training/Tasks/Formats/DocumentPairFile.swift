/// Pairs of documents with a label: the files of Long Range Arena's Retrieval.
///
/// A table without a header whose columns are separated by tabs: the label (`0.0` or `1.0`), the numbers
/// of both papers, and both texts (Tay et al., 2020, section 2.1.3, from Radev et al.'s ACL Anthology
/// Network). The originals read quotation marks in two ways, so that it is a choice here.
public struct DocumentPairFile: Sendable {
  /// One pair.
  public struct Pair: Sendable, Equatable {
    /// 1 if one paper cites the other.
    public var label: Int
    /// The first text, valid UTF-8.
    public var first: [UInt8]
    /// The second text.
    public var second: [UInt8]
    /// The line on which the pair begins, from 1.
    public var line: Int
  }

  /// The file.
  public let name: String
  /// The pairs.
  public let pairs: [Pair]

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - honoursQuotes: whether a cell that begins with `"` ends at the next one that is not doubled, and
  ///     may hold tabs and line ends (Python's `csv`, as S4 reads the files by); otherwise quotation
  ///     marks are characters as others (Long Range Arena's own reader).
  /// - Throws: `DataError` with the line of the first mistake.
  public init(path: String, honoursQuotes: Bool) throws(DataError) {
    try self.init(text: BinaryFile.text(of: path), honoursQuotes: honoursQuotes)
  }

  init(text: TextFile, honoursQuotes: Bool) throws(DataError) {
    try text.requireNoByteOrderMark()
    name = text.name
    var table = SeparatedCells(bytes: text.bytes, honoursQuotes: honoursQuotes)
    var pairs: [Pair] = []
    while let row = table.next() {
      let place = "\(text.name):\(row.line)"
      guard !row.endsInQuotes else {
        throw DataError(at: place, expected: "a quotation mark that ends the cell", got: "none")
      }
      guard row.cells.count == 5 else {
        throw DataError(
          at: place, expected: "5 columns (label, two numbers, two texts)",
          got: "\(row.cells.count)")
      }
      guard let label = DecimalNumber.integer(of: row.cells[0][...]), 0...1 ~= label else {
        throw DataError(
          at: place, expected: "the label 0 or 1", got: DataError.quoted(row.cells[0]))
      }
      for (column, cell) in row.cells.enumerated().dropFirst(3) where cell.isEmpty {
        throw DataError(at: place, expected: "a text in column \(column + 1)", got: "''")
      }
      pairs.append(
        Pair(label: label, first: row.cells[3], second: row.cells[4], line: row.line))
    }
    guard !pairs.isEmpty else {
      throw DataError(at: text.name, expected: "pairs of documents", got: "none")
    }
    self.pairs = pairs
  }
}

/// The rows of a table with tabs between its cells.
private struct SeparatedCells {
  let bytes: [UInt8]
  let honoursQuotes: Bool
  private var position = 0
  private var line = 1

  init(bytes: [UInt8], honoursQuotes: Bool) {
    self.bytes = bytes
    self.honoursQuotes = honoursQuotes
  }

  struct Row {
    var cells: [[UInt8]] = []
    var line: Int
    var endsInQuotes = false
  }

  mutating func next() -> Row? {
    guard position < bytes.count else { return nil }
    var row = Row(line: line)
    while true {
      let (cell, isOpen) = self.cell()
      row.cells.append(cell)
      row.endsInQuotes = isOpen
      guard position < bytes.count else { return row }
      let end = bytes[position]
      position += 1
      if end == UInt8(ascii: "\n") {
        line += 1
        return row
      }
    }
  }

  private let quote = UInt8(ascii: "\"")

  /// The next cell, up to the tab or line end that the position is left at.
  private mutating func cell() -> (bytes: [UInt8], isOpen: Bool) {
    guard honoursQuotes, position < bytes.count, bytes[position] == quote else {
      var cell: [UInt8] = []
      takeRest(into: &cell)
      return (cell, false)
    }
    position += 1
    var cell: [UInt8] = []
    var isOpen = true
    while isOpen, position < bytes.count {
      let byte = bytes[position]
      position += 1
      if byte == quote {
        guard position < bytes.count, bytes[position] == quote else {
          isOpen = false
          continue
        }
        position += 1
      } else if byte == UInt8(ascii: "\n") {
        line += 1
      }
      cell.append(byte)
    }
    // What stands between the closing mark and the end belongs to the cell, as with Python's csv.
    takeRest(into: &cell)
    return (cell, isOpen)
  }

  private mutating func takeRest(into cell: inout [UInt8]) {
    let start = position
    while position < bytes.count, bytes[position] != UInt8(ascii: "\t"),
      bytes[position] != UInt8(ascii: "\n")
    { position += 1 }
    var end = position
    let isLineEnd = position >= bytes.count || bytes[position] == UInt8(ascii: "\n")
    if isLineEnd, end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    cell.append(contentsOf: bytes[start..<end])
  }
}
