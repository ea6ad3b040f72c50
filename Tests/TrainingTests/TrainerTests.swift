import Layers
import LongConvolution
import SequenceTensor
import Testing
import Training

/// The training loop on a generated data set.
@Suite(.serialized) struct TrainerTests {
  @Test func aRunWritesItsRecords() throws {
    try withTemporaryFolder { folder in
      let tiny = try TinyRun(folder: folder)
      let trainer = try Trainer(
        newRun: tiny.run("a"), configuration: tiny.configuration, data: tiny.data)
      let watcher = Watcher()
      #expect(try trainer.run(watcher) == .completed)
      #expect(watcher.steps == Array(1...12))
      #expect(watcher.evaluations.map(\.step) == [5, 10, 12])
      #expect(trainer.totalSteps == 12 && trainer.state.isFinished)
      let run = tiny.run("a")
      // The last two checkpoints and the best are kept.
      #expect(
        run.stepCheckpoints().map(fileName)
          == ["step-00000010.safetensors", "step-00000012.safetensors"])
      #expect(
        try names(in: run.checkpoints)
          == ["best.safetensors", "step-00000010.safetensors", "step-00000012.safetensors"])
      #expect(
        try names(in: run.path)
          == [
            "checkpoints", "config.json", "filters.jsonl", "metrics.jsonl", "status.json",
            "timings.jsonl",
          ])
      let metrics = String(decoding: try bytes(of: run.metrics), as: UTF8.self)
      let lines = metrics.split(separator: "\n")
      #expect(lines.count { $0.contains("\"kind\":\"train\"") } == 6)
      #expect(lines.count { $0.contains("\"split\":\"validation\"") } == 3)
      let best = try run.bestCheckpoint(of: ClassifierRecipe.self)
      #expect(best.state.step == trainer.state.bestStep)
      #expect(best.state.bestScore == watcher.evaluations.map(\.result.accuracy).max())
      let json = String(decoding: try bytes(of: run.configuration), as: UTF8.self)
      #expect(try RunConfiguration(json: json, place: "test") == tiny.configuration)
    }
  }

  @Test func oneSeedOneRun() throws {
    try withTemporaryFolder { folder in
      var tiny = try TinyRun(folder: folder)
      try tiny.train("a")
      try tiny.train("b")
      try expectSameEnd(tiny.run("b"), tiny.run("a"))
      tiny.configuration.training.seed = 1
      try tiny.train("c")
      #expect(try bytes(of: tiny.run("c").metrics) != bytes(of: tiny.run("a").metrics))
    }
  }

  /// With enough channels, rows and positions that work is really cut into pieces.
  @Test func theNumberOfThreadsChangesNothing() throws {
    try withTemporaryFolder { folder in
      var tiny = try TinyRun(folder: folder)
      tiny.configuration.data.maximumLength = 900
      tiny.configuration.filter[SGConvOptions.self].maximumLength = 900
      tiny.configuration.training.padTo = 900
      tiny.configuration.training.batchSize = 8
      tiny.configuration.training.epochs = 1
      tiny.configuration.model.channels = 32
      defer { Parallel.setThreadCount(0) }
      for count in [1, 2, 3] {
        Parallel.setThreadCount(count)
        try tiny.train("\(count)")
      }
      try expectSameEnd(tiny.run("2"), tiny.run("1"))
      try expectSameEnd(tiny.run("3"), tiny.run("1"))
    }
  }

  @Test func recomputedBlocksTrainTheSame() throws {
    try withTemporaryFolder { folder in
      var tiny = try TinyRun(folder: folder)
      let plain = try tiny.train("a").trainer
      tiny.configuration.training.checkpointsActivations = true
      let again = try tiny.train("b").trainer
      #expect(bits(of: plain.model) == bits(of: again.model))
      #expect(try bytes(of: tiny.run("a").metrics) == bytes(of: tiny.run("b").metrics))
    }
  }

  @Test func aRunStopsWhenItNoLongerGetsBetter() throws {
    try withTemporaryFolder { folder in
      var tiny = try TinyRun(folder: folder)
      // Nothing moves, so no evaluation is better than the first.
      tiny.configuration.training.learningRate = 1e-30
      tiny.configuration.filter[SGConvOptions.self].learningRate = 1e-30
      tiny.configuration.model.normalization = .layer
      tiny.configuration.training.evaluateEverySteps = 2
      tiny.configuration.training.patience = 2
      let (trainer, outcome) = try tiny.train("a")
      #expect(outcome == .stoppedEarly)
      #expect(trainer.state.step == 6 && trainer.state.bestStep == 2)
      // It has ended for good.
      let again = try tiny.resume("a")
      #expect(again.outcome == .stoppedEarly && again.trainer.state.step == 6)
    }
  }

  @Test func keepCheckpointsPrunes() throws {
    try withTemporaryFolder { folder in
      var tiny = try TinyRun(folder: folder)
      tiny.configuration.training.keepCheckpoints = 4
      tiny.configuration.training.checkpointEverySteps = 1
      try tiny.train("a")
      #expect(try names(in: tiny.run("a").checkpoints).count == 5)
      tiny.configuration.training.keepCheckpoints = 1
      try tiny.train("b")
      #expect(
        try names(in: tiny.run("b").checkpoints)
          == ["best.safetensors", "step-00000012.safetensors"])
    }
  }

  @Test func anInfiniteLossEndsTheRunAndKeepsItsCheckpoints() throws {
    try withTemporaryFolder { folder in
      var tiny = try TinyRun(folder: folder)
      tiny.configuration.training.learningRate = 1e30
      tiny.configuration.training.warmupSteps = 0
      tiny.configuration.training.clipNorm = nil
      let error = #expect(throws: RunError.self) { try tiny.train("a") }
      #expect(error?.place.hasPrefix("step ") == true)
      #expect(error?.expected == "a finite loss and gradient")
      #expect(error?.got.contains(tiny.run("a").path) == true)
      let kept = try tiny.run("a").latestCheckpoint(of: ClassifierRecipe.self)
      #expect(kept.problems.isEmpty && bits(of: kept.checkpoint.model).allSatisfy { !$0.isEmpty })
    }
  }

  @Test func aFolderWithARunIsLeftAlone() throws {
    try withTemporaryFolder { folder in
      let tiny = try TinyRun(folder: folder)
      try tiny.train("a", stopAfter: 3)
      let before = try bytes(of: tiny.run("a").metrics)
      let error = #expect(throws: RunError.self) { try tiny.train("a") }
      #expect(error?.place == tiny.run("a").path)
      #expect(error?.expected == "a folder without a run")
      #expect(try bytes(of: tiny.run("a").metrics) == before)
    }
  }

  @Test func evaluationAndPredictionAgree() throws {
    try withTemporaryFolder { folder in
      let tiny = try TinyRun(folder: folder)
      let (trainer, _) = try tiny.train("a", stopAfter: 3)
      let model = trainer.model
      let test = tiny.data.test
      let whole = try model.evaluate(test, batchSize: 10)
      for size in [1, 3] {
        let other = try model.evaluate(test, batchSize: size)
        #expect(other.confusion == whole.confusion && other.accuracy == whole.accuracy)
        #expect(abs(other.loss - whole.loss) < 1e-5)
      }
      var confusion = whole.confusion.map { $0.map { _ in 0 } }
      var loss = 0.0
      for example in test.examples {
        let prediction = model.predict(example.tokens)
        #expect(abs(prediction.probabilities.reduce(0, +) - 1) < 1e-12)
        #expect(prediction.probabilities[prediction.label] == prediction.probabilities.max())
        confusion[example.label][prediction.label] += 1
        loss -= logarithm(prediction.probabilities[example.label]) / 10
      }
      #expect(confusion == whole.confusion)
      #expect(abs(loss - whole.loss) < 1e-5)
      let correct = confusion.indices.reduce(0) { $0 + confusion[$1][$1] }
      #expect(whole.accuracy == Double(correct) / 10)
      #expect(throws: DataError.self) {
        var empty = test
        empty.examples = []
        _ = try model.evaluate(empty, batchSize: 4)
      }
    }
  }

  private func logarithm(_ x: Double) -> Double { RandomSource.naturalLogarithm(x) }
}
