import Differentiation
import Foundation
import NeuralOperators
import SequenceTensor
import TensorIO
import Testing
import Training

/// Fields so small that a whole run takes a fraction of a second: the target is the input's sum
/// with its shift by one point, which Fourier layers can learn.
struct TinyFields {
  let folder: String

  /// Writes `train.h5` (12 of 8x8), `test8.h5` (4 of 8x8) and `test16.h5` (4 of 16x16).
  init(folder: String) throws {
    self.folder = folder
    try Self.fields(samples: 12, size: 8, seed: 1).write(to: "\(folder)/train.h5")
    try Self.fields(samples: 4, size: 8, seed: 2).write(to: "\(folder)/test8.h5")
    try Self.fields(samples: 4, size: 16, seed: 3).write(to: "\(folder)/test16.h5")
  }

  static func fields(samples: Int, size: Int, seed: UInt64) throws -> FieldDataset {
    var random = RandomSource(seed: seed)
    let inputs = Tensor(normal: [samples, size, size, 1], using: &random)
    var targets = inputs
    let (from, to) = (inputs.pointer, targets.mutablePointer())
    for row in 0..<samples * size {
      for column in 0..<size {
        to[row * size + column] += from[row * size + (column + 1) % size]
      }
    }
    return try FieldDataset(name: "tiny", inputs: inputs, targets: targets)
  }

  /// 9 steps in 3 epochs.
  func configuration(_ model: String = "fno") throws -> OperatorRunConfiguration {
    var configuration = try OperatorRunConfiguration(modelName: model)
    configuration.data.train = "\(folder)/train.h5"
    configuration.data.tests = ["\(folder)/test8.h5", "\(folder)/test16.h5"]
    configuration.training.epochs = 3
    configuration.training.batchSize = 4
    configuration.training.warmupSteps = 2
    configuration.training.logEverySteps = 2
    configuration.training.checkpointEverySteps = 2
    configuration.training.evaluateEveryEpochs = 2
    configuration.training.augmentation = .shifts
    configuration.training.inputNoise = 0.01
    for (key, value) in Self.sizes[model] ?? [] {
      configuration = try configuration.setting("model.\(key)=\(value)")
    }
    return configuration
  }

  /// Settings that make each model small.
  static let sizes: [String: [(String, String)]] = [
    "fno": [("modes", "4"), ("channels", "4"), ("layers", "2")],
    "fno-published": [
      ("frequencies", "2"), ("width", "4"), ("layers", "2"), ("projection", "8"),
      ("padding", "1"),
    ],
    "tfno": [
      ("modes", "4"), ("channels", "4"), ("layers", "2"), ("rank", "0.5"),
    ],
    "uno": [
      ("modes", "4"), ("channels", "4"), ("liftingChannels", "6"), ("projectionChannels", "6"),
    ],
    "ffno": [("modes", "3"), ("width", "4"), ("layers", "2")],
  ]

  func run(_ name: String) -> RunFolder { RunFolder("\(folder)/\(name)") }

  /// Trains a new run until the end, or until a step.
  @discardableResult
  func train(
    _ name: String, _ configuration: OperatorRunConfiguration, stopAfter step: Int? = nil
  ) throws -> OperatorTrainer {
    let work = try OperatorWorkload(configuration, configuration.data.load())
    let trainer = try OperatorTrainer(newRun: run(name), work)
    _ = try trainer.run(Watcher(stopAfter: step))
    return trainer
  }
}

/// Training neural operators: what is saved is what was trained, and every kind can be.
@Suite struct OperatorRunTests {
  @Test(arguments: OperatorRunConfiguration.modelNames)
  func aRunThatIsCutGoesOnBitForBit(model: String) throws {
    try withTemporaryFolder { folder in
      let tiny = try TinyFields(folder: folder)
      let configuration = try tiny.configuration(model)
      let whole = try tiny.train("whole", configuration)
      #expect(whole.state.isFinished && whole.state.step == 9)
      try tiny.train("cut", configuration, stopAfter: 5)
      let checkpoint = try tiny.run("cut").latestCheckpoint(of: OperatorRecipe.self).checkpoint
      #expect(checkpoint.state.step == 5)
      let work = OperatorWorkload(checkpoint.recipe, try checkpoint.configuration.data.load())
      let trainer = try OperatorTrainer(resuming: tiny.run("cut"), checkpoint, work)
      #expect(try trainer.run(Watcher()) == .completed)
      for (a, b) in zip(trainer.model.parameters, whole.model.parameters) {
        #expect(a.name == b.name && a.parameter.value == b.parameter.value, "\(a.name)")
      }
      let records = [whole, trainer].map { $0.folder.metrics }
      #expect(try bytes(of: records[0]) == bytes(of: records[1]))
      // The best model is the newest one, read back with its normalisers.
      let best = try tiny.run("cut").bestCheckpoint(of: OperatorRecipe.self)
      #expect(try work.test(best.model) == whole.work.test(whole.model))
    }
  }

