public import Differentiation
public import SequenceTensor

/// Derivatives of fields on regular grids by finite differences, linear and with exact adjoints.
///
/// Inside, and everywhere on a periodic axis, with h the spacing,
///
///     f′ ≈ (f₊ - f₋)/(2h),     f″ ≈ (f₊ - 2f + f₋)/h²,     both of order h².
///
/// At the ends of other axes one-sided: f′ ≈ (-11f₀ + 18f₁ - 9f₂ + 2f₃)/(6h), of order h³, and
/// f″ ≈ (2f₀ - 5f₁ + 4f₂ - f₃)/h², of order h², mirrored at the other end. Each value is computed
/// in double precision and rounded once.
///
/// Source: `FiniteDiff` of neuraloperator 2.0 (`losses/differentiation.py`).
public struct FiniteDifferences: Sendable, Hashable, Codable {
  /// The distance of neighbouring points along each grid axis.
  public var spacings: [Double]
  /// Whether the first and the last point of each axis are neighbours; one for all or one for
  /// each.
  public var isPeriodic: [Bool]

  /// Creates differences.
  public init(spacings: [Double], isPeriodic: [Bool] = [true]) {
    self.spacings = spacings
    self.isPeriodic = isPeriodic
  }

  /// A derivative along one axis.
  ///
  /// - Parameters:
  ///   - field: `[batch, x, (y, (z,)) channels]`.
  ///   - axis: which grid axis, 0 for x.
  ///   - order: 1 or 2.
  /// - Precondition: there is a spacing for each axis; an axis that is not periodic has at least
  ///   4 points.
  public func derivative(_ field: Variable, axis: Int, order: Int = 1) -> Variable {
    let stencil = stencil(field.shape, axis: axis, order: order)
    return Variable.primitive([field], value: stencil.applied(to: field.value)) { dy in
      [stencil.transposed(appliedTo: dy)]
    }
  }

  /// A derivative of values.
  public func derivative(_ field: Tensor, axis: Int, order: Int = 1) -> Tensor {
    stencil(field.shape, axis: axis, order: order).applied(to: field)
  }

  /// The sum of the second derivatives along all axes.
  public func laplacian(_ field: Variable) -> Variable {
    let stencils = (0..<field.shape.rank - 2).map { stencil(field.shape, axis: $0, order: 2) }
    var value = stencils[0].applied(to: field.value)
    for stencil in stencils.dropFirst() { value += stencil.applied(to: field.value) }
    return Variable.primitive([field], value: value) { dy in
      var dx = stencils[0].transposed(appliedTo: dy)
      for stencil in stencils.dropFirst() { dx += stencil.transposed(appliedTo: dy) }
      return [dx]
    }
  }

  /// The first derivatives along all axes, as channels: `[batch, x, …, axes]` of one channel.
  ///
  /// - Precondition: the field has one channel.
  public func gradient(_ field: Variable) -> Variable {
    require(
      field.shape.last == 1, "FiniteDifferences.gradient: \(field.shape) has not one channel")
    return .concatenated(
      (0..<field.shape.rank - 2).map { derivative(field, axis: $0) }, axis: -1)
  }

  /// Σ ∂uₐ/∂xₐ of a field with a channel for each axis; one channel.
  public func divergence(_ field: Variable) -> Variable {
    let axes = field.shape.rank - 2
    require(
      field.shape.last == axes,
      "FiniteDifferences.divergence: \(field.shape) has not a channel for each of \(axes) axes")
    var sum = derivative(field.sliced(axis: -1, 0..<1), axis: 0)
    for axis in 1..<max(1, axes) {
      sum = sum + derivative(field.sliced(axis: -1, axis..<axis + 1), axis: axis)
    }
    return sum
  }

  /// ∂u_y/∂x - ∂u_x/∂y of a plane field with two channels (one channel), or the curl of a spatial
  /// one with three (three channels).
  public func curl(_ field: Variable) -> Variable {
    let axes = field.shape.rank - 2
    require(
      (2...3).contains(axes) && field.shape.last == axes,
      "FiniteDifferences.curl: \(field.shape) is not plane or spatial, with a channel for each axis"
    )
    func slope(_ component: Int, _ axis: Int) -> Variable {
      derivative(field.sliced(axis: -1, component..<component + 1), axis: axis)
    }
    guard axes == 3 else { return slope(1, 0) - slope(0, 1) }
    return .concatenated(
      [
        slope(2, 1) - slope(1, 2), slope(0, 2) - slope(2, 0), slope(1, 0) - slope(0, 1),
      ], axis: -1)
  }

  /// The derivative as an operation on an axis.
  func stencil(_ shape: Shape, axis: Int, order: Int) -> AxisStencil {
    let axes = shape.rank - 2
    require(
      axes >= 1 && (0..<axes).contains(axis) && spacings.count == axes
        && (isPeriodic.count == 1 || isPeriodic.count == axes) && (1...2).contains(order),
      "FiniteDifferences: derivative \(order) along axis \(axis) of \(shape)"
        + " [batch, x, (y, (z,)) channels] with \(spacings.count) spacings")
    let isPeriodic = isPeriodic.count == 1 ? isPeriodic[0] : isPeriodic[axis]
    require(
      isPeriodic || shape[axis + 1] >= 4,
      "FiniteDifferences: axis \(axis) of \(shape) has fewer than the 4 points of one-sided"
        + " differences")
    return AxisStencil(
      axis: axis + 1, order: order, spacing: spacings[axis], isPeriodic: isPeriodic)
  }
}
