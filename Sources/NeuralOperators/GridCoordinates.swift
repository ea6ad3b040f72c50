public import Differentiation
public import SequenceTensor

/// The coordinates of a grid's points as further channels of a field.
///
/// Source: `GridEmbeddingND` of neuraloperator 2.0 (`layers/embeddings.py`), whose grids leave the
/// end point out, and the scripts of Li et al., "Fourier neural operator for parametric partial
/// differential equations" (2021), whose grids include it.
public struct GridCoordinates: Sendable, Hashable, Codable {
  /// The first and the last coordinate of each axis.
  public var boundaries: [ClosedRange<Float>]
  /// Whether the last point lies on the upper boundary, as on a grid between walls, and not one
  /// spacing before it, as on a periodic one.
  public var includesEnd: Bool

  /// Creates coordinates.
  public init(boundaries: [ClosedRange<Float>], includesEnd: Bool = false) {
    self.boundaries = boundaries
    self.includesEnd = includesEnd
  }

  /// Coordinates from 0 to 1 along each of some axes.
  public init(axes: Int, includesEnd: Bool = false) {
    self.init(boundaries: Array(repeating: 0...1, count: axes), includesEnd: includesEnd)
  }

  /// The coordinates of one axis.
  ///
  /// A grid of one point has the lower boundary.
  public func coordinates(axis: Int, count: Int) -> [Float] {
    let (lower, upper) = (Double(boundaries[axis].lowerBound), Double(boundaries[axis].upperBound))
    let intervals = includesEnd ? max(1, count - 1) : count
    return (0..<count).map { Float(lower + (upper - lower) * Double($0) / Double(intervals)) }
  }

  /// The coordinates of all points.
  ///
  /// - Returns: `[x, (y, (z,)) axes]`.
  /// - Precondition: there are boundaries for each axis of the grid.
  public func callAsFunction(grid: Shape) -> Tensor {
    require(
      grid.rank == boundaries.count,
      "GridCoordinates: grid \(grid) has other axes than the \(boundaries.count) boundaries")
    let rank = grid.rank
    let axes = (0..<rank).map { coordinates(axis: $0, count: grid[$0]) }
    var elements: [Float] = []
    elements.reserveCapacity(grid.count * rank)
    var index = [Int](repeating: 0, count: rank)
    for _ in 0..<grid.count {
      for axis in 0..<rank { elements.append(axes[axis][index[axis]]) }
      var axis = rank - 1
      while axis >= 0 {
        index[axis] += 1
        if index[axis] < grid[axis] { break }
        index[axis] = 0
        axis -= 1
      }
    }
    return Tensor(elements, shape: Shape(grid.sizes + [rank]))
  }

  /// A field with the coordinates as further channels, behind its own.
  ///
  /// - Parameter field: `[batch, x, (y, (z,)) channels]`.
  /// - Returns: `[batch, x, (y, (z,)) channels + axes]`.
  public func appended(to field: Variable) -> Variable {
    let shape = field.shape
    let channels = shape[-1]
    let rank = shape.rank - 2
    let points = self(grid: Shape(Array(shape.sizes[1..<shape.rank - 1])))
    let outputShape = Shape(Array(shape.sizes.dropLast()) + [channels + rank])
    var output = Tensor(zeros: outputShape)
    let target = output.mutablePointer()
    let (source, coordinates) = (field.value.pointer, points.pointer)
    for row in 0..<shape.count / max(1, channels) {
      let point = row % (points.count / rank)
      (target + row * (channels + rank)).update(from: source + row * channels, count: channels)
      (target + row * (channels + rank) + channels).update(
        from: coordinates + point * rank, count: rank)
    }
    return Variable.primitive([field], value: output) { gradient in
      [gradient.sliced(axis: -1, 0..<channels)]
    }
  }
}
