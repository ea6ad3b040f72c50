public import Differentiation
import SequenceTensor

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The Lp norm of the error, relative to the target's or integrated over the domain.
///
/// With sums over the grid points i of an entry (see `scope`) and h the volume of a grid cell,
///
///     relative: (Σ|xᵢ - yᵢ|ᵖ)^(1/p) / ((Σ|yᵢ|ᵖ)^(1/p) + ε)      absolute: (h Σ|xᵢ - yᵢ|ᵖ)^(1/p)
///
/// and then the sum or the mean over the entries. Sums are in double precision.
///
/// Source: `LpLoss` of neuraloperator 2.0 (`losses/data_losses.py`), whose entries are the channels
/// of each sample; its number of dimensions `d` is here the number of grid axes. With
/// `scope: .sample` it is the relative loss of Li et al., "Fourier neural operator for parametric
/// partial differential equations" (2021), which takes all channels, and ε = 0, together. Where the
/// error is zero the gradient is zero, not NaN.
public struct LpLoss: FieldLoss, Hashable, Codable {
  /// p, a positive number.
  public var power: Double
  /// Whether the norm is divided by that of the target.
  public var isRelative: Bool
  /// Whether the p-th root is taken.
  public var takesRoot: Bool
  /// The lengths of the domain along the axes, one for all or one for each; absolute norms only.
  public var measure: [Double]
  /// What becomes of the norms of the entries.
  public var reduction: FieldReduction
  /// Which values form an entry.
  public var scope: FieldScope
  /// ε, added to the target's norm.
  public var epsilon: Double

  /// Creates a loss.
  public init(
    power: Double = 2, isRelative: Bool = true, takesRoot: Bool = true, measure: [Double] = [1],
    reduction: FieldReduction = .sum, scope: FieldScope = .channel, epsilon: Double = 1e-8
  ) {
    self.power = power
    self.isRelative = isRelative
    self.takesRoot = takesRoot
    self.measure = measure
    self.reduction = reduction
    self.scope = scope
    self.epsilon = epsilon
  }

  /// The loss, a scalar, differentiable in both fields.
  ///
  /// - Precondition: p is positive; shapes are equal; there is one length or one for each axis.
  public func callAsFunction(_ prediction: Variable, _ target: Variable) -> Variable {
    requireFields(prediction, target)
    require(power > 0 && power.isFinite, "LpLoss: p must be positive and finite, got \(power)")
    let shape = prediction.shape
    let entries = FieldEntries(shape: shape, scope: scope)
    let (x, y) = (prediction.value, target.value)
    let errors = entries.powerSums(x, minus: y, power: power)
    let norms = EntryNorms(
      errors: errors, targets: isRelative ? entries.powerSums(y, power: power) : nil,
      power: power, takesRoot: takesRoot, scale: Self.cellVolume(measure, shape),
      epsilon: epsilon, reduction: reduction)
    let needsTarget = target.needsGradient
    return Variable.primitive(
      [prediction, target], value: Tensor(scalar: Float(norms.value)),
      arithmetic: 3 * Double(x.count)
    ) { [power] dy in
      let seed = Double(dy.scalar)
      let dx = entries.powerSlopes(
        x, minus: y, power: power, coefficients: norms.errorSlopes.map { $0 * seed })
      guard needsTarget else { return [dx, nil] }
      var dtarget = entries.powerSlopes(
        y, power: power, coefficients: norms.targetSlopes.map { $0 * seed })
      dtarget.add(dx, times: -1)
      return [dx, dtarget]
    }
  }

  /// The product of measure/n over the grid axes.
  static func cellVolume(_ measure: [Double], _ shape: Shape) -> Double {
    spacings(measure, shape).reduce(1, *)
  }

  /// measure/n of each grid axis.
  static func spacings(_ measure: [Double], _ shape: Shape) -> [Double] {
    let axes = shape.rank - 2
    require(
      measure.count == 1 || measure.count == axes,
      "Field loss: \(measure.count) lengths for the axes of \(shape) [batch, x, (y, (z,)) channels]"
    )
    return (0..<axes).map {
      (measure.count == 1 ? measure[0] : measure[$0]) / Double(shape[$0 + 1])
    }
  }
}

extension FieldEntries {
  /// Σ|x|ᵖ of each entry.
  func powerSums(_ field: Tensor, power: Double) -> [Double] {
    let x = field.pointer
    return powerSums(power: power) { Double(x[$0]) }
  }

  /// Σ|x - y|ᵖ of each entry.
  func powerSums(_ field: Tensor, minus other: Tensor, power: Double) -> [Double] {
    let (x, y) = (field.pointer, other.pointer)
    return powerSums(power: power) { Double(x[$0]) - Double(y[$0]) }
  }

  @inline(__always)
  private func powerSums(power: Double, _ difference: (Int) -> Double) -> [Double] {
    switch power {
    case 1: sums { abs(difference($0)) }
    case 2:
      sums {
        let error = difference($0)
        return error * error
      }
    default: sums { pow(abs(difference($0)), power) }
    }
  }

  /// c·∂(Σ|x|ᵖ)/∂x, c being the coefficient of the entry.
  fileprivate func powerSlopes(
    _ field: Tensor, power: Double, coefficients: [Double]
  ) -> Tensor {
    let x = field.pointer
    return powerSlopes(field.shape, power, coefficients) { x[$0] }
  }

  /// c·∂(Σ|x - y|ᵖ)/∂x, c being the coefficient of the entry.
  fileprivate func powerSlopes(
    _ field: Tensor, minus other: Tensor, power: Double, coefficients: [Double]
  ) -> Tensor {
    let (x, y) = (field.pointer, other.pointer)
    return powerSlopes(field.shape, power, coefficients) { x[$0] - y[$0] }
  }

  @inline(__always)
  private func powerSlopes(
    _ shape: Shape, _ power: Double, _ coefficients: [Double], _ difference: (Int) -> Float
  ) -> Tensor {
    switch power {
    case 1:
      mapped(shape, coefficients: coefficients) { index, c in
        let error = difference(index)
        return error == 0 ? 0 : (error > 0 ? c : -c)
      }
    case 2:
      mapped(shape, coefficients: coefficients.map { 2 * $0 }) { index, c in c * difference(index) }
    default:
      mapped(shape, coefficients: coefficients.map { power * $0 }) { index, c in
        let error = Double(difference(index))
        guard error != 0 else { return 0 }
        let slope = Float(Double(c) * pow(abs(error), power - 1))
        return error > 0 ? slope : -slope
      }
    }
  }
}
