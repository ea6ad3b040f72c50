public import Differentiation
import LaneKernels
public import SequenceTensor
import SpectralCore

/// For each new point of an axis the old points that it is a sum of.
struct AxisInterpolation: Sendable {
  /// `taps` old points for each new one.
  let points: [Int]
  /// Their weights.
  let weights: [Float]
  let taps: Int
  let size: Int

  /// Straight lines between points; the first and the last point stay.
  static func linear(from size: Int, to count: Int) -> AxisInterpolation {
    AxisInterpolation(from: size, to: count, taps: 2) { [1 - $0, $0] }
  }

  /// Cubic convolution of four points with a = -3/4 (Keys, "Cubic convolution interpolation for
  /// digital image processing", 1981), edges repeated; the first and the last point stay.
  static func cubic(from size: Int, to count: Int) -> AxisInterpolation {
    let a = -0.75
    func near(_ t: Double) -> Double { ((a + 2) * t - (a + 3)) * t * t + 1 }
    func far(_ t: Double) -> Double { ((a * t - 5 * a) * t + 8 * a) * t - 4 * a }
    return AxisInterpolation(from: size, to: count, taps: 4) {
      [far($0 + 1), near($0), near(1 - $0), far(2 - $0)]
    }
  }

  /// Means under a triangle that reaches to the neighbouring new points.
  ///
  /// The full weighting of multigrid methods; the first and the last point stay where they are.
  /// Straight lines where there are more new points than old ones.
  static func averages(from size: Int, to count: Int) -> AxisInterpolation {
    guard count > 1, count < size else { return linear(from: size, to: count) }
    let step = Double(size - 1) / Double(count - 1)
    let taps = 2 * Int(step.rounded(.up)) + 1
    var (points, all): ([Int], [Float]) = ([], [])
    for i in 0..<count {
      let place = Double(i) * step
      let old = (0..<taps).map { Int(place.rounded()) + $0 - taps / 2 }
      let weights = old.map {
        (0..<size).contains($0) ? max(0, 1 - abs(Double($0) - place) / step) : 0
      }
      let sum = weights.reduce(0, +)
      points += old.map { min(max($0, 0), size - 1) }
      all += weights.map { Float($0 / sum) }
    }
    return AxisInterpolation(points: points, weights: all, taps: taps, size: size)
  }

  private init(points: [Int], weights: [Float], taps: Int, size: Int) {
    (self.points, self.weights, self.taps, self.size) = (points, weights, taps, size)
  }

  private init(from size: Int, to count: Int, taps: Int, _ weights: (Double) -> [Double]) {
    let step = count > 1 ? Double(size - 1) / Double(count - 1) : 0
    var (points, all): ([Int], [Float]) = ([], [])
    for i in 0..<count {
      let place = Double(i) * step
      let first = Int(place)
      points += (0..<taps).map { min(max(first + $0 - taps / 2 + 1, 0), size - 1) }
      all += weights(place - Double(first)).map { Float($0) }
    }
    (self.points, self.weights, self.taps, self.size) = (points, all, taps, size)
  }

  /// The new points of an axis, or the old points' shares of new ones.
  func applied(_ x: Tensor, axis: Int, adjoint: Bool = false) -> Tensor {
    let sizes = x.shape.sizes
    let inner = sizes[(axis + 1)...].reduce(1, *)
    let outer = sizes[..<axis].reduce(1, *)
    let count = points.count / taps
    let (from, to) = adjoint ? (count, size) : (size, count)
    let shape = x.shape.replacing(axis: axis, with: to)
    // Of rows shorter than a few cache lines the calls would cost more than the sums.
    if inner < 16 {
      return product(x, outer: outer, inner: inner, adjoint: adjoint).reshaped(to: shape)
    }
    var result = Tensor(zeros: shape)
    let y = result.mutablePointer()
    Parallel.forEach(tasks: outer) { item, _ in
      for (index, point) in points.enumerated() {
        let (new, weight) = (index / taps, weights[index])
        guard weight != 0 else { continue }
        let (source, target) = adjoint ? (new, point) : (point, new)
        lanes.accumulate_scaled(
          y + (item * to + target) * inner, x.pointer + (item * from + source) * inner, weight,
          inner)
      }
    }
    return result
  }

