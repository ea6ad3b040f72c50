public import Differentiation
import SequenceTensor
import SpectralCore

/// The spectral Sobolev norm Hᵏ of the error relative to the target's.
///
/// With ê and ŷ the discrete transforms of error and target along the grid axes, and integer
/// frequencies κ,
///
///     ‖ê·w‖₂ / ‖ŷ·w‖₂,   w² = 1 + Σⱼ aⱼ²|κ|²ʲ,  j = 1...k,
///
/// norms being over frequencies and channels of a sample. Grouped, it is the mean of the k + 1
/// quotients with w = 1 and w = aⱼ|κ|ʲ instead, so that each order counts the same.
///
/// Source: `HsLoss` of Li et al. (`utilities3.py` of the scripts of 2021; also the loss of Li et
/// al., "Learning dissipative dynamics in chaotic systems", 2022), there for two axes and k up to
/// 2. We deviate at odd sizes, where the original numbers the middle frequency wrongly, and where
/// the target's norm is zero: ε is added to it. Fields must be periodic.
public struct SobolevLoss: FieldLoss, Hashable, Codable {
  /// k.
  public var order: Int
  /// a₁...aₖ; 1 where there are fewer.
  public var weights: [Double]
  /// Whether each order is a quotient of its own.
  public var isGrouped: Bool
  /// What becomes of the samples' losses; the original averages.
  public var reduction: FieldReduction
  /// Added to the target's norm, that of a transform without a factor.
  public var epsilon: Double

  /// Creates a loss.
  public init(
    order: Int = 1, weights: [Double] = [], isGrouped: Bool = false,
    reduction: FieldReduction = .mean, epsilon: Double = 1e-8
  ) {
    self.order = order
    self.weights = weights
    self.isGrouped = isGrouped
    self.reduction = reduction
    self.epsilon = epsilon
  }

  /// The loss, a scalar, differentiable in both fields.
  ///
  /// - Precondition: shapes are equal and have 1 to 3 grid axes; the order is not negative.
  public func callAsFunction(_ prediction: Variable, _ target: Variable) -> Variable {
    requireFields(prediction, target)
    let shape = prediction.shape
    require(
      order >= 0 && (3...5).contains(shape.rank), "SobolevLoss: order \(order), fields \(shape)")
    let grid = Shape(Array(shape.sizes[1..<shape.rank - 1]))
    let transform = RealTransform(gridShape: grid)
    let powers = SpectralPowers(grid: grid)
    let channels = shape.last
    let (errorModes, targetModes) = (
      transform.forward(prediction.value - target.value), transform.forward(target.value)
    )
    let errors = powers.sums(errorModes, squares: weightSquares(powers), channels: channels)
    let targets = powers.sums(targetModes, squares: weightSquares(powers), channels: channels)
    let norms = zip(errors, targets).map {
      EntryNorms(
        errors: $0, targets: $1, power: 2, takesRoot: true, epsilon: epsilon, reduction: reduction)
    }
    let value = norms.reduce(0) { $0 + $1.value } / Double(norms.count)
    let needsTarget = target.needsGradient
    let squares = weightSquares(powers)
    return Variable.primitive(
      [prediction, target], value: Tensor(scalar: Float(value)),
      arithmetic: 20 * Double(prediction.value.count)
    ) { dy in
      let seed = 2 * Double(dy.scalar) / Double(norms.count)
      func gradient(_ modes: Spectrum, _ slopes: [[Double]]) -> Tensor {
        let weighted = powers.weighted(
          modes, squares: squares, slopes: slopes.map { $0.map { $0 * seed } }, channels: channels)
        return transform.forwardAdjoint(Spectrum(values: weighted, gridShape: grid))
      }
      let dx = gradient(errorModes, norms.map(\.errorSlopes))
      guard needsTarget else { return [dx, nil] }
      return [dx, gradient(targetModes, norms.map(\.targetSlopes)) - dx]
    }
  }

  /// w² of each mode, one table for each quotient.
  private func weightSquares(_ powers: SpectralPowers) -> [[Double]] {
    func term(_ j: Int) -> [Double] {
      let a = j <= weights.count ? weights[j - 1] : 1
      return powers.squaredFrequencies.map { square in
        (0..<j).reduce(a * a) { product, _ in product * square }
      }
    }
    let ones = [Double](repeating: 1, count: powers.squaredFrequencies.count)
    let terms = (1..<order + 1).map(term)
    if isGrouped { return [ones] + terms }
    return [terms.reduce(ones) { zip($0, $1).map(+) }]
  }
}
