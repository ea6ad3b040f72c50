public import Differentiation
public import Layers
import LongConvolution
import SequenceTensor

/// A layer with the weights of its original implementation.
public struct ImportedLayer: Sendable {
  /// Which original.
  public let kind: String
  /// The arguments of its constructor, with those that the weights tell.
  public let arguments: OriginalArguments
  /// The layer.
  public var layer: any SequenceMixer
  /// What the original applies to its output and the layer leaves to its caller.
  public let activation: Activation
  /// What it takes.
  public let input: Input

  /// The originals that there are, with the class that each stands for.
  public static let kinds: [(name: String, original: String)] = originals.map {
    ($0.name, $0.original)
  }

  /// Makes a layer from an original's weights.
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
    let count = weights.tensors.values.reduce(0) { $0 + $1.count }
    try self.init(kind, arguments, weights, storedValues: count)
  }

  /// A layer without weights if there are none; `storedValues` is how many its file has.
  init(
    _ kind: String, _ arguments: OriginalArguments, _ weights: ReferenceWeights?,
    storedValues: Int
  ) throws(ReferenceError) {
    try arguments.validate()
    guard let original = Self.originals.first(where: { $0.name == kind }) else {
      throw ReferenceError(
        place: "kind", expected: "one of " + Self.originals.map(\.name).joined(separator: ", "),
        got: kind)
    }
    var arguments = arguments
    if let weights { original.fill(&arguments, weights) }
    var random = RandomSource(seed: 0)
    let source = Source(arguments: arguments, weights: weights, storedValues: storedValues)
    layer = try original.make(source, &random)
    activation = try original.activation(arguments)
    input = try original.input(arguments)
    self.arguments = arguments
    self.kind = kind
  }

  /// The original's output for `[batch, length, channels]`.
  public func callAsFunction(_ x: Variable, mask: SequenceMask? = nil) -> Variable {
    let mixer = x.shape.rank == 3 ? (try? fitted(to: x.shape[1]).layer) ?? layer : layer
    return activation(mixer(x, mask: mask))
  }

  /// The layer for sequences of a length, where its original has noted none yet.
  ///
  /// Continuous convolutions note it at their first use; weights may have been saved before. Other layers
  /// stay as they are.
  ///
  /// - Throws: `ReferenceError` if the length makes no layer.
  public func fitted(to length: Int) throws(ReferenceError) -> ImportedLayer {
    guard let open = arguments.openLength(kind, length) else { return self }
    var arguments = arguments
    arguments.values["train_length"] = .integer(open)
    let values = AnySequenceMixer(layer).parameters
    let count = values.reduce(0) { $0 + $1.parameter.value.count }
    var fitted = try ImportedLayer(kind, arguments, nil, storedValues: count)
    var mixer = AnySequenceMixer(fitted.layer)
    var next = values.makeIterator()
    mixer.forEachParameter { _, parameter in
      if let stored = next.next() { parameter = stored.parameter }
    }
    fitted.layer = mixer.mixer
    return fitted
  }

  /// What a layer takes: `[batch, length, channels]`.
  public struct Input: Sendable, Equatable {
    /// The number of channels.
    public var channels: Int
    /// The shortest length.
    public var shortestLength = 1
    /// Of a layer of tokens, whole numbers in one channel, how many there are.
    public var vocabulary: Int?
  }

  /// What a layer is made from.
  struct Source {
    let arguments: OriginalArguments
    let weights: ReferenceWeights?
    let storedValues: Int

    /// Checks settings as those of a run are checked, and that the file can hold such a layer,
    /// before memory is asked for.
    func check(_ settings: some MixerSettings, channels: Int) throws(ReferenceError) {
      do throws(ConfigurationError) {
        var run = try RunConfiguration(task: .listops)
        run.model.channels = channels
        try settings.validate(run)
      } catch {
        throw ReferenceError(
          place: "arguments, as \(error.place)", expected: error.expected, got: error.got)
      }
      try require(settings.leastValues(channels: channels))
    }

    /// Checks that the file can hold a layer of so many values.
    func require(_ least: Int) throws(ReferenceError) {
      guard least <= storedValues else {
        throw ReferenceError(
          place: "arguments", expected: "a layer of at most the \(storedValues) values stored",
          got: "one of at least \(least)")
      }
    }
  }

  /// How one original is made again.
  struct Original: Sendable {
    let name: String
    let original: String
    /// Adds the arguments that the weights tell.
    let fill: @Sendable (inout OriginalArguments, ReferenceWeights) -> Void
    /// Makes the layer, with the weights in it if there are some.
    let make: @Sendable (Source, inout RandomSource) throws(ReferenceError) -> any SequenceMixer
    /// What the original applies to the layer's output.
    var activation: @Sendable (OriginalArguments) throws(ReferenceError) -> Activation = {
      _ throws(ReferenceError) in .identity
    }
    /// What it takes.
    var input: @Sendable (OriginalArguments) throws(ReferenceError) -> Input = {
      arguments throws(ReferenceError) in Input(channels: try arguments.size("d_model"))
    }
  }
}

extension ReferenceWeights {
  /// A size of a tensor; `nil` if it is not there or has fewer axes.
  func size(_ name: String, _ axis: Int) -> Int? {
    guard let shape = tensors[name]?.shape, shape.rank > axis else { return nil }
    return shape[axis]
  }
}
