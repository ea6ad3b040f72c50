import SequenceTensor
import Testing
import Training

/// Expressions are checked in their text form, by means that share nothing with the generator.
@Suite struct ListOpsGeneratorTests {
  static func options(
    train: Int = 300, validation: Int = 20, test: Int = 10, depth: Int = 10, arguments: Int = 10,
    longerThan minimum: Int = 10, shorterThan maximum: Int = 60, seed: UInt64 = 7
  ) -> ListOpsGenerationOptions {
    var options = ListOpsGenerationOptions()
    (options.trainCount, options.validationCount, options.testCount) = (train, validation, test)
    (options.maximumDepth, options.maximumArguments) = (depth, arguments)
    (options.minimumLength, options.maximumLength) = (minimum, maximum)
    options.seed = seed
    return options
  }

  /// The rows in their final order, `Source<TAB>Target` each.
  static func rows(_ options: ListOpsGenerationOptions) throws -> [String] {
    var generator = try ListOpsGenerator(options: options)
    let order = try generator.generate()
    return order.map { index in
      var text: [UInt8] = []
      generator.appendRow(index, lineEnd: "", to: &text)
      return String(decoding: text, as: UTF8.self)
    }
  }

  static func columns(_ row: String) -> (source: Substring, target: Int?) {
    let columns = row.split(separator: "\t")
    return (columns[0], Int(columns[1]))
  }

  @Test func defaultsAreThoseOfLongRangeArena() {
    let options = ListOpsGenerationOptions()
    #expect(options.trainCount == 96_000 && options.validationCount == 2_000)
    #expect(options.testCount == 2_000 && options.totalCount == 100_000)
    #expect(options.maximumDepth == 10 && options.maximumArguments == 10)
    #expect(options.minimumLength == 500 && options.maximumLength == 2_000)
    #expect(options.endsLinesInCarriageReturn)
  }

  @Test func expressionsOfKnownValue() {
    func list(_ operation: ListOpsOperator, _ digits: [Int]) -> ListOpsExpression {
      let nodes =
        [ListOpsNode(operation: operation, arguments: digits.count)]
        + digits.map { ListOpsNode(digit: $0) }
      return ListOpsExpression(nodes: nodes[...])
    }
    #expect(list(.minimum, [4, 2, 9]).value == 2)
    #expect(list(.maximum, [4, 2, 9]).value == 9)
    #expect(list(.sumModulo10, [4, 8, 9]).value == 1)
    #expect(list(.median, [9, 2, 4]).value == 4)
    #expect(list(.median, [9, 2, 4, 5]).value == 4, "the mean 4.5 loses its fraction")
    #expect(list(.median, [1, 2]).value == 1)
  }

