import Differentiation
public import LongConvolution
import SequenceTensor
public import TensorIO

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A file with everything that a run needs to go on, or a model to be used.
///
/// A safetensors file with `model.*` tensors, `optimizer.first.*` and `optimizer.second.*` under
/// the names of the model's parameters, and the configuration, vocabulary, classes and training
/// state as JSON in its metadata.
public struct Checkpoint: Sendable {
  /// The configuration of the run.
  public var configuration: RunConfiguration
  /// The tokens.
  public var vocabulary: Vocabulary
  /// The names of the classes.
  public var classNames: [String]
  /// The weights.
  public var model: ClassifierModel
  /// The optimiser with its running means.
  public var optimizer: AdamW
  /// Where the run stands.
  public var state: TrainingState

  private static let format = "longwave checkpoint 1"

  private struct OptimizerState: Codable {
    var step: Int
  }

  /// The checkpoint as a safetensors file.
  public func file() throws -> SafetensorsFile {
    func json(_ value: some Encodable) throws -> String {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
    var file = SafetensorsFile(metadata: [
      "format": Self.format, "configuration": try json(configuration),
      "vocabulary": try json(vocabulary), "classes": try json(classNames),
      "state": try json(state), "optimizer": try json(OptimizerState(step: optimizer.step)),
    ])
    for (name, parameter) in model.parameters {
      file.set("model.\(name)", parameter.value)
      if let moments = optimizer.moments[parameter.id] {
        file.set("optimizer.first.\(name)", moments.first)
        file.set("optimizer.second.\(name)", moments.second)
      }
    }
    return file
  }

  /// Writes the checkpoint; either the whole file appears or nothing changes.
  public func write(to path: String) throws { try file().write(to: path) }

  /// Reads a checkpoint.
  ///
  /// - Throws: `TensorFileError` if the file is damaged or not a checkpoint, `ConfigurationError`
  ///   if its configuration cannot be used.
  public init(readingFrom path: String) throws {
    let file = try SafetensorsFile(readingFrom: path)
    func metadata<Value: Decodable>(_ key: String, _ type: Value.Type) throws -> Value {
      guard let text = file.metadata[key] else {
        throw TensorFileError(
          place: "\(path): metadata", expected: "the key \(key) of a checkpoint", got: "no such key"
        )
      }
      do {
        return try JSONDecoder().decode(type, from: Data(text.utf8))
      } catch {
        throw TensorFileError(
          place: "\(path): metadata \(key)", expected: "a value of a checkpoint", got: "\(error)")
      }
    }
    guard file.metadata["format"] == Self.format else {
      throw TensorFileError(
        place: "\(path): metadata format", expected: Self.format,
        got: file.metadata["format"] ?? "no format")
    }
    configuration = try metadata("configuration", RunConfiguration.self)
    do throws(ConfigurationError) {
      try configuration.validate()
    } catch {
      throw ConfigurationError(
        place: "\(path): \(error.place)", expected: error.expected, got: error.got)
    }
    vocabulary = try metadata("vocabulary", Vocabulary.self)
    classNames = try metadata("classes", [String].self)
    state = try metadata("state", TrainingState.self)
    guard !classNames.isEmpty else {
      throw TensorFileError(
        place: "\(path): metadata classes", expected: "at least one class", got: "none")
    }
    try configuration.checkSizes(of: file, vocabulary: vocabulary.count, path: path)
    var random = RandomSource(seed: 0)
    model = configuration.makeModel(
      vocabulary: vocabulary.count, classes: classNames.count, using: &random)
    optimizer = AdamW(configuration.training)
    optimizer.step = try metadata("optimizer", OptimizerState.self).step
    try model.load(from: file, path: path)
    for (name, parameter) in model.parameters where file.contains("optimizer.first.\(name)") {
      let shape = parameter.value.shape
      optimizer.moments[parameter.id] = AdamW.Moments(
        first: try file.tensor("optimizer.first.\(name)", shape: shape, path: path),
        second: try file.tensor("optimizer.second.\(name)", shape: shape, path: path))
    }
  }

  /// Puts a checkpoint together.
  public init(
    configuration: RunConfiguration, vocabulary: Vocabulary, classNames: [String],
    model: ClassifierModel, optimizer: AdamW, state: TrainingState
  ) {
    self.configuration = configuration
    self.vocabulary = vocabulary
    self.classNames = classNames
    self.model = model
    self.optimizer = optimizer
    self.state = state
  }
}

extension AdamW {
  init(_ configuration: TrainingConfiguration) {
    self.init(
      learningRate: configuration.learningRate, weightDecay: configuration.weightDecay,
      beta1: configuration.beta1, beta2: configuration.beta2, epsilon: configuration.epsilon)
  }
}

extension RunConfiguration {
  /// Compares the sizes that a model's memory depends on with a file, before it is made.
  ///
  /// - Throws: `TensorFileError` if a tensor is missing or has another shape.
  fileprivate func checkSizes(of file: SafetensorsFile, vocabulary: Int, path: String) throws {
    func check(_ name: String, _ sizes: [Int]) throws {
      let stored = try file.shape(of: "model.\(name)")
      guard stored == sizes else {
        throw TensorFileError(
          place: "\(path): model.\(name)", expected: "shape \(sizes)", got: "shape \(stored)")
      }
    }
    try check("embedding.weight", [vocabulary, model.channels])
    let least = ConfigurationCheck.product(
      filter.settings.leastValues(channels: model.channels), model.layers)
    let stored = try file.names.filter { $0.hasPrefix("model.blocks.") }.reduce(0) { sum, name in
      try file.shape(of: name).reduce(1, *) + sum
    }
    guard least <= stored else {
      throw TensorFileError(
        place: "\(path): model.blocks",
        expected: "at least \(least) values in \(model.layers) blocks",
        got: "\(stored)")
    }
  }
}

extension Module {
  /// Sets every parameter from the `model.*` tensors of a file.
  ///
  /// - Throws: `TensorFileError` if one is missing, has another shape, or is left over.
  mutating func load(from file: SafetensorsFile, path: String) throws {
    var failure: (any Error)?
    var expected: Set<String> = []
    forEachParameter { name, parameter in
      expected.insert("model.\(name)")
      guard failure == nil else { return }
      do {
        parameter.value = try file.tensor(
          "model.\(name)", shape: parameter.value.shape, path: path)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    if let extra = file.names.first(where: { $0.hasPrefix("model.") && !expected.contains($0) }) {
      throw TensorFileError(
        place: "\(path): \(extra)", expected: "only tensors of the configured model",
        got: "a tensor that it does not have")
    }
  }
}

extension SafetensorsFile {
  mutating func set(_ name: String, _ tensor: Tensor) {
    set(name, floats: tensor.elements, shape: tensor.shape.sizes)
  }

  /// A tensor of an expected shape.
  func tensor(_ name: String, shape: Shape, path: String) throws -> Tensor {
    let stored = try self.shape(of: name)
    guard stored == shape.sizes else {
      throw TensorFileError(
        place: "\(path): \(name)", expected: "shape \(shape)", got: "shape \(stored)")
    }
    return Tensor(try floats(name), shape: shape)
  }
}
