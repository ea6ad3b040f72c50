public import Differentiation
import Layers
import SequenceTensor

/// The weights of a spectral convolution, whole or in factors.
///
/// Complex numbers have a last axis of 2. The whole weights are those of
/// `SpectralConv.weight` of neuraloperator 2.0, there (inputs, outputs, modes…), or of a separable
/// convolution (channels, modes…).
public enum SpectralWeight: Module {
  /// `[modes…, inputs, outputs, 2]`, or `[modes…, channels, 2]` if separable.
  case dense(Parameter)
  /// A product of factors.
  case factorized(FactorizedWeight)

  /// Random weights.
  ///
  /// - Parameter deviation: that of each whole weight.
  init(
    inputs: Int, outputs: Int, options: SpectralConvolutionOptions, deviation: Float,
    using random: inout RandomSource
  ) {
    let modes = options.weightModes
    let channels = options.isSeparable ? [inputs] : [inputs, outputs]
    guard let factorization = options.factorization else {
      self = .dense(
        Parameter(
          Tensor(
            normal: Shape(modes + channels + [2]), deviation: deviation / Float(2).squareRoot(),
            using: &random)))
      return
    }
    self = .factorized(
      FactorizedWeight(
        channels: channels, modes: modes, factorization: factorization, deviation: deviation,
        using: &random))
  }

  /// The product for the modes of a window.
  ///
  /// - Parameter spectrum: `[batch, modes…, inputs, 2]`.
  /// - Returns: `[batch, modes…, outputs, 2]`.
  func applied(
    to spectrum: Variable, window: ModeWindow, options: SpectralConvolutionOptions
  ) -> Variable {
    switch self {
    case .dense(let weight):
      spectrum.modeProduct(
        weight: weight(on: spectrum.tape), rows: window.rows, isSeparable: options.isSeparable)
    case .factorized(let weight): weight.applied(to: spectrum, window: window)
    }
  }

  /// Visits `tensor`, or the factors under the names of tensorly-torch.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    switch self {
    case .dense(var weight):
      body("tensor", &weight)
      self = .dense(weight)
    case .factorized(var weight):
      weight.forEachParameter(body)
      self = .factorized(weight)
    }
  }
}

extension ReferenceTensor {
  /// A tensor (channels…, modes…, 2) for a parameter `[modes…, channels…, 2]`.
  static func modesLast(_ name: String, modes: [Int], channels: [Int]) -> ReferenceTensor {
    let (m, c) = (modes.reduce(1, *), channels.reduce(1, *))
    let (theirs, ours) = (Shape(channels + modes + [2]), Shape(modes + channels + [2]))
    return ReferenceTensor(
      name, shape: theirs,
      toOurs: { $0.reshaped(to: [c, m, 2]).transposed(0, 1).reshaped(to: ours) },
      toTheirs: { $0.reshaped(to: [m, c, 2]).transposed(0, 1).reshaped(to: theirs) })
  }
}
