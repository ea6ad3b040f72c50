import Differentiation
public import Layers
public import NeuralOperators
import SequenceTensor
import SpectralCore

extension OriginalArguments {
  /// A number that was given for all of `count`, or a list of as many; nil if there is none.
  fileprivate func numbers(_ name: String, count: Int? = nil) throws(ReferenceError) -> [Double]? {
    guard let value = self[name] else { return nil }
    var found: [Double]?
    if let number = value.number { found = Array(repeating: number, count: count ?? 1) }
    if case .list(let values) = value {
      let numbers = values.compactMap(\.number)
      if numbers.count == values.count { found = numbers }
    }
    guard let found, count.map({ $0 == found.count }) ?? true, found.allSatisfy({ abs($0) < 1e9 })
    else {
      throw ReferenceError(
        place: "argument \(name)", expected: "a number or a list of \(count.map { "\($0)" } ?? "")",
        got: "\(value)")
    }
    return found
  }

  /// Whole numbers above 0.
  fileprivate func sizes(_ name: String, count: Int? = nil) throws(ReferenceError) -> [Int]? {
    guard let found = try numbers(name, count: count) else { return nil }
    let whole = found.compactMap { Int(exactly: $0) }.filter { $0 > 0 }
    guard whole.count == found.count, !whole.isEmpty else {
      throw ReferenceError(
        place: "argument \(name)", expected: "whole numbers above 0", got: "\(found)")
    }
    return whole
  }

  /// Lists of as many numbers as there are axes, one for each layer, or fewer numbers that stand for
  /// several.
  fileprivate func scaling(_ name: String, layers: Int, axes: Int) throws(ReferenceError)
    -> [[Double]]?
  {
    guard let value = self[name] else { return nil }
    if case .list(let rows) = value, rows.allSatisfy({ if case .list = $0 { true } else { false } })
    {
      let numbers = rows.compactMap { row -> [Double]? in
        guard case .list(let values) = row else { return nil }
        let row = values.compactMap(\.number)
        return row.count == axes && values.count == axes ? row : nil
      }
      guard numbers.count == layers else {
        throw ReferenceError(
          place: "argument \(name)", expected: "\(layers) lists of \(axes) numbers",
          got: "\(value)")
      }
      return numbers
    }
    return try numbers(name, count: layers)?.map { Array(repeating: $0, count: axes) }
  }

  /// Lists of whole numbers above 0.
  fileprivate func sizeLists(_ name: String) throws(ReferenceError) -> [[Int]] {
    guard case .list(let rows) = self[name] else { return [] }
    var result: [[Int]] = []
    for row in rows { result.append(try OriginalArguments([name: row]).sizes(name) ?? []) }
    return result
  }

  /// A number, or a default.
  fileprivate func real(_ name: String, _ standard: Double) -> Double {
    self[name]?.number ?? standard
  }

  /// Whether null was given, which is not the same as nothing.
  fileprivate func isNull(_ name: String) -> Bool { values[name] == .null }

  /// A kind of connection, of which null is none.
  fileprivate func skip(_ name: String, default standard: String) throws(ReferenceError)
    -> SkipKind?
  {
    if isNull(name) { return nil }
    return try named(name, default: standard) {
      switch $0.lowercased() {
      case "linear": .linear
      case "identity": .identity
      case "soft-gating": .softGating
      default: nil
      }
    }
  }

  /// Coordinates that are joined to the input.
  fileprivate func coordinates(axes: Int) throws(ReferenceError) -> GridCoordinates? {
    if isNull("positional_embedding") { return nil }
    guard let table = self["positional_embedding"]?.arguments else {
      return try named("positional_embedding", default: "grid") {
        $0 == "grid" ? GridCoordinates(axes: axes) : nil
      }
    }
    return try GridCoordinates(original: table, axes: axes)
  }

  /// How weights are factorised; nil if they are not.
  fileprivate func factorization(
    default standard: String?, rank: Double, implementation: String
  ) throws(ReferenceError) -> WeightFactorization? {
    let name = self["factorization"]?.text ?? (isNull("factorization") ? nil : standard)
    guard let name, name.lowercased() != "dense" else { return nil }
    let forms: [String: WeightFactorization.Form] = [
      "tucker": .tucker, "cp": .canonical, "tt": .tensorTrain,
    ]
    let lower = name.lowercased()
    let key = lower.hasPrefix("complex") ? String(lower.dropFirst(7)) : lower
    guard let form = forms[key] else {
      throw ReferenceError(
        place: "argument factorization", expected: "Tucker, CP, TT or dense", got: name)
    }
    var result = WeightFactorization(form)
    switch self["rank"] {
    // A whole 1 is how some writers put the fraction 1.0.
    case .integer(let value) where value > 1: result.rank = .exact([value])
    case .list: result.rank = .exact(try sizes("rank") ?? [])
    case .text: result.rank = .fraction(1)
    default: result.rank = .fraction(real("rank", rank))
    }
    result.implementation = try named("implementation", default: implementation) {
      $0 == "factorized" ? .factorized : $0 == "reconstructed" ? .reconstructed : nil
    }
    if self["fixed_rank_modes"]?.bool ?? false { result.fixedAxes = [0] }
    if case .list = self["fixed_rank_modes"] {
      result.fixedAxes = try numbers("fixed_rank_modes")?.map { Int($0) } ?? []
    }
    return result
  }
}