  @Test func aLinearMapIsLearnedAtBothResolutions() throws {
    try withTemporaryFolder { folder in
      let tiny = try TinyFields(folder: folder)
      var configuration = try tiny.configuration()
      configuration.training.epochs = 40
      configuration.training.learningRate = 0.02
      configuration.training.inputNoise = 0
      configuration = try configuration.setting("model.modes=8")
      let trainer = try tiny.train("a", configuration)
      let errors = try trainer.work.test(trainer.model).entries
      #expect(errors.map(\.name) == ["8x8", "16x16"])
      #expect(errors[0].relativeL2 < 0.35, "\(errors)")
    }
  }

  @Test func validationDecidesWhatIsBest() throws {
    try withTemporaryFolder { folder in
      let tiny = try TinyFields(folder: folder)
      var configuration = try tiny.configuration()
      configuration.data.split.validationFraction = 0.34
      configuration.training.evaluateEveryEpochs = 1
      let trainer = try tiny.train("a", configuration)
      #expect(trainer.work.data.training.count == 8)
      let best = try #require(trainer.state.bestScore)
      let validated = try trainer.work.validate(
        tiny.run("a").bestCheckpoint(of: OperatorRecipe.self).model)
      #expect(validated.isDecisive && validated.score == best)
    }
  }

