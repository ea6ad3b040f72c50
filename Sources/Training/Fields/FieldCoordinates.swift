import TensorArchives
import TensorIO

/// The coordinates that a file has for its grid, under the names of PDEBench and the FNO paper.
struct FieldCoordinates {
  private let archive: TensorArchive
  private let options: FieldDatasetOptions
  private let prefixes: [String]

  init(_ archive: TensorArchive, _ options: FieldDatasetOptions) {
    self.archive = archive
    self.options = options
    // In files of one group for each sample, all have the grid of the first.
    let group = archive.entries.first { $0.name.hasSuffix("/data") }?.name.dropLast("data".count)
    prefixes = ["axis/"] + (group.map { ["\($0)grid/"] } ?? [])
  }

  /// The axes of space, with coordinates where the file has them.
  ///
  /// - Throws: `DataError` when the file has coordinates for another number of points.
  func axes(grid: [Int], names: [String]? = nil) throws -> [FieldAxis] {
    try zip(names ?? ["x", "y", "z"], grid).map { name, count in
      guard let all = try values(name) else { return FieldAxis(name) }
      let taken = stride(from: 0, to: all.count, by: options.spatialSubsampling).map { all[$0] }
      guard taken.count == count else {
        throw DataError(
          at: "\(archive.path), coordinates of \(name)", expected: "\(count) after subsampling",
          got: "\(taken.count)")
      }
      return FieldAxis(name, coordinates: taken)
    }
  }

  /// The axis of time for some of the frames.
  ///
  /// PDEBench has one time more than frames: the borders of the steps.
  func time(_ frames: Range<Int>) throws -> FieldAxis {
    guard let all = try values("t") else { return FieldAxis("t") }
    let taken = stride(from: 0, to: all.count, by: options.temporalSubsampling).map { all[$0] }
    guard frames.upperBound <= taken.count else {
      throw DataError(
        at: "\(archive.path), coordinates of t", expected: "at least \(frames.upperBound)",
        got: "\(taken.count)")
    }
    return FieldAxis("t", coordinates: Array(taken[frames]))
  }

  private func values(_ name: String) throws -> [Double]? {
    let keys = ["\(name)-coordinate"] + prefixes.map { $0 + name } + (name == "t" ? ["t"] : [])
    guard let key = keys.first(where: { archive.contains($0) }) else { return nil }
    let shape = try archive.entry(key).shape
    // MATLAB has no vectors, only matrices of one row or column.
    guard shape.filter({ $0 != 1 }).count <= 1 else { return nil }
    return try archive.read(key).doubles()
  }
}