  @Test func textFormIsTheBinaryTreeOfTheOriginal() {
    // MAX of 1, (SM of 2 and 3), 4: nested pairs, one per argument and one for the bracket.
    let nodes = [
      ListOpsNode(operation: .maximum, arguments: 3), ListOpsNode(digit: 1),
      ListOpsNode(operation: .sumModulo10, arguments: 2), ListOpsNode(digit: 2),
      ListOpsNode(digit: 3), ListOpsNode(digit: 4),
    ]
    var text: [UInt8] = []
    ListOpsExpression(nodes: nodes[...]).appendText(to: &text)
    #expect(
      String(decoding: text, as: UTF8.self)
        == "( ( ( ( [MAX 1 ) ( ( ( [SM 2 ) 3 ) ] ) ) 4 ) ] )")
  }

  @Test func targetsAndTreesAreRight() throws {
    for row in try Self.rows(Self.options()) {
      let (source, target) = Self.columns(row)
      #expect(listOpsValue(source) == target, "\(row)")
      #expect(isBinaryTree(source), "\(row)")
    }
  }

  @Test func limitsOfLengthAreExclusiveAndReached() throws {
    let rows = try Self.rows(Self.options(train: 2000, longerThan: 10, shorterThan: 20))
    let lengths = rows.map { row in
      Self.columns(row).source.split(separator: " ").count { $0 != "(" && $0 != ")" }
    }
    #expect(lengths.min() == 11 && lengths.max() == 19)
    #expect(Set(rows).count == 2030, "expressions are distinct")
  }

  @Test func argumentsOperatorsAndDigitsAreUniform() throws {
    // Depth 2: a root list of digits. More than 3 of them, so that few of the equally likely
    // expressions of one length are drawn twice.
    let options = Self.options(
      train: 2100, validation: 0, test: 0, depth: 2, longerThan: 5, shorterThan: 13)
    var arguments: [Int: Int] = [:]
    var operators: [Substring: Int] = [:]
    var digits: [Substring: Int] = [:]
    for row in try Self.rows(options) {
      let tokens = Self.columns(row).source.split(separator: " ").filter { !"()]".contains($0) }
      operators[tokens[0], default: 0] += 1
      arguments[tokens.count - 1, default: 0] += 1
      for digit in tokens.dropFirst() { digits[digit, default: 0] += 1 }
    }
    // Within five standard deviations of 300, 525 and 1470.
    #expect(arguments.keys.sorted() == Array(4...10))
    #expect(arguments.values.allSatisfy { abs($0 - 300) < 80 }, "\(arguments)")
    #expect(operators.keys.sorted() == ["[MAX", "[MED", "[MIN", "[SM"])
    #expect(operators.values.allSatisfy { abs($0 - 525) < 100 }, "\(operators)")
    #expect(digits.count == 10 && digits.values.allSatisfy { abs($0 - 1470) < 185 }, "\(digits)")
  }

  @Test func aQuarterOfTheNodesAreLists() throws {
    // Depth 3, and no length rejects a tree with a list as root.
    let options = Self.options(
      train: 1000, validation: 0, test: 0, depth: 3, longerThan: 3, shorterThan: 200)
    var children = 0
    var lists = 0
    for row in try Self.rows(options) {
      var depth = 0
      for token in Self.columns(row).source.split(separator: " ") {
        if token == "]" { depth -= 1 }
        let isList = token.first == "["
        if depth == 1, isList || Int(token) != nil { children += 1 }
        if depth == 1, isList { lists += 1 }
        if isList { depth += 1 }
        #expect(depth <= 2)
      }
    }
    // 2 to 10 arguments are 6 on average; five standard deviations each.
    #expect(abs(Double(children) / 1000 - 6) < 0.41)
    #expect(abs(Double(lists) / Double(children) - 0.25) < 0.028)
  }

  @Test func seedDeterminesTheRows() throws {
    let rows = try Self.rows(Self.options())
    #expect(try Self.rows(Self.options()) == rows)
    #expect(try Self.rows(Self.options(seed: 8)) != rows)
    // Fowler, Noll and Vo's hash of the first three rows: the same on every platform.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in rows.prefix(3).joined(separator: "\n").utf8 {
      hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
    }
    #expect(hash == 4_584_317_464_422_033_699, "\(rows.prefix(3))")
  }

  @Test func splitsAreAlikeInLength() throws {
    // Of 10 digits and longer lists, the digits are found first; shuffling spreads them.
    let rows = try Self.rows(
      Self.options(train: 100, validation: 100, test: 0, longerThan: 0, shorterThan: 30))
    let digits = rows.indices.filter { rows[$0].utf8.count == 3 }
    #expect(digits.count == 10)
    #expect(digits.contains { $0 >= 100 } && digits.contains { $0 < 100 })
  }

  @Test(arguments: [
    ("trainCount", "1...1000000000", "0", options(train: 0)),
    ("testCount", "0...1000000000", "-1", options(test: -1)),
    ("validationCount", "0...1000000000", "-3", options(validation: -3)),
    ("maximumDepth", "at least 1", "0", options(depth: 0)),
    ("maximumArguments", "2...16000", "1", options(arguments: 1)),
    ("minimumLength", "0...1000000000", "-1", options(longerThan: -1)),
    ("minimumLength", "0...1000000000", "\(Int.max)", options(longerThan: .max)),
    (
      "maximumLength", "12...1000000002 (both limits are excluded)", "11",
      options(longerThan: 10, shorterThan: 11)
    ),
    (
      "minimumLength",
      "less than 17, the greatest length with maximumDepth 3 and maximumArguments 3", "17",
      options(depth: 3, arguments: 3, longerThan: 17, shorterThan: 40)
    ),
  ])
  func impossibleOptions(
    name: String, expected: String, got: String, options: ListOpsGenerationOptions
  ) {
    expectDataError("ListOps option \(name)", expected: expected, got: got) {
      _ = try ListOpsGenerator(options: options)
    }
  }

  @Test func givesUpWhenThereIsNothingNew() throws {
    // Shorter than 2 tokens there are only the ten digits.
    var options = Self.options(
      train: 11, validation: 0, test: 0, longerThan: 0, shorterThan: 2)
    options.maximumAttempts = 5000
    let expected =
      "11 distinct expressions of more than 0 and fewer than 2 tokens with maximumDepth 10 and "
      + "maximumArguments 10"
    let got = "10, and no new one in the last 5000 trees"
    try withTemporaryFolder { folder throws in
      expectDataError("ListOps options", expected: expected, got: got) {
        try ListOpsGenerator.write(options, toFolder: folder)
      }
      #expect(try names(in: folder) == [], "no file is left behind")
    }
  }
}

/// The value of an expression in text form: brackets alone, with a stack.
func listOpsValue(_ source: Substring) -> Int? {
  var stack: [(operation: Substring, values: [Int])] = [("", [])]
  for token in source.split(separator: " ") where token != "(" && token != ")" {
    if token.hasPrefix("[") {
      stack.append((token, []))
    } else if let digit = Int(token) {
      stack[stack.count - 1].values.append(digit)
    } else if token == "]", stack.count > 1 {
      var (operation, values) = stack.removeLast()
      values.sort()
      var sum = 0
      for value in values { sum = (sum + value) % 10 }
      while operation == "[MED", values.count > 2 { values = Array(values.dropFirst().dropLast()) }
      let result =
        switch operation {
        case "[MIN": values.first
        case "[MAX": values.last
        case "[SM": Int?.some(sum)
        case "[MED": Int?.some(values.reduce(0, +) / values.count)
        default: Int?.none
        }
      guard let result else { return nil }
      stack[stack.count - 1].values.append(result)
    } else {
      return nil
    }
  }
  return stack.count == 1 && stack[0].values.count == 1 ? stack[0].values[0] : nil
}

/// Whether a text is one tree of pairs `( left right )`, single spaces between all tokens.
func isBinaryTree(_ source: Substring) -> Bool {
  // Pairs are reduced from the inside: `( x x )` becomes `x`.
  var stack: [Substring] = []
  for token in source.split(separator: " ", omittingEmptySubsequences: false) {
    stack.append(token == "(" || token == ")" || token.isEmpty ? token : "x")
    if stack.suffix(4) == ["(", "x", "x", ")"] {
      stack.removeLast(4)
      stack.append("x")
    }
  }
  return stack == ["x"]
}
