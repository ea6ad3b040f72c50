/// Columns of numbers from a CSV file, such as the Electricity Transformer data sets.
///
/// The first line names the columns; a first column named `date` is left out. Every other cell is a
/// number (Zhou et al., "Informer", 2021; `ETDataset`).
public struct NumberTable: Sendable {
  /// The file.
  public let name: String
  /// The names of the columns.
  public let columns: [String]
  /// The values, `[rows × columns]` in row-major order.
  public let values: [Float]
  /// The number of rows.
  public var rows: Int { values.count / max(1, columns.count) }

  /// Reads a file.
  ///
  /// - Throws: `DataError` with the line and the column of the first mistake.
  public init(path: String) throws(DataError) {
    try self.init(text: BinaryFile.text(of: path))
  }

  init(text: TextFile) throws(DataError) {
    try text.requireNoByteOrderMark()
    name = text.name
    let comma = UInt8(ascii: ",")
    let lines = text.lines
    let header = text.bytes[lines[0]].split(separator: comma, omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
    let skipped = header.first?.lowercased() == "date" ? 1 : 0
    columns = Array(header.dropFirst(skipped))
    guard !columns.isEmpty, Set(columns).count == columns.count else {
      throw DataError(
        at: text.place(line: 0), expected: "different names of at least one column of numbers",
        got: DataError.quoted(text.bytes[lines[0]]))
    }
    var values: [Float] = []
    values.reserveCapacity(lines.count * columns.count)
    for (line, range) in lines.enumerated().dropFirst() where !range.isEmpty {
      let cells = text.bytes[range].split(separator: comma, omittingEmptySubsequences: false)
      guard cells.count == header.count else {
        throw DataError(
          at: text.place(line: line), expected: "\(header.count) cells", got: "\(cells.count)")
      }
      for (column, cell) in cells.enumerated().dropFirst(skipped) {
        guard let value = DecimalNumber.value(of: cell) else {
          throw DataError(
            at: "\(text.place(line: line)), column \(header[column])", expected: "a number",
            got: DataError.quoted(cell))
        }
        values.append(Float(value))
      }
    }
    guard !values.isEmpty else {
      throw DataError(at: text.name, expected: "rows after the header", got: "none")
    }
    self.values = values
  }
}
