/// Positions of examples in a file, one a line, from 0: a split or a permutation made elsewhere.
struct IndexFile {
  /// The positions, in the order of the file.
  let indices: [Int]
  private let lines: [Int]
  private let text: TextFile

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - count: the number of examples; every position is below it, and none appears twice.
  /// - Throws: `DataError` with the line of the first mistake.
  init(path: String, below count: Int) throws(DataError) {
    text = try TextFile(path: path)
    var indices: [Int] = []
    var lines: [Int] = []
    var seen: Set<Int> = []
    for (line, range) in text.lines.enumerated() where !range.isEmpty {
      let word = text.bytes[range]
      guard let index = DecimalNumber.integer(of: word), (0..<count).contains(index) else {
        throw DataError(
          at: text.place(line: line), expected: "a whole number from 0 to \(count - 1)",
          got: DataError.quoted(word))
      }
      guard seen.insert(index).inserted else {
        throw DataError(
          at: text.place(line: line), expected: "a number that appears once",
          got: "\(index) again")
      }
      indices.append(index)
      lines.append(line)
    }
    guard !indices.isEmpty else {
      throw DataError(at: path, expected: "whole numbers, one a line", got: "none")
    }
    self.indices = indices
    self.lines = lines
  }

  /// The positions, none of which another part has.
  ///
  /// - Throws: `DataError` with the line of the first that it has.
  func disjoint(from used: Set<Int>, _ part: String) throws(DataError) -> [Int] {
    for (index, line) in zip(indices, lines) where used.contains(index) {
      throw DataError(
        at: text.place(line: line), expected: "an example that is not for \(part)",
        got: "\(index)")
    }
    return indices
  }
}
