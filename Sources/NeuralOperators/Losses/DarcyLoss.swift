public import Differentiation
public import SequenceTensor

extension Variable {
  /// ∇·(a∇u) at the inner points of a grid, by the five-point (three-, seven-point) scheme.
  ///
  /// Along each axis, with a on the faces between points the mean of both sides,
  ///
  ///     (a₊(u₊ - u) - a₋(u - u₋))/h².
  ///
  /// At the points of the boundary of an axis that is not periodic the result is zero.
  ///
  /// - Parameters:
  ///   - coefficient: a, of the shape of u; differentiated as well.
  ///   - spacings: h of each axis.
  ///   - isPeriodic: whether the ends of the axes are neighbours.
  /// - Precondition: shapes are equal; there is a spacing for each axis.
  public func divergenceOfFlux(
    coefficient: Variable, spacings: [Double], isPeriodic: Bool = false
  ) -> Variable {
    require(
      coefficient.shape == shape && shape.rank >= 3 && spacings.count == shape.rank - 2,
      "Variable.divergenceOfFlux: u \(shape), coefficient \(coefficient.shape),"
        + " \(spacings.count) spacings")
    let flux = FluxDivergence(shape: shape, spacings: spacings, isPeriodic: isPeriodic)
    let (u, a) = (value, coefficient.value)
    let wanted = coefficient.needsGradient
    return Self.primitive([self, coefficient], value: flux.interior(flux.applied(to: u, a))) { dy in
      let inner = flux.interior(dy)
      return [flux.applied(to: inner, a), wanted ? flux.coefficientGradient(inner, u) : nil]
    }
  }
}

/// The mean square of the residual of Darcy's equation, ∇·(a∇u) + f, at the inner points.
///
/// `FiniteDifferences.laplacian` with a = 1 gives Poisson's equation, and a = 1 + 0.1u² the one of
/// `PoissonInteriorLoss` of neuraloperator 2.0 (`losses/equation_losses.py`), which is for points
/// without a grid. Add a `BoundaryConditionLoss` for the values on the boundary.
public struct DarcyLoss: Sendable, Hashable, Codable {
  /// The lengths of the domain along the axes.
  public var lengths: [Double]
  /// Whether the first and the last point of each axis are neighbours, and the spacing length/n,
  /// or lie on the ends of the domain, and it is length/(n - 1).
  public var isPeriodic: Bool

  /// Creates a loss.
  public init(lengths: [Double] = [1, 1], isPeriodic: Bool = false) {
    self.lengths = lengths
    self.isPeriodic = isPeriodic
  }

  /// The loss, a scalar.
  ///
  /// - Parameters:
  ///   - prediction: u, `[batch, x, (y, (z,)) channels]`.
  ///   - coefficient: a, of the same shape.
  ///   - source: f, of the same shape.
  /// - Precondition: shapes are equal; there is a length for each axis; grids that are not
  ///   periodic have an inner point.
  public func callAsFunction(
    _ prediction: Variable, coefficient: Variable, source: Tensor
  ) -> Variable {
    let shape = prediction.shape
    let grid = Array(shape.sizes.dropFirst().dropLast())
    let inner = grid.map { isPeriodic ? $0 : $0 - 2 }
    require(
      source.shape == shape && lengths.count == grid.count && inner.allSatisfy { $0 > 0 },
      "DarcyLoss: prediction \(shape), source \(source.shape), \(lengths.count) lengths")
    let spacings = zip(lengths, grid).map { $0 / Double(isPeriodic ? $1 : $1 - 1) }
    let flux = prediction.divergenceOfFlux(
      coefficient: coefficient, spacings: spacings, isPeriodic: isPeriodic)
    let forcing = FluxDivergence(shape: shape, spacings: spacings, isPeriodic: isPeriodic)
      .interior(source)
    let share = Float(Shape(grid).count) / Float(Shape(inner).count)
    return (flux + Variable(forcing)).meanOfSquares() * share
  }
}

/// The operator u ↦ ∇·(a∇u) without flux through the ends, which is symmetric in u.
private struct FluxDivergence: Sendable {
  let shape: Shape
  let spacings: [Double]
  let isPeriodic: Bool

  /// Calls `body` with the two points of every face and the face's 1/h², axis after axis.
  private func forEachFace(_ body: (_ point: Int, _ next: Int, _ scale: Float) -> Void) {
    let sizes = shape.sizes
    for axis in 1..<sizes.count - 1 {
      let (count, width) = (sizes[axis], sizes[(axis + 1)...].reduce(1, *))
      let scale = Float(1 / (spacings[axis - 1] * spacings[axis - 1]))
      let faces = isPeriodic && count > 1 ? count : count - 1
      for outer in 0..<shape.count / max(1, count * width) {
        for row in 0..<max(0, faces) {
          let point = (outer * count + row) * width
          let next = (outer * count + (row + 1) % count) * width
          for lane in 0..<width { body(point + lane, next + lane, scale) }
        }
      }
    }
  }

  func applied(to u: Tensor, _ a: Tensor) -> Tensor {
    var result = Tensor(zeros: shape)
    let (y, u, a) = (result.mutablePointer(), u.pointer, a.pointer)
    forEachFace { point, next, scale in
      let flux = scale * 0.5 * (a[point] + a[next]) * (u[next] - u[point])
      y[point] += flux
      y[next] -= flux
    }
    return result
  }

  /// The gradient by a of ⟨weights, applied(to: u, a)⟩.
  func coefficientGradient(_ weights: Tensor, _ u: Tensor) -> Tensor {
    var result = Tensor(zeros: shape)
    let (y, w, u) = (result.mutablePointer(), weights.pointer, u.pointer)
    forEachFace { point, next, scale in
      let half = scale * 0.5 * (w[point] - w[next]) * (u[next] - u[point])
      y[point] += half
      y[next] += half
    }
    return result
  }

  /// The values at inner points, and zero on the boundary.
  func interior(_ x: Tensor) -> Tensor {
    guard !isPeriodic else { return x }
    let sizes = shape.sizes
    let mask = BoundaryMask(grid: Shape(Array(sizes[1..<sizes.count - 1])))
    let channels = shape.last
    return Tensor(uninitialized: shape) { y in
      for row in 0..<shape.rows {
        let isBoundary = mask.isBoundary[row % mask.grid.count]
        for c in row * channels..<(row + 1) * channels { y[c] = isBoundary ? 0 : x.pointer[c] }
      }
    }
  }
}
