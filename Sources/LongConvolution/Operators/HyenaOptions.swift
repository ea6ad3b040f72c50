public import Differentiation

/// The settings of a Hyena operator apart from its filter, with the defaults and in brackets the
/// names of its authors' code.
public struct HyenaOptions: Sendable, Hashable, Codable {
  /// How the filters of the steps lie in the channels of the one filter that makes them all.
  public enum FilterOrder: String, Sendable, Hashable, CaseIterable, Codable {
    /// Channel v·(order - 1) + o is that of step o, as in safari's `hyena.py`.
    case interleaved
    /// Channel o·width + v is that of step o, as in safari's `standalone_hyena.py`.
    case stacked
  }

  /// How many gates there are; the number of long convolutions is one less ("order").
  public var order = 2
  /// How many heads share the filters ("num_heads").
  public var heads = 1
  /// The inner width as a multiple of the channels ("inner_factor").
  public var innerFactor = 1
  /// Long convolutions see no further than blocks of this length; `nil` for no blocks.
  ///
  /// l_max/num_blocks of the original.
  public var blockLength: Int?
  /// Whether gates act through the outer product of the channels of a head ("outer_mixing").
  public var mixesOuter = false
  /// Whether heads are mixed linearly after each convolution ("post_order_ffn").
  public var mixesHeads = false
  /// The taps of the short filters behind the input projection ("short_filter_order").
  public var shortFilterTaps = 3
  /// The nonlinearity before the output projection ("activation").
  public var activation: Activation = .identity
  /// Dropout of what each long convolution is applied to.
  public var dropout: Float = 0
  /// How the filters of the steps lie in the channels of the filter.
  public var filterOrder: FilterOrder = .interleaved
  /// Whether each convolution has a skip term (the `bias` of the original's filter).
  public var hasSkip = true
  /// Whether a second filter is applied to the input itself and added before the output
  /// projection ("residual_long_conv" of Monarch Mixer).
  public var hasResidualConvolution = false

  /// The defaults.
  public init() {}
}
