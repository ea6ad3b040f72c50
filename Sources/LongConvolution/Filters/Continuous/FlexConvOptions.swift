/// The settings of a `FlexConvFilter`.
public struct FlexConvOptions: Sendable, Hashable, Codable {
  /// Whose code decides starting values, where exactly the kernel is cropped, and names.
  public enum Variant: String, Sendable, Hashable, CaseIterable, Codable {
    /// FlexConv, 2022: causal only.
    case flexconv
    /// CCNN, 2022.
    case ccnn
  }

  /// What makes the kernel.
  public enum Generator: String, Sendable, Hashable, CaseIterable, Codable {
    /// The multiplicative anisotropic Gabor network.
    case gabor = "MAGNet"
    /// A multiplicative network of Gabor functions that start alike in all layers.
    case isotropicGabor = "Gabor"
    /// A multiplicative network of sines.
    case fourier = "Fourier"
    /// A sinusoidal representation network: sin(ω·(W·x + b)).
    case sine = "SIREN"
    /// One with sin(ω·W·x + b), FlexConv's.
    case phasedSine = "nSIREN"
    /// A perceptron, FlexConv's.
    case perceptron = "MLP"
    /// A perceptron behind random Fourier features, CCNN's.
    case randomFourier = "RFNet"

    /// Whether its starting values and names in a code are known.
    public func exists(in variant: Variant) -> Bool {
      switch self {
      case .gabor, .isotropicGabor, .fourier, .sine: true
      case .phasedSine, .perceptron: variant == .flexconv
      case .randomFourier: variant == .ccnn
      }
    }
  }

  /// Whose code.
  public var variant = Variant.flexconv
  /// What makes the kernel ("kernel_type").
  public var generator = Generator.gabor
  /// The hidden units of the network ("kernel_no_hidden").
  public var hiddenChannels = 32
  /// Its hidden layers; of perceptrons and sinusoidal networks all layers, and at least 2
  /// ("kernel_no_layers").
  public var layers = 3
  /// The nonlinearity of a perceptron ("kernel_activ_function", "nonlinearity").
  public var activation: KernelActivation = .relu
  /// The normalisation in a perceptron ("kernel_norm", "norm").
  public var normalization: KernelNormalizationKind = .none
  /// Whether direction and length of the weights of a perceptron or a sinusoidal network are apart
  /// ("kernel_weight_norm").
  public var normalizesWeights = false
  /// Whether the network's maps have biases ("bias"; FlexConv's "conv_bias").
  public var hasBias = true
  /// The scale of the frequencies that a FlexConv starts with ("kernel_input_scale").
  public var inputScale: Float = 25.6
  /// ω of sinusoidal networks, and of all that CCNN has ("kernel_omega_0", "omega_0").
  public var frequency: Float = 1
  /// Whether ω is learned, one for each layer ("kernel_learn_omega_0").
  public var learnsFrequency = false
  /// How many taps stand for the positions -1...1 ("horizon", "size"): an odd number, or the length of
  /// the sequences trained on ("same") or one less than twice that ("full").
  public var kernelLength = 33
  /// Whether the kernel sees the past only ("causal"); its lag 0 is then at position 1, else at 0.
  public var isCausal = true
  /// What the kernel is multiplied with ("kernel_sampling_rate_norm").
  public var scale: Float = 1
  /// Whether there is a mask; without it this is the `CKConv` of the same code.
  public var hasMask = true
  /// Whether the mask multiplies the kernel, or decides only where it is cropped ("mask_use").
  public var masksKernel = true
  /// σ at the start ("mask_init_value").
  public var maskWidth: Float = 0.075
  /// Where the kernel is cropped ("mask_threshold").
  public var maskThreshold: Float = 0.1
  /// Whether the kernel is cropped where the mask falls below the threshold
  /// ("mask_dynamic_cropping").
  public var cropsKernel = true
  /// Whether CCNN's mask learns its mean ("learn_mean"); FlexConv's does.
  public var learnsMaskMean = false
  /// Whether CCNN's last layer is scaled by 1/√(inputs·taps) at the start, so that the convolution
  /// keeps the variance of its input ("chang_initialize", after Chang et al., 2020).
  public var keepsVariance = true

  /// The defaults of FlexConv.
  public init() {}

  /// The fewest layers that the generator has.
  package var fewestLayers: Int {
    switch generator {
    case .gabor, .isotropicGabor, .fourier: 0
    case .sine, .phasedSine, .perceptron, .randomFourier: 2
    }
  }
}
