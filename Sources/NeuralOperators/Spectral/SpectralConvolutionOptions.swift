import Differentiation
public import SequenceTensor
public import SpectralCore

/// What a spectral convolution is made of, apart from its channels.
///
/// The defaults are those of `SpectralConv` of neuraloperator 2.0
/// (`neuralop/layers/spectral_convolution.py`).
public struct SpectralConvolutionOptions: Sendable, Hashable, Codable {
  /// The modes of each grid axis, negative frequencies included.
  ///
  /// With m of them an axis keeps the frequencies -m/2 ..< m - m/2, one more negative than positive
  /// one if m is even. Of the last axis of real data, whose negative frequencies are conjugates, the
  /// m/2 + 1 frequencies from 0 on are kept.
  public var modes: [Int]
  /// How many modes of each axis there are weights for, if `modes` is to grow later; those of the
  /// last axis are counted as they are kept, from 0 on.
  public var maximumModes: [Int]?
  /// Whether values are complex: `[…, channels, 2]`.
  public var hasComplexData = false
  /// Whether a number is added to each channel of the result.
  public var hasBias = true
  /// Whether each channel has weights of its own and is not mixed with others.
  public var isSeparable = false
  /// How many times as many points of each axis come out as go in; nil for as many.
  public var resolutionScaling: [Double]?
  /// Where the factor 1/N of the transforms goes.
  ///
  /// With `forward`, the default, weights mean the same at every resolution.
  public var normalization: SpectralCore.Normalization = .forward
  /// How the weights are factorised; nil keeps a number for each mode and pair of channels.
  public var factorization: WeightFactorization?
  /// The deviation of the initial weights and biases; nil for √(2/(inputs + outputs)).
  public var initialDeviation: Float?

  /// Creates the defaults for some modes.
  public init(modes: [Int]) { self.modes = modes }

  /// The number of grid axes.
  public var axes: Int { modes.count }

  /// The number of modes that are kept of each axis: `modes`, half of the last if data is real.
  public var keptModes: [Int] {
    guard !hasComplexData, let last = modes.last else { return modes }
    return modes.dropLast() + [last / 2 + 1]
  }

  /// The number of modes of each axis that there are weights for.
  public var weightModes: [Int] { maximumModes ?? keptModes }

  /// The grid that comes out where one goes in, rounded to even as Python does.
  public func outputGrid(of grid: Shape) -> Shape {
    guard let resolutionScaling else { return grid }
    return Shape(
      zip(grid.sizes, resolutionScaling).map { size, factor in
        Int((Double(size) * factor).rounded(.toNearestOrEven))
      })
  }

  func check(inputs: Int, outputs: Int) {
    require(
      (1...3).contains(axes) && modes.allSatisfy { $0 > 0 } && inputs > 0 && outputs > 0,
      "SpectralConvolution: modes \(modes) are not 1 to 3 axes of positive sizes, or"
        + " \(inputs) inputs, \(outputs) outputs")
    require(
      weightModes.count == axes && zip(weightModes, keptModes).allSatisfy { $0 >= $1 },
      "SpectralConvolution: at most \(weightModes) modes, of which \(keptModes) are kept")
    require(
      !isSeparable || inputs == outputs,
      "SpectralConvolution: separable with \(inputs) inputs and \(outputs) outputs")
    require(
      resolutionScaling.map { $0.count == axes && $0.allSatisfy { $0 > 0 } } ?? true,
      "SpectralConvolution: scaling \(resolutionScaling ?? []) of \(axes) axes")
  }
}
