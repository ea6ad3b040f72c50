public import SequenceTensor

/// The six measures of PDEBench.
///
/// Each is computed for a sample, a time and a channel, then averaged over all of them. With e the
/// error, u the target and N the number of grid points,
///
/// - `rootMeanSquare`: √(Σe²/N);
/// - `normalized`: √(Σe²/Σu²);
/// - `conserved`: |Σe|/N, the error of the conserved sum;
/// - `maximum`: max|e|;
/// - `boundary`: the root mean square over the points at the ends of any axis, each once;
/// - `low`, `middle`, `high`: the root mean square of bands of frequencies, see `FourierBands`.
///
/// Source: Takamoto et al., "PDEBench: an extensive benchmark for scientific machine learning"
/// (2022), the metrics of its appendix. Deviations: PDEBench's program looks at the non-negative
/// frequencies of each axis only and drops those beyond half the shortest axis, here all count,
/// those of two or three axes by their length; the transform is divided by N, so that values do
/// not depend on the resolution, and the factor for the number of wavenumbers is an option.
public struct BenchmarkErrors: Sendable, Hashable, Codable {
  /// √(Σe²/N).
  public var rootMeanSquare: Double
  /// √(Σe²/Σu²); infinite where a target is zero and its prediction is not.
  public var normalized: Double
  /// |Σe|/N.
  public var conserved: Double
  /// max|e|.
  public var maximum: Double
  /// The root mean square over the boundary.
  public var boundary: Double
  /// That of the low frequencies.
  public var low: Double
  /// That of the middle frequencies.
  public var middle: Double
  /// That of the high frequencies.
  public var high: Double

  /// Measures predictions.
  ///
  /// - Parameters:
  ///   - prediction: `[batch, (time,) x, (y, (z,)) channels]`.
  ///   - target: of the same shape.
  ///   - hasTime: whether the axis after the batch is time.
  ///   - initialFrames: the number of times that were given, not predicted, which do not count.
  ///   - bands: the bands of frequencies.
  /// - Precondition: shapes are equal, with 1 to 3 grid axes and at least one element and time left.
  public init(
    prediction: Tensor, target: Tensor, hasTime: Bool, initialFrames: Int = 0,
    bands: FourierBands = FourierBands()
  ) {
    let shape = target.shape
    let axes = shape.rank - (hasTime ? 3 : 2)
    require(
      prediction.shape == shape && (1...3).contains(axes) && shape.count > 0
        && (hasTime ? (0..<shape[1]).contains(initialFrames) : initialFrames == 0),
      "BenchmarkErrors: prediction \(prediction.shape), target \(shape)"
        + " [batch, \(hasTime ? "time, " : "")x, (y, (z,)) channels],"
        + " \(initialFrames) initial frames")
    func frames(_ field: Tensor) -> Tensor {
      guard hasTime else { return field }
      let rest = field.sliced(axis: 1, initialFrames..<shape[1])
      return rest.reshaped(to: Shape([shape[0] * (shape[1] - initialFrames)] + shape.sizes[2...]))
    }
    let (x, y) = (frames(prediction), frames(target))
    let error = x - y
    let entries = FieldEntries(shape: y.shape, scope: .channel)
    let grid = Shape(Array(y.shape.sizes[1...axes]))
    let points = Double(grid.count)
    let squares = entries.powerSums(x, minus: y, power: 2)
    let mean = RelativeL2.mean
    rootMeanSquare = mean(squares.map { ($0 / points).squareRoot() })
    normalized = mean(zip(squares, entries.powerSums(y, power: 2)).map(RelativeL2.quotient))
    conserved = mean(entries.sums(of: error).map { abs($0) / points })
    maximum = mean(entries.largestMagnitudes(of: error))
    let mask = BoundaryMask(grid: grid)
    let weights = Tensor(
      mask.isBoundary.map { $0 ? 1 : 0 }, shape: Shape([1] + grid.sizes + [1]))
    let boundarySquares = entries.powerSums(error * weights, power: 2)
    boundary = mean(boundarySquares.map { ($0 / Double(mask.boundaryCount)).squareRoot() })
    let spectral = bands.errors(error)
    (low, middle, high) = (spectral[0], spectral[1], spectral[2])
  }
}

extension FieldEntries {
  /// The sum of each entry.
  fileprivate func sums(of field: Tensor) -> [Double] {
    let x = field.pointer
    return sums { Double(x[$0]) }
  }

  /// The largest magnitude of each entry.
  fileprivate func largestMagnitudes(of field: Tensor) -> [Double] {
    var largest = [Double](repeating: 0, count: count)
    field.withSpan { values in
      for index in 0..<values.count {
        let entry = index / size * period + index % size % period
        let magnitude = Double(abs(values[index]))
        // NaN stays: nothing is greater than it.
        if magnitude > largest[entry] || magnitude.isNaN { largest[entry] = magnitude }
      }
    }
    return largest
  }
}
