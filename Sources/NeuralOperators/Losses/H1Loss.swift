public import Differentiation
import SequenceTensor

/// The Sobolev H1 norm of the error by finite differences, relative to the target's or integrated.
///
/// An entry's sum is that of the squares of the error and of its first differences along every
/// axis, with spacing h = measure/n; for the rest see `LpLoss` with p = 2. Sums are in double
/// precision.
///
/// Source: `H1Loss` of neuraloperator 2.0 (`losses/data_losses.py`): periodic by default, entries
/// are the channels of each sample, and h is measure/n on axes that are not periodic too, where
/// measure/(n - 1) would be the spacing.
public struct H1Loss: FieldLoss, Hashable, Codable {
  /// Whether the norm is divided by that of the target.
  public var isRelative: Bool
  /// Whether the root is taken.
  public var takesRoot: Bool
  /// The lengths of the domain along the axes, one for all or one for each.
  public var measure: [Double]
  /// Whether the first and the last point of each axis are neighbours; one for all or one for
  /// each.
  public var isPeriodic: [Bool]
  /// What becomes of the norms of the entries.
  public var reduction: FieldReduction
  /// Which values form an entry.
  public var scope: FieldScope
  /// Added to the target's norm.
  public var epsilon: Double

  /// Creates a loss.
  public init(
    isRelative: Bool = true, takesRoot: Bool = true, measure: [Double] = [1],
    isPeriodic: [Bool] = [true], reduction: FieldReduction = .sum, scope: FieldScope = .channel,
    epsilon: Double = 1e-8
  ) {
    self.isRelative = isRelative
    self.takesRoot = takesRoot
    self.measure = measure
    self.isPeriodic = isPeriodic
    self.reduction = reduction
    self.scope = scope
    self.epsilon = epsilon
  }

  /// The loss, a scalar, differentiable in both fields.
  ///
  /// - Precondition: shapes are equal; lengths and periodicities are one or one for each axis;
  ///   axes that are not periodic have at least 4 points.
  public func callAsFunction(_ prediction: Variable, _ target: Variable) -> Variable {
    requireFields(prediction, target)
    let shape = prediction.shape
    let spacings = LpLoss.spacings(measure, shape)
    let differences = FiniteDifferences(spacings: spacings, isPeriodic: isPeriodic)
    let stencils = spacings.indices.map { differences.stencil(shape, axis: $0, order: 1) }
    let entries = FieldEntries(shape: shape, scope: scope)
    let error = prediction.value - target.value
    let errorSlopes = stencils.map { $0.applied(to: error) }
    let needsTarget = target.needsGradient && isRelative
    let targetSlopes = isRelative ? stencils.map { $0.applied(to: target.value) } : []
    let norms = EntryNorms(
      errors: entries.squares(error, errorSlopes),
      targets: isRelative ? entries.squares(target.value, targetSlopes) : nil,
      power: 2, takesRoot: takesRoot, scale: spacings.reduce(1, *), epsilon: epsilon,
      reduction: reduction)
    let (wantsTarget, y) = (target.needsGradient, needsTarget ? target.value : nil)
    let kept = needsTarget ? targetSlopes : []
    return Variable.primitive(
      [prediction, target], value: Tensor(scalar: Float(norms.value)),
      arithmetic: Double(error.count * (2 + 4 * stencils.count))
    ) { dy in
      let seed = 2 * Double(dy.scalar)
      // Differences run along grid axes and entries do not, so they commute.
      func gradient(_ field: Tensor, _ slopes: [Tensor], _ coefficients: [Double]) -> Tensor {
        var sum = field
        for (stencil, slope) in zip(stencils, slopes) {
          sum += stencil.transposed(appliedTo: slope)
        }
        return entries.scaled(sum, by: coefficients.map { $0 * seed })
      }
      let dx = gradient(error, errorSlopes, norms.errorSlopes)
      guard wantsTarget else { return [dx, nil] }
      var dtarget = -dx
      if let y { dtarget += gradient(y, kept, norms.targetSlopes) }
      return [dx, dtarget]
    }
  }
}

extension FieldEntries {
  /// The sums of the squares of a field and of its differences.
  fileprivate func squares(_ field: Tensor, _ slopes: [Tensor]) -> [Double] {
    slopes.reduce(powerSums(field, power: 2)) { sums, slope in
      zip(sums, powerSums(slope, power: 2)).map(+)
    }
  }

  /// A field times the coefficient of each entry.
  fileprivate func scaled(_ field: Tensor, by coefficients: [Double]) -> Tensor {
    let x = field.pointer
    return mapped(field.shape, coefficients: coefficients) { $1 * x[$0] }
  }
}
