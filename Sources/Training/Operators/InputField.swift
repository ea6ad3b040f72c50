public import SequenceTensor
import TensorArchives
import TensorIO

/// Fields to apply an operator to, and what axes their file left out.
public struct InputField: Sendable {
  /// `[samples, x, (y, (z,)) channels]`.
  public let values: Tensor
  /// Whether the file has an axis of samples.
  public let hasSamples: Bool
  private let hasChannels: Bool

  /// Reads fields from a file of any known format.
  ///
  /// The array may lack the axis of samples if there is one, and that of channels if there is one
  /// channel.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - key: which of its arrays; it may be left out if there is only one.
  ///   - recipe: the operator's.
  /// - Throws: `DataError` if the array has other axes or channels than the operator takes, or
  ///   values that are not finite; `TensorFileError` if the file is damaged.
  public init(readingFrom path: String, key: String?, recipe: OperatorRecipe) throws {
    let archive = try TensorArchive(path)
    guard let name = key ?? (archive.entries.count == 1 ? archive.entries[0].name : nil) else {
      throw DataError(
        at: path, expected: "one array, or --key with the name of one",
        got: archive.entries.map(\.name).joined(separator: ", "))
    }
    let raw = try archive.read(name)
    let axes = recipe.fields.grid.count
    let inputs = recipe.fields.inputs
    let sizes = raw.shape
    let place = "\(path), \(name)"
    switch sizes.count {
    case axes where inputs == 1: (hasSamples, hasChannels) = (false, false)
    // One more axis is that of channels if it has their number, and else that of samples.
    case axes + 1 where sizes.last == inputs: (hasSamples, hasChannels) = (false, true)
    case axes + 1 where inputs == 1: (hasSamples, hasChannels) = (true, false)
    case axes + 2 where sizes.last == inputs: (hasSamples, hasChannels) = (true, true)
    default:
      throw DataError(
        at: place,
        expected: "[samples, \(axes) axes of the grid, \(inputs) channels], without samples or"
          + " without channels if there is one",
        got: "shape \(sizes)")
    }
    let shape = Shape(
      (hasSamples ? [] : [1]) + sizes + (hasChannels ? [] : [1]))
    guard shape.count > 0 else {
      throw DataError(at: place, expected: "at least one value", got: "shape \(sizes)")
    }
    try recipe.check(grid: Array(shape.sizes.dropFirst().dropLast()), at: place)
    let floats = try raw.floats()
    if let bad = floats.firstIndex(where: { !$0.isFinite }) {
      throw DataError(
        at: "\(place), value \(bad)", expected: "finite numbers", got: "\(floats[bad])")
    }
    values = Tensor(floats, shape: shape)
  }

  /// The shape of a result in the form of the input: without the axes that it lacked.
  public func shape(of result: Tensor) -> Shape {
    var sizes = result.shape.sizes
    if !hasChannels, sizes.last == 1 { sizes.removeLast() }
    if !hasSamples { sizes.removeFirst() }
    return Shape(sizes)
  }
}
