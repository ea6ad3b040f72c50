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
    var result = Tensor(zeros: x.shape.replacing(axis: axis, with: to))
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
}

extension Variable {
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
    if axes == 3 {
      let modes = zip(old, grid.sizes).enumerated().map { axis, sizes in
        let least = min(sizes.0, sizes.1)
        return axis == axes - 1 ? least / 2 + 1 : least
      }
      let analysis = TruncatedTransform(gridShape: Shape(old), modeShape: Shape(modes))
      let synthesis = TruncatedTransform(gridShape: grid, modeShape: Shape(modes))
      return spectrum(by: analysis).grid(by: synthesis)
    }
    let maps = zip(old, grid.sizes).map {
      axes == 1 ? AxisInterpolation.linear(from: $0, to: $1) : .cubic(from: $0, to: $1)
    }
    let changed = maps.indices.filter { old[$0] != grid[$0] }
    let y = changed.reduce(value) { maps[$1].applied($0, axis: $1 + 1) }
    return Self.primitive([self], value: y) { dy in
      [changed.reversed().reduce(dy) { maps[$1].applied($0, axis: $1 + 1, adjoint: true) }]
    }
  }
}
