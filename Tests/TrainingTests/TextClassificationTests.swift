import Testing
import Training

@Suite struct TextClassificationTests {
  static func writeReviews(to folder: String) throws {
    let reviews = [
      ("train/pos/2_9.txt", "A bright day.<br />Truly."), ("train/pos/10_8.txt", "Warm rain"),
      ("train/neg/0_1.txt", "Cold é"), ("train/neg/1_2.txt", "Grey\nfog"),
      ("test/neg/7_3.txt", "Mud"), ("test/pos/3_7.txt", "Sun"),
      ("train/unsup/0_0.txt", "~~~"), ("train/.hidden/0_0.txt", "~~~"),
      ("train/pos/.3_1.txt", "~~~"), ("train/pos/notes.md", "~~~"), ("train/labels.feat", "~~~"),
    ]
    for (path, text) in reviews { try write(text, to: "\(folder)/\(path)") }
  }

  static var allInTrain: TextClassificationOptions {
    var options = TextClassificationOptions()
    options.validationSource = .test
    return options
  }

  static func texts(_ dataset: SequenceDataset) throws -> [String] {
    let tokenizer = try TextTokenizer(level: .character, vocabulary: dataset.vocabulary)
    return dataset.examples.map { tokenizer.decode($0.tokens.dropLast()) }
  }

