/// Evenly spaced positions along an axis: `start`, `start + step`, …, `count` of them.
public struct StridedRange: Hashable, Sendable {
  /// The first position.
  public var start: Int
  /// The number of positions.
  public var count: Int
  /// The distance between neighbours, at least 1.
  public var step: Int

  /// Makes evenly spaced positions.
  public init(start: Int, count: Int, step: Int = 1) {
    self.start = start
    self.count = count
    self.step = step
  }

  /// The positions of a range, every `step`-th from the first on.
  public init(_ range: Range<Int>, step: Int = 1) {
    let count = step > 0 ? (range.count + step - 1) / step : range.count
    self.init(start: range.lowerBound, count: count, step: step)
  }

  /// The positions from the first to the last and all between.
  var bounds: Range<Int> { start..<(count == 0 ? start : start + (count - 1) * step + 1) }

  func fits(_ extent: Int) -> Bool {
    guard start >= 0, count >= 0, step >= 1, start <= extent else { return false }
    if count == 0 { return true }
    let (distance, overflow) = (count - 1).multipliedReportingOverflow(by: step)
    return !overflow && distance < extent - start
  }
}

/// Which part of a tensor in a file to read: evenly spaced positions along each axis.
public struct TensorSelection: Hashable, Sendable {
  /// The positions of each axis, outermost first; nil, or no entry, is the whole axis.
  public var axes: [StridedRange?]

  /// Makes a selection.
  public init(_ axes: [StridedRange?]) {
    self.axes = axes
  }

  /// Everything.
  public static let all = TensorSelection([])

  /// A range of the first axis, and all of the others.
  public static func rows(_ range: Range<Int>) -> TensorSelection {
    TensorSelection([StridedRange(range)])
  }

  /// The positions along every axis of a tensor of this shape.
  ///
  /// - Throws: `TensorFileError` when there are more axes than the tensor has, or positions that
  ///   are not there.
  package func resolved(
    for shape: [Int], place: @autoclosure () -> String
  ) throws(TensorFileError) -> [StridedRange] {
    guard axes.count <= shape.count else {
      throw TensorFileError(
        place: place(), expected: "a selection of at most \(shape.count) axes",
        got: "\(axes.count)")
    }
    var result: [StridedRange] = []
    for (axis, extent) in shape.enumerated() {
      let range = (axis < axes.count ? axes[axis] : nil) ?? StridedRange(0..<extent)
      guard range.fits(extent) else {
        throw TensorFileError(
          place: place(), expected: "positions within axis \(axis) of extent \(extent)",
          got: "\(range.count) from \(range.start) in steps of \(range.step)")
      }
      result.append(range)
    }
    return result
  }
}
