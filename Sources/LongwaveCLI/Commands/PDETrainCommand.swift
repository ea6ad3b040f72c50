import ArgumentParser
import Foundation
import Longwave

struct PDETrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a neural operator on samples of an equation, or on files of fields.",
    discussion: """
      Samples of an equation are drawn and solved first, into data.h5 of the run's folder.

      Files: .pt of PyTorch, HDF5 (PDEBench and plain), MATLAB .mat, .npz, .npy and safetensors, \
      told apart by their contents. Those with 'test' in their names are for testing, at any \
      resolution; without one, some of the training samples are kept for it (data.split.testFraction). \
      Every setting is a key: see config.json of any run. Ctrl-C finishes the step and saves, and so \
      does --max-minutes when the time is up; the course of the learning rate is that of all epochs.

      Examples:
        longwave pde train burgers --preset paper --out runs/burgers
        longwave pde train darcy_train_16.pt darcy_test_16.pt darcy_test_32.pt --model fno
        longwave pde train burgers.mat --set data.split.trainingSamples=1000 \
          --set data.fields.spatialSubsampling=8
        longwave pde train --resume runs/darcy
      """)

  @OptionGroup var common: CommonOptions

  @OptionGroup var options: PDEOptions

  @OptionGroup(title: "Options for samples of an equation") var problem: EquationOptions

  @Option(
    name: .customLong("test-samples"), help: "The number of test samples of an equation.")
  var testSamples: Int?

  @Option(help: "The folder of the run. (default: runs/<equation or first file>-<model>)")
  var out: String?

  @Option(help: "Go on with the run in this folder.")
  var resume: String?

  @OptionGroup var limit: TimeLimitOptions

  @Flag(help: "Print only the result.")
  var quiet = false

  func validate() throws {
    try OptionCheck.positive(testSamples, "--test-samples")
    guard resume != nil else { return }
    guard options.isEmpty, problem.isEmpty, testSamples == nil, out == nil else {
      throw ValidationError(
        "--resume: expected no settings, got some; a run goes on as it began")
    }
  }

  func run() throws {
    common.apply()
    Interrupt.install()
    if let resume { try goOn(RunFolder(resume)) } else { try start() }
  }

  private func start() throws {
    if let equation = try options.equation { return try start(equation) }
    guard problem.isEmpty, testSamples == nil else {
      throw ValidationError(
        "--preset, --parameter, --samples, --test-samples, --grid, --save-grid, --from, --to,"
          + " --frames: expected with the name of an equation, got files")
    }
    let configuration = try options.resolvedConfiguration()
    let first = URL(fileURLWithPath: configuration.data.train).deletingPathExtension()
    let folder = RunFolder(out ?? "runs/\(first.lastPathComponent)-\(configuration.modelName)")
    let work = try OperatorWorkload(configuration, configuration.data.load())
    try train(OperatorTrainer(newRun: folder, work))
  }

  /// Draws the samples of an equation, unless an interrupted start has done so, and trains.
  private func start(_ equation: EquationDescription) throws {
    let preset = problem.preset ?? equation.presets.first?.name ?? ""
    let recipe = EquationRecipe(equation: equation.name, preset: preset)
    let tests = testSamples ?? recipe.testSamples
    var draws = problem
    if draws.grid == nil, draws.savedGrid == nil {
      draws.grid = recipe.grid.map { $0.map(String.init).joined(separator: "x") }
      draws.savedGrid = recipe.savedGrid.map { $0.map(String.init).joined(separator: "x") }
    }
    var (set, _) = try draws.problem(of: equation)
    if draws.hasStandardTimes, let times = recipe.times { set.times = times }
    let origin = FieldOrigin(
      set, preset: preset, seed: options.seed ?? 0,
      samples: (problem.samples ?? recipe.samples) + tests)
    let folder = RunFolder(out ?? "runs/\(equation.name)-\(options.model)")
    let file = "\(folder.path)/data.h5"
    let configuration = try options.resolvedConfiguration(drawn: file) { configuration in
      recipe.apply(to: &configuration, for: origin)
      configuration.data.split.testSamples = tests
    }
    try folder.requireNoRun()
    try FileManager.default.createDirectory(
      atPath: folder.path, withIntermediateDirectories: true)
    let found = try? FieldFile(file).load(0..<1).origin
    if found != origin {
      guard try EquationDrawing.write(origin, to: file, quiet: quiet) else {
        print("stopped; no samples were written")
        throw ExitCode.failure
      }
    }
    try train(
      OperatorTrainer(newRun: folder, OperatorWorkload(configuration, configuration.data.load())))
  }

  private func goOn(_ folder: RunFolder) throws {
    try folder.requireNoProcess()
    for path in [folder.checkpoints, folder.path] { try AtomicFile.removeLeftovers(in: path) }
    let (loaded, problems) = try folder.latestCheckpoint(of: OperatorRecipe.self)
    for problem in problems { note("skipped a damaged checkpoint: \(problem)") }
    var checkpoint = loaded
    let (train, tests) = options.sortedFiles
    if let train = train.first { checkpoint.configuration.data.train = train }
    if !tests.isEmpty { checkpoint.configuration.data.tests = tests }
    let data = try checkpoint.configuration.data.load()
    let trainer = try OperatorTrainer(
      resuming: folder, checkpoint, OperatorWorkload(checkpoint.recipe, data))
    note("going on with \(folder.path) at step \(checkpoint.state.step) of \(trainer.totalSteps)")
    try self.train(trainer)
  }

  private func train(_ trainer: OperatorTrainer) throws {
    let data = trainer.work.data
    let tests = data.tests.map { "\($0.count) of \($0.resolution)" }.joined(separator: ", ")
    note(
      "\(trainer.work.recipe.configuration.modelName): \(trainer.model.parameterCount) parameters;"
        + " \(data.training.count) training samples of \(data.training.resolution),"
        + " test samples: \(tests); threads \(Parallel.threadCount), \(Parallel.instructionSet)")
    let watcher = TrainingWatcher(
      totalSteps: trainer.totalSteps, startingAt: trainer.state.step, unit: "samples",
      quiet: quiet)
    let outcome = try trainer.run(watcher, for: limit.duration)
    watcher.finish()
    if outcome.canGoOn {
      try writeReport(trainer)
      limit.tellHowToGoOn(outcome, trainer, command: "longwave pde train")
      return
    }
    let best = try trainer.folder.bestCheckpoint(of: OperatorRecipe.self)
    let result = try trainer.test(best.model)
    try writeReport(trainer)
    if outcome == .stoppedEarly { print("stopped early: no smaller validation error") }
    print("training time   \(DurationFormat.text(seconds: trainer.elapsedSeconds))")
    for entry in result.entries {
      print(
        "relative L2     \(NumberFormat.significant(entry.relativeL2, digits: 4))"
          + " at \(entry.name), \(entry.samples) test samples")
    }
    print("report          \(trainer.folder.report)")
  }

  private func writeReport(_ trainer: OperatorTrainer) throws {
    let folder = trainer.folder
    let path = RunEnvironment.quoted(folder.path)
    let report = try FieldReport(
      run: folder, latest: folder.latestCheckpoint(of: OperatorRecipe.self).checkpoint,
      best: folder.bestCheckpoint(of: OperatorRecipe.self), data: trainer.work.data,
      environment: RunEnvironment.entries,
      commands: [
        ("repeat", RunEnvironment.commandLine), ("go on", "longwave pde train --resume \(path)"),
        ("evaluate", "longwave pde evaluate \(path)"),
        ("solve", "longwave pde solve \(path) --input a.npy --output u.npy --plot u.png"),
      ])
    try AtomicFile.write(report.html(), to: folder.report)
  }

  private func note(_ message: String) {
    guard !quiet else { return }
    FileHandle.standardError.write(Data("\(message)\n".utf8))
  }
}