extension GridCoordinates {
  /// What the arguments of `GridEmbeddingND` of neuraloperator say.
  ///
  /// - Parameters:
  ///   - arguments: `grid_boundaries`, from 0 to 1 if there are none.
  ///   - axes: the number of grid axes.
  /// - Throws: `ReferenceError` for boundaries that are not pairs, one for each axis or for all.
  public init(original arguments: OriginalArguments, axes: Int) throws(ReferenceError) {
    self.init(axes: axes)
    guard let value = arguments["grid_boundaries"] else { return }
    var pairs: [ClosedRange<Float>] = []
    if case .list(let rows) = value {
      pairs = rows.compactMap { row in
        guard case .list(let ends) = row, ends.count == 2, let lower = ends[0].number,
          let upper = ends[1].number, lower <= upper
        else { return nil }
        return Float(lower)...Float(upper)
      }
    }
    if pairs.count == 1 { pairs = Array(repeating: pairs[0], count: axes) }
    guard pairs.count == axes else {
      throw ReferenceError(
        place: "argument grid_boundaries", expected: "\(axes) pairs of numbers", got: "\(value)")
    }
    boundaries = pairs
  }
}

extension SpectralConvolutionOptions {
  /// What the arguments of `SpectralConv` of neuraloperator say.
  ///
  /// - Throws: `ReferenceError` for an argument that means nothing.
  public init(original arguments: OriginalArguments) throws(ReferenceError) {
    self.init(modes: try arguments.sizes("n_modes") ?? [])
    guard (1...3).contains(axes) else {
      throw ReferenceError(
        place: "argument n_modes", expected: "1 to 3 numbers", got: "\(modes)")
    }
    maximumModes = try arguments.sizes("max_n_modes", count: axes)
    hasComplexData = arguments["complex_data"]?.bool ?? false
    hasBias = arguments["bias"]?.bool ?? true
    isSeparable = arguments["separable"]?.bool ?? false
    resolutionScaling = try arguments.numbers("resolution_scaling_factor", count: axes)
    normalization = try arguments.named("fft_norm", default: "forward") {
      $0 == "ortho" ? .orthonormal : SpectralCore.Normalization(rawValue: $0)
    }
    factorization = try arguments.factorization(
      default: nil, rank: 1, implementation: "reconstructed")
    initialDeviation = arguments["init_std"]?.number.map { Float($0) }
    try checkModes()
  }

  fileprivate func checkModes() throws(ReferenceError) {
    guard zip(weightModes, keptModes).allSatisfy({ $0 >= $1 }) else {
      throw ReferenceError(
        place: "argument max_n_modes", expected: "at least \(keptModes)", got: "\(weightModes)")
    }
  }
}

extension FourierBlockOptions {
  /// What those arguments of `FNO` and `UNO` of neuraloperator say that are of all blocks.
  ///
  /// - Parameters:
  ///   - arguments: the arguments.
  ///   - modes: the modes of each axis.
  ///   - factorization: that of the class, if the arguments name none.
  /// - Throws: `ReferenceError` for an argument that means nothing.
  init(
    original arguments: OriginalArguments, modes: [Int], factorization: String? = nil,
    rank: Double = 1
  ) throws(ReferenceError) {
    self.init(modes: modes)
    convolution.maximumModes = try arguments.sizes("max_n_modes", count: modes.count)
    convolution.hasComplexData = arguments["complex_data"]?.bool ?? false
    convolution.isSeparable = arguments["separable"]?.bool ?? false
    convolution.factorization = try arguments.factorization(
      default: factorization, rank: rank, implementation: "factorized")
    try convolution.checkModes()
    activation = try arguments.named("non_linearity", default: "gelu") {
      Activation(rawValue: $0.lowercased()).flatMap { $0.inputFactor == 1 ? $0 : nil }
    }
    if arguments["norm"] != nil {
      normalization = try arguments.named("norm", default: "") {
        [
          "instance_norm": .instance, "group_norm": .group, "batch_norm": .batch,
          "ada_in": .adaptive,
        ][
          $0]
      }
    }
    normalizationGroups = Int(arguments.real("norm_groups", 1))
    embeddingFeatures = Int(arguments.real("ada_in_features", 1))
    isPreactivated = arguments["preactivation"]?.bool ?? false
    isStabilized = arguments["stabilizer"]?.text == "tanh"
    skip = try arguments.skip("fno_skip", default: "linear")
    skipKernel = Int(arguments.real("conv_bias_kernel", 1))
    hasChannelPerceptron = arguments["use_channel_mlp"]?.bool ?? true
    channelExpansion = arguments.real("channel_mlp_expansion", 0.5)
    channelDropout = Float(arguments.real("channel_mlp_dropout", 0))
    channelSkip = try arguments.skip("channel_mlp_skip", default: "soft-gating")
  }
}

