package import SequenceTensor

/// Symmetries of a problem that training samples are turned by at random, input and target alike.
///
/// Only for problems that have them, and for fields whose channels are scalars: the components of
/// a vector would have to be turned with the grid.
public enum FieldAugmentation: String, Sendable, Hashable, CaseIterable, Codable {
  /// Samples as they are.
  case none
  /// Periodic grids shifted by whole points along each axis of space.
  case shifts
  /// The two axes of a square exchanged.
  case transpose
  /// The eight symmetries of a square whose grid leaves its end out: point i goes to n - i, point
  /// 0 stays.
  case square
  /// The eight symmetries of a square whose grid includes its end: point i goes to n - 1 - i.
  case closedSquare = "closed-square"

  /// Whether grids of these sizes have the symmetries.
  package func fits(_ grid: [Int]) -> Bool {
    switch self {
    case .none, .shifts: true
    case .transpose, .square, .closedSquare: grid.count == 2 && grid[0] == grid[1]
    }
  }

  /// Where the points of one sample come from.
  ///
  /// - Parameters:
  ///   - grid: the sizes of the grid, which must fit.
  ///   - timeAxis: which of its axes is time, if one is: it is not shifted.
  ///   - random: where the choice comes from.
  /// - Returns: for each point in row-major order the point that it is taken from; `nil` for the
  ///   sample as it is.
  package func sources(
    grid: [Int], timeAxis: Int? = nil, using random: inout RandomSource
  ) -> [Int]? {
    switch self {
    case .none:
      return nil
    case .shifts:
      let offsets = grid.enumerated().map { axis, count in
        axis == timeAxis ? 0 : Int(random.next() % UInt64(count))
      }
      return Self.points(grid) { index in
        zip(zip(index, offsets), grid).map { ($0.0 + $0.1) % $1 }
      }
    case .transpose, .square, .closedSquare:
      let bits = random.next()
      let n = grid[0]
      let isClosed = self == .closedSquare
      let turns = self == .transpose ? [false, false] : [bits & 2 != 0, bits & 4 != 0]
      return Self.points(grid) { index in
        let turned = zip(index, turns).map { i, isTurned in
          isTurned ? (isClosed ? n - 1 - i : (n - i) % n) : i
        }
        return bits & 1 != 0 ? [turned[1], turned[0]] : turned
      }
    }
  }

  private static func points(_ grid: [Int], _ source: ([Int]) -> [Int]) -> [Int] {
    var index = [Int](repeating: 0, count: grid.count)
    return (0..<grid.reduce(1, *)).map { _ in
      let from = zip(source(index), grid).reduce(0) { $0 * $1.1 + $1.0 }
      var axis = grid.count - 1
      while axis >= 0 {
        index[axis] += 1
        if index[axis] < grid[axis] { break }
        index[axis] = 0
        axis -= 1
      }
      return from
    }
  }
}
