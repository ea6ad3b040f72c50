/// The settings of S5, with the defaults of its authors' code.
///
/// `S5SSM` of `s5/ssm.py` and the arguments of `run_train.py` in lindermanlab/S5.
public struct S5Options: Sendable, Hashable, Codable {
  /// How C starts.
  public enum OutputInitialization: String, Sendable, Hashable, Codable, CaseIterable {
    /// Truncated normal for each output by itself, then in the basis of the states.
    case truncatedNormal = "trunc_standard_normal"
    /// The same with the deviation of all outputs together.
    case lecunNormal = "lecun_normal"
    /// Complex normal with E|C|² = 1.
    case complexNormal = "complex_normal"
  }
  /// What a layer does with the state space's output.
  public enum Gating: String, Sendable, Hashable, Codable, CaseIterable {
    /// gelu(x).
    case gelu
    /// W₁x′·σ(W₂x′) with x′ = gelu(x).
    case full = "full_glu"
    /// x′·σ(Wx′).
    case half = "half_glu1"
    /// x·σ(Wx′).
    case halfOnGate = "half_glu2"
  }

  /// P, the number of states, with their conjugates ("ssm_size_base").
  public var stateSize = 256
  /// J, the number of HiPPO-LegS matrices that the states start as, on a diagonal ("blocks").
  public var blocks = 8
  /// How C starts ("C_init").
  public var outputInitialization = OutputInitialization.truncatedNormal
  /// Zero-order hold or bilinear ("discretization").
  public var discretization = Discretization.zeroOrderHold
  /// The range of the steps at the start, log-uniform ("dt_min", "dt_max").
  public var minimumStep = 0.001
  /// The upper end of that range.
  public var maximumStep = 0.1
  /// Whether only one of each pair of conjugate states is stored ("conj_sym").
  public var isConjugateSymmetric = true
  /// Whether real parts of poles are kept at -10⁻⁴ or below ("clip_eigs").
  public var clipsPoles = false
  /// Whether the states of the reversed sequence are read as well ("bidirectional").
  public var isBidirectional = false
  /// What all steps are multiplied by, for another sampling rate ("step_rescale").
  public var stepScale = 1.0
  /// The learning rate of poles, B and steps ("ssm_lr_base").
  public var learningRate: Float? = 1e-3
  /// Whether the steps have the optimiser's learning rate instead ("dt_global").
  public var usesGlobalStepRate = false
  /// The gates of the layer ("activation_fn").
  public var gating = Gating.half
  /// Dropout of the layer ("p_dropout").
  public var dropout: Float = 0

  /// The defaults.
  public init() {}

  /// The number of states that are stored.
  package var storedStates: Int { stateSize / (isConjugateSymmetric ? 2 : 1) }
}
