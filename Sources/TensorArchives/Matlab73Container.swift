import HDF5
public import TensorIO

/// A MATLAB 7.3 file that is open: HDF5 with the axes of each array in reverse order.
///
/// An array has the axes, in the order, that MATLAB shows, whatever their order in the file.
/// Logical arrays become BOOL, complex ones get a last axis of two, empty ones their extents.
/// Source: the attributes `MATLAB_class`, `MATLAB_empty` and `MATLAB_int_decode` of such files.
public struct Matlab73Container: TensorContainer {
  /// The name of the format.
  public let formatName = "MATLAB 7.3"
  /// The arrays of numbers, sorted by name.
  public let entries: [TensorEntry]
  /// Text, cells, structures, and what else is no array of numbers.
  public let skipped: [SkippedEntry]
  /// Nothing.
  public let attributes: [String: TensorAttribute] = [:]

  private struct Array: Sendable {
    let stored: TensorEntry
    let isEmpty: Bool
  }

  private let file: HDF5File
  private let arrays: [String: Array]

  /// Opens a file.
  ///
  /// - Throws: `TensorFileError` when the file cannot be read or is not HDF5.
  public init(_ path: String) throws(TensorFileError) {
    try self.init(HDF5File(path))
  }

  init(_ file: HDF5File) throws(TensorFileError) {
    var arrays: [String: Array] = [:]
    var entries: [TensorEntry] = []
    var skipped = file.skipped
    for stored in file.entries {
      let name = stored.name
      // What cells and structures refer to.
      if name.hasPrefix("#") { continue }
      let marks = try file.attributes(of: name)
      guard case .text(let className)? = marks["MATLAB_class"],
        var type = Self.elementType(className, stored)
      else {
        let kind = marks["MATLAB_class"].map { "\($0)" } ?? "nothing that MATLAB wrote"
        skipped.append(SkippedEntry(name: name, reason: "class \(kind)"))
        continue
      }
      var shape = stored.shape
      var isEmpty = false
      if case .number(let mark)? = marks["MATLAB_empty"], mark != 0 {
        // The data set of an empty array holds its extents.
        isEmpty = true
        type = Self.types[className] ?? type
        shape = try file.read(stored).integers()
        guard shape.count <= RawTensor.maximumRank, shape.contains(0),
          shape.allSatisfy({ $0 >= 0 })
        else {
          throw TensorFileError(
            place: "\(file.path), array '\(name)'", expected: "the extents of an empty array",
            got: "\(shape.prefix(8))")
        }
      } else if stored.isComplex {
        shape = shape.dropLast().reversed() + [2]
      } else {
        shape = shape.reversed()
      }
      arrays[name] = Array(stored: stored, isEmpty: isEmpty)
      entries.append(
        TensorEntry(
          name: name, elementType: type, shape: shape, isComplex: stored.isComplex && !isEmpty))
    }
    self.file = file
    self.arrays = arrays
    self.entries = entries
    self.skipped = skipped.filter { !$0.name.hasPrefix("#") }
  }

  /// Whether these first bytes of an HDF5 file are the header that MATLAB puts before it.
  static func recognises(_ head: [UInt8]) -> Bool {
    head.starts(with: "MATLAB 7.3 MAT-file".utf8)
  }

  /// Reads an array, or evenly spaced positions along its axes.
  ///
  /// - Throws: `TensorFileError` when the file is damaged, or the selection leaves the array.
  public func read(
    _ entry: TensorEntry, _ selection: TensorSelection
  ) throws(TensorFileError) -> RawTensor {
    let place = "\(file.path), array '\(entry.name)'"
    guard let array = arrays[entry.name] else {
      throw TensorFileError(place: place, expected: "an array of this name", got: "none")
    }
    let ranges = try selection.resolved(for: entry.shape, place: place)
    let shape = ranges.map(\.count)
    if array.isEmpty {
      return RawTensor(bytes: [], elementType: entry.elementType, shape: shape)
    }
    let pair = entry.isComplex ? 1 : 0
    let reversed = Swift.Array(ranges.dropLast(pair).reversed()) + ranges.suffix(pair)
    let stored = try file.read(array.stored, TensorSelection(reversed))
    let axes = Swift.Array(stored.shape.dropLast(pair).indices.reversed())
    let strides = StridedCopy.rowMajorStrides(stored.shape)
    let tensor = RawTensor(
      gathering: stored.bytes, elementType: stored.elementType, shape: shape,
      strides: axes.map { strides[$0] } + strides.suffix(pair))
    guard entry.elementType != stored.elementType else { return tensor }
    return RawTensor(bytes: tensor.bytes, elementType: entry.elementType, shape: shape)
  }

  /// The element type of an array of this class, or nil where it is no array of numbers.
  private static func elementType(_ className: String, _ stored: TensorEntry) -> ElementType? {
    if className == "logical" {
      return stored.elementType == .uint8 || stored.elementType == .bool ? .bool : nil
    }
    return types[className] == nil ? nil : stored.elementType
  }

  private static let types: [String: ElementType] = [
    "double": .float64, "single": .float32, "int8": .int8, "uint8": .uint8, "int16": .int16,
    "uint16": .uint16, "int32": .int32, "uint32": .uint32, "int64": .int64, "uint64": .uint64,
    "logical": .bool,
  ]
}