  /// The same as a product with a table of all weights.
  private func product(_ x: Tensor, outer: Int, inner: Int, adjoint: Bool) -> Tensor {
    let count = points.count / taps
    var table = [Float](repeating: 0, count: count * size)
    for (index, point) in points.enumerated() {
      table[index / taps * size + point] += weights[index]
    }
    let matrix = Tensor(table, shape: [count, size])
    let rows = x.reshaped(to: [outer, adjoint ? count : size, inner])
    let columns = inner == 1 ? rows.reshaped(to: [outer, rows.shape[1]]) : rows.transposed()
    let y = Tensor.product(columns, .stored, matrix, adjoint ? .stored : .transposed)
    return inner == 1 ? y : y.transposed()
  }
}

extension Variable {
  /// A field between walls on a coarser grid: means of the points near each new one.
  ///
  /// Full weighting of multigrid methods (Trottenberg, Oosterlee and Schüller, "Multigrid", 2001,
  /// section 2.3.3), for any ratio of grids: where there are as many points or more, straight lines.
  ///
  /// - Parameter grid: the new grid; its first and last points are those of the old one.
  /// - Precondition: `self` is `[batch, x, (y, (z,)) channels]`.
  func averaged(onto grid: Shape) -> Variable {
    let old = Array(shape.sizes[1...grid.rank])
    return mapped(zip(old, grid.sizes).map { AxisInterpolation.averages(from: $0, to: $1) })
  }

  /// A field between walls on a finer grid by cubic convolution along each axis.
  ///
  /// - Parameter grid: the new grid; its first and last points are those of the old one.
  /// - Precondition: `self` is `[batch, x, (y, (z,)) channels]`.
  func interpolated(onto grid: Shape) -> Variable {
    let old = Array(shape.sizes[1...grid.rank])
    return mapped(zip(old, grid.sizes).map { AxisInterpolation.cubic(from: $0, to: $1) })
  }

  /// The axes of the grid mapped one after the other.
  private func mapped(_ maps: [AxisInterpolation]) -> Variable {
    let changed = maps.indices.filter { maps[$0].size != maps[$0].points.count / maps[$0].taps }
    guard !changed.isEmpty else { return self }
    let y = changed.reduce(value) { maps[$1].applied($0, axis: $1 + 1) }
    return Self.primitive([self], value: y) { dy in
      [changed.reversed().reduce(dy) { maps[$1].applied($0, axis: $1 + 1, adjoint: true) }]
    }
  }

  /// The low frequencies of a periodic field on another grid: those that both grids have.
  func truncated(onto grid: Shape) -> Variable {
    let axes = grid.rank
    let old = Array(shape.sizes[1...axes])
    guard old != grid.sizes else { return self }
    let modes = zip(old, grid.sizes).enumerated().map { axis, sizes in
      let least = min(sizes.0, sizes.1)
      return axis == axes - 1 ? least / 2 + 1 : least
    }
    let analysis = TruncatedTransform(gridShape: Shape(old), modeShape: Shape(modes))
    let synthesis = TruncatedTransform(gridShape: grid, modeShape: Shape(modes))
    return spectrum(by: analysis).grid(by: synthesis)
  }

  /// The same function on another grid.
  ///
  /// One axis by straight lines, two by cubic convolution, both with the first and the last point
  /// where they are, three by Fourier modes. Source: `resample` of neuraloperator 2.0
  /// (`neuralop/layers/resample.py`); with an odd number of points its Fourier modes are one
  /// frequency off, ours are not.
  ///
  /// - Parameters:
  ///   - grid: the new grid.
  ///   - isComplex: whether values are `[…, channels, 2]`.
  public func resampled(to grid: Shape, isComplex: Bool = false) -> Variable {
    let axes = grid.rank
    let old = Array(shape.sizes[1...axes])
    guard old != grid.sizes else { return self }
    if isComplex {
      let channels = shape[axes + 1]
      let merged = Array(shape.sizes[...axes]) + [2 * channels]
      return reshaped(to: Shape(merged)).resampled(to: grid)
        .reshaped(to: Shape([shape[0]] + grid.sizes + [channels, 2]))
    }
    if axes == 3 { return truncated(onto: grid) }
    return mapped(
      zip(old, grid.sizes).map {
        axes == 1 ? AxisInterpolation.linear(from: $0, to: $1) : .cubic(from: $0, to: $1)
      })
  }
}
