public import Differentiation
public import Layers
public import NeuralOperators
public import SequenceTensor
public import TensorIO

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A neural operator with the weights of its original implementation.
public struct ImportedOperator: NeuralOperator {
  /// Which original.
  public let kind: String
  /// The arguments of its constructor, with those that the weights tell.
  public let arguments: OriginalArguments
  /// The operator.
  public private(set) var inner: any NeuralOperator
  /// The channels of the input.
  public let inputs: Int
  /// The number of grid axes.
  public let axes: Int

  /// The originals that there are, with the class that each stands for.
  public static let kinds: [(name: String, original: String)] = [
    ("neuralop.fno", "FNO of neuraloperator 2.0"),
    ("neuralop.tfno", "TFNO of neuraloperator 2.0"),
    ("neuralop.uno", "UNO of neuraloperator 2.0"),
    ("neuralop.spectralconv", "SpectralConv of neuraloperator 2.0"),
  ]

  /// Makes an operator from an original's weights.
  ///
  /// - Parameters:
  ///   - kind: one of `kinds`.
  ///   - arguments: of the original's constructor; sizes that the weights tell may be left out.
  ///   - weights: its tensors, under its names.
  /// - Throws: `ReferenceError` with the argument or the tensor.
  public init(
    _ kind: String, arguments: OriginalArguments, weights: ReferenceWeights
  ) throws(ReferenceError) {
    for (name, tensor) in weights.tensors.sorted(by: { $0.key < $1.key })
    where !tensor.elements.allSatisfy(\.isFinite) {
      throw ReferenceError(
        place: "\(weights.place): \(name)", expected: "finite values", got: "others among them")
    }
    let stored = weights.tensors.values.reduce(0) { $0 + $1.count }
    var arguments = arguments
    arguments.fillOperator(kind, from: weights)
    try self.init(kind, arguments, storedValues: stored, weights: weights)
  }

  private init(
    _ kind: String, _ arguments: OriginalArguments, storedValues: Int, weights: ReferenceWeights?
  ) throws(ReferenceError) {
    var random = RandomSource(seed: 0)
    func require(_ least: Int) throws(ReferenceError) {
      guard least <= storedValues else {
        throw ReferenceError(
          place: "arguments", expected: "an operator of at most the \(storedValues) values stored",
          got: "one of at least \(least)")
      }
    }
    func refuseComplex(_ isComplex: Bool) throws(ReferenceError) {
      guard !isComplex else {
        throw ReferenceError(
          place: "argument complex_data", expected: "real data, for an operator by itself",
          got: "complex data")
      }
    }
    func loaded<Operator: NeuralOperator & ReferenceCompatible>(
      _ model: Operator
    ) throws(ReferenceError) -> Operator {
      guard let weights else { return model }
      var model = model
      try model.load(weights) { $0.hasSuffix("num_batches_tracked") }
      return model
    }
    switch kind {
    case "neuralop.fno", "neuralop.tfno":
      let options = try FourierNeuralOperatorOptions(
        original: arguments, isFactorized: kind == "neuralop.tfno")
      try refuseComplex(options.block.convolution.hasComplexData)
      try require(
        ConfigurationCheck.product(
          options.channels, ConfigurationCheck.product(options.layers, options.axes)))
      try require(options.block.convolution.leastValues(channels: options.channels))
      var model = try loaded(FourierNeuralOperator(options: options, using: &random))
      model.freezeStatistics()
      (inner, inputs, axes) = (model, options.inputs, options.axes)
    case "neuralop.uno":
      let options = try UShapedNeuralOperatorOptions(original: arguments)
      try refuseComplex(options.block.convolution.hasComplexData)
      try require(
        ConfigurationCheck.product(options.channels, options.layers.map(\.channels).max() ?? 1))
      for layer in options.layers {
        try require(
          layer.modes.reduce(layer.channels) { ConfigurationCheck.product($0, ($1 + 1) / 2) })
      }
      var model = try loaded(UShapedNeuralOperator(options: options, using: &random))
      model.freezeStatistics()
      (inner, inputs, axes) = (model, options.inputs, options.axes)
    case "neuralop.spectralconv":
      let options = try SpectralConvolutionOptions(original: arguments)
      try refuseComplex(options.hasComplexData)
      let (inputs, outputs) = (
        try arguments.size("in_channels"), try arguments.size("out_channels")
      )
      try require(options.leastValues(channels: min(inputs, outputs)))
      inner = try loaded(
        SpectralConvolution(inputs: inputs, outputs: outputs, options: options, using: &random))
      (self.inputs, axes) = (inputs, options.axes)
    default:
      throw ReferenceError(
        place: "kind", expected: "one of " + Self.kinds.map(\.name).joined(separator: ", "),
        got: kind)
    }
    self.kind = kind
    self.arguments = arguments
  }

