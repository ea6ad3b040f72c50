import Differentiation
import Foundation
import HDF5
import NeuralOperators
import PartialDifferentialEquations
import SequenceTensor
import TensorIO
import Testing
import Training

/// Samples of equations as files, and solvers as references for operators.
@Suite struct EquationDataTests {
  static func origin(
    _ equation: String, grid: Int, refinement: Int = 1, samples: Int = 3, first: Int = 0,
    times: [Double]? = nil, seed: UInt64 = 5
  ) throws -> FieldOrigin {
    let description = try EquationCatalogue.equation(named: equation)
    let axes = description.presets[0].grid.rank
    var problem = try description.problem(
      counts: Array(repeating: grid, count: axes), times: times)
    problem.refinement = refinement
    return FieldOrigin(
      problem, preset: description.presets[0].name, seed: seed, firstSample: first,
      samples: samples)
  }

  static func write(_ origin: FieldOrigin, to path: String) throws {
    #expect(try SampleGenerator(origin).write(to: path))
  }

  /// A pair of input and solution: what the file holds is what the catalogue draws and solves.
  @Test func pairs() throws {
    try withTemporaryFolder { folder in
      let origin = try Self.origin("burgers", grid: 16, refinement: 4)
      try Self.write(origin, to: "\(folder)/a.h5")
      let data = try FieldFile("\(folder)/a.h5").load()
      #expect(data.origin == origin && data.frameTimes == nil && data.count == 3)
      #expect(data.axes[0].coordinates?[1] == 1.0 / 16 && data.parameters["viscosity"] == 0.1)
      let problem = try origin.problem()
      for index in 0..<3 {
        let sample = try problem.sample(seed: 5, index: index)
        let row = data[index..<index + 1]
        #expect(row.inputs.elements == sample.input.values.map { Float($0) })
        #expect(row.targets.elements == sample.solution.values.map { Float($0) })
      }
    }
  }

  /// The same seed gives the same bytes on any number of threads, and a set in parts the same
  /// samples.
  @Test func theSeedDeterminesTheFile() throws {
    try withTemporaryFolder { folder in
      let origin = try Self.origin("darcy", grid: 9, samples: 5)
      let threads = Parallel.threadCount
      defer { Parallel.setThreadCount(threads) }
      for (name, count) in [("a", 1), ("b", 3)] {
        Parallel.setThreadCount(count)
        try Self.write(origin, to: "\(folder)/\(name).h5")
      }
      #expect(try bytes(of: "\(folder)/a.h5") == bytes(of: "\(folder)/b.h5"))
      try Self.write(Self.origin("darcy", grid: 9, samples: 2, first: 3), to: "\(folder)/c.h5")
      let (whole, part) = (
        try FieldFile("\(folder)/a.h5").load(3..<5), try FieldFile("\(folder)/c.h5").load()
      )
      #expect(whole.inputs == part.inputs && whole.targets == part.targets)
      try Self.write(Self.origin("darcy", grid: 9, samples: 5, seed: 6), to: "\(folder)/d.h5")
      #expect(try FieldFile("\(folder)/d.h5").load(3..<5).inputs != part.inputs)
    }
  }

