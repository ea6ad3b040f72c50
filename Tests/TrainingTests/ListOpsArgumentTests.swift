import SequenceTensor
import Testing
import Training

/// Arguments in another order: the value stays, and what is no whole expression stays as it is.
@Suite struct ListOpsArgumentTests {
  /// The value of an expression by its definition, on its text.
  static func value(_ tokens: [String], at position: inout Int) -> Int {
    let token = tokens[position]
    position += 1
    if let digit = Int(token) { return digit }
    var arguments: [Int] = []
    while tokens[position] != "]" { arguments.append(value(tokens, at: &position)) }
    position += 1
    let sorted = arguments.sorted()
    switch token {
    case "[MIN": return sorted[0]
    case "[MAX": return sorted[sorted.count - 1]
    case "[SM": return arguments.reduce(0, +) % 10
    default: return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }
  }

  @Test func valuesStay() throws {
    try withTemporaryFolder { folder in
      let tiny = try TinyRun(folder: folder)
      let train = tiny.data.train
      let arguments = ListOpsArguments(train.vocabulary)
      var random = RandomSource(seed: 2)
      var changed = 0
      for example in train.examples where example.tokens.count < 32 {
        let shuffled = arguments.shuffled(example.tokens, using: &random)
        #expect(shuffled.sorted() == example.tokens.sorted())
        let words = train.vocabulary.decode(shuffled)
        var position = 0
        #expect(Self.value(words, at: &position) == example.label)
        #expect(words[position...] == ["<eos>"])
        changed += shuffled == example.tokens ? 0 : 1
      }
      #expect(changed > 10)
    }
  }

  @Test func onlyWholeExpressionsChange() throws {
    try withTemporaryFolder { folder in
      let vocabulary = try TinyRun(folder: folder).data.train.vocabulary
      let arguments = ListOpsArguments(vocabulary)
      var random = RandomSource(seed: 2)
      for text in ["[MAX 1 2 3 [MIN 4 5 6 7 ]", "1 2 3 4 ] 5 6 7 8", "1 2 3 4 5 6 7 8"] {
        let tokens = try text.split(separator: " ").map {
          try #require(vocabulary.identifier(of: String($0)))
        }
        for _ in 0..<5 { #expect(arguments.shuffled(tokens, using: &random) == tokens) }
      }
    }
  }

  /// With the setting a step sees other sequences, of the same lengths.
  @Test func trainingShuffles() throws {
    try withTemporaryFolder { folder in
      var tiny = try TinyRun(folder: folder)
      try tiny.train("plain", stopAfter: 2)
      tiny.configuration.data.shufflesArguments = true
      let shuffled = try tiny.train("shuffled", stopAfter: 2)
      try tiny.train("again", stopAfter: 2)
      let metrics = try ["plain", "shuffled", "again"].map { try bytes(of: tiny.run($0).metrics) }
      #expect(metrics[0] != metrics[1] && metrics[1] == metrics[2])
      #expect(shuffled.trainer.configuration.data.shufflesArguments)
      tiny.configuration.task = .text
      #expect(throws: ConfigurationError.self) { try tiny.configuration.validate() }
    }
  }
}
