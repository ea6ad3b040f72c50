import Differentiation
import NeuralOperators
import PartialDifferentialEquations
public import SequenceTensor
import TensorIO

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension FieldReport {
  /// A report on what a run's folder holds now, with fields that its best model gives.
  ///
  /// - Parameters:
  ///   - folder: the run.
  ///   - latest: where the run stands.
  ///   - best: the model that fields and errors are computed with.
  ///   - data: the data of the run.
  ///   - environment: names and values that describe where it ran.
  ///   - commands: what to type to repeat or go on, with its purpose.
  /// - Throws: errors of reading the run's records.
  public init(
    run folder: RunFolder, latest: OperatorCheckpoint, best: OperatorCheckpoint,
    data: FieldSplit, environment: [(String, String)], commands: [(String, String)]
  ) throws {
    let configuration = latest.configuration
    self.init(title: "\(Self.name(data.training)) · \(configuration.modelName)")
    task = "neural operator"
    model = configuration.modelName
    parameterCount = latest.model.parameterCount
    status = latest.state.isFinished ? "finished" : "stopped at step \(latest.state.step)"
    settings = try configuration.tree.flattened.map { ($0.key, $0.value) }
    self.environment = environment
    self.commands = commands
    try readRecords(folder)
    addFields(of: best, data)
  }

  /// The name of a data set without the folders of its file.
  private static func name(_ data: FieldDataset) -> String {
    String(data.name.split(separator: "/").last ?? "fields")
  }

  private struct MetricsLine: Decodable {
    var step: Int
    var kind: String
    var epoch: Int
    var loss: Double?
    var learningRate: Double?
    var split: String?
    var relativeL2: [String: Double]?

    enum CodingKeys: String, CodingKey {
      case step, kind, epoch, loss, split
      case learningRate = "learning_rate"
      case relativeL2 = "relative_l2"
    }
  }

  private static func lines<Line: Decodable>(_ path: String, _ type: Line.Type) throws -> [Line] {
    let decoder = JSONDecoder()
    return try JSONLinesWriter.lines(path: path).map {
      try decoder.decode(type, from: Data($0.utf8))
    }
  }

  /// The curves: one point for each epoch that has a line of metrics or an evaluation.
  private mutating func readRecords(_ folder: RunFolder) throws {
    let times = try RunTimes(folder)
    let elapsed = times.elapsed
    if times.total > 0 { durationSeconds = times.total }
    var points: [Int: EpochPoint] = [:]
    var losses: [Int: (sum: Double, count: Double)] = [:]
    for line in try Self.lines(folder.metrics, MetricsLine.self) where line.split != "test" {
      var point = points[line.epoch] ?? EpochPoint(epoch: Double(line.epoch + 1))
      if line.kind == "train" {
        if let loss = line.loss {
          let old = losses[line.epoch] ?? (0, 0)
          losses[line.epoch] = (old.sum + loss, old.count + 1)
        }
        point.learningRate = line.learningRate
        point.seconds = elapsed[line.step] ?? point.seconds
      } else {
        point.testErrors = (line.relativeL2 ?? [:]).sorted { $0.key < $1.key }
          .map { (resolution: $0.key, error: $0.value) }
      }
      points[line.epoch] = point
    }
    for (epoch, loss) in losses { points[epoch]?.trainingLoss = loss.sum / loss.count }
    epochs = points.sorted { $0.key < $1.key }.map(\.value)
  }

  /// Errors, extreme samples and spectra of the best model on the test data.
  private mutating func addFields(of best: OperatorCheckpoint, _ data: FieldSplit) {
    for (index, pairs) in data.tests.enumerated() {
      let clock = ContinuousClock()
      let start = clock.now
      let found = best.recipe.predictions(of: best.model, on: pairs)
      let seconds = (clock.now - start) / .seconds(1)
      let errors = RelativeL2.perSample(found, pairs.targets)
      resolutions.append(
        Resolution(
          pairs.resolution, errors: errors,
          isTraining: pairs.grid == data.training.grid,
          secondsPerSample: seconds / Double(pairs.count)))
      spectra.append(
        Spectrum(
          pairs.resolution, truth: Self.power(pairs.targets, Self.shown(pairs)),
          prediction: Self.power(found, Self.shown(pairs))))
      guard index == 0 else { continue }
      var figure = FieldFigure(
        title: "\(Self.name(pairs)), \(pairs.resolution)", axes: pairs.axes.map(\.figureAxis))
      figure.rows = Self.extremes(of: errors) { sample in
        FieldFigure.Row(
          input: .init(pairs.inputs, sample: sample),
          truth: .init(pairs.targets, sample: sample, channel: Self.shown(pairs)),
          prediction: .init(found, sample: sample, channel: Self.shown(pairs)))
      }
      samples = figure
      if pairs.targetSteps > 1 { rollouts.append(Self.rollout(found, pairs, errors)) }
    }
  }

  /// The first channel of the last frame.
  private static func shown(_ pairs: FieldDataset) -> Int {
    (pairs.targetSteps - 1) * pairs.frameChannels
  }

  /// The error over time, and the frames of the median sample.
  private static func rollout(
    _ found: Tensor, _ pairs: FieldDataset, _ errors: [Double]
  ) -> RolloutFigure {
    let times = pairs.frameTimes?.suffix(pairs.targetSteps).map { $0 }
    let report = RolloutReport(
      predictions: found.frames(of: pairs.frameChannels),
      targets: .stacked(pairs.targets.frames(of: pairs.frameChannels)))
    let order = errors.indices.sorted { errors[$0] < errors[$1] }
    return RolloutFigure(
      title: "\(name(pairs)), \(pairs.resolution), \(pairs.targetSteps) steps",
      reports: [("mean of \(pairs.count) samples", report)], times: times,
      truth: pairs.targets, prediction: found, sample: order[order.count / 2],
      channels: pairs.frameChannels, axes: pairs.axes.map(\.figureAxis))
  }

  /// The mean spectrum of a channel over at most 64 samples.
  private static func power(_ fields: Tensor, _ channel: Int) -> [Double] {
    RadialSpectrum.mean(
      (0..<min(64, fields.shape[0])).map {
        RadialSpectrum(FieldFigure.Field(fields, sample: $0, channel: channel))
      })
  }
}

