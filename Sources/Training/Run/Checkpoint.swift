import Differentiation
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
/// the names of the model's parameters, the training state as JSON in its metadata, and what the
/// recipe writes: the configuration, and for example the vocabulary. The recipe's own properties
/// are the checkpoint's too.
@dynamicMemberLookup
public struct Checkpoint<Recipe: ModelRecipe>: Sendable {
  /// Everything but the weights that the model is made from.
  public var recipe: Recipe
  /// The weights.
  public var model: Recipe.Model
  /// The optimiser with its running means.
  public var optimizer: AdamW
  /// Where the run stands.
  public var state: TrainingState

  private struct OptimizerState: Codable {
    var step: Int
  }

  /// Puts a checkpoint together.
  public init(recipe: Recipe, model: Recipe.Model, optimizer: AdamW, state: TrainingState) {
    self.recipe = recipe
    self.model = model
    self.optimizer = optimizer
    self.state = state
  }

  /// A property of the recipe.
  public subscript<Value>(dynamicMember path: WritableKeyPath<Recipe, Value>) -> Value {
    get { recipe[keyPath: path] }
    set { recipe[keyPath: path] = newValue }
  }

  /// The checkpoint as a safetensors file.
  public func file() throws -> SafetensorsFile {
    var file = SafetensorsFile(metadata: ["format": Recipe.format])
    try recipe.write(to: &file)
    try file.setMetadata("state", state)
    try file.setMetadata("optimizer", OptimizerState(step: optimizer.step))
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
  /// - Throws: `TensorFileError` if the file is damaged or not a checkpoint of such a model,
  ///   `ConfigurationError` if its configuration cannot be used.
  public init(readingFrom path: String) throws {
    let file = try SafetensorsFile(readingFrom: path)
    guard file.metadata["format"] == Recipe.format else {
      throw TensorFileError(
        place: "\(path): metadata format", expected: Recipe.format,
        got: file.metadata["format"] ?? "no format")
    }
    recipe = try Recipe(from: file, path: path)
    state = try file.metadata("state", TrainingState.self, path: path)
    var random = RandomSource(seed: 0)
    model = recipe.makeModel(using: &random)
    optimizer = AdamW(recipe.training)
    optimizer.step = try file.metadata("optimizer", OptimizerState.self, path: path).step
    try model.load(from: file, path: path)
    for (name, parameter) in model.parameters where file.contains("optimizer.first.\(name)") {
      let shape = parameter.value.shape
      optimizer.moments[parameter.id] = AdamW.Moments(
        first: try file.tensor("optimizer.first.\(name)", shape: shape, path: path),
        second: try file.tensor("optimizer.second.\(name)", shape: shape, path: path))
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

  /// Writes a value as JSON to the metadata.
  mutating func setMetadata(_ key: String, _ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    metadata[key] = String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  /// A value that is JSON in the metadata.
  ///
  /// - Throws: `TensorFileError` if it is missing or of another kind.
  func metadata<Value: Decodable>(
    _ key: String, _ type: Value.Type, path: String
  ) throws -> Value {
    guard let text = metadata[key] else {
      throw TensorFileError(
        place: "\(path): metadata", expected: "the key \(key) of a checkpoint", got: "no such key")
    }
    do {
      return try JSONDecoder().decode(type, from: Data(text.utf8))
    } catch {
      throw TensorFileError(
        place: "\(path): metadata \(key)", expected: "a value of a checkpoint", got: "\(error)")
    }
  }

  /// The configuration of a run.
  ///
  /// Keys that there were not yet when it was written have their defaults.
  ///
  /// - Parameter defaults: any configuration of the kind; method and task are those of the file.
  func configuration<Configuration: LayeredConfiguration>(
    _ defaults: @autoclosure () throws -> Configuration, path: String
  ) throws -> Configuration {
    do {
      return try metadata("configuration", Configuration.self, path: path)
    } catch {
      let data = Data((metadata["configuration"] ?? "").utf8)
      guard let tree = try? JSONDecoder().decode(ConfigurationTree.self, from: data),
        case .table(let keys) = tree, keys["modelName"] != nil,
        let filled = try? defaults().overlaid(with: tree, place: path)
      else { throw error }
      return filled
    }
  }
}
