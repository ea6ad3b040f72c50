/// Which coefficients of the wavelet tree a multiresolution convolution remembers.
public enum TreeSelection: String, Sendable, Hashable, CaseIterable, Codable {
  /// One detail coefficient of each level: the memory fades, its resolution halving with age.
  case fading
  /// The coefficients of the coarsest levels that cover the past evenly, until the memory is full.
  case uniform
}

/// The settings of a `MultiresolutionConvolution`, with the defaults of its authors' code.
public struct MultiresolutionOptions: Sendable, Hashable, Codable {
  /// K, the number of taps of both filters ("kernel_size"); a wavelet brings its own.
  public var kernelSize = 2
  /// J, the number of levels ("depth"); `nil` means as many as `sequenceLength` needs.
  public var depth: Int?
  /// The length that the tree must reach if there is no depth ("seq_len").
  public var sequenceLength: Int?
  /// Which coefficients count ("tree_select").
  public var selection: TreeSelection = .fading
  /// How many coefficients a uniform tree has ("memory_size").
  public var memorySize: Int?
  /// The wavelet whose filters the layer starts with ("wavelet_init"); `nil` means random ones.
  public var wavelet: Wavelet?
  /// Whether the weight of the input itself starts uniform in ±1 instead of as small as the others
  /// ("indep_res_init").
  public var hasIndependentResidual = false
  /// Dropout of whole channels after the nonlinearity ("dropout").
  public var dropout: Float = 0

  /// The defaults.
  public init() {}

  /// K, or the length of the wavelet's filters.
  public var taps: Int { wavelet?.lowPass.count ?? kernelSize }

  /// J, given or found by `depth(reaching:taps:)`; `nil` if nothing says it.
  public var resolvedDepth: Int? {
    depth ?? sequenceLength.flatMap { Self.depth(reaching: $0, taps: taps) }
  }

  /// ⌈log₂((L - 1)/(K - 1) + 1)⌉, the fewest levels whose taps reach back over L positions.
  ///
  /// Those of level j reach (K - 1)·2^(j-1) further than those before. `nil` for K = 1, which reaches
  /// nothing.
  public static func depth(reaching length: Int, taps: Int) -> Int? {
    guard length > 0, taps > 1 else { return nil }
    var depth = 0
    while ((1 << depth) - 1) * (taps - 1) < length - 1 { depth += 1 }
    return depth
  }
}