  /// Frames become windows for training and roll-outs for tests.
  @Test func trajectories() throws {
    try withTemporaryFolder { folder in
      let origin = try Self.origin("heat", grid: 8, samples: 4, times: [0, 0.1, 0.2, 0.3, 0.4])
      try Self.write(origin, to: "\(folder)/a.h5")
      let windows = FieldDatasetOptions(initialSteps: 1, windowFrames: 2, task: .windows)
      let split = try FieldSplit(
        FieldFile("\(folder)/a.h5", options: windows), .init(testSamples: 1))
      #expect(split.training.count == 9 && split.training.targetSteps == 2)
      #expect(split.tests[0].count == 1 && split.tests[0].targetSteps == 4)
      let interval = try #require(split.training.frameInterval)
      #expect(abs(interval - 0.1) < 1e-12)
      // The second window of the first sample begins where the first one's first target is.
      #expect(
        split.training[1..<2].inputs.elements
          == split.training[0..<1].targets.sliced(axis: -1, 0..<1).elements)
      let all = try origin.problem().sample(seed: 5, index: 3).solution
      #expect(split.tests[0].inputs.elements == all[0].values.map { Float($0) })
      #expect(
        split.tests[0].targets.sliced(axis: -1, 3..<4).elements
          == all[4].values.map { Float($0) })
    }
  }

  @Test func whatCannotBeSolvedIsRefused() throws {
    try withTemporaryFolder { folder in
      var negative = try Self.origin("burgers", grid: 16)
      negative.parameters["viscosity"] = -1
      for wrong in [
        negative, try Self.origin("burgers", grid: 16, refinement: 0),
        try Self.origin("burgers", grid: 2),
      ] {
        #expect(throws: EquationError.self) {
          try SampleGenerator(wrong).write(to: "\(folder)/a.h5")
        }
      }
      var none = try Self.origin("burgers", grid: 16)
      none.samples = 0
      #expect(throws: EquationError.self) { try SampleGenerator(none) }
      // A stop on the way leaves nothing.
      let origin = try Self.origin("burgers", grid: 16, samples: 50)
      #expect(try !SampleGenerator(origin).write(to: "\(folder)/a.h5") { _ in false })
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }
  }

  /// The solver as an operator is checked against: on the input's own grid, and for a sample that
  /// is drawn.
  @Test func references() throws {
    try withTemporaryFolder { folder in
      let origin = try Self.origin(
        "heat", grid: 16, samples: 4, times: (0...6).map { 0.05 * Double($0) })
      try Self.write(origin, to: "\(folder)/a.h5")
      let recipe = try Self.recipe(folder, windowFrames: 1)
      #expect(recipe.isAutoregressive && recipe.trainedSteps == 6 && recipe.origin == origin)
      let trajectory = try origin.problem().sample(seed: 5, index: 1).solution
      let input = Tensor(trajectory[2].values.map { Float($0) }, shape: [1, 16, 1])
      let found = try ReferenceSolution(recipe, for: input, steps: 2, at: "input")
      for step in 0..<2 {
        let frame = found.values.sliced(axis: -1, step..<step + 1).elements
        for (a, b) in zip(frame, trajectory[3 + step].values) { #expect(abs(Double(a) - b) < 1e-5) }
      }
      // Numbers go on after the data.
      let drawn = try ReferenceSolution.drawing(recipe, 0..<2, steps: 3)
      let fifth = try origin.problem().sample(seed: 5, index: 5).solution
      #expect(drawn[1].input.elements == fifth[0].values.map { Float($0) })
      let last = drawn[1].solution.values.sliced(axis: -1, 2..<3).elements
      for (a, b) in zip(last, fifth[3].values) { #expect(abs(Double(a) - b) < 1e-6) }
      var strange = recipe
      strange.origin = nil
      #expect(throws: DataError.self) {
        try ReferenceSolution(strange, for: input, steps: 1, at: "input")
      }
      // An operator of another equation.
      var other = recipe
      other.origin?.equation = "wave"
      let data = try FieldFile("\(folder)/a.h5", options: recipe.configuration.data.fields).load()
      #expect(throws: DataError.self) { try other.check(data) }
    }
  }

  /// The recipe of an operator on the file `a.h5` of a folder.
  static func recipe(_ folder: String, windowFrames: Int) throws -> OperatorRecipe {
    var configuration = try OperatorRunConfiguration()
    configuration.data.train = "\(folder)/a.h5"
    configuration.data.split.testSamples = 1
    configuration.data.fields.task = .windows
    configuration.data.fields.initialSteps = 1
    configuration.data.fields.windowFrames = windowFrames
    for setting in ["modes=4", "channels=4", "layers=1"] {
      configuration = try configuration.setting("model.\(setting)")
    }
    return try OperatorWorkload(configuration, configuration.data.load()).recipe
  }

  @Test func coarserGridsOfNodes() throws {
    try withTemporaryFolder { folder in
      try Self.write(Self.origin("darcy", grid: 13, samples: 1), to: "\(folder)/a.h5")
      let fine = try FieldFile("\(folder)/a.h5").load()
      let coarse = try FieldDataset.matching(resolution: 5, in: [fine])
      #expect(coarse.grid == [5, 5])
      #expect(coarse.targets[0, 4, 2, 0] == fine.targets[0, 12, 6, 0])
      #expect(throws: DataError.self) { try FieldDataset.matching(resolution: 6, in: [fine]) }
    }
  }
}

/// Operators that make frames from frames.
@Suite struct OperatorRolloutTests {
  private func trainer(
    _ folder: String, _ change: (inout OperatorRunConfiguration) -> Void
  ) throws -> OperatorTrainer {
    let times = (0...5).map { 0.1 * Double($0) }
    try EquationDataTests.write(
      EquationDataTests.origin("heat", grid: 16, samples: 9, times: times), to: "\(folder)/a.h5")
    var configuration = try EquationDataTests.recipe(folder, windowFrames: 1).configuration
    configuration.training.epochs = 1
    configuration.training.batchSize = 8
    change(&configuration)
    let work = try OperatorWorkload(configuration, configuration.data.load())
    return try OperatorTrainer(newRun: RunFolder("\(folder)/run"), work)
  }

