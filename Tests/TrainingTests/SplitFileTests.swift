import Testing
import Training

/// Parts that files of indices name: each mistake has its place.
struct SplitFileTests {
  /// Ten texts of each class for training and three for testing, which say their positions.
  static func texts(_ folder: String) throws -> RunConfiguration {
    for (part, count) in [("train", 5), ("test", 3)] {
      for label in ["a", "b"] {
        for index in 0..<count {
          try write("\(label)\(index)", to: "\(folder)/texts/\(part)/\(label)/\(index).txt")
        }
      }
    }
    var run = try RunConfiguration(task: .text)
    run.data.folder = "\(folder)/texts"
    run.data.appendEndOfSequence = false
    return run
  }

  /// The texts of a part: bytes come behind the special tokens.
  static func words(_ part: SequenceDataset) -> [String] {
    let first = Int32(part.vocabulary.specials.count)
    return part.examples.map { example in
      String(decoding: example.tokens.map { UInt8($0 - first) }, as: UTF8.self)
    }
  }

  @Test func textsByIndices() throws {
    try withTemporaryFolder { folder in
      var run = try Self.texts(folder)
      try write("9\n0\n", to: "\(folder)/validation")
      try write("3\r\n2\r\n\r\n7\r\n", to: "\(folder)/train")
      try write("5", to: "\(folder)/test")
      run = try run.setting("data.validationIndices=\(folder)/validation")
      #expect(
        try Self.words(run.loadData().train) == ["a1", "a2", "a3", "a4", "b0", "b1", "b2", "b3"])
      run = try run.setting("data.trainIndices=\(folder)/train")
      run = try run.setting("data.testIndices=\(folder)/test")
      try run.validate()
      let data = try run.loadData()
      #expect(Self.words(data.train) == ["a3", "a2", "b2"])
      #expect(Self.words(data.validation) == ["b4", "a0"] && Self.words(data.test) == ["b2"])
      let test = try run.loadTest(
        vocabulary: data.train.vocabulary, classNames: data.train.classNames)
      #expect(Self.words(test) == ["b2"])

      func error(_ text: String, in file: String) throws -> DataError? {
        try write(text, to: "\(folder)/\(file)")
        return #expect(throws: DataError.self) { try run.loadData() }
      }
      #expect(
        try error("1\n10\n", in: "train")
          == DataError(
            at: "\(folder)/train:2", expected: "a whole number from 0 to 9", got: "'10'"))
      #expect(
        try error("1\n\n1\n", in: "train")
          == DataError(
            at: "\(folder)/train:3", expected: "a number that appears once", got: "1 again"))
      #expect(
        try error("1\n9\n", in: "train")
          == DataError(
            at: "\(folder)/train:2", expected: "an example that is not for validation", got: "9"))
      #expect(try error("one\n", in: "train")?.got == "'one'")
      #expect(try error("1\n6\n", in: "test")?.expected == "a whole number from 0 to 5")
    }
  }

  @Test func poolsByIndices() throws {
    try withTemporaryFolder { folder in
      var tiny = try TinyTask(.pathfinder, folder: folder)
      for (file, text) in [("train", "4\n5\n"), ("validation", "2\n3\n"), ("test", "0\n1\n")] {
        try write(text, to: "\(folder)/\(file)")
        tiny.configuration = try tiny.configuration.setting(
          "source.splits.\(file)Indices=\(folder)/\(file)")
      }
      let parts = try tiny.parts
      #expect([parts.train.count, parts.validation.count, parts.test.count] == [2, 2, 2])
      func error(_ text: String, in file: String) throws -> DataError? {
        try write(text, to: "\(folder)/\(file)")
        return #expect(throws: DataError.self) { try tiny.parts }
      }
      #expect(
        try error("2\n1\n", in: "validation")
          == DataError(
            at: "\(folder)/validation:2", expected: "an example that is not for testing", got: "1"))
      try write("2\n3\n", to: "\(folder)/validation")
      #expect(
        try error("4\n3\n", in: "train")
          == DataError(
            at: "\(folder)/train:2", expected: "an example that is not for validation or testing",
            got: "3"))
      #expect(try error("-1\n", in: "train")?.expected == "a whole number from 0 to 11")
      #expect(try error("\n", in: "train")?.got == "none")
    }
  }

  @Test func onlyWhereTheyMeanSomething() throws {
    var run = try RunConfiguration(task: .listops).setting("data.validationIndices=a")
    var error = #expect(throws: ConfigurationError.self) { try run.validate() }
    #expect(error?.place == "configuration: data.validationIndices")
    run = try RunConfiguration(task: .text).setting("data.trainIndices=a")
    error = #expect(throws: ConfigurationError.self) { try run.validate() }
    #expect(error?.expected == "a file of indices where data.trainIndices is one")
  }
}
