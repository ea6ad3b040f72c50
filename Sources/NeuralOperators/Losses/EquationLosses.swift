public import Differentiation
import SequenceTensor

/// The mean square of the residual of Burgers' equation, u_t + u·u_x - ν·u_xx, of a predicted
/// history.
///
/// The prediction is `[batch, time, x, 1]`, time from 0 to the domain's first length with both ends,
/// and x over the second with one end. The target is not looked at.
///
/// Source: `BurgersEqnLoss` of neuraloperator 2.0 (`losses/equation_losses.py`), which takes one-
/// sided differences at the ends of x though its grid is that of a periodic problem: set
/// `isPeriodic` to false for the same.
public struct BurgersLoss: FieldLoss, Hashable, Codable {
  /// ν.
  public var viscosity: Double
  /// The lengths of time and space.
  public var lengths: [Double]
  /// Whether the first and the last point in space are neighbours.
  public var isPeriodic: Bool

  /// Creates a loss.
  public init(viscosity: Double = 0.01, lengths: [Double] = [1, 1], isPeriodic: Bool = true) {
    self.viscosity = viscosity
    self.lengths = lengths
    self.isPeriodic = isPeriodic
  }

  /// The loss, a scalar.
  ///
  /// - Precondition: the prediction is `[batch, time, x, 1]` with at least 4 times.
  public func callAsFunction(_ prediction: Variable, _ target: Variable) -> Variable {
    let shape = prediction.shape
    require(
      shape.rank == 4 && shape[1] >= 4 && shape.last == 1 && lengths.count == 2,
      "BurgersLoss: prediction \(shape) is not [batch, time, x, 1], or not 2 lengths: \(lengths)")
    let differences = FiniteDifferences(
      spacings: [lengths[0] / Double(shape[1] - 1), lengths[1] / Double(shape[2])],
      isPeriodic: [false, isPeriodic])
    let rate = differences.derivative(prediction, axis: 0)
    let transport = prediction * differences.derivative(prediction, axis: 1)
    let diffusion = differences.derivative(prediction, axis: 1, order: 2) * Float(viscosity)
    return (rate + transport - diffusion).meanOfSquares()
  }
}

/// The mean square of the error of the first frame.
///
/// Source: `ICLoss` of neuraloperator 2.0 (`losses/equation_losses.py`): the first grid axis is time.
public struct InitialConditionLoss: FieldLoss, Hashable, Codable {
  /// Creates a loss.
  public init() {}

  /// The loss of `[batch, time, x, …, channels]`, a scalar.
  ///
  /// - Precondition: batch, frames and channels of both agree; the target may have fewer times.
  public func callAsFunction(_ prediction: Variable, _ target: Variable) -> Variable {
    require(
      prediction.shape.rank >= 4 && target.shape.rank == prediction.shape.rank
        && target.shape[1] >= 1 && prediction.shape[1] >= 1
        && target.shape.replacing(axis: 1, with: 1) == prediction.shape.replacing(axis: 1, with: 1),
      "InitialConditionLoss: prediction \(prediction.shape) and target \(target.shape)"
        + " [batch, time, x, …, channels]")
    return (prediction.sliced(axis: 1, 0..<1) - target.sliced(axis: 1, 0..<1)).meanOfSquares()
  }
}

/// The mean square of the error on the boundary of the grid.
///
/// Source: the boundary part of `PoissonEqnLoss` of neuraloperator 2.0, which is for points
/// without a grid.
public struct BoundaryConditionLoss: FieldLoss, Hashable, Codable {
  /// Creates a loss.
  public init() {}

  /// The loss, a scalar.
  public func callAsFunction(_ prediction: Variable, _ target: Variable) -> Variable {
    requireFields(prediction, target)
    let mask = BoundaryMask(
      grid: Shape(Array(prediction.shape.sizes[1..<prediction.shape.rank - 1])))
    let share = Double(mask.boundaryCount) / Double(max(1, mask.grid.count))
    let weights = Tensor(
      mask.isBoundary.map { $0 ? Float((1 / share).squareRoot()) : 0 },
      shape: Shape([1] + mask.grid.sizes + [1]))
    return ((prediction - target) * Variable(weights)).meanOfSquares()
  }
}

/// A sum of losses with weights.
///
/// Source: `WeightedSumLoss` of neuraloperator 2.0 (`losses/meta_losses.py`).
public struct WeightedSumLoss: FieldLoss {
  /// The terms.
  public var terms: [(weight: Float, loss: any FieldLoss)]

  /// Creates a loss of at least one term.
  public init(_ terms: [(weight: Float, loss: any FieldLoss)]) { self.terms = terms }

  /// The loss, a scalar.
  ///
  /// - Precondition: there is a term.
  public func callAsFunction(_ prediction: Variable, _ target: Variable) -> Variable {
    require(!terms.isEmpty, "WeightedSumLoss: no terms")
    let losses = terms.map { $0.loss(prediction, target) * $0.weight }
    return losses.dropFirst().reduce(losses[0]) { $0 + $1 }
  }
}

/// Which points of a grid lie at the end of an axis.
struct BoundaryMask {
  /// The sizes of the grid.
  let grid: Shape
  /// For each point in row-major order whether it does.
  let isBoundary: [Bool]

  init(grid: Shape) {
    self.grid = grid
    isBoundary = (0..<grid.count).map { point in
      var rest = point
      return grid.sizes.reversed().reduce(false) { found, size in
        let index = rest % size
        rest /= size
        return found || index == 0 || index == size - 1
      }
    }
  }

  /// The number of such points.
  var boundaryCount: Int { isBoundary.count { $0 } }
}
