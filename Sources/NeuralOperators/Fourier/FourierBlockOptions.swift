public import Differentiation
import SequenceTensor

/// What the blocks of a Fourier neural operator are made of, apart from their channels.
///
/// The defaults are those of `FNO` of neuraloperator 2.0 (`neuralop/models/fno.py`).
public struct FourierBlockOptions: Sendable, Hashable, Codable {
  /// The spectral convolution; a block of a layered model may have a scaling of its own.
  public var convolution: SpectralConvolutionOptions
  /// The nonlinearity; that of real and imaginary parts if data is complex.
  public var activation: Activation = .gelu
  /// The normalisation behind (or in front of) both parts of a block.
  public var normalization: GridNormalizationKind?
  /// The groups of a normalisation of groups.
  public var normalizationGroups = 1
  /// The numbers of an embedding on which an adaptive normalisation depends.
  public var embeddingFeatures = 1
  /// Whether nonlinearity and normalisation come in front of the convolution.
  public var isPreactivated = false
  /// Whether what goes into the convolution passes tanh first.
  public var isStabilized = false
  /// What goes round the convolution.
  public var skip: SkipKind? = .linear
  /// How many points along each axis a linear connection round the convolution sees.
  public var skipKernel = 1
  /// Whether a perceptron of the channels follows the convolution.
  public var hasChannelPerceptron = true
  /// The perceptron's inner channels, as a multiple of the block's.
  public var channelExpansion = 0.5
  /// The dropout of the perceptron.
  public var channelDropout: Float = 0
  /// What goes round the perceptron, from the input of the whole block.
  public var channelSkip: SkipKind? = .softGating

  /// Creates the defaults for some modes.
  public init(modes: [Int]) { convolution = SpectralConvolutionOptions(modes: modes) }
}
