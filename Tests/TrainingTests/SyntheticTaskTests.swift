import SequenceTensor
import Testing
import Training

/// What the sequences of synthetic tasks have to be, whatever was drawn.
@Suite struct SyntheticTaskTests {
  static func draw(
    _ task: some SyntheticTask, _ count: Int = 200, isTraining: Bool = false
  ) -> [TokenSequences.Example] {
    var random = RandomSource(seed: 7)
    return (0..<count).map { _ in task.example(isTraining: isTraining, using: &random) }
  }

  @Test(arguments: [1, 2, 3], [false, true])
  func associativeRecall(keys: Int, allowsAbsentKeys: Bool) {
    var task = AssociativeRecall(forTraining: ())
    (task.vocabularySize, task.sequenceLength) = (8, 24)
    (task.keys, task.allowsAbsentKeys) = (keys, allowsAbsentKeys)
    var absent = 0
    for example in Self.draw(task) {
      let width = keys + 1
      #expect(example.inputs.count == 24 / width * width + 1 + keys)
      #expect(example.inputs[24 / width * width] == 7)
      #expect(example.targets.dropLast().allSatisfy { $0 == -1 })
      var values: [[Int32]: Int32] = [:]
      for start in stride(from: 0, to: 24 / width * width, by: width) {
        let key = Array(example.inputs[start..<start + keys])
        let value = example.inputs[start + keys]
        #expect(key.allSatisfy { (0..<3).contains($0) } && (3..<6).contains(value))
        #expect(values[key] ?? value == value, "a key has one value")
        values[key] = value
      }
      let answer = values[Array(example.inputs.suffix(keys))]
      if answer == nil { absent += 1 }
      #expect(example.targets.last == answer ?? 6)
    }
    #expect(allowsAbsentKeys && keys > 1 ? absent > 0 : allowsAbsentKeys || absent == 0)
    // In training every token is asked for but the first.
    for example in Self.draw(task, 5, isTraining: true) {
      #expect(Array(example.inputs.dropFirst()) == Array(example.targets.dropLast()))
    }
  }

