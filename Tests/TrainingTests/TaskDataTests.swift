import SequenceTensor
import Testing
import Training

/// What becomes of files: batches, splits, scales, windows.
@Suite struct TaskDataTests {
  private func values(_ batch: SequenceBatch) throws -> Tensor {
    guard case .values(let values) = batch.input else {
      throw DataError(at: "batch", expected: "values", got: "tokens")
    }
    return values
  }

  private func targets(_ batch: SequenceBatch) throws -> Tensor {
    guard case .values(let values) = batch.target else {
      throw DataError(at: "batch", expected: "values", got: "others")
    }
    return values
  }

  private func classes(_ examples: any SequenceExamples) throws -> [Int32] {
    guard case .classes(let classes) = examples.batch(Array(0..<examples.count), padTo: nil).target
    else { throw DataError(at: "batch", expected: "classes", got: "others") }
    return classes
  }

  @Test func digitsInRowsPermutedAndByAFile() throws {
    try withTemporaryFolder { folder in
      let tiny = try TinyTask(.mnist, folder: folder)
      func first(_ settings: [String]) throws -> [Float] {
        let configuration = try (["source.order=rows"] + settings).reduce(tiny.configuration) {
          try $0.setting($1)
        }
        let test = try configuration.loadParts().test
        #expect(try classes(test) == [0, 1, 2, 3])
        let batch = test.batch([1], padTo: nil)
        #expect(batch.lengths == [20] && batch.length == 20)
        return try values(batch).elements.map { ($0 * 255).rounded() }
      }
      let rows = try first([])
      #expect(rows == (20..<40).map { Float($0) })
      let permuted = try first(["source.order=permuted"])
      #expect(permuted != rows && permuted.sorted() == rows)
      #expect(try first(["source.order=permuted"]) == permuted)
      #expect(try first(["source.order=permuted", "source.orderSeed=1"]) != permuted)
      // Of 32 numbers of 5 bits those below 20: 0, 16, 8, 4, 12, 2, 18, …
      #expect(
        try first(["source.order=bitReversed"]).prefix(7) == [20, 36, 28, 24, 32, 22, 38])
      let order = (0..<20).reversed()
      try write(order.map { "\($0)" }.joined(separator: "\n"), to: "\(folder)/order")
      #expect(try first(["source.orderFile=\(folder)/order"]) == rows.reversed())
      try write("0\n0\n", to: "\(folder)/order")
      expectDataError(
        "order:2", expected: "a number that appears once", got: "0 again", folder: folder
      ) { _ = try first(["source.orderFile=\(folder)/order"]) }
      try write("0\n1\n", to: "\(folder)/order")
      expectDataError("order", expected: "20 positions", got: "2", folder: folder) {
        _ = try first(["source.orderFile=\(folder)/order"])
      }
    }
  }

  @Test func digitsWhoseFilesDisagree() throws {
    try withTemporaryFolder { folder in
      let tiny = try TinyTask(.mnist, folder: folder)
      let path = "\(folder)/data/train-labels-idx1-ubyte"
      try write([0, 0, 8, 1, 0, 0, 0, 2, 1, 2], to: path)
      expectDataError(path, expected: "one label for each of the 10 images", got: "2") {
        _ = try tiny.parts
      }
      try write([0, 0, 8, 1, 0, 0, 0, 10] + [UInt8](repeating: 10, count: 10), to: path)
      expectDataError("\(path): label 0", expected: "a digit from 0 to 9", got: "10") {
        _ = try tiny.parts
      }
    }
  }

  @Test func imagesInGreyAndColour() throws {
    try withTemporaryFolder { folder in
      var tiny = try TinyTask(.image, folder: folder)
      let grey = try tiny.parts
      #expect(grey.problem == .classifiedValues(channels: 1, classes: 10))
      #expect(grey.train.count == 9 && grey.validation.count == 1 && grey.test.count == 4)
      // An image of zeros: (0 - 122.6/255) / (61/255).
      let black = try values(grey.test.batch([0], padTo: nil))
      #expect(black.shape == [1, 1024, 1] && abs(black[0, 5, 0] + 122.6 / 61) < 1e-5)
      tiny.configuration = try tiny.configuration.setting("source.isColour=true")
      let colour = try values(tiny.parts.test.batch([1, 0], padTo: nil))
      #expect(colour.shape == [2, 1024, 3])
      // Red of pixel 3 of image 1 is 3, green 3 + 1024 ≡ 3, blue 3 + 2048 ≡ 3 (mod 256).
      for (channel, (mean, deviation)) in [(0.4914, 0.247), (0.4822, 0.243), (0.4465, 0.261)]
        .enumerated()
      {
        let expected = Float((3.0 / 255 - mean) / deviation)
        #expect(abs(colour[0, 3, channel] - expected) < 1e-5)
      }
    }
  }

  @Test func splitsByFractionsAndFiles() throws {
    try withTemporaryFolder { folder in
      let tiny = try TinyTask(.pathfinder, folder: folder)
      func parts(_ settings: [String]) throws -> SequenceParts {
        try settings.reduce(tiny.configuration) { try $0.setting($1) }.loadParts()
      }
      let half = try parts(["source.splits.testFraction=0.25", "data.validationFraction=0.5"])
      #expect([half.train, half.validation, half.test].map(\.count) == [3, 6, 3])
      // The test does not change with the validation fraction; all images are somewhere.
      let other = try parts(["source.splits.testFraction=0.25", "data.validationFraction=0.25"])
      #expect(other.test.fingerprint == half.test.fingerprint)
      let labels = try [half.train, half.validation, half.test].flatMap(classes)
      #expect(labels.sorted() == [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1])
      // 0 validates on the test part.
      let none = try parts(["data.validationFraction=0"])
      #expect(none.validation.fingerprint == none.test.fingerprint && none.train.count == 11)
      #expect(try parts(["source.splits.trainingExamples=2"]).train.count == 2)

      for (name, indices) in [("train", [1, 3, 5, 7]), ("validation", [9]), ("test", [11, 0])] {
        try write(indices.map { "\($0)\n" }.joined(), to: "\(folder)/\(name)")
      }
      let files = ["train", "validation", "test"].map {
        "source.splits.\($0)Indices=\(folder)/\($0)"
      }
      let named = try parts(files)
      #expect(try classes(named.train) == [1, 1, 1, 1])
      #expect(try classes(named.validation) == [1])
      #expect(try classes(named.test) == [1, 0])
      try write("12\n", to: "\(folder)/test")
      expectDataError(
        "test:1", expected: "a whole number from 0 to 11", got: "'12'", folder: folder
      ) { _ = try parts(files) }
      try write("5\n", to: "\(folder)/test")
      expectDataError(
        "train:3", expected: "an example that is not for validation or testing", got: "5",
        folder: folder
      ) { _ = try parts(files) }
    }
  }

  @Test func seriesAreFilledInAndScaled() throws {
    try withTemporaryFolder { folder in
      let header = "@classLabel true a b\n@data\n"
      try write(header + "1,?,3,?:0,0,0,0:a\n?,5:0,0:b\n", to: "\(folder)/X_TRAIN.ts")
      try write(header + "?,?:2,2:b\n", to: "\(folder)/X_TEST.ts")
      var run = try RunConfiguration(task: .timeSeries)
      run.data.folder = folder
      run.data.validationFraction = 0
      let raw = try run.setting("source.standardizes=false").loadParts()
      #expect(raw.problem == .classifiedValues(channels: 2, classes: 2))
      let batch = raw.train.batch([0, 1], padTo: nil)
      #expect(batch.lengths == [4, 2] && batch.length == 4)
      // 2 between 1 and 3, 3 repeated at the end, 5 at the beginning; padding is 0.
      #expect(
        try values(batch).elements == [1, 0, 2, 0, 3, 0, 3, 0, 5, 0, 5, 0, 0, 0, 0, 0])
      #expect(try values(raw.test.batch([0], padTo: nil)).elements == [0, 2, 0, 2])
      // The mean of 1, 2, 3, 3, 5, 5 is 19/6, and so on; the second channel is constant.
      let scaled = try values(run.loadParts().train.batch([0], padTo: nil))
      let deviation = ((73.0 - 361.0 / 6) / 6).squareRoot()
      #expect(abs(Double(scaled[0, 0, 0]) - (1 - 19.0 / 6) / deviation) < 1e-5)
      #expect(scaled[0, 0, 1] == 0)
      let test = try values(run.loadParts().test.batch([0], padTo: nil))
      #expect(abs(test[0, 0, 1] - 2) < 1e-6)
      let error = #expect(throws: DataError.self) {
        try run.setting("source.fillsMissingValues=false").loadParts()
      }
      #expect(error?.place == "\(folder)/X_TRAIN.ts:3")
      try write(header + "1:a\n", to: "\(folder)/Y_TRAIN.ts")
      let two = #expect(throws: DataError.self) { try run.loadParts() }
      #expect(two?.got == "X_TRAIN.ts, Y_TRAIN.ts")
      #expect(try run.setting("source.name=X").loadParts().train.count == 2)
    }
  }

  /// The borders of the ETT data sets, by a table whose values are the numbers of its rows.
  @Test func forecastsByRowsOfTheirParts() throws {
    try withTemporaryFolder { folder in
      let rows = 17_420
      try write(
        "date,row,other\n" + (0..<rows).map { "d,\($0),1\n" }.joined(), to: "\(folder)/t.csv")
      var run = try RunConfiguration(task: .forecasting)
      run.data.folder = "\(folder)/t.csv"
      run = try run.setting("source.borders=ettHours").setting("source.column=row")
      let parts = try run.loadParts()
      #expect(parts.problem == .forecast(channels: 1, horizon: 24))
      // rows - input - horizon + 1 windows; later parts begin an input earlier.
      #expect(parts.train.count == 8640 - 96 - 24 + 1)
      #expect([parts.validation, parts.test].map(\.count) == [2880 - 24 + 1, 2880 - 24 + 1])
      // Standardised by the 8640 training rows.
      let (mean, deviation) = (8639.0 / 2, ((8640.0 * 8640 - 1) / 12).squareRoot())
      func row(_ value: Float) -> Int { Int((Double(value) * deviation + mean).rounded()) }
      for (part, start) in [(parts.train, 96), (parts.validation, 8640), (parts.test, 11_520)] {
        let batch = part.batch([0, part.count - 1], padTo: nil)
        let (input, target) = try (values(batch), targets(batch))
        #expect(input.shape == [2, 96, 1] && target.shape == [2, 24, 1])
        #expect(row(input[0, 0, 0]) == start - 96 && row(input[0, 95, 0]) == start - 1)
        #expect(row(target[0, 0, 0]) == start && row(target[0, 23, 0]) == start + 23)
        #expect(row(input[1, 95, 0]) + 1 == row(target[1, 0, 0]))
      }
      let last = parts.test.batch([parts.test.count - 1], padTo: nil)
      let end = try targets(last)
      #expect(row(end[0, 23, 0]) == 14_399)
      let missing = #expect(throws: DataError.self) {
        try run.setting("source.column=none").loadParts()
      }
      #expect(missing?.expected == "a column none of row, other")
      #expect(throws: DataError.self) { try run.setting("source.horizon=3000").loadParts() }
      let fractions = try run.setting("source.borders=fractions").loadParts()
      #expect(fractions.train.count == 12_194 - 96 - 24 + 1)
    }
  }

  @Test func textIsAskedForOnceAndNotAcrossParts() throws {
    try withTemporaryFolder { folder in
      let text = String(repeating: "aé", count: 100)
      try write(text, to: "\(folder)/t.txt")
      var run = try RunConfiguration(task: .textFile)
      run.data.folder = "\(folder)/t.txt"
      run.data.maximumLength = 7
      for level in [TextLevel.byte, .character] {
        run.data.level = level
        let parts = try run.loadParts()
        var bytes = 0
        for part in [parts.train, parts.validation, parts.test] {
          let batch = part.batch(Array(0..<part.count), padTo: nil)
          guard case .tokens(let inputs) = batch.input, case .tokens(let targets) = batch.target
          else { return }
          // Each position is asked for the next input; windows share their ends.
          for (row, length) in batch.lengths.enumerated() {
            for position in 0..<batch.length {
              let at = row * batch.length + position
              if position >= length {
                #expect(targets[at] == -1 && inputs[at] == 0)
              } else if position + 1 < length {
                #expect(targets[at] == inputs[at + 1])
              } else if row + 1 < batch.lengths.count {
                #expect(targets[at] == inputs[(row + 1) * batch.length])
              }
            }
          }
          let perAnswer = try #require(part.unit?.perAnswer)
          #expect(part.unit?.name == "byte")
          #expect(level == .byte ? perAnswer == 1 : abs(perAnswer - 1.5) < 0.2)
          bytes += Int((Double(batch.answers + 1) * perAnswer).rounded())
        }
        #expect(bytes == 300, "every byte is in one part")
      }
      let vocabulary = try #require(try run.loadParts().vocabulary)
      #expect(vocabulary.tokens == ["a", "é"] || vocabulary.tokens == ["é", "a"])
      try write("ab", to: "\(folder)/t.txt")
      #expect(throws: DataError.self) { try run.loadParts() }
    }
  }

  @Test func genomesInWindows() throws {
    try withTemporaryFolder { folder in
      try write(
        ">1\n" + String(repeating: "ACGTN", count: 40) + "\n", to: "\(folder)/data/b.fa")
      try write(">1\n" + String(repeating: "T", count: 100) + "\n", to: "\(folder)/data/a.fna")
      var run = try RunConfiguration(task: .dna)
      run.data.folder = "\(folder)/data"
      run.data.maximumLength = 10
      let parts = try run.loadParts()
      let vocabulary = try #require(parts.vocabulary)
      #expect(vocabulary.tokens == ["A", "C", "G", "T", "N"])
      let batch = parts.test.batch(Array(0..<parts.test.count), padTo: nil)
      guard case .tokens(let inputs) = batch.input, case .tokens(let targets) = batch.target
      else { return }
      // N is read, not asked for.
      #expect(inputs.contains(6) && !targets.contains(6) && targets.contains(5))
      #expect(parts.test.unit == AnswerUnit(name: "base", perAnswer: 1))

      var species = try RunConfiguration(task: .dnaSpecies)
      species.data.folder = run.data.folder
      species.data.maximumLength = 10
      let windows = try species.loadParts()
      #expect(windows.classNames == ["a", "b"])
      #expect(windows.problem == .classifiedTokens(vocabulary: 7, classes: 2))
      // 100 and 200 bases: 10 % each for testing and validation.
      #expect(try classes(windows.test) == [0, 1, 1])
      #expect(try classes(windows.validation) == [0, 1, 1])
      #expect(windows.train.count == 8 + 16)
      species.source?[SpeciesSettings.self].spacing = 5
      let closer = try species.loadParts()
      #expect(closer.train.count == 15 + 31 && closer.train.length(of: 1) == 10)
      species.source?[SpeciesSettings.self].genome = "b"
      let told = try species.loadParts()
      #expect(told.classNames == ["b", "others"])
      #expect(told.problem == .classifiedTokens(vocabulary: 7, classes: 2))
      let labels = try classes(told.train)
      #expect(labels == (0..<46).map { $0 < 15 ? 1 : 0 })
      species.source?[SpeciesSettings.self].genome = "c"
      let unknown = #expect(throws: DataError.self) { try species.loadParts() }
      #expect(unknown?.expected == "source.genome, c" && unknown?.got == "a, b")
      species.source?[SpeciesSettings.self].genome = nil
      species.data.maximumLength = 15
      let error = #expect(throws: DataError.self) { try species.loadParts() }
      #expect(error?.expected.contains("bases of a for test") == true)
      species.data.folder = "\(folder)/data/b.fa"
      #expect(throws: DataError.self) { try species.loadParts() }
    }
  }

  @Test func pairsShareAVocabulary() throws {
    try withTemporaryFolder { folder in
      var tiny = try TinyTask(.retrieval, folder: folder)
      tiny.configuration.data.level = .character
      let parts = try tiny.parts
      let vocabulary = try #require(parts.vocabulary)
      #expect(parts.problem == .classifiedPairs(vocabulary: vocabulary.count, classes: 2))
      let batch = parts.test.batch([0, 3], padTo: nil)
      guard case .tokens(let tokens) = batch.input else { return }
      // Both first texts, then both second ones, each cut and ended by <eos>.
      #expect(batch.lengths == [8, 8, 10, 10] && batch.length == 10)
      func text(_ row: Int) -> String {
        vocabulary.decode(tokens[(row * 10)..<(row * 10 + batch.lengths[row])]).joined()
      }
      #expect(text(0) == "paper 0<eos>" && text(2) == "about \"0\"<eos>")
      #expect(text(3) == "about \"1\"<eos>")
      #expect(try classes(parts.test) == [0, 1, 0, 1, 0, 1])
      // The vocabulary of an earlier run stays.
      let small = try Vocabulary(tokens: ["p", "a"])
      #expect(try tiny.configuration.loadParts(vocabulary: small).vocabulary == small)
    }
  }

  /// What a data set's number depends on.
  @Test func fingerprints() {
    func fingerprint(_ inputs: [Int32], _ targets: [Int32]) -> UInt64 {
      TokenSequences([TokenSequences.Example(inputs: inputs, targets: targets)], name: "x")
        .fingerprint
    }
    let all = [
      fingerprint([1, 2], [2, 1]), fingerprint([1, 2], [2, -1]), fingerprint([2, 2], [2, 1]),
      fingerprint([1, 2, 0], [2, 1, -1]),
    ]
    #expect(Set(all).count == 4 && fingerprint([1, 2], [2, 1]) == all[0])
  }
}
