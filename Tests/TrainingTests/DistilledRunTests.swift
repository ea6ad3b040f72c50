import Differentiation
import Distillation
import LongConvolution
import SequenceTensor
import SpectralCore
import TensorIO
import Testing
import Training

/// Distilled models in runs: on the disk as in memory, and as near as the certificate says.
@Suite struct DistilledRunTests {
  /// The workload of a small language model of a made-up text, and a checkpoint of random weights.
  static func sample(
    _ folder: String, model: String = "hyena", settings: [String] = []
  ) throws -> (SequenceWorkload, SequenceCheckpoint) {
    var random = RandomSource(seed: 4)
    let text = String(
      (0..<3000).map { _ in Character(["a", "b", "c", " "][random.integer(below: 4)]) })
    try write(text, to: "\(folder)/text")
    var configuration = try RunConfiguration(task: .textFile, modelName: model)
    for setting in [
      "model.channels=6", "model.layers=2", "data.maximumLength=48", "data.level=character",
      "training.batchSize=4",
    ] + settings {
      configuration = try configuration.setting(setting)
    }
    configuration.data.folder = "\(folder)/text"
    let work = try SequenceWorkload(configuration, configuration.loadParts())
    let checkpoint = SequenceCheckpoint(
      recipe: work.recipe, model: work.recipe.makeModel(using: &random),
      optimizer: AdamW(learningRate: 1e-3),
      state: TrainingState(random: random, dataFingerprint: work.fingerprint))
    return (work, checkpoint)
  }

  static func distilled(
    _ folder: String, _ target: DistillationSettings.Target = .error(0.05)
  ) throws -> (SequenceWorkload, SequenceCheckpoint, DistilledRun<SequenceWorkload>) {
    let (work, original) = try sample(folder)
    let run = try DistilledRun(of: original, work, source: "run", settings: .init(target))
    return (work, original, run)
  }

  @Test func isAnOrdinaryRun() throws {
    try withTemporaryFolder { folder in
      let (work, _, run) = try Self.distilled(folder)
      let place = RunFolder("\(folder)/small")
      try run.write(to: place)
      let read = try place.bestCheckpoint(of: SequenceRecipe.self)
      #expect(read.recipe.distilledFilters == run.checkpoint.recipe.distilledFilters)
      #expect(bits(of: read.model) == bits(of: run.checkpoint.model))
      #expect(try work.validate(read.model) == work.validate(run.checkpoint.model))
      #expect(read.configuration.training.epochs == 1 && read.state.step == 0)
      let record = try #require(try place.distillationRecord())
      #expect(record.layers.map(\.name) == ["block 0", "block 1"])
      #expect(record.loss == run.record.loss && record.length == 48)
      #expect(throws: RunError.self) { try run.write(to: place) }
    }
  }

  /// On text that nothing was chosen by.
  @Test func answersAreAsNearAsCertified() throws {
    try withTemporaryFolder { folder in
      let (work, original, run) = try Self.distilled(folder)
      let certified = try #require(run.record.answers)
      let held = try original.model.difference(
        to: run.checkpoint.model, on: work.data.test, batchSize: 4, limit: 100)
      #expect(held.largest > 0 && held.largest <= certified.bound)
      #expect(run.record.layers.allSatisfy { $0.relativeL2Error <= 0.05 })
      // A coarser recurrence is farther away.
      let coarse = try DistilledRun(of: original, work, source: "run", settings: .init(.order(1)))
      #expect(try #require(coarse.record.answers).largest > certified.largest)
    }
  }

  /// No output of a block's filter is wrong by more than its certificate says.
  @Test func filtersAreAsNearAsCertified() throws {
    try withTemporaryFolder { folder in
      let (_, original) = try Self.sample(folder)
      let banks = try ModelDistillation.banks(of: original.model, length: 48, place: "run")
      var settings = DistillationSettings(.order(3))
      settings.headLength = 2
      let (_, filters, layers) = try ModelDistillation.distilled(
        original.model, length: 48, settings: settings, place: "run")
      #expect(filters.blocks.map { $0.map(\.headLength) } == [[2], [2]])
      var random = RandomSource(seed: 8)
      for (bank, layer) in zip(banks, layers) {
        #expect(bank.taps == layer.taps)
        let x = Tensor(uniform: [3, 48, 6], from: -1, to: 1, using: &random)
        let whole = x.convolved(with: bank.taps)
        let near = x.convolved(with: ModalFilter(layer.channels).taps(length: 48, on: nil).value)
        for channel in 0..<6 {
          let error = (whole - near).sliced(axis: 2, channel..<channel + 1).maximumMagnitude()
          let certificate = layer.channels[channel].certificate
          #expect(Double(error) <= certificate.outputErrorBound + 1e-5)
        }
      }
    }
  }

  @Test func damagedSizesAreRefused() throws {
    try withTemporaryFolder { folder in
      let (_, _, run) = try Self.distilled(folder, .order(2))
      let path = "\(folder)/model.safetensors"
      func expectRefusal(_ distilled: String?, _ expected: String) throws {
        var file = try run.checkpoint.file()
        file.metadata["distilled"] = distilled
        try file.write(to: path)
        let error = #expect(throws: TensorFileError.self) {
          try SequenceCheckpoint(readingFrom: path)
        }
        #expect(error?.expected.contains(expected) == true, "\(error as Any)")
      }
      func shape(_ channels: Int, _ modes: Int, _ head: Int) -> String {
        "[{\"channels\":\(channels),\"modes\":\(modes),\"headLength\":\(head)}]"
      }
      try expectRefusal("{\"blocks\":[\(shape(6, 1, 1))]}", "filters of 2 blocks")
      try expectRefusal("{\"blocks\":[\(shape(6, 0, 1)),[]]}", "sizes of filters")
      try expectRefusal("{\"blocks\":[\(shape(6, 1 << 40, 1)),[]]}", "at least")
      try expectRefusal("{\"blocks\":[\(shape(6, 2, 1)),[]]}", "")
      try expectRefusal("[]", "a value of a checkpoint")
      try expectRefusal(nil, "")
    }
  }
}
