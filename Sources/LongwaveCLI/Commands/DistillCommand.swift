import ArgumentParser
import Foundation
import Longwave

struct DistillCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "distill",
    abstract: "Replace the long filters of a trained model by linear recurrences.",
    discussion: """
      Takes the best checkpoint of a run, or one checkpoint file, of a Hyena, SGConv, long-convolution, \
      CKConv or similar model with causal filters. The result is an ordinary run, for evaluate, \
      generate and predict; train --resume trains its poles and residues.

      --error is the relative L2 error that the taps of each filter may have, --order the number of \
      real states of each recurrence. With --analyse nothing but the picture of --out is written.

      Examples:
        longwave distill runs/hyena --error 1e-2 --out runs/distilled
        longwave distill runs/hyena --order 16 --head 8 --out runs/distilled
        longwave distill runs/hyena --analyse --out hankel.svg
      """)

  @OptionGroup var common: CommonOptions

  @Argument(help: ArgumentHelp("The folder of a run, or a checkpoint.", valueName: "run"))
  var source: String

  @Option(help: "The relative L2 error of the taps; the order is looked for.")
  var error: Double?

  @Option(help: "The order of every recurrence.")
  var order: Int?

  @Option(
    help: "Direct taps before the recurrence. (default: 1; with --error as many as are needed)")
  var head: Int?

  @Option(
    help: "\(NamedChoice.names(DistillationMethod.self)).",
    transform: { try NamedChoice.named($0, for: "--method") })
  var method = DistillationMethod.automatic

  @Option(name: .customLong("largest-order"), help: "Where the search of --error ends.")
  var largestOrder = 64

  @Option(help: "How many taps are distilled. (default: the longest training sequence)")
  var length: Int?

  @Option(help: "The folder or file of the data. (default: that of the run)")
  var data: String?

  @Option(help: "The folder of the new run; of --analyse a picture, .svg or .png.")
  var out: String?

  @Option(help: "Passes over the data of train --resume.")
  var epochs = FineTuningSettings().epochs

  @Option(
    name: .customLong("rate-factor"), help: "What train --resume multiplies the learning rate by.")
  var rateFactor = FineTuningSettings().learningRateFactor

  @Flag(help: "Show Hankel singular values and least orders; distil nothing.")
  var analyse = false

  @Flag(name: .customLong("no-speed"), help: "Do not time generation for the report.")
  var skipsSpeed = false

  @Flag(help: "Print only the result.")
  var quiet = false

  func validate() throws {
    guard analyse || (error == nil) != (order == nil) else {
      throw ValidationError("expected one of --error and --order, or --analyse")
    }
    guard !analyse || (error == nil && order == nil) else {
      throw ValidationError("--analyse: expected no --error and no --order")
    }
    if let error, !(error > 0 && error.isFinite) {
      throw ValidationError("--error: expected a number above 0, got \(error)")
    }
    if let order, order <= 0 {
      throw ValidationError("--order: expected at least 1, got \(order)")
    }
    guard head ?? 0 >= 0 else {
      throw ValidationError("--head: expected at least 0, got \(head ?? 0)")
    }
    guard largestOrder > 0 else {
      throw ValidationError("--largest-order: expected at least 1, got \(largestOrder)")
    }
    guard length ?? 2 >= 2 else {
      throw ValidationError("--length: expected at least 2, got \(length ?? 0)")
    }
    guard epochs > 0 else { throw ValidationError("--epochs: expected at least 1, got \(epochs)") }
    guard rateFactor > 0, rateFactor.isFinite else {
      throw ValidationError("--rate-factor: expected a number above 0, got \(rateFactor)")
    }
    guard analyse || out != nil else {
      throw ValidationError("--out: expected the folder of the new run, got nothing")
    }
  }

  private var settings: DistillationSettings {
    var settings = DistillationSettings(order.map { .order($0) } ?? .error(error ?? 0))
    (settings.headLength, settings.growsHead) = (head ?? 1, head == nil)
    settings.method = method
    settings.largestOrder = largestOrder
    return settings
  }

  func run() throws {
    common.apply()
    if !analyse, let out { try RunFolder(out).requireNoRun() }
    if try CheckpointKind.isSequenceModel(source) {
      var checkpoint = try SequenceCheckpoint(runOrFile: source)
      if let data { checkpoint.configuration.data.folder = data }
      let parts = try checkpoint.configuration.loadParts(vocabulary: checkpoint.vocabulary)
      try checkpoint.recipe.check(parts)
      let original = checkpoint.model.network as? LanguageModel<AnySequenceMixer>
      try run(checkpoint, SequenceWorkload(checkpoint.recipe, parts)) { model in
        (original, model.network as? LanguageModel<AnySequenceMixer>)
      }
    } else {
      var checkpoint = try ClassifierCheckpoint(runOrFile: source)
      if let data { checkpoint.configuration.data.folder = data }
      let splits = try checkpoint.configuration.loadData(vocabulary: checkpoint.vocabulary)
      try run(checkpoint, ClassifierWorkload(checkpoint.recipe, splits)) { _ in (nil, nil) }
    }
  }

  private typealias Languages = (
    original: LanguageModel<AnySequenceMixer>?, distilled: LanguageModel<AnySequenceMixer>?
  )

  private func run<Work: DistillableWorkload & TaskWorkload>(
    _ checkpoint: Checkpoint<Work.Recipe>, _ work: Work,
    _ languages: (Work.Recipe.Model) -> Languages
  ) throws {
    guard !analyse else {
      try analyse(checkpoint.model, length: length ?? work.longestSequence)
      return
    }
    var tuning = FineTuningSettings()
    (tuning.epochs, tuning.learningRateFactor) = (epochs, rateFactor)
    var distilled = try DistilledRun(
      of: checkpoint, work, source: source, length: length, settings: settings, tuning: tuning
    ) { layer in
      let orders = layer.channels.map(\.certificate.order)
      TaskNote.write(
        "\(layer.name): \(orders.count) channels, order \(orders.max() ?? 0),"
          + " \(layer.headLength) direct", isQuiet: quiet)
    }
    let models = languages(distilled.checkpoint.model)
    if !skipsSpeed, let original = models.original, let recurrent = models.distilled {
      TaskNote.write("timing generation", isQuiet: quiet)
      distilled.record.speeds = GenerationTiming.speeds(original: original, recurrent)
    }
    let folder = RunFolder(out ?? "")
    try distilled.write(to: folder)
    try writeReport(folder, distilled.checkpoint)
    DistillationText.lines(of: distilled.record).forEach { print($0) }
    print("report          \(folder.report)")
  }

  private func writeReport<Recipe: RunRecipe>(
    _ folder: RunFolder, _ checkpoint: Checkpoint<Recipe>
  ) throws {
    let path = RunEnvironment.quoted(folder.path)
    var report = try RunReport(
      run: folder, checkpoint: checkpoint, environment: RunEnvironment.entries,
      commands: [
        ("repeat", RunEnvironment.commandLine), ("evaluate", "longwave evaluate \(path)"),
        ("fine-tune", "longwave train --resume \(path)"),
      ])
    report.status = "distilled"
    try AtomicFile.write(report.html(), to: folder.report)
  }

  private func analyse(_ model: some SequenceNetwork, length: Int) throws {
    let banks = try ModelDistillation.banks(of: model, length: length, place: source)
    let analysis = try FilterAnalysis(banks, place: source) {
      TaskNote.write("\($0.name): \($0.channels.count) channels", isQuiet: quiet)
    }
    DistillationText.lines(of: analysis).forEach { print($0) }
    guard let out else { return }
    try analysis.write(to: out)
    print("picture  \(out)")
  }
}