  /// The original's output, channels last.
  public func callAsFunction(_ field: Variable, outputGrid: Shape?) -> Variable {
    inner(field, outputGrid: outputGrid)
  }

  /// Visits the operator's parameters.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    inner.forEachParameter(body)
  }
}

extension ImportedOperator {
  /// The word in the metadata of its files.
  public static let format = "longwave imported operator 1"

  /// The operator as a safetensors file: its parameters as `model.*`, kind and arguments in the
  /// metadata.
  public func file() throws -> SafetensorsFile {
    var file = SafetensorsFile(metadata: ["format": Self.format, "kind": kind])
    try file.setMetadata("arguments", arguments)
    for (name, parameter) in parameters { file.set("model.\(name)", parameter.value) }
    return file
  }

  /// Reads an operator that was imported before.
  ///
  /// - Throws: `TensorFileError` if the file is damaged or holds something else, `ReferenceError`
  ///   if its arguments make no operator.
  public init(readingFrom path: String) throws {
    let file = try SafetensorsFile(readingFrom: path)
    guard file.metadata["format"] == Self.format, let kind = file.metadata["kind"] else {
      throw TensorFileError(
        place: "\(path): metadata format", expected: Self.format,
        got: file.metadata["format"] ?? "no format")
    }
    let count = try file.names.reduce(0) { try file.shape(of: $1).reduce(1, *) + $0 }
    try self.init(
      kind, ImportedLayer.arguments(of: file, key: "arguments", path: path), storedValues: count,
      weights: nil)
    try load(from: file, path: path)
  }
}

extension SpectralConvolutionOptions {
  /// A number of values that a convolution has at least.
  fileprivate func leastValues(channels: Int) -> Int {
    // Of factors only their longest sides count.
    guard factorization == nil else { return max(channels, weightModes.max() ?? 1) }
    let pairs = isSeparable ? channels : ConfigurationCheck.product(channels, channels)
    return weightModes.reduce(pairs) { ConfigurationCheck.product($0, $1) }
  }
}

extension OriginalArguments {
  /// Adds the arguments of an operator that its weights tell.
  fileprivate mutating func fillOperator(_ kind: String, from weights: ReferenceWeights) {
    func modes(_ name: String) -> ConfigurationTree? {
      guard let shape = weights.tensors[name]?.shape.sizes, shape.count > 3 else { return nil }
      // Of the last axis only half of the modes are stored.
      let stored = shape[2..<shape.count - 1]
      return .list(
        stored.dropLast().map { .integer($0) } + [.integer(max(1, 2 * ((stored.last ?? 1) - 1)))])
    }
    switch kind {
    case "neuralop.spectralconv":
      if values["n_modes"] == nil { values["n_modes"] = modes("weight.tensor") }
      fill("in_channels", weights.size("weight.tensor", 0))
      fill("out_channels", weights.size("weight.tensor", 1))
      if values["bias"] == nil { values["bias"] = .bool(weights.tensors["bias"] != nil) }
    case "neuralop.fno", "neuralop.tfno":
      if values["n_modes"] == nil {
        values["n_modes"] = modes("fno_blocks.convs.0.weight.tensor")
      }
      let hidden =
        weights.size("lifting.fcs.1.weight", 0) ?? weights.size("fno_blocks.convs.0.bias", 0)
      fill("hidden_channels", hidden)
      fill("out_channels", weights.size("projection.fcs.1.weight", 0))
      fill(
        "n_layers", weights.tensors.keys.count { $0.hasSuffix(".bias") && $0.contains("convs.") })
      if let hidden, hidden > 0 {
        for (name, part) in [
          ("lifting_channel_ratio", "lifting"), ("projection_channel_ratio", "projection"),
        ] where values[name] == nil {
          if let inner = weights.size("\(part).fcs.0.weight", 0) {
            values[name] = .number(Double(inner) / Double(hidden))
          }
        }
      }
      if case .list(let modes)? = values["n_modes"],
        let all = weights.size("lifting.fcs.0.weight", 1)
      {
        let hasGrid = values["positional_embedding"] != .null
        fill("in_channels", all - (hasGrid ? modes.count : 0))
      }
    default: break
    }
  }
}
