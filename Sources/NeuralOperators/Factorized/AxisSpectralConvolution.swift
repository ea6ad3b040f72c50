public import Differentiation
public import SequenceTensor
import SpectralCore

/// A convolution along one axis of a grid, by weights of its low modes.
///
/// The values along the axis are transformed with the factor 1/√n each way; of the modes the first
/// ones are kept, and each is multiplied by a complex matrix between channels:
///
///     ŷ[k, o] = Σᵢ x̂[k, i]·W[k, i, o],   k = 0..<modes.
///
/// Weights start normal with deviation gain·√(2/((inputs + outputs)·2·modes)) in real and imaginary
/// part, Xavier's rule as the original's tensor `[inputs, outputs, modes, 2]` gets it.
///
/// Source: Tran et al., "Factorized Fourier neural operators" (2023; `SpectralConv2d` of fourierflow,
/// `modules/factorized_fno`).
public struct AxisSpectralConvolution: Module {
  /// W, `[modes, inputs, outputs, 2]`.
  public var weight: Parameter
  /// Which grid axis, 0 for x.
  public let axis: Int

  /// Creates a convolution with random weights.
  public init(
    inputs: Int, outputs: Int, modes: Int, axis: Int, gain: Float = 1,
    using random: inout RandomSource
  ) {
    require(
      inputs > 0 && outputs > 0 && modes > 0 && axis >= 0,
      "AxisSpectralConvolution: \(inputs) inputs, \(outputs) outputs, \(modes) modes, axis \(axis)")
    let deviation = gain * (2 / Float((inputs + outputs) * 2 * modes)).squareRoot()
    weight = Parameter(
      Tensor(normal: [modes, inputs, outputs, 2], deviation: deviation, using: &random))
    self.axis = axis
  }

  /// Convolves `[batch, x, (y, (z,)) inputs]`.
  public func callAsFunction(_ field: Variable) -> Variable {
    field.convolved(weight: weight(on: field.tape), axis: axis)
  }

  /// Visits `weight`.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    body("weight", &weight)
  }
}

extension Variable {
  /// The convolution along one grid axis by complex matrices of its low modes.
  ///
  /// - Parameters:
  ///   - weight: W, `[modes, inputs, outputs, 2]`.
  ///   - axis: which grid axis, 0 for x.
  /// - Returns: `[batch, x, (y, (z,)) outputs]`.
  /// - Precondition: `self` is `[batch, x, (y, (z,)) inputs]` and has the axis.
  public func convolved(weight: Variable, axis: Int) -> Variable {
    let sizes = shape.sizes
    require(
      weight.shape.rank == 4 && weight.shape.last == 2 && sizes.count >= 3
        && (0..<sizes.count - 2).contains(axis) && weight.shape[1] == shape.last,
      "Variable.convolved: weight \(weight.shape) [modes, inputs, outputs, 2] along axis \(axis)"
        + " of \(shape)")
    let (modes, inputs, outputs) = (weight.shape[0], weight.shape[1], weight.shape[2])
    let inner = sizes[(axis + 2)..<sizes.count - 1].reduce(1, *)
    let product = ModeMatrices(weight: weight.value)
    // A transform of one axis is that of sequences whose channels are all that comes after it.
    let transform = TruncatedTransform(
      gridShape: [sizes[axis + 1]], modeShape: [modes], normalization: .orthonormal)
    let points = sizes[axis + 1]
    let spectrum = transform.forward(value.reshaped(-1, points, inner * inputs)).values
    let result = product.applied(to: spectrum, inner: inner)
    let output = transform.inverse(TruncatedSpectrum(values: result))
    let outputShape = shape.replacing(axis: -1, with: outputs)
    let (needsInput, needsWeight) = (needsGradient, weight.needsGradient)
    return Self.primitive(
      [self, weight], value: output.reshaped(to: outputShape),
      arithmetic: 8 * Double(spectrum.count / 2 * outputs)
    ) { [shape] dy in
      let slopes = transform.inverseAdjoint(dy.reshaped(-1, points, inner * outputs)).values
      let dweight = needsWeight ? product.weightGradient(spectrum, slopes, inner: inner) : nil
      guard needsInput else { return [nil, dweight] }
      let back = product.pulledBack(slopes, inner: inner)
      let dx = transform.forwardAdjoint(TruncatedSpectrum(values: back))
      return [dx.reshaped(to: shape), dweight]
    }
  }
}
