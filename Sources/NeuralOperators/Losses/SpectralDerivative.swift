public import Differentiation
public import SequenceTensor
import SpectralCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Derivatives of periodic fields by the Fourier transform, exact for what the grid resolves.
///
/// Mode k along the axis is multiplied by (2πi·k/length)ᵐ, m being the order. At an even number of
/// points the mode at half the sampling rate has no odd derivative on the grid and is dropped.
///
/// - Complexity: a transform of the axis and its inverse.
public struct SpectralDerivative: Sendable, Hashable, Codable {
  /// The period along each grid axis.
  public var lengths: [Double]

  /// Creates derivatives on a domain.
  public init(lengths: [Double]) { self.lengths = lengths }

  /// A derivative along one axis.
  ///
  /// - Parameters:
  ///   - field: `[batch, x, (y, (z,)) channels]`.
  ///   - axis: which grid axis, 0 for x.
  ///   - order: m, not negative.
  /// - Precondition: there is a length for each axis.
  public func derivative(_ field: Variable, axis: Int, order: Int = 1) -> Variable {
    Variable.primitive([field], value: derivative(field.value, axis: axis, order: order)) { dy in
      // Odd orders are antisymmetric.
      let dx = derivative(dy, axis: axis, order: order)
      return [order % 2 == 0 ? dx : -dx]
    }
  }

  /// A derivative of values.
  public func derivative(_ field: Tensor, axis: Int, order: Int = 1) -> Tensor {
    let sizes = field.shape.sizes
    let axes = sizes.count - 2
    require(
      axes >= 1 && (0..<axes).contains(axis) && lengths.count == axes && order >= 0,
      "SpectralDerivative: derivative \(order) along axis \(axis) of \(field.shape)"
        + " [batch, x, (y, (z,)) channels] with \(lengths.count) lengths")
    let count = sizes[axis + 1]
    let width = sizes[(axis + 2)...].reduce(1, *)
    // One axis of a channels-last grid is the axis of a sequence with more channels.
    let rows = field.reshaped(-1, count, width)
    let transform = RealTransform(gridShape: [count])
    let modes = transform.forward(rows).values
    let result = Tensor(uninitialized: modes.shape) { y in
      for row in 0..<modes.count / (2 * width) {
        let mode = row % (count / 2 + 1)
        let isDropped = order % 2 == 1 && 2 * mode == count
        let rate = 2 * Double.pi * Double(mode) / lengths[axis]
        let size = isDropped ? 0 : Float(pow(rate, Double(order)))
        let (x, y) = (modes.pointer + row * 2 * width, y + row * 2 * width)
        for column in 0..<width {
          let (real, imaginary) = (size * x[2 * column], size * x[2 * column + 1])
          switch order % 4 {
          case 0: (y[2 * column], y[2 * column + 1]) = (real, imaginary)
          case 1: (y[2 * column], y[2 * column + 1]) = (-imaginary, real)
          case 2: (y[2 * column], y[2 * column + 1]) = (-real, -imaginary)
          default: (y[2 * column], y[2 * column + 1]) = (imaginary, -real)
          }
        }
      }
    }
    return transform.inverse(Spectrum(values: result, gridShape: [count]))
      .reshaped(to: field.shape)
  }

  /// The sum of the second derivatives along all axes.
  public func laplacian(_ field: Variable) -> Variable {
    (1..<max(1, field.shape.rank - 2)).reduce(derivative(field, axis: 0, order: 2)) {
      $0 + derivative(field, axis: $1, order: 2)
    }
  }
}
