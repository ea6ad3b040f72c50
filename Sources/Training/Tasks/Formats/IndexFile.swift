/// Positions of examples in a file, one a line, from 0: a split or a permutation made elsewhere.
enum IndexFile {
  /// Reads a file.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - count: the number of examples; every position is below it, and none appears twice.
  /// - Throws: `DataError` with the line of the first mistake.
  static func read(_ path: String, below count: Int) throws(DataError) -> [Int] {
    let text = try TextFile(path: path)
    var indices: [Int] = []
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
    }
    guard !indices.isEmpty else {
      throw DataError(at: path, expected: "whole numbers, one a line", got: "none")
    }
    return indices
  }
}