extension FourierNeuralOperatorOptions {
  /// What the arguments of `FNO` or `TFNO` of neuraloperator say.
  ///
  /// - Parameters:
  ///   - arguments: the arguments.
  ///   - isFactorized: whether they are those of `TFNO`, which has a Tucker form of rank 0.1 by
  ///     itself.
  /// - Throws: `ReferenceError` for an argument that means nothing.
  public init(original arguments: OriginalArguments, isFactorized: Bool = false)
    throws(ReferenceError)
  {
    let modes = try arguments.sizes("n_modes") ?? []
    guard (1...3).contains(modes.count) else {
      throw ReferenceError(
        place: "argument n_modes", expected: "1 to 3 numbers", got: "\(modes)")
    }
    self.init(
      modes: modes, inputs: try arguments.size("in_channels"),
      outputs: try arguments.size("out_channels"),
      channels: try arguments.size("hidden_channels"))
    layers = arguments["n_layers"] == nil ? 4 : try arguments.size("n_layers")
    liftingRatio = arguments.real("lifting_channel_ratio", 2)
    projectionRatio = arguments.real("projection_channel_ratio", 2)
    coordinates = try arguments.coordinates(axes: axes)
    if let fractions = try arguments.numbers("domain_padding"),
      fractions.contains(where: { $0 > 0 })
    {
      padding = DomainPadding(
        fractions, isSymmetric: arguments["domain_padding_mode"]?.text != "one-sided")
    }
    scaling = try arguments.scaling("resolution_scaling_factor", layers: layers, axes: axes)
    block = try FourierBlockOptions(
      original: arguments, modes: modes, factorization: isFactorized ? "Tucker" : nil,
      rank: isFactorized ? 0.1 : 1)
  }
}

extension UShapedNeuralOperatorOptions {
  /// What the arguments of `UNO` of neuraloperator say.
  ///
  /// - Throws: `ReferenceError` for an argument that means nothing.
  public init(original arguments: OriginalArguments) throws(ReferenceError) {
    let count = arguments["n_layers"] == nil ? 4 : try arguments.size("n_layers")
    let channels = try arguments.sizes("uno_out_channels", count: count) ?? []
    let modes = try arguments.sizeLists("uno_n_modes")
    let axes = modes.first?.count ?? 0
    let scalings = try arguments.scaling("uno_scalings", layers: count, axes: axes) ?? []
    guard
      [channels.count, modes.count, scalings.count].allSatisfy({ $0 == count }),
      (1...3).contains(axes), modes.allSatisfy({ $0.count == axes })
    else {
      throw ReferenceError(
        place: "arguments uno_…", expected: "channels, modes and scalings of \(count) layers",
        got: "\(channels), \(modes), \(scalings)")
    }
    self.init(
      inputs: try arguments.size("in_channels"), outputs: try arguments.size("out_channels"),
      channels: try arguments.size("hidden_channels"),
      layers: zip(zip(channels, modes), scalings).map {
        Layer(channels: $0.0, modes: $0.1, scaling: $1)
      })
    liftingChannels = try arguments.sizes("lifting_channels")?.first ?? 256
    projectionChannels = try arguments.sizes("projection_channels")?.first ?? 256
    coordinates = try arguments.coordinates(axes: axes)
    if let fractions = try arguments.numbers("domain_padding"),
      fractions.contains(where: { $0 > 0 })
    {
      padding = DomainPadding(fractions)
    }
    if let table = arguments["horizontal_skips_map"]?.arguments {
      horizontalSkips = [:]
      for (key, value) in table.values {
        guard let layer = Int(key), let number = value.number, let from = Int(exactly: number),
          (0..<count).contains(layer), (0..<layer).contains(from)
        else {
          throw ReferenceError(
            place: "argument horizontal_skips_map", expected: "earlier layers of layers",
            got: "\(key): \(value)")
        }
        horizontalSkips[layer] = from
      }
    }
    horizontalSkip = try arguments.skip("horizontal_skip", default: "linear") ?? .linear
    block = try FourierBlockOptions(original: arguments, modes: modes[0])
  }
}