  /// Frame by frame is what the roll-out of a recipe is, with the last frame added to changes.
  @Test func predictionsAreAppliedToPredictions() throws {
    try withTemporaryFolder { folder in
      let trainer = try trainer(folder) {
        $0.training.predictsDifference = true
        $0.training.keptFrequencies = 0.5
      }
      let (model, data) = (trainer.model, trainer.work.data.tests[0])
      #expect(model.addsLastFrame && model.keptFrequencies == 0.5)
      let found = trainer.work.recipe.predictions(of: model, on: data)
      #expect(found.shape == data.targets.shape && data.targetSteps == 5)
      var frame = data.inputs
      for step in 0..<5 {
        let change = model.output.denormalized(
          model.inner(Variable(model.input.normalized(frame)), outputGrid: nil))
        frame = (Variable(frame) + change).lowPassed(fraction: 0.5).value
        #expect(found.sliced(axis: -1, step..<step + 1) == frame)
      }
      // The normaliser of the output is that of changes.
      let all = trainer.work.data.training
      var changes = FieldStatistics(scope: .channel)
      changes.add(all.targets - all.inputs)
      let scale = trainer.work.recipe.output.affine.scale.elements[0]
      #expect(abs(scale / changes.deviation.elements[0] - 1) < 1e-3)
    }
  }

  /// The loss of several frames is the mean of theirs; push-forward leaves the first ones out.
  @Test(arguments: [0, 1])
  func theLossGoesThroughTheFrames(pushed: Int) throws {
    try withTemporaryFolder { folder in
      let trainer = try trainer(folder) {
        $0.data.fields.windowFrames = 3
        $0.training.pushForwardSteps = pushed
      }
      let (work, model) = (trainer.work, trainer.model)
      let plan = work.plan(epoch: 0)
      let tape = Tape(random: RandomSource(seed: 1))
      let loss = work.loss(of: model, batch: 0, of: plan, on: tape)
      #expect(loss.examples == 8 && work.data.training.count == 24)
      var expected = 0.0
      for step in pushed..<3 {
        expected += try stepLoss(work, model, plan, step: step) / Double(3 - pushed)
      }
      #expect(abs(Double(loss.loss.value.scalar) - expected) < 1e-5 * expected)
      #expect(tape.gradients(of: loss.loss).norm > 0)
    }
  }

  /// The relative error of one step, averaged over the first batch.
  private func stepLoss(
    _ work: OperatorWorkload, _ model: NormalizedOperator, _ plan: OperatorWorkload.Plan,
    step: Int
  ) throws -> Double {
    let data = work.data.training
    let rows = plan.rows(ofBatch: 0)
    let errors = rows.map { row in
      let one = data[row..<row + 1]
      let found = work.recipe.predictions(of: model, on: one)
      return RelativeL2.overall(
        found.sliced(axis: -1, step..<step + 1), one.targets.sliced(axis: -1, step..<step + 1))
    }
    return errors.reduce(0, +) / Double(errors.count)
  }

  @Test func aRunGoesOnWithItsFrames() throws {
    try withTemporaryFolder { folder in
      let trainer = try trainer(folder) { $0.training.predictsDifference = true }
      _ = try trainer.run(Watcher())
      let checkpoint = try trainer.folder.bestCheckpoint(of: OperatorRecipe.self)
      #expect(checkpoint.model.addsLastFrame)
      let interval = try #require(checkpoint.recipe.frameInterval)
      #expect(abs(interval - 0.1) < 1e-9)
      #expect(
        try trainer.work.test(checkpoint.model) == trainer.work.test(trainer.model))
    }
  }

  @Test func whatDoesNotGoTogetherIsRefused() throws {
    try withTemporaryFolder { folder in
      for setting in [
        "training.pushForwardSteps=1", "training.pushForwardSteps=-1",
        "training.keptFrequencies=0", "training.keptFrequencies=2",
      ] {
        var configuration = try OperatorRunConfiguration().setting(setting)
        configuration.data.fields.task = .windows
        #expect(throws: ConfigurationError.self, "\(setting)") { try configuration.validate() }
      }
      // Frames at times that no operator of one interval can know.
      let uneven = try EquationDataTests.origin(
        "heat", grid: 16, samples: 4, times: [0, 0.05, 0.15])
      try EquationDataTests.write(uneven, to: "\(folder)/a.h5")
      #expect(throws: ConfigurationError.self) {
        try EquationDataTests.recipe(folder, windowFrames: 1)
      }
      var several = try OperatorRunConfiguration()
      several.data.fields.task = .windows
      several.data.fields.windowFrames = 2
      several.training.comparesNormalized = true
      #expect(throws: ConfigurationError.self) { try several.validate() }
    }
  }
}
