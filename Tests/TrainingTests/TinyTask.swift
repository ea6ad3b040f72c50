import Differentiation
import LongConvolution
import Pictures
import SequenceTensor
import Testing
import Training

/// A small sample of each task's data, and a run of a few steps on it.
struct TinyTask {
  let folder: String
  var configuration: RunConfiguration

  init(_ task: TrainingTask, folder: String, modelName: String = "sgconv") throws {
    self.folder = folder
    let data = "\(folder)/data"
    var settings: [String] = []
    var place = data
    switch task {
    case .retrieval:
      for (part, count) in [("train", 12), ("eval", 4), ("test", 6)] {
        let rows = (0..<count).map { "\($0 % 2).0\t\($0)\t1\tpaper \($0)\tabout \"\($0 % 2)\"" }
        try write(rows.joined(separator: "\n"), to: "\(data)/new_aan_pairs.\(part).tsv")
      }
      settings = ["data.maximumLength=16"]
    case .image: try Self.writeImages(data)
    case .mnist:
      try Self.writeDigits(data)
      settings = ["source.order=permuted"]
    case .pathfinder: try Self.writePaths(data)
    case .timeSeries:
      for part in ["TRAIN", "TEST"] {
        let cases = (0..<10).map { index in
          let values = (0...(3 + index % 3)).map { "\(Float(index % 2) + Float($0) / 4)" }
          return values.joined(separator: ",") + ":?,"
            + values.dropFirst().joined(separator: ",") + ":\(index % 2 == 0 ? "up" : "down")"
        }
        try write(
          "@problemName A\n@classLabel true up down\n@data\n" + cases.joined(separator: "\n"),
          to: "\(data)/A_\(part).ts")
      }
    case .forecasting:
      place = "\(data)/table.csv"
      let rows = (0..<60).map { "2020-01-\($0),\($0 % 7),\(Float($0 % 3) / 8)" }
      try write("date,a,b\n" + rows.joined(separator: "\n"), to: place)
      settings = ["source.inputLength=7", "source.horizon=3", "source.hasIndependentChannels=true"]
    case .dna, .dnaSpecies:
      for (name, motif) in [("x", "ACGT"), ("y", "AATTCN")] {
        try write(
          ">1\n" + String(repeating: motif + "\n", count: 30) + ">2\nACG\n",
          to: "\(data)/\(name).fa")
      }
      settings = ["data.maximumLength=8"]
      if task == .dnaSpecies { settings.append("source.splits.testFraction=0.2") }
    case .textFile:
      place = "\(data)/text.txt"
      try write(String(repeating: "To be, or not to bé. ", count: 30), to: place)
      settings = ["data.maximumLength=16", "data.level=character"]
    default:
      place = ""
      settings = [
        "source.trainingExamples=12", "source.validationExamples=4", "source.testExamples=6",
        "source.sequenceLength=\(task == .selectiveCopy ? 34 : 20)",
      ]
    }
    configuration = try RunConfiguration(task: task, modelName: modelName)
    configuration.data.folder = place
    configuration.model.channels = 4
    configuration.model.layers = 1
    configuration.training.epochs = 2
    configuration.training.batchSize = 4
    configuration.training.warmupSteps = 1
    configuration.training.evaluateEveryEpochs = 1
    configuration.training.logEverySteps = 1
    configuration = try settings.reduce(configuration) { try $0.setting($1) }
  }

  /// Two files of 5 training images and one of 4 test images.
  private static func writeImages(_ data: String) throws {
    for (name, count) in [("data_batch_1", 5), ("data_batch_2", 5), ("test_batch", 4)] {
      let bytes = (0..<count).flatMap { image -> [UInt8] in
        [UInt8(image % 10)] + (0..<3072).map { UInt8(truncatingIfNeeded: $0 * image) }
      }
      try write(bytes, to: "\(data)/\(name).bin")
    }
  }

  /// 10 training and 4 test images of 5×4 pixels.
  private static func writeDigits(_ data: String) throws {
    for (part, count) in [("train", 10), ("t10k", 4)] {
      try write(
        [0, 0, 8, 3, 0, 0, 0, UInt8(count), 0, 0, 0, 5, 0, 0, 0, 4]
          + (0..<count * 20).map { UInt8($0 % 256) }, to: "\(data)/\(part)-images-idx3-ubyte")
      try write(
        [0, 0, 8, 1, 0, 0, 0, UInt8(count)] + (0..<count).map { UInt8($0 % 10) },
        to: "\(data)/\(part)-labels-idx1-ubyte")
    }
  }

  /// 12 images of 4×4 pixels.
  private static func writePaths(_ data: String) throws {
    var lines = ""
    for index in 0..<12 {
      let image = PixelImage(width: 4, height: 4) { column, row in
        let value: UInt8 = (column + row + index).isMultiple(of: 2) ? 255 : 0
        return Color(red: value, green: value, blue: value)
      }
      try write(image.png(), to: "\(data)/imgs/0/sample_\(index).png")
      lines += "imgs/0 sample_\(index).png \(index) \(index % 2) 1 6 4 4\n"
    }
    try write(lines, to: "\(data)/metadata/0.npy")
  }

  var parts: SequenceParts { get throws { try configuration.loadParts() } }

  func run(_ name: String) -> RunFolder { RunFolder("\(folder)/\(name)") }

  /// Trains a new run until the end, or until a step.
  @discardableResult
  func train(_ name: String, stopAfter step: Int? = nil) throws -> SequenceTrainer {
    let trainer = try SequenceTrainer(
      newRun: run(name), SequenceWorkload(configuration, parts))
    _ = try trainer.run(Watcher(stopAfter: step))
    return trainer
  }

  /// Goes on with a run until the end.
  func resume(_ name: String) throws -> SequenceTrainer {
    let checkpoint = try run(name).latestCheckpoint(of: SequenceRecipe.self).checkpoint
    let parts = try checkpoint.configuration.loadParts(vocabulary: checkpoint.vocabulary)
    try checkpoint.recipe.check(parts)
    let trainer = try SequenceTrainer(
      resuming: run(name), checkpoint, SequenceWorkload(checkpoint.recipe, parts))
    _ = try trainer.run(Watcher())
    return trainer
  }
}

func bits(of model: AnySequenceNetwork) -> [[UInt32]] {
  model.parameters.map { $0.parameter.value.elements.map(\.bitPattern) }
}
