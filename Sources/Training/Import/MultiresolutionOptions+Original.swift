public import Layers
public import LongConvolution

extension MultiresolutionOptions {
  /// What the arguments of the authors' `MultiresLayer` say.
  ///
  /// - Throws: `ReferenceError` for a tree or a wavelet that there is not.
  public init(original arguments: OriginalArguments) throws(ReferenceError) {
    self.init()
    func integer(_ name: String) -> Int? { arguments[name]?.number.map { Int($0) } }
    kernelSize = integer("kernel_size") ?? 2
    depth = integer("depth")
    selection = try arguments.named("tree_select", default: "fading") {
      TreeSelection(rawValue: $0)
    }
    hasIndependentResidual = arguments["indep_res_init"]?.bool ?? false
    sequenceLength = integer("seq_len")
    memorySize = integer("memory_size")
    if arguments["wavelet_init"] != nil {
      wavelet = try arguments.named("wavelet_init", default: "") { Wavelet($0) }
    }
  }
}
