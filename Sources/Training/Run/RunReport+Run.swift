import Differentiation
import LongConvolution
import TensorIO

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension RunReport {
  /// A report on what a run's folder holds now.
  ///
  /// - Parameters:
  ///   - folder: the run.
  ///   - checkpoint: where the run stands.
  ///   - environment: names and values that describe where it ran.
  ///   - commands: what to type to repeat or go on, with its purpose.
  /// - Throws: errors of reading the run's records.
  public init(
    run folder: RunFolder, checkpoint: Checkpoint<some RunRecipe>,
    environment: [(String, String)], commands: [(String, String)]
  ) throws {
    let configuration = checkpoint.configuration
    self.init(title: "\(configuration.task.rawValue) · \(configuration.modelName)")
    task = configuration.task.rawValue
    model = configuration.modelName
    parameterCount = checkpoint.model.parameterCount
    classNames = checkpoint.recipe.classNames
    comparesByLoss = !checkpoint.recipe.isScoredByAccuracy
    status = checkpoint.state.isFinished ? "finished" : "stopped at step \(checkpoint.state.step)"
    settings = try configuration.tree.flattened.map { ($0.key, $0.value) }
    self.environment = environment
    self.commands = commands
    try readMetrics(folder, speeds: try readTimings(folder))
    try readFilters(folder)
    distillation = try folder.distillationRecord()
  }

  private struct MetricsLine: Decodable {
    var step: Int
    var kind: String
    var epoch: Int
    var loss: Double
    var accuracy: Double?
    var absoluteError: Double?
    var bits: Double?
    var unit: String?
    var learningRate: Double?
    var gradientNorm: Double?
    var split: String?
    var confusion: [[Int]]?
  }

  private struct FilterLine: Decodable {
    var step: Int
    var layer: String
    var channel: Int
    var firstLag: Int
    var taps: [Float]
  }

  /// Reads the duration and returns the tokens a second by step.
  private mutating func readTimings(_ folder: RunFolder) throws -> [Int: Double] {
    let times = try RunTimes(folder)
    if times.total > 0 { durationSeconds = times.total }
    tokensPerSecond = times.medianRate
    return times.rates
  }

  private mutating func readMetrics(_ folder: RunFolder, speeds: [Int: Double]) throws {
    for line in try JSONLinesWriter.values(folder.metrics, MetricsLine.self) {
      if line.kind == "train" {
        steps.append(
          StepPoint(
            step: line.step, epoch: Double(line.epoch), loss: line.loss, accuracy: line.accuracy,
            learningRate: line.learningRate, gradientNorm: line.gradientNorm,
            tokensPerSecond: speeds[line.step]))
      } else {
        evaluations.append(
          EvaluationPoint(
            step: line.step, epoch: Double(line.epoch), split: line.split ?? "validation",
            loss: line.loss, accuracy: line.accuracy))
        if line.split == "test" {
          testAccuracy = line.accuracy
          testLoss = line.loss
          if let bits = line.bits, let unit = line.unit {
            if let accuracy = line.accuracy {
              testMeasures.append(("Test accuracy", NumberFormat.percent(accuracy, places: 2)))
            }
            testMeasures.append(("Test bits a \(unit)", NumberFormat.significant(bits, digits: 4)))
          }
          if let error = line.absoluteError {
            testMeasures.append(
              ("Test absolute error", NumberFormat.significant(error, digits: 4)))
          }
          confusion = line.confusion ?? []
        }
      }
    }
  }

  private mutating func readFilters(_ folder: RunFolder) throws {
    filters = try JSONLinesWriter.values(folder.filters, FilterLine.self).map {
      FilterSnapshot(
        step: $0.step, layer: $0.layer, channel: $0.channel, taps: $0.taps,
        firstLag: $0.firstLag)
    }
  }
}
