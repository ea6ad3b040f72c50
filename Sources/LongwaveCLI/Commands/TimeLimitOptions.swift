import ArgumentParser
import Longwave

/// The option that ends training after some time.
struct TimeLimitOptions: ParsableArguments {
  @Option(
    name: .customLong("max-minutes"),
    help: "Stop and save after so many minutes of this call, evaluations included.")
  var maximumMinutes: Double?

  func validate() throws {
    if let minutes = maximumMinutes, !(minutes > 0 && minutes <= 1e7) {
      throw ValidationError("--max-minutes: expected above 0 and at most 1e7, got \(minutes)")
    }
  }

  /// The time; `nil` is without limit.
  var duration: Duration? { maximumMinutes.map { .seconds($0 * 60) } }

  /// Says where a run stopped and what to type to go on.
  func tellHowToGoOn<Work: Workload>(
    _ outcome: TrainingOutcome, _ trainer: Trainer<Work>, command: String
  ) {
    let path = RunEnvironment.quoted(trainer.folder.path)
    let place = "at step \(trainer.state.step) of \(trainer.totalSteps)"
    guard outcome == .outOfTime, let maximumMinutes else {
      print("stopped \(place); go on with:")
      print("  \(command) --resume \(path)")
      return
    }
    let minutes = NumberFormat.trimmed("\(maximumMinutes)")
    print("time is up: stopped \(place) after \(minutes) min; the course of the learning rate")
    print("is still that of \(trainer.totalSteps) steps; go on with:")
    print("  \(command) --resume \(path) --max-minutes \(minutes)")
  }
}
