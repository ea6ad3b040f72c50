import SequenceTensor
import TensorIO
import Testing
import Training

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A run that is cut short and goes on ends where one that was not does, bit for bit.
@Suite struct ResumeTests {
  @Test func stoppingAfterEveryStepChangesNothing() throws {
    try withTemporaryFolder { folder in
      let tiny = try TinyRun(folder: folder)
      try tiny.train("whole")
      #expect(try tiny.train("cut", stopAfter: 1).outcome == .interrupted)
      for step in 2..<12 {
        let (trainer, outcome) = try tiny.resume("cut", stopAfter: step)
        #expect(outcome == .interrupted && trainer.state.step == step)
      }
      #expect(try tiny.resume("cut").outcome == .completed)
      try expectSameEnd(tiny.run("cut"), tiny.run("whole"))
      // A finished run has nothing left to do.
      #expect(try tiny.resume("cut").outcome == .completed)
      try expectSameEnd(tiny.run("cut"), tiny.run("whole"))
    }
  }

  /// The folder as it was at the moment of a kill: checkpoints up to some step, records beyond
  /// it, and the last of them torn.
  @Test func aKillAtAnyStepChangesNothing() throws {
    try withTemporaryFolder { folder in
      let tiny = try TinyRun(folder: folder)
      let files = FileManager.default
      let trainer = try Trainer(
        newRun: tiny.run("whole"), configuration: tiny.configuration, data: tiny.data)
      let watcher = Watcher { step in
        #expect(throws: Never.self) {
          try files.copyItem(atPath: tiny.run("whole").path, toPath: tiny.run("\(step)").path)
        }
      }
      #expect(try trainer.run(watcher) == .completed)
      _ = try trainer.test(tiny.run("whole").bestCheckpoint(of: ClassifierRecipe.self).model)
      for step in watcher.steps {
        let run = tiny.run("\(step)")
        for path in [run.metrics, run.filters, run.timings] {
          try append("{\"step\":\(step),\"kind\":\"train\"}\n{\"step\":\(step),\"ki", to: path)
        }
        let resumed = try tiny.resume("\(step)")
        #expect(resumed.outcome == .completed)
        _ = try resumed.trainer.test(run.bestCheckpoint(of: ClassifierRecipe.self).model)
        try expectSameEnd(run, tiny.run("whole"), "killed during step \(step)")
      }
    }
  }

  @Test func testingAgainReplacesTheResult() throws {
    try withTemporaryFolder { folder in
      let tiny = try TinyRun(folder: folder)
      let (trainer, _) = try tiny.train("a")
      _ = try trainer.test(trainer.model)
      let before = try bytes(of: tiny.run("a").metrics)
      let (again, _) = try tiny.resume("a")
      _ = try again.test(again.model)
      #expect(try bytes(of: tiny.run("a").metrics) == before)
    }
  }

  @Test func aDamagedNewestCheckpointIsPassedOver() throws {
    try withTemporaryFolder { folder in
      let tiny = try TinyRun(folder: folder)
      try tiny.train("whole")
      try tiny.train("cut", stopAfter: 7)
      let newest = try #require(tiny.run("cut").stepCheckpoints().last)
      try write(Array(bytes(of: newest).dropLast(100)), to: newest)
      let (checkpoint, problems) = try tiny.run("cut").latestCheckpoint(of: ClassifierRecipe.self)
      #expect(checkpoint.state.step == 6)
      #expect(problems.count == 1 && problems[0].contains(fileName(newest)))
      try tiny.resume("cut")
      try expectSameEnd(tiny.run("cut"), tiny.run("whole"))
    }
  }

  @Test func withoutACheckpointThereIsNothingToGoOnWith() throws {
    try withTemporaryFolder { folder in
      let tiny = try TinyRun(folder: folder)
      let error = #expect(throws: RunError.self) {
        try tiny.run("none").latestCheckpoint(of: ClassifierRecipe.self)
      }
      #expect(error?.place == tiny.run("none").checkpoints)
      #expect(error?.expected == "a checkpoint" && error?.got == "none")
    }
  }

  /// Killed between `config.json` and the first checkpoint, a run holds nothing worth keeping.
  @Test func aRunThatNeverBeganCanBeginAgain() throws {
    try withTemporaryFolder { folder in
      let tiny = try TinyRun(folder: folder)
      try tiny.train("whole")
      try tiny.train("cut", stopAfter: 1)
      for path in tiny.run("cut").stepCheckpoints() {
        try FileManager.default.removeItem(atPath: path)
      }
      try tiny.train("cut")
      try expectSameEnd(tiny.run("cut"), tiny.run("whole"))
    }
  }

  @Test func otherDataIsRefused() throws {
    try withTemporaryFolder { folder in
      let tiny = try TinyRun(folder: folder)
      try tiny.train("a", stopAfter: 2)
      let checkpoint = try tiny.run("a").latestCheckpoint(of: ClassifierRecipe.self).checkpoint
      var relabelled = tiny.data
      relabelled.train.examples[3].label = (relabelled.train.examples[3].label + 1) % 10
      var shortened = tiny.data
      shortened.train.examples.removeLast()
      var moved = tiny.data
      let token = moved.train.examples[0].tokens.removeLast()
      moved.train.examples[1].tokens.insert(token, at: 0)
      for data in [relabelled, shortened, moved] {
        let error = #expect(throws: RunError.self) {
          try Trainer(resuming: tiny.run("a"), checkpoint, data: data)
        }
        #expect(error?.place == tiny.configuration.data.folder)
        #expect(error?.got == "other training data")
      }
      #expect(throws: Never.self) {
        try Trainer(resuming: tiny.run("a"), checkpoint, data: tiny.data)
      }
    }
  }

  private func append(_ text: String, to path: String) throws {
    try write(bytes(of: path) + Array(text.utf8), to: path)
  }
}