  @Test func whatDoesNotGoTogetherIsRefused() throws {
    try withTemporaryFolder { folder in
      let tiny = try TinyFields(folder: folder)
      let configuration = try tiny.configuration()
      try tiny.train("a", configuration, stopAfter: 2)
      let checkpoint = try tiny.run("a").latestCheckpoint(of: OperatorRecipe.self).checkpoint
      // Other data.
      try TinyFields.fields(samples: 12, size: 8, seed: 9).write(to: "\(folder)/train.h5")
      let other = OperatorWorkload(checkpoint.recipe, try checkpoint.configuration.data.load())
      #expect(throws: RunError.self) {
        try OperatorTrainer(resuming: tiny.run("a"), checkpoint, other)
      }
      // A classifier's command on an operator's run.
      #expect(throws: RunError.self) {
        try tiny.run("a").latestCheckpoint(of: ClassifierRecipe.self)
      }
      // Symmetries of a square for a grid that is none.
      var wrong = configuration
      wrong.training.augmentation = .square
      let inputs = Tensor(zeros: [2, 4, 6, 1])
      let fields = try FieldDataset(name: "flat", inputs: inputs, targets: inputs)
      try fields.write(to: "\(folder)/flat.h5")
      wrong.data.train = "\(folder)/flat.h5"
      wrong.data.tests = ["\(folder)/flat.h5"]
      let data = try wrong.data.load()
      #expect(throws: ConfigurationError.self) { try OperatorWorkload(wrong, data) }
      // Channels that the operator does not take.
      let two = Tensor(zeros: [1, 8, 8, 2])
      let pairs = try FieldDataset(name: "two", inputs: two, targets: two)
      #expect(throws: DataError.self) { try checkpoint.recipe.check(pairs) }
      for setting in [
        "training.epochs=0", "training.inputNoise=-1", "model.modes=0", "model.channels=0",
        "model.padding=-1", "model.coarsePoints=1", "model.activation=glu",
        "training.learningRate=0",
      ] {
        let changed = try configuration.setting(setting)
        #expect(throws: ConfigurationError.self, "\(setting)") { try changed.validate() }
      }
      #expect(throws: ConfigurationError.self) { try configuration.setting("model.mods=3") }
      #expect(throws: ConfigurationError.self) { try OperatorRunConfiguration(modelName: "mamba") }
    }
  }

  @Test func otherResolutionsAreTakenFromFinerOnes() throws {
    let fine = try TinyFields.fields(samples: 3, size: 16, seed: 4)
    let coarse = try FieldDataset.matching(resolution: 8, in: [fine])
    #expect(coarse.grid == [8, 8] && coarse.count == 3)
    for sample in 0..<3 {
      for x in 0..<8 {
        for y in 0..<8 {
          #expect(coarse.inputs[sample, x, y, 0] == fine.inputs[sample, 2 * x, 2 * y, 0])
          #expect(coarse.targets[sample, x, y, 0] == fine.targets[sample, 2 * x, 2 * y, 0])
        }
      }
    }
    #expect(try FieldDataset.matching(resolution: 16, in: [fine]).grid == [16, 16])
    #expect(throws: DataError.self) { try FieldDataset.matching(resolution: 7, in: [fine]) }
  }

  @Test func damagedCheckpointsAreNamed() throws {
    try withTemporaryFolder { folder in
      let tiny = try TinyFields(folder: folder)
      try tiny.train("a", tiny.configuration(), stopAfter: 2)
      let path = try #require(tiny.run("a").stepCheckpoints().last)
      func change(_ body: (inout SafetensorsFile) -> Void) throws {
        var file = try SafetensorsFile(readingFrom: path)
        body(&file)
        try file.write(to: "\(folder)/changed.safetensors")
      }
      func expectRefused(_ comment: Comment) {
        #expect(throws: (any Error).self, comment) {
          try OperatorCheckpoint(readingFrom: "\(folder)/changed.safetensors")
        }
      }
      try change { $0.metadata["fields"] = "{\"inputs\":1,\"outputs\":1,\"grid\":[]}" }
      expectRefused("no grid")
      try change {
        $0.metadata["fields"] = "{\"inputs\":9000000,\"outputs\":1,\"grid\":[8,8]}"
      }
      expectRefused("other channels")
      try change { file in
        file.metadata["configuration"] = file.metadata["configuration"]?
          .replacingOccurrences(of: "\"channels\":4", with: "\"channels\":60000")
      }
      expectRefused("a model that would not fit into memory")
      try change { $0.metadata["format"] = "longwave checkpoint 1" }
      expectRefused("a classifier")
    }
  }
}

/// Symmetries by which samples are turned.
@Suite struct FieldAugmentationTests {
  @Test(arguments: FieldAugmentation.allCases)
  func everyPointIsTakenOnce(augmentation: FieldAugmentation) {
    var random = RandomSource(seed: 1)
    var seen: Set<[Int]> = []
    for _ in 0..<200 {
      guard let sources = augmentation.sources(grid: [5, 5], using: &random) else {
        #expect(augmentation == .none)
        continue
      }
      #expect(sources.sorted() == Array(0..<25))
      seen.insert(sources)
    }
    let orders: [FieldAugmentation: Int] = [
      .none: 0, .shifts: 25, .transpose: 2, .square: 8, .closedSquare: 8,
    ]
    #expect(seen.count == orders[augmentation])
  }

  @Test func timeIsNotShifted() {
    var random = RandomSource(seed: 3)
    for _ in 0..<20 {
      let sources = FieldAugmentation.shifts.sources(
        grid: [3, 5], timeAxis: 0, using: &random)
      #expect(sources?.enumerated().allSatisfy { $0.offset / 5 == $0.element / 5 } == true)
    }
  }

  @Test func theSquareKeepsItsCorner() {
    var random = RandomSource(seed: 2)
    for _ in 0..<20 {
      #expect(FieldAugmentation.square.sources(grid: [4, 4], using: &random)?[0] == 0)
      let corner = FieldAugmentation.closedSquare.sources(grid: [4, 4], using: &random)?[0]
      #expect([0, 3, 12, 15].contains(corner))
    }
  }

  @Test func whichGridsFit() {
    #expect(FieldAugmentation.square.fits([4, 4]) && !FieldAugmentation.square.fits([4, 5]))
    #expect(!FieldAugmentation.transpose.fits([4]) && FieldAugmentation.shifts.fits([4, 5, 6]))
  }
}
