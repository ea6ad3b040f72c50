public import Differentiation

/// The sizes of a factorized Fourier neural operator.
///
/// The defaults are those of the authors' best models of Navier-Stokes, apart from their 24 layers:
/// width 64, 16 modes, shared weights with gain 0.1, a normalised feed-forward part four times as
/// wide.
public struct FactorizedFourierOptions: Sendable, Hashable, Codable {
  /// Channels of the input, coordinates not counted.
  public var inputChannels: Int
  /// Channels of the output.
  public var outputChannels: Int
  /// Kept modes of each grid axis; as many as there are axes.
  public var modes: [Int]
  /// Channels inside.
  public var width = 64
  /// The number of layers.
  public var layers = 4
  /// Whether all layers use one set of Fourier weights.
  public var sharesWeights = true
  /// The standard deviation of Fourier weights relative to Xavier's rule.
  public var gain: Float = 0.1
  /// The width of the feed-forward part relative to `width`.
  public var feedForwardFactor = 4
  /// The number of maps of the feed-forward part.
  public var feedForwardLayers = 2
  /// The nonlinearity between the maps of the feed-forward part, not a gated one.
  public var activation = Activation.relu
  /// Whether linear maps have lengths of rows as parameters.
  public var normalizesWeights = true
  /// Whether the feed-forward part ends with a layer normalisation.
  public var normalizesLayers = false
  /// The probability of zeros after each map of the feed-forward part.
  public var dropout: Float = 0
  /// Zeros behind each axis inside, for fields that are not periodic.
  public var padding = 0
  /// Channels between the two maps of the head.
  public var headWidth = 128
  /// Coordinates that are appended to the input; nil for none.
  public var coordinates: GridCoordinates?

  /// Creates options for a grid with as many axes as there are numbers of modes, with its
  /// coordinates from 0 to 1, both ends included, as further channels.
  public init(inputChannels: Int, outputChannels: Int, modes: [Int]) {
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.modes = modes
    coordinates = GridCoordinates(axes: modes.count, includesEnd: true)
  }
}