  @Test(arguments: [1, 3], [1, 4]) func induction(length: Int, triggers: Int) {
    var task = InductionHeads(forTraining: ())
    (task.inductionLength, task.triggers, task.sequenceLength) = (length, triggers, 24)
    let prefix = Int32(task.vocabularySize - 1)
    var (most, places) = (0, Set<Int>())
    for example in Self.draw(task, 400) {
      let tokens = example.inputs + [example.targets.last ?? -1]
      #expect(tokens.count == 24 + 1 + length)
      let marks = tokens.indices.filter { tokens[$0] == prefix }
      #expect(marks.count >= 2 && marks.last == 24)
      most = max(most, marks.count - 1)
      places.formUnion(marks.dropLast())
      for mark in marks { #expect(tokens[(mark + 1)...].prefix(length) == tokens.suffix(length)) }
      #expect(example.targets.prefix(24).allSatisfy { $0 == -1 })
      #expect(Array(example.targets.suffix(length)) == Array(tokens.suffix(length)))
    }
    #expect(triggers == 1 ? most == 1 : most > 1 && most <= triggers)
    #expect(places == Set(0..<24 - length), "a mark can stand wherever there is room")
  }

  @Test(arguments: [false, true], [0, 0.5]) func recall(isMultiQuery: Bool, noise: Double) {
    var task = NoisyRecall(forTraining: ())
    (task.vocabularySize, task.sequenceLength, task.noiseVocabularySize) = (13, 24, 4)
    (task.noiseFraction, task.isMultiQuery) = (noise, isMultiQuery)
    let plain = isMultiQuery ? 9 : 8
    var (noisy, pairs) = (0, 0)
    for example in Self.draw(task) {
      var values: [Int32: Int32] = [:]
      #expect(example.inputs.count == (isMultiQuery ? 23 : 24))
      for start in stride(from: 0, to: 22, by: 2) {
        let (key, value) = (example.inputs[start], example.inputs[start + 1])
        pairs += 1
        #expect(start == 0 || example.targets[start - 1] == -1)
        if key >= plain {
          noisy += 1
          #expect((plain..<plain + 4).contains(Int(key)))
          #expect((plain..<plain + 4).contains(Int(value)) && example.targets[start] == -1)
          continue
        }
        #expect(key < plain / 2 && (plain / 2..<plain).contains(Int(value)))
        #expect(example.targets[start] == (isMultiQuery ? values[key] ?? -1 : -1))
        #expect(values[key] ?? value == value)
        values[key] = value
      }
      if !isMultiQuery { #expect(example.inputs[22] == 12 && example.targets[22] == -1) }
      let asked = example.inputs.last ?? -1
      #expect(values[asked] != nil && example.targets.last == values[asked])
    }
    let fraction = Double(noisy) / Double(pairs)
    #expect(abs(fraction - noise * 10 / 11) < 0.04)
  }

  @Test(arguments: [false, true], [12, 18, 40]) func fuzzyRecall(isMultiQuery: Bool, length: Int) {
    var task = FuzzyRecall(forTraining: ())
    (task.sequenceLength, task.isMultiQuery) = (length, isMultiQuery)
    if length < 18 { (task.keyMotifSize, task.valueMotifSize) = (2, 2) }
    let plain = isMultiQuery ? 15 : 14
    for isTraining in [false, true] {
      for example in Self.draw(task, isTraining: isTraining) {
        #expect(example.inputs.count == length && example.targets.count == length)
        let tokens = example.inputs + [example.targets.last ?? -1]
        // What is asked for at the end: the last run of values, and the run of keys before it.
        let value = Array(tokens.reversed().prefix { $0 >= plain / 2 && $0 < plain }.reversed())
        let rest = tokens.dropLast(value.count)
        let key = Array(rest.reversed().prefix { $0 < plain / 2 }.reversed())
        #expect((1...task.valueMotifSize).contains(value.count))
        #expect(isTraining || key.count == task.keyMotifSize)
        #expect(Set(key).count == key.count && Set(value).count == value.count)
        let pair = key + value
        let shown = rest.dropLast(key.count)
        let isShown = (0...max(0, shown.count - pair.count)).contains { start in
          Array(shown.dropFirst(start).prefix(pair.count)) == pair
        }
        #expect(isShown, "\(tokens)")
        #expect(Array(example.targets.suffix(value.count)) == value)
      }
    }
  }

  @Test(arguments: [false, true]) func selectiveCopy(isSelective: Bool) {
    var task = SelectiveCopy(forTraining: ())
    (task.sequenceLength, task.tokensToCopy, task.isSelective) = (24, 5, isSelective)
    var lastPlaces: Set<Int> = []
    for example in Self.draw(task, 400) {
      let tokens = example.inputs.enumerated().filter { $0.element < 14 }
      #expect(tokens.map(\.element) == example.targets.suffix(5))
      #expect(example.targets.prefix(19).allSatisfy { $0 == -1 } && example.targets.count == 24)
      #expect(example.inputs[18] == 15 && example.inputs.suffix(5).allSatisfy { $0 == 14 })
      lastPlaces.insert(tokens.last?.offset ?? -1)
    }
    // The last token can stand anywhere, not only before the mark as in the original.
    #expect(lastPlaces == (isSelective ? lastPlaces.union([10, 14, 17]) : [4]))
  }

  @Test func memorization() {
    var task = Memorization(forTraining: ())
    (task.vocabularySize, task.sequenceLength) = (21, 10)
    let values = task.values
    #expect(values.sorted() == (10..<20).map { Int32($0) })
    for isTraining in [false, true] {
      for example in Self.draw(task, isTraining: isTraining) {
        for start in stride(from: 0, to: 10, by: 2) {
          #expect(example.inputs[start + 1] == 20 && example.targets[start] == -1)
          #expect(example.targets[start + 1] == values[Int(example.inputs[start])])
        }
      }
    }
    task.pairSeed = 1
    #expect(task.values != values)
  }

  @Test func compression() {
    var task = Compression(forTraining: ())
    (task.noiseVocabularySize, task.noiseFraction) = (4, 0.25)
    for example in Self.draw(task) {
      #expect(example.inputs.count == 32 && example.inputs.last == 15)
      for (input, target) in zip(example.inputs, example.targets) {
        #expect((11..<15).contains(input) ? target == -1 : target == input)
      }
    }
    guard case .compressedTokens(16) = task.problem else {
      Issue.record("another problem")
      return
    }
  }

  /// The same settings, the same sequences; another seed, others; no sequence twice.
  @Test func partsAreReproducibleAndApart() throws {
    func load(_ settings: [String]) throws -> SequenceParts {
      let run = try
        (["source.trainingExamples=40", "source.validationExamples=10"]
        + ["source.testExamples=10", "source.sequenceLength=6"] + settings)
        .reduce(RunConfiguration(task: .recall)) { try $0.setting($1) }
      try run.validate()
      return try run.loadParts()
    }
    let (a, b) = (try load([]), try load(["training.seed=9"]))
    #expect(a.train.fingerprint == b.train.fingerprint)
    #expect(a.test.fingerprint == b.test.fingerprint)
    let other = try load(["source.seed=1"])
    #expect(a.train.fingerprint != other.train.fingerprint)
    // More training sequences leave the test as it is.
    #expect(try load(["source.trainingExamples=50"]).test.fingerprint == a.test.fingerprint)
    let all = try [a.train, a.validation, a.test].map { try #require($0 as? TokenSequences) }
    let inputs = all.flatMap { $0.examples.map(\.inputs) }
    #expect(Set(inputs).count == 60)
    let error = #expect(throws: DataError.self) {
      try load(["source.vocabularySize=2"])
    }
    #expect(error?.place == "source.trainingExamples")
  }
}
