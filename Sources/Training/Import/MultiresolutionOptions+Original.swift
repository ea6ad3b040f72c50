public import Layers
public import LongConvolution

extension MultiresolutionOptions {
  /// What the arguments of the authors' `MultiresLayer` say.
  ///
  /// - Throws: `ReferenceError` for a tree or a wavelet that there is not.
  public init(original arguments: OriginalArguments) throws(ReferenceError) {
    self.init()
    kernelSize = try arguments.integer("kernel_size", default: 2, in: 1...(1 << 24))
    depth = arguments["depth"] == nil ? nil : try arguments.integer("depth", default: 0, in: 1...30)
    selection = try arguments.named("tree_select", default: "fading") {
      TreeSelection(rawValue: $0)
    }
    hasIndependentResidual = try arguments.flag("indep_res_init", default: false)
    sequenceLength =
      arguments["seq_len"] == nil ? nil : try arguments.integer("seq_len", default: 1)
    memorySize =
      arguments["memory_size"] == nil ? nil : try arguments.integer("memory_size", default: 1)
    if arguments["wavelet_init"] != nil {
      wavelet = try arguments.named("wavelet_init", default: "") { Wavelet($0.lowercased()) }
    }
  }

  /// The same for weights that are there: a wavelet, which only says how they started, may be any.
  init(imported arguments: OriginalArguments) throws(ReferenceError) {
    var arguments = arguments
    if arguments["kernel_size"] != nil { arguments.values["wavelet_init"] = nil }
    try self.init(original: arguments)
  }
}

extension MultiresolutionSettings {
  /// Settings that say the sizes of an imported tree, so that they can be checked.
  ///
  /// - Throws: `ReferenceError` if the depth, or the memory of a uniform tree, is not told.
  init(checked options: MultiresolutionOptions) throws(ReferenceError) {
    self.init(forTraining: ())
    kernelSize = options.taps
    memorySize = options.memorySize ?? memorySize
    guard let depth = options.resolvedDepth, depth > 0 else {
      throw ReferenceError(
        place: "arguments depth, seq_len", expected: "one of them, above 0", got: "nothing")
    }
    self.depth = depth
    guard options.selection == .fading || options.memorySize != nil else {
      throw ReferenceError(
        place: "argument memory_size", expected: "a whole number above 0", got: "nothing")
    }
  }
}
