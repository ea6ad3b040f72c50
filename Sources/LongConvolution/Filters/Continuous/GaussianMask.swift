import Differentiation
import Layers
import SequenceTensor

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The learned window of FlexConv: exp(-½·(x - μ)²/(σ² + ε)) over relative positions in -1...1.
struct GaussianMask: Module {
  /// σ, `[1]`; or μ and σ, `[2]`, where one tensor holds both.
  var width: Parameter
  /// μ, `[1]`, if it is apart.
  var mean: Parameter?
  /// ε.
  let floor: Double

  /// μ and σ in one, both learned, as FlexConv has them.
  static func joint(mean: Float, width: Float) -> GaussianMask {
    GaussianMask(
      width: Parameter(Tensor([mean, width]), ParameterOptions(weightDecay: 0)), mean: nil, floor: 0
    )
  }

  /// μ and σ apart, as CCNN has them, with ε = 1e-8.
  static func separate(mean: Float, width: Float, learnsMean: Bool) -> GaussianMask {
    let options = ParameterOptions(weightDecay: 0)
    return GaussianMask(
      width: Parameter(Tensor([width]), options),
      mean: Parameter(Tensor([mean]), learnsMean ? options : .buffer), floor: 1e-8)
  }

  /// Where the mask falls to a threshold: μ ± σ·√(-2·log(threshold)), the smaller first.
  func roots(threshold: Double) -> (low: Double, high: Double) {
    let values = width.value.elements.map(Double.init)
    let centre = mean.map { Double($0.value.scalar) } ?? values[0]
    let reach = abs(values[values.count - 1] * (-2 * log(threshold)).squareRoot())
    return (centre - reach, centre + reach)
  }

  /// `[positions, 1]`.
  func callAsFunction(_ positions: [Double], on tape: Tape?) -> Variable {
    let shape = width(on: tape)
    guard let mean else {
      return .gaussian(
        positions, mean: shape.sliced(axis: 0, 0..<1), width: shape.sliced(axis: 0, 1..<2),
        floor: floor)
    }
    return .gaussian(positions, mean: mean(on: tape), width: shape, floor: floor)
  }

  mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    body(mean == nil ? "mean_and_width" : "width", &width)
    mean.forEachValue { body("mean", &$0) }
  }
}