  @Test func folderOfReviews() throws {
    try withTemporaryFolder { folder throws in
      try Self.writeReviews(to: folder)
      let splits = try TextClassificationDataset.load(
        .folder(folder), options: Self.allInTrain, name: "reviews")
      #expect(splits.train.classNames == ["neg", "pos"])
      #expect(splits.train.examples.map(\.label) == [0, 0, 1, 1])
      #expect(
        try Self.texts(splits.train)
          == ["Cold é", "Grey\nfog", "Warm rain", "A bright day.<br />Truly."])
      #expect(splits.test.examples.map(\.label) == [0, 1])
      #expect(splits.validation.examples == splits.test.examples)
      #expect(splits.train.vocabulary.identifier(of: "~") == nil)
      #expect(splits.test.examples[0].tokens.contains(Vocabulary.unknown), "no M in train")
      #expect(splits.test.name == "reviews test")

      let test = try TextClassificationDataset.loadTest(
        .folder(folder), vocabulary: splits.train.vocabulary, classNames: ["neg", "pos"])
      #expect(test.examples == splits.test.examples)
      var bytes = Self.allInTrain
      bytes.level = .byte
      let byteSplits = try TextClassificationDataset.load(.folder(folder), options: bytes)
      #expect(byteSplits.train.vocabulary.count == 259)
      #expect(byteSplits.train.examples[0].tokens.count == 8)
    }
  }

  @Test func tables() throws {
    try withTemporaryFolder { folder throws in
      let train = "10\ta\\tb\\n\\\\n\\r\r\n2\tplain text\n10\té"
      try write(train, to: "\(folder)/train.tsv")
      try write("label\ttext\n2\tab\n", to: "\(folder)/test.tsv")
      let source = TextClassificationSource.tables(
        train: "\(folder)/train.tsv", test: "\(folder)/train.tsv", hasHeader: false)
      let splits = try TextClassificationDataset.load(source, options: Self.allInTrain)
      #expect(splits.train.classNames == ["2", "10"], "integers in numerical order")
      #expect(splits.train.examples.map(\.label) == [1, 0, 1])
      #expect(try Self.texts(splits.train) == ["a\tb\n\\n\r", "plain text", "é"])

      let headed = TextClassificationSource.tables(
        train: "", test: "\(folder)/test.tsv", hasHeader: true)
      let test = try TextClassificationDataset.loadTest(
        headed, vocabulary: splits.train.vocabulary, classNames: ["2", "10"])
      #expect(test.labelCounts == [1, 0])
      #expect(test.examples[0].tokens.count == 3)

      try write("b\tx\nÄ\ty\n10\tz\n", to: "\(folder)/train.tsv")
      let named = try TextClassificationDataset.load(source, options: Self.allInTrain)
      #expect(named.train.classNames == ["10", "b", "Ä"], "strings in the order of their bytes")
    }
  }

  @Test(arguments: [
    ("a\tx\nb\n", "train.tsv:2", "2 columns (label, text)", "1"),
    ("a\tx\nb\ty\tz\n", "train.tsv:2", "2 columns (label, text)", "3"),
    ("a\tx\n\nb\ty", "train.tsv:2", "2 columns (label, text)", "1"),
    ("a\tx\n\ty\n", "train.tsv:2:1", "a label", "''"),
    ("a\tx\nb\t\n", "train.tsv:2:3", "a text", "''"),
    ("a\tx\nb\ty\\q\n", "train.tsv:2:4", #"an escape \\, \t, \n or \r"#, #"'\q'"#),
    ("a\tx\nb\ty\\", "train.tsv:2:4", #"an escape \\, \t, \n or \r"#, #"'\'"#),
    ("a\tx\na\ty\n", "train.tsv", "at least 2 classes", "only 'a'"),
    ("\u{FEFF}a\tx\n", "train.tsv:1", "UTF-8 without a byte order mark", "one at offset 0"),
    ("", "train.tsv", "a file that is not empty", "0 bytes"),
  ])
  func malformedTables(text: String, place: String, expected: String, got: String) throws {
    try withTemporaryFolder { folder throws in
      try write(text, to: "\(folder)/train.tsv")
      let path = "\(folder)/train.tsv"
      expectDataError(place, expected: expected, got: got, folder: folder) {
        _ = try TextClassificationDataset.load(
          .tables(train: path, test: path, hasHeader: false), options: Self.allInTrain)
      }
    }
  }

  @Test func classesOfTestMustBeKnown() throws {
    try withTemporaryFolder { folder throws in
      try write("a\tx\nb\ty\n", to: "\(folder)/train.tsv")
      try write("a\tx\nc\ty\n", to: "\(folder)/test.tsv")
      let expected = "a class of the training texts (a, b)"
      expectDataError("test.tsv:2:1", expected: expected, got: "'c'", folder: folder) {
        _ = try TextClassificationDataset.load(
          .tables(train: "\(folder)/train.tsv", test: "\(folder)/test.tsv", hasHeader: false),
          options: Self.allInTrain)
      }
      expectDataError("test.tsv", expected: "rows of label and text", got: "none", folder: folder) {
        try write("label\ttext\n", to: "\(folder)/test.tsv")
        _ = try TextClassificationDataset.loadTest(
          .tables(train: "", test: "\(folder)/test.tsv", hasHeader: true),
          vocabulary: Vocabulary(tokens: ["x"]), classNames: ["a", "b"])
      }
    }
  }

  @Test func malformedFolders() throws {
    try withTemporaryFolder { folder throws in
      func expectError(_ place: String, expected: String, got: String) {
        expectDataError(place, expected: expected, got: got, folder: folder) {
          _ = try TextClassificationDataset.load(.folder(folder), options: Self.allInTrain)
        }
      }
      expectError("train", expected: "a folder", got: "none of this name")
      try write("x", to: "\(folder)/train/neg/1.txt")
      expectError("train", expected: "at least 2 classes", got: "only 'neg'")
      try write("x", to: "\(folder)/train/pos/readme")
      expectError("train/pos", expected: "files *.txt", got: "none")
      try write([0x61, 0xFE], to: "\(folder)/train/pos/1.txt")
      expectError(
        "train/pos/1.txt:1", expected: "UTF-8 text", got: "byte 0xFE at offset 1")
      try write("y", to: "\(folder)/train/pos/1.txt")
      expectError("test", expected: "a folder", got: "none of this name")
      try write("x", to: "\(folder)/test/other/1.txt")
      expectError("test", expected: "a class of the training texts (neg, pos)", got: "'other'")
    }
  }

  @Test func heldOutTextsLeaveTheTrainingPart() throws {
    try withTemporaryFolder { folder throws in
      // Each text is its own length, so that lengths tell them apart.
      let rows = (1...40).map { "\($0 % 2)\t" + String(repeating: "a", count: $0) }
      try write(rows.joined(separator: "\n"), to: "\(folder)/train.tsv")
      let source = TextClassificationSource.tables(
        train: "\(folder)/train.tsv", test: "\(folder)/train.tsv", hasHeader: false)
      var options = TextClassificationOptions()
      func lengths(_ dataset: SequenceDataset) -> [Int] { dataset.examples.map(\.tokens.count) }
      let splits = try TextClassificationDataset.load(source, options: options)
      #expect(splits.validation.examples.count == 4 && splits.test.examples.count == 40)
      #expect((lengths(splits.train) + lengths(splits.validation)).sorted() == Array(2...41))
      #expect(lengths(splits.train) == lengths(splits.train).sorted(), "the order is kept")

      let again = try TextClassificationDataset.load(source, options: options)
      #expect(again.validation.examples == splits.validation.examples)
      options.seed = 1
      let other = try TextClassificationDataset.load(source, options: options)
      #expect(other.validation.examples != splits.validation.examples)

      for (fraction, expected, got) in [
        (0.0, "a number between 0 and 1", "0.0"), (1.5, "a number between 0 and 1", "1.5"),
        (0.001, "at least one text in both parts", "0 of 40 texts to hold out"),
      ] {
        options.validationSource = .heldOut(fraction: fraction)
        expectDataError("validation fraction", expected: expected, got: got) {
          _ = try TextClassificationDataset.load(source, options: options)
        }
      }
    }
  }

  @Test func vocabularyDoesNotKnowHeldOutTexts() throws {
    try withTemporaryFolder { folder throws in
      // One letter per text: the letters of held-out texts are unknown to the training part.
      let rows = "abcdefghij".enumerated().map { "\($0 % 2)\t\($1)" }
      try write(rows.joined(separator: "\n"), to: "\(folder)/train.tsv")
      let splits = try TextClassificationDataset.load(
        .tables(train: "\(folder)/train.tsv", test: "\(folder)/train.tsv", hasHeader: false))
      #expect(splits.train.vocabulary.tokens.count == 9)
      #expect(splits.validation.examples.map(\.tokens) == [[1, 2]])
    }
  }
}
