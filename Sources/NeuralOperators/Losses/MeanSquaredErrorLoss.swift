public import Differentiation
import SequenceTensor

/// The mean of squared differences of each sample, averaged or added up over the batch.
///
/// Source: `MSELoss` of neuraloperator 2.0 (`losses/data_losses.py`); with `.mean` it is the mean
/// over everything, as PDEBench trains.
public struct MeanSquaredErrorLoss: FieldLoss, Hashable, Codable {
  /// What becomes of the samples' means.
  public var reduction: FieldReduction

  /// Creates a loss.
  public init(reduction: FieldReduction = .mean) { self.reduction = reduction }

  /// The loss, a scalar, differentiable in both fields.
  ///
  /// - Precondition: shapes are equal.
  public func callAsFunction(_ prediction: Variable, _ target: Variable) -> Variable {
    requireFields(prediction, target)
    let shape = prediction.shape
    let entries = FieldEntries(shape: shape, scope: .sample)
    let (x, y) = (prediction.value, target.value)
    let weight = reduction.weight(count: entries.batch) / Double(max(1, entries.size))
    let total = entries.powerSums(x, minus: y, power: 2).reduce(0, +)
    let needsTarget = target.needsGradient
    return Variable.primitive(
      [prediction, target], value: Tensor(scalar: Float(weight * total)),
      arithmetic: 3 * Double(x.count)
    ) { dy in
      var dx = x - y
      dx = dx * Float(2 * weight * Double(dy.scalar))
      return [dx, needsTarget ? -dx : nil]
    }
  }
}

extension Variable {
  /// The mean of the squares of all elements, a scalar: what the residual of an equation is
  /// trained on.
  func meanOfSquares() -> Variable {
    let count = Double(max(1, value.count))
    let mean = Float(value.sumOfSquares() / count)
    return Self.primitive([self], value: Tensor(scalar: mean)) { [value] dy in
      [value * Float(2 * Double(dy.scalar) / count)]
    }
  }
}
