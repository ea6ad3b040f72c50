extension ListOpsGenerationOptions {
  /// Checks that the options leave room for at least one expression.
  ///
  /// - Throws: `DataError` whose `place` is the name of the wrong option.
  public func validate() throws(DataError) {
    func require(
      _ condition: Bool, _ name: String, _ expected: String, _ got: Int
    ) throws(DataError) {
      guard condition else {
        throw DataError(at: "ListOps option \(name)", expected: expected, got: "\(got)")
      }
    }
    let limit = 1_000_000_000
    try require(1...limit ~= trainCount, "trainCount", "1...1000000000", trainCount)
    try require(0...limit ~= validationCount, "validationCount", "0...1000000000", validationCount)
    try require(0...limit ~= testCount, "testCount", "0...1000000000", testCount)
    try require(maximumDepth >= 1, "maximumDepth", "at least 1", maximumDepth)
    try require(
      2...ListOpsNode.maximumArguments ~= maximumArguments, "maximumArguments",
      "2...\(ListOpsNode.maximumArguments)", maximumArguments)
    try require(0...limit ~= minimumLength, "minimumLength", "0...1000000000", minimumLength)
    try require(
      (minimumLength + 2)...(limit + 2) ~= maximumLength, "maximumLength",
      "\(minimumLength + 2)...\(limit + 2) (both limits are excluded)",
      maximumLength)
    try require(maximumAttempts >= 1, "maximumAttempts", "at least 1", maximumAttempts)
    let longest = longestLength
    try require(
      minimumLength < longest, "minimumLength",
      "less than \(longest), the greatest length with maximumDepth \(maximumDepth) and "
        + "maximumArguments \(maximumArguments)", minimumLength)
  }

  /// The length of the full tree, or some length of at least `maximumLength`.
  private var longestLength: Int {
    var length = 1
    var depth = 1
    while depth < maximumDepth && length < maximumLength {
      length = 2 + maximumArguments * length
      depth += 1
    }
    return length
  }

  /// The error for a search that found no new expression for too long.
  func exhausted(found: Int) -> DataError {
    DataError(
      at: "ListOps options",
      expected: "\(totalCount) distinct expressions of more than \(minimumLength) and fewer than "
        + "\(maximumLength) tokens with maximumDepth \(maximumDepth) and maximumArguments "
        + "\(maximumArguments)",
      got: "\(found), and no new one in the last \(maximumAttempts) trees")
  }
}