extension FieldFigure {
  /// A picture of the first field of a solution, and of what it is the solution for.
  ///
  /// - Parameters:
  ///   - solution: `[samples, x, (y, (z,)) channels]`.
  ///   - input: the operator's input for it.
  ///   - title: what it is.
  ///   - truth: what it should have been, if that is known.
  ///   - channel: which channel of the solution is shown.
  ///   - axes: those of the grid.
  public init(
    solution: Tensor, of input: Tensor, title: String, truth: Tensor? = nil, channel: Int = 0,
    axes: [Axis] = []
  ) {
    self.init(
      title: title, axes: axes,
      rows: [
        Row(
          input: Field(input, sample: 0),
          truth: truth.map { Field($0, sample: 0, channel: channel) },
          prediction: Field(solution, sample: 0, channel: channel))
      ])
    if truth == nil { predictionName = "solution" }
  }
}

extension FieldOrigin {
  /// The axes of the domain as pictures show them.
  public var figureAxes: [FieldFigure.Axis] {
    zip(["x", "y", "z"], grid.axes).map { name, axis in
      FieldFigure.Axis(
        name, axis.lower...max(axis.lower, axis.upper), includesEnd: axis.points == .nodes)
    }
  }
}

extension FieldFigure.Field {
  /// One channel of a sample of `[samples, x, (y, (z,)) channels]`.
  public init(_ fields: Tensor, sample: Int, channel: Int = 0) {
    let one = fields.sliced(axis: 0, sample..<sample + 1)
    let sizes = Array(fields.shape.sizes.dropFirst().dropLast())
    self.init(one.elements, sizes: sizes, channels: fields.shape[-1], channel: channel)
  }
}

extension FieldAxis {
  /// The axis as pictures show it; without coordinates it goes from 0 to 1.
  var figureAxis: FieldFigure.Axis {
    guard let first = coordinates?.first, let last = coordinates?.last, first < last else {
      return FieldFigure.Axis(name, isTime: name == "t")
    }
    return FieldFigure.Axis(name, first...last, includesEnd: true, isTime: name == "t")
  }
}
