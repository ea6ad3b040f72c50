/// The settings of a state-space filter, with the defaults of the S4 authors' code.
///
/// `SSMKernel`, `SSMKernelDiag` and `SSMKernelDPLR` of `models/s4/s4.py` in state-spaces/s4 (v4).
public struct StateSpaceOptions: Sendable, Hashable, Codable {
  /// Which original's parameters, names and signs the diagonal filter has.
  public enum Parameterization: String, Sendable, Hashable, Codable, CaseIterable {
    /// `SSMKernelDiag` of state-spaces/s4: a = -f(A_real) - i·g(A_imag); B trained.
    case stateSpaces
    /// `S4DKernel` of `models/s4/s4d.py`: a = -exp(log_A_real) + i·A_imag; B = 1.
    case minimal
    /// `SSKernelDiag` of HazyResearch/safari: a = -f(inv_A_real) + i·A_imag; B trained.
    case safari
  }

  /// Whose parameters the diagonal filter has; S4 has those of state-spaces.
  public var parameterization = Parameterization.stateSpaces
  /// N, the number of states ("d_state"); half are stored, the others are their conjugates.
  public var stateSize = 64
  /// How many filters each input channel has ("channels").
  public var copies = 1
  /// Whether a second set of output weights looks into the future ("bidirectional").
  ///
  /// Tap j of that filter is lag -(j + 1): as in the original there is no second tap at lag 0.
  public var isBidirectional = false
  /// The longest filter ("l_max"); taps beyond it are zero.
  ///
  /// `nil` means as long as the sequence.
  public var maximumLength: Int?
  /// Where the poles start ("init").
  public var initialization = StateSpaceInitialization.legendreScaled
  /// The rank of what is not normal ("rank"), for S4; 2 at least for `legendreTranslated`.
  public var rank = 1
  /// S, the number of independent pairs of A and B, a divisor of the number of channels
  /// ("n_ssm").
  ///
  /// Channel h has the pair h mod S. `nil` means one for each channel.
  public var independentSystems: Int?
  /// The range of the steps Δ at the start, log-uniform ("dt_min", "dt_max").
  public var minimumStep = 0.001
  /// The upper end of that range.
  public var maximumStep = 0.1
  /// Whether all states of a channel have one step ("dt_tie").
  public var tiesSteps = true
  /// How Δ comes from its parameter ("dt_transform").
  public var stepTransform = PositiveTransform.exponential
  /// Whether the hyperbolic sine of the parameter is taken first ("dt_fast"; Ohno et al., 2022).
  public var usesFastSteps = false
  /// How -Re a comes from its parameter ("real_transform").
  public var realTransform = PositiveTransform.exponential
  /// How |Im a| comes from its parameter ("imag_transform"), for state-spaces.
  public var imaginaryTransform = PositiveTransform.none
  /// Leaves out states with Δ·|Im a|/2π of at least half of this ("bandlimit").
  public var bandLimit: Double?
  /// How the diagonal filter is discretised ("disc"); S4 is bilinear.
  public var discretization = Discretization.zeroOrderHold
  /// Whether all is real, an exponential moving average ("is_real"); then N states are stored.
  public var isReal = false
  /// Whether Im a counts as zero, a sum of real exponentials with complex weights ("force_real" of
  /// safari).
  public var hasRealPoles = false
  /// The learning rate of Δ, A, B and P, and for state-spaces of C ("lr"); 0 freezes them.
  public var learningRate: Float? = 1e-3
  /// The weight decay of Δ, A, B and P ("wd"); C has the optimiser's.
  public var weightDecay: Float? = 0

  /// The defaults of `FFTConv(mode='dplr')`, with the learning rate of the experiments.
  public init() {}

  /// The defaults of `S4D` in `models/s4/s4d.py`: S4D-Lin, zero-order hold.
  public static var minimal: StateSpaceOptions {
    var options = StateSpaceOptions()
    options.parameterization = .minimal
    options.initialization = .linear
    return options
  }

  /// The defaults of `SSKernel(mode='diag')` in HazyResearch/safari: S4D-Lin, bilinear.
  public static var safari: StateSpaceOptions {
    var options = StateSpaceOptions()
    options.parameterization = .safari
    options.initialization = .linear
    options.discretization = .bilinear
    return options
  }

  /// The number of states that are stored.
  package var storedStates: Int { isReal ? stateSize : stateSize / 2 }

  /// The number of filters of each input channel with those that look ahead.
  var directions: Int { copies * (isBidirectional ? 2 : 1) }
}
