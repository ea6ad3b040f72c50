import Testing
import Training

@Suite struct ListOpsDatasetTests {
  static let train = """
    Source\tTarget
    ( ( ( [MAX 1 ) 2 ) ] )\t2
    ( ( ( ( [SM 7 ) 7 ) 7 ) ] )\t1

    """
  static let validation = "Source\tTarget\n( ( ( [MIN 9 ) 0 ) ] )\t0\n"

  static func withFiles(
    train: String = train, validation: String = validation, test: String = validation,
    _ body: (String) throws -> Void
  ) throws {
    try withTemporaryFolder { folder throws in
      try write(train, to: "\(folder)/basic_train.tsv")
      try write(validation, to: "\(folder)/basic_val.tsv")
      try write(test, to: "\(folder)/basic_test.tsv")
      try body(folder)
    }
  }

  @Test func tokensFollowFrequencyInTrain() throws {
    try Self.withFiles { folder throws in
      let splits = try ListOpsDataset.load(folder: folder)
      let vocabulary = splits.train.vocabulary
      #expect(vocabulary.specials == ["<pad>", "<unk>", "<eos>"])
      #expect(
        vocabulary.tokens == [
          "7", "]", "1", "2", "[MAX", "[SM", "0", "3", "4", "5", "6", "8", "9", "[MED", "[MIN",
        ])
      #expect(splits.train.examples[0] == SequenceExample(tokens: [7, 5, 6, 4, 2], label: 2))
      #expect(splits.train.examples[1] == SequenceExample(tokens: [8, 3, 3, 3, 4, 2], label: 1))
      #expect(splits.validation.examples == splits.test.examples)
      #expect(splits.test.vocabulary == vocabulary)
      #expect(splits.test.classNames == ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"])
      #expect(splits.train.labelCounts == [0, 1, 1, 0, 0, 0, 0, 0, 0, 0])
      #expect(splits.train.majorityAccuracy == 0.5)
      #expect(splits.train.name == "listops train")
      #expect(
        vocabulary.decode(splits.test.examples[0].tokens) == ["[MIN", "9", "0", "]", "<eos>"])
    }
  }

  @Test func lineEndsAndTheLastLineDoNotMatter() throws {
    try Self.withFiles { folder throws in
      let expected = try ListOpsDataset.load(folder: folder).train.examples
      let crlf = Self.train.split(separator: "\n").joined(separator: "\r\n")
      for text in [crlf, crlf + "\r\n"] {
        try Self.withFiles(train: text) { folder throws in
          #expect(try ListOpsDataset.load(folder: folder).train.examples == expected)
        }
      }
    }
  }

  @Test func sequencesAreCutBeforeTheirEnd() throws {
    try Self.withFiles { folder throws in
      let full = try ListOpsDataset.load(folder: folder)
      var options = TokenizationOptions.listOps
      options.maximumLength = 4
      let cut = try ListOpsDataset.load(
        folder: folder, options: options, vocabulary: full.train.vocabulary)
      #expect(cut.train.examples.map(\.tokens) == [[7, 5, 6, 2], [8, 3, 3, 2]])
      options.appendBeginOfSequence = true
      let both = try ListOpsDataset.load(folder: folder, options: options)
      // Only what is kept is counted: the closing brackets and the last sevens are cut off.
      #expect(both.train.vocabulary.tokens.prefix(4) == ["1", "7", "[MAX", "[SM"])
      #expect(both.train.examples.map(\.tokens) == [[2, 6, 4, 3], [2, 7, 5, 3]])
      options = TokenizationOptions(appendEndOfSequence: false)
      let bare = try ListOpsDataset.load(folder: folder, options: options)
      #expect(bare.train.examples[0].tokens.count == 4)
      #expect(bare.train.vocabulary.endOfSequence == nil)
      options.maximumLength = 0
      expectDataError("tokenization option maximumLength", expected: "at least 1", got: "0") {
        _ = try ListOpsDataset.load(folder: folder, options: options)
      }
    }
  }

  @Test func oneSplitWithAnEarlierVocabulary() throws {
    try Self.withFiles { folder throws in
      let vocabulary = try ListOpsDataset.load(folder: folder).train.vocabulary
      let test = try ListOpsDataset.load(.test, folder: folder, vocabulary: vocabulary)
      #expect(test.vocabulary == vocabulary && test.examples.count == 1)
      #expect(
        try ListOpsDataset.encode("[MIN 9 0 ]", vocabulary: vocabulary)
          == test.examples[0].tokens)

      let small = try Vocabulary(tokens: ["[MIN", "9", "]"])
      expectDataError(
        "basic_test.tsv:2", expected: "a token of the vocabulary", got: "'0'", folder: folder
      ) { _ = try ListOpsDataset.load(.test, folder: folder, vocabulary: small) }
      let unknown = TokenizationOptions(unknownTokens: .unknownToken)
      let lenient = try ListOpsDataset.load(
        .test, folder: folder, options: unknown, vocabulary: small)
      #expect(lenient.examples[0].tokens == [3, 4, 1, 5, 2])
      let bare = try Vocabulary(tokens: ["9"], hasEndOfSequence: false)
      expectDataError(
        "vocabulary", expected: "the special token <eos>", got: "a vocabulary without it"
      ) { _ = try ListOpsDataset.load(.test, folder: folder, vocabulary: bare) }
    }
  }

  @Test(arguments: [
    ("", "basic_train.tsv", "a file that is not empty", "0 bytes"),
    (
      "source\tTarget\n1\t1\n", "basic_train.tsv:1", "the header 'Source\\tTarget'",
      "'source\\tTarget'"
    ),
    ("Source\tTarget\r\n", "basic_train.tsv", "rows after the header", "none"),
    (
      "\u{FEFF}Source\tTarget\n", "basic_train.tsv:1", "UTF-8 without a byte order mark",
      "one at offset 0"
    ),
    ("Source\tTarget\n1\t1\n1\n", "basic_train.tsv:3", "2 columns (Source, Target)", "1"),
    ("Source\tTarget\n1\t1\n\n1\t1\n", "basic_train.tsv:3", "2 columns (Source, Target)", "1"),
    ("Source\tTarget\n1\t1\t1\n", "basic_train.tsv:2", "2 columns (Source, Target)", "3"),
    ("Source\tTarget\n[MIN 1 ]\t10\n", "basic_train.tsv:2:10", "a Target of 0...9", "'10'"),
    ("Source\tTarget\n[MIN 1 ]\tx\n", "basic_train.tsv:2:10", "a Target of 0...9", "'x'"),
    ("Source\tTarget\n[MIN 1 ]\t\n", "basic_train.tsv:2:10", "a Target of 0...9", "''"),
    ("Source\tTarget\n( )\t1\n", "basic_train.tsv:2", "an expression", "'( )'"),
    ("Source\tTarget\n\t1\n", "basic_train.tsv:2", "an expression", "''"),
    ("Source\tTarget\n1\t1\n( [MIX 1 ) ]\t1\n", "basic_train.tsv:3:3", token, "'[MIX'"),
    ("Source\tTarget\n( [FIRST 1 ) ]\t1\n", "basic_train.tsv:2:3", token, "'[FIRST'"),
    ("Source\tTarget\n[MIN 1 12 ]\t1\n", "basic_train.tsv:2:8", token, "'12'"),
    ("Source\tTarget\n[MIN 1 X\t1\n", "basic_train.tsv:2:8", token, "'X'"),
  ])
  func malformedFiles(text: String, place: String, expected: String, got: String) throws {
    try Self.withFiles(train: text) { folder throws in
      expectDataError(place, expected: expected, got: got, folder: folder) {
        _ = try ListOpsDataset.load(folder: folder)
      }
    }
  }

  static let token = "a token of ListOps (a digit, [MIN, [MAX, [MED, [SM, ], parentheses)"

  @Test func mistakesAfterTheCutAreFoundToo() throws {
    let options = TokenizationOptions(maximumLength: 2)
    try Self.withFiles(train: "Source\tTarget\n[MIN 1 ? ]\t1\n") { folder throws in
      expectDataError("basic_train.tsv:2:8", expected: Self.token, got: "'?'", folder: folder) {
        _ = try ListOpsDataset.load(folder: folder, options: options)
      }
    }
  }

  @Test func generatedFilesAreRead() throws {
    var options = ListOpsGeneratorTests.options(train: 40, validation: 5, test: 6)
    try withTemporaryFolder { parent throws in
      let folder = "\(parent)/new/folder"
      var reports: [[Int]] = []
      try ListOpsGenerator.write(options, toFolder: folder) { reports.append([$0, $1]) }
      #expect(reports.last == [51, 51] && reports.count > 1)
      #expect(try names(in: folder) == ["basic_test.tsv", "basic_train.tsv", "basic_val.tsv"])
      let splits = try ListOpsDataset.load(folder: folder)
      #expect(splits.train.examples.count == 40)
      #expect(splits.validation.examples.count == 5 && splits.test.examples.count == 6)

      let bytes = try TextFile.readBytes(path: "\(folder)/basic_val.tsv")
      let text = String(decoding: bytes, as: UTF8.self)
      let rows = try ListOpsGeneratorTests.rows(options)[40..<45]
      #expect(text == (["Source\tTarget"] + rows).map { $0 + "\r\n" }.joined())

      expectDataError(
        "basic_train.tsv", expected: "no such file yet", got: "an existing file", folder: folder
      ) { try ListOpsGenerator.write(options, toFolder: folder) }
      #expect(try names(in: folder).count == 3, "no temporary file is left behind")

      options.endsLinesInCarriageReturn = false
      try ListOpsGenerator.write(options, toFolder: folder, replacesExisting: true)
      let plain = try TextFile.readBytes(path: "\(folder)/basic_val.tsv")
      #expect(plain == bytes.filter { $0 != UInt8(ascii: "\r") })
      expectDataError(
        "basic_val.tsv", expected: "a folder to write to", got: "File exists", folder: folder
      ) { try ListOpsGenerator.write(options, toFolder: "\(folder)/basic_val.tsv") }
    }
  }
}
