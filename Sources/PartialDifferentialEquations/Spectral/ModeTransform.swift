internal import SequenceTensor
internal import SpectralCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The eigenfunctions of the Laplacian on a grid: Fourier modes, sines or cosines.
///
/// Coefficients are those of the transforms in SpectralCore, times `scale` they are such that
/// `synthesise` gives the field back. Periodic grids have interleaved complex coefficients of the
/// half spectrum, the others real ones.
struct ModeTransform {
  let grid: SpatialGrid
  let boundary: BoundaryCondition
  /// The numbers of modes along the axes.
  let modeShape: Shape
  /// The doubles of one component's spectrum.
  let coefficientCount: Int
  /// What coefficients by `analyse` are to be multiplied by.
  let scale: Double

  private let real: DoubleRealTransform?
  private let trigonometric: DoubleTrigonometricTransform?
  /// The grid's values that are transformed: all, or those inside a boundary of zeros.
  private let inside: Shape

  /// - Precondition: the grid has the points that the boundary condition needs.
  init(_ grid: SpatialGrid, _ boundary: BoundaryCondition) {
    self.grid = grid
    self.boundary = boundary
    let shape = grid.shape
    if boundary == .periodic {
      let transform = DoubleRealTransform.plan(shape)
      (real, trigonometric, inside) = (transform, nil, shape)
      modeShape = shape.replacing(axis: -1, with: shape.last / 2 + 1)
      coefficientCount = 2 * modeShape.count
      scale = 1 / Double(shape.count)
      return
    }
    let onNodes = grid.axes.first?.points == .nodes
    let kind: DoubleTrigonometricTransform.Kind =
      switch (boundary == .dirichlet, onNodes) {
      case (true, true): .sineNodes
      case (true, false): .sineCells
      case (false, true): .cosineNodes
      case (false, false): .cosineCells
      }
    inside = kind == .sineNodes ? Shape(shape.sizes.map { $0 - 2 }) : shape
    let transform = DoubleTrigonometricTransform.plan(
      inside, kinds: Array(repeating: kind, count: shape.rank))
    (real, trigonometric) = (nil, transform)
    modeShape = inside
    coefficientCount = inside.count
    scale = 1 / Double(transform.logicalCount)
  }

  var isComplex: Bool { boundary == .periodic }

  /// The coefficients of a grid's values, unscaled.
  func analyse(_ values: UnsafePointer<Double>, into spectrum: UnsafeMutablePointer<Double>) {
    if let real { return real.forward(from: values, to: spectrum) }
    guard inside != grid.shape else {
      trigonometric?.execute(.forward, from: values, to: spectrum)
      return
    }
    withUnsafeTemporaryAllocation(of: Double.self, capacity: inside.count) { memory in
      guard let base = memory.baseAddress else { return }
      forEachInsideRow { outer, inner in
        (base + inner).initialize(from: values + outer, count: inside.last)
      }
      trigonometric?.execute(.forward, from: base, to: spectrum)
    }
  }

  /// The grid's values of coefficients, which are lost.
  func synthesise(
    destroying spectrum: UnsafeMutablePointer<Double>, into values: UnsafeMutablePointer<Double>
  ) {
    if let real { return real.inverse(destroying: spectrum, to: values) }
    guard inside != grid.shape else {
      trigonometric?.execute(.inverse, from: spectrum, to: values)
      return
    }
    withUnsafeTemporaryAllocation(of: Double.self, capacity: inside.count) { memory in
      guard let base = memory.baseAddress else { return }
      trigonometric?.execute(.inverse, from: spectrum, to: base)
      values.update(repeating: 0, count: grid.pointCount)
      forEachInsideRow { outer, inner in
        (values + outer).update(from: base + inner, count: inside.last)
      }
    }
  }

  /// Calls `body` with the offsets of each row inside the boundary, in the grid and without it.
  private func forEachInsideRow(_ body: (_ outer: Int, _ inner: Int) -> Void) {
    let full = grid.shape
    var outer = [0]
    for axis in 0..<full.rank {
      let isLast = axis == full.rank - 1
      outer = outer.flatMap { base in
        (isLast ? 1..<2 : 1..<full[axis] - 1).map { base * full[axis] + $0 }
      }
    }
    for (row, offset) in outer.enumerated() { body(offset, row * inside.last) }
  }

  /// The signed number of each mode along an axis: full waves if periodic, else half waves.
  func modeNumbers(axis: Int) -> [Int] {
    let (count, points) = (modeShape[axis], grid.axes[axis].count)
    if boundary == .periodic {
      return (0..<count).map { 2 * $0 <= points ? $0 : $0 - points }
    }
    return (0..<count).map { boundary == .dirichlet ? $0 + 1 : $0 }
  }

  /// The wavenumber of mode number 1 along an axis.
  func fundamental(axis: Int) -> Double {
    (boundary == .periodic ? 2 : 1) * Double.pi / grid.axes[axis].length
  }

  /// A function of an axis' mode number, summed over the axes, for every mode in row-major order.
  func sumOverAxes(_ function: (_ axis: Int, _ mode: Int) -> Double) -> [Double] {
    (0..<modeShape.rank).reduce([0]) { sums, axis in
      let terms = modeNumbers(axis: axis).map { function(axis, $0) }
      return sums.flatMap { sum in terms.map { sum + $0 } }
    }
  }

  /// |k|², the eigenvalues of -Δ, for every mode.
  var squaredWavenumbers: [Double] {
    sumOverAxes { axis, mode in
      let k = Double(mode) * fundamental(axis: axis)
      return k * k
    }
  }

  /// The eigenvalues of -Δ by central differences of second order, Σ 2(1 - cos(kh))/h².
  var differenceEigenvalues: [Double] {
    sumOverAxes { axis, mode in
      let spacing = grid.axes[axis].spacing
      let half = sin(0.5 * Double(mode) * fundamental(axis: axis) * spacing)
      return 4 * half * half / (spacing * spacing)
    }
  }

  /// 1 for the modes below `fraction` of the highest along every axis, 0 for the others.
  ///
  /// Products of two fields keep the modes below 2/3 free of aliases, of three those below 1/2.
  func lowModes(below fraction: Double) -> [Double] {
    sumOverAxes { axis, mode in
      let count = Double(grid.axes[axis].count)
      let limit = boundary == .periodic ? fraction * count / 2 : fraction * count
      return Double(abs(mode)) < limit * (1 - 1e-12) ? 0 : 1
    }.map { $0 == 0 ? 1 : 0 }
  }

  /// The largest wavenumber among the modes below `fraction` of the highest.
  func largestWavenumber(below fraction: Double) -> Double {
    (0..<grid.rank).reduce(0) { largest, axis in
      max(largest, fraction * Double.pi / grid.axes[axis].spacing)
    }
  }

  /// The map that multiplies each mode by a real number.
  func diagonal(_ factors: [Double]) -> Diagonal {
    Diagonal(
      factors: isComplex ? factors.flatMap { [$0, $0] } : factors, isComplex: false)
  }

  /// The map that multiplies each mode of a periodic interval by a complex function of k.
  ///
  /// The highest mode of an even grid stands for k and -k at once and takes the real part.
  func diagonal(_ symbol: (_ k: Double) -> (Double, Double)) -> Diagonal {
    let points = grid.axes[0].count
    let unit = fundamental(axis: 0)
    let factors = modeNumbers(axis: 0).flatMap { mode -> [Double] in
      let (real, imaginary) = symbol(Double(mode) * unit)
      return [real, 2 * mode == points ? 0 : imaginary]
    }
    return Diagonal(factors: factors, isComplex: true)
  }
}
