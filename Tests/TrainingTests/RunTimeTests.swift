import Differentiation
import Layers
import LongConvolution
import SequenceTensor
import Testing
import Training

/// Runs that end by time or by their number of steps, and what is known about them.
struct RunTimeTests {
  @Test func aRunOutOfTimeGoesOn() throws {
    try withTemporaryFolder { folder in
      let tiny = try TinyRun(folder: folder)
      try tiny.train("whole")
      let trainer = try Trainer(
        newRun: tiny.run("a"), configuration: tiny.configuration, data: tiny.data)
      #expect(try trainer.run(Watcher(), for: .zero) == .outOfTime)
      #expect(trainer.state.step == 1 && !trainer.state.isFinished)
      #expect(trainer.elapsedSeconds > 0)
      var status = try RunStatus(tiny.run("a"))
      #expect(status.condition == .stopped && status.step == 1 && status.totalSteps == 12)
      #expect(status.secondsLeft ?? 0 > 0 && status.reason == nil)
      // Every part takes one step; a long limit changes nothing.
      for step in 2...4 {
        let checkpoint = try tiny.run("a").latestCheckpoint(of: ClassifierRecipe.self).checkpoint
        let part = try Trainer(resuming: tiny.run("a"), checkpoint, data: tiny.data)
        let before = part.elapsedSeconds
        #expect(before > 0)
        #expect(try part.run(Watcher(), for: .zero) == .outOfTime && part.state.step == step)
        #expect(part.elapsedSeconds > before)
      }
      let checkpoint = try tiny.run("a").latestCheckpoint(of: ClassifierRecipe.self).checkpoint
      let last = try Trainer(resuming: tiny.run("a"), checkpoint, data: tiny.data)
      #expect(try last.run(Watcher(), for: .seconds(3600)) == .completed)
      try expectSameEnd(tiny.run("a"), tiny.run("whole"))
      status = try RunStatus(tiny.run("a"))
      #expect(status.condition == .finished && status.step == 12 && status.secondsLeft == nil)
      #expect(status.measure == "accuracy" && status.isScoredByAccuracy)
      #expect(status.results.map(\.step) == [5, 10, 12])
      #expect(status.results.allSatisfy { $0.seconds != nil && $0.loss != nil })
      #expect(
        status.best?.value == last.state.bestScore && status.best?.step == last.state.bestStep)
      #expect(status.losses.map(\.step) == [2, 4, 6, 8, 10, 12])
      #expect(status.parameters == last.model.parameterCount && status.epochs == 2)
    }
  }

  @Test func endingEvaluatesWhereTheRunStands() throws {
    try withTemporaryFolder { folder in
      let tiny = try TinyRun(folder: folder)
      let trainer = try Trainer(
        newRun: tiny.run("a"), configuration: tiny.configuration, data: tiny.data)
      _ = try trainer.run(Watcher(stopAfter: 3))
      let watcher = Watcher()
      try trainer.end(watcher)
      try trainer.end(watcher)
      #expect(watcher.evaluations.map(\.step) == [3] && trainer.state.isFinished)
      #expect(try RunStatus(tiny.run("a")).condition == .finished)
      let best = try tiny.run("a").bestCheckpoint(of: ClassifierRecipe.self)
      #expect(best.state.step == 3)
      let again = try tiny.resume("a")
      #expect(again.outcome == .stoppedEarly && again.trainer.state.step == 3)
    }
  }

  @Test func fewerStepsThanTheEpochsHave() throws {
    try withTemporaryFolder { folder in
      var tiny = try TinyRun(folder: folder)
      tiny.configuration.training.maximumSteps = 8
      let (trainer, outcome) = try tiny.train("a")
      #expect(outcome == .completed && trainer.totalSteps == 8 && trainer.state.step == 8)
      #expect(try RunStatus(tiny.run("a")).results.map(\.step) == [5, 8])
      // The course is that of 8 steps, unless it is told to be another.
      func rates(_ name: String) throws -> [Float] {
        let text = String(decoding: try bytes(of: tiny.run(name).metrics), as: UTF8.self)
        return text.split(separator: "\n").compactMap { line in
          line.split(separator: "\"learning_rate\":").dropFirst().first.flatMap {
            Float($0.prefix { $0 != "," })
          }
        }
      }
      func expected(_ total: Int) -> [Float] {
        let schedule = LearningRateSchedule(.cosine, warmupSteps: 3, totalSteps: total)
        return [1, 3, 5, 7].map {
          tiny.configuration.training.learningRate * schedule.factor(step: $0)
        }
      }
      #expect(try rates("a") == expected(8))
      tiny.configuration.training.scheduleSteps = 20
      try tiny.train("b")
      #expect(try rates("b") == expected(20))
      tiny.configuration.training.maximumSteps = 0
      #expect(throws: ConfigurationError.self) { try tiny.configuration.validate() }
    }
  }

  @Test func aRunThatFailsSaysWhy() throws {
    try withTemporaryFolder { folder in
      var tiny = try TinyRun(folder: folder)
      tiny.configuration.training.learningRate = 1e30
      tiny.configuration.training.warmupSteps = 0
      tiny.configuration.training.clipNorm = nil
      #expect(throws: RunError.self) { try tiny.train("a") }
      let status = try RunStatus(tiny.run("a"))
      #expect(status.condition == .stopped)
      #expect(status.reason?.contains("a finite loss and gradient") == true)
    }
  }

  @Test func estimates() throws {
    try withTemporaryFolder { folder in
      let tiny = try TinyRun(folder: folder)
      let work = try ClassifierWorkload(tiny.configuration, tiny.data)
      let found = try TrainingEstimate(of: work, warmup: 1, steps: 4)
      #expect(found.stepsPerEpoch == 6 && found.totalSteps == 12 && found.measuredSteps == 4)
      // After steps 5 and 10 and at the end.
      #expect(found.evaluations == 3)
      #expect(found.shortestStep > 0 && found.shortestStep <= found.secondsPerStep)
      #expect(found.secondsPerEvaluation > found.secondsPerEvaluationBatch)
      // One step is always measured.
      let short = try TrainingEstimate(of: work, warmup: 0, steps: 100, limit: .zero)
      #expect(short.measuredSteps == 1)
      let task = try TinyTask(.recall, folder: "\(folder)/task")
      let other = try TrainingEstimate(
        of: SequenceWorkload(task.configuration, task.parts), warmup: 0, steps: 1)
      #expect(other.totalSteps == 6 && other.parameters > 0 && other.evaluations == 2)
    }
  }

  @Test func sparklines() {
    #expect(Sparkline.text([0, 1, 2, 3, 4, 5, 6, 7]) == "▁▂▃▄▅▆▇█")
    #expect(Sparkline.text([7, .nan, 0]) == "█▁")
    #expect(Sparkline.text([0, 0, 7, 7], width: 2) == "▁█")
    #expect(Sparkline.text([2, 2]) == "▄▄" && Sparkline.text([]) == "")
  }

  @Test func otherNamesOfMethods() {
    #expect(MixerConfiguration.name(of: "S4D-Lin") == "s4d")
    #expect(MixerConfiguration.name(of: "multires_conv") == "multires")
    #expect(MixerConfiguration.name(of: "Long-Conv") == "longconv")
    #expect(MixerConfiguration.name(of: "gpt") == nil)
    for name in MixerConfiguration.names { #expect(MixerConfiguration.name(of: name) == name) }
  }
}
