/// A MATLAB 5 file (`save -v6`, `-v7`) that is open: arrays of numbers by their names.
///
/// An array has the axes, in the order, that MATLAB shows: element `u(i, j)` there is `[i-1, j-1]`
/// here. Real and complex, all numeric classes and logical; complex elements get a last axis of
/// two. Deflated arrays are inflated when they are read. Little-endian files only. Source: "MAT-File
/// Format", The MathWorks, chapter 1.
public struct Matlab5Container: TensorContainer {
  /// The name of the format.
  public let formatName = "MATLAB 5"
  /// The arrays of numbers, in the order of the file.
  public let entries: [TensorEntry]
  /// Text, cells, structures, and what else is no array of numbers.
  public let skipped: [SkippedEntry]
  /// Nothing.
  public let attributes: [String: TensorAttribute] = [:]

  private struct Location: Sendable {
    let range: Range<Int>
    let isCompressed: Bool
  }

  private let file: InputFile
  private let locations: [String: Location]
  private static let headerSize = 128

  /// Opens a file and reads the header of each array.
  ///
  /// - Throws: `TensorFileError` when the file cannot be read or breaks the format.
  public init(_ path: String) throws(TensorFileError) {
    try self.init(InputFile(path))
  }

  package init(_ file: InputFile) throws(TensorFileError) {
    let head = try file.prefix(Self.headerSize)
    guard Self.recognises(head) else {
      throw TensorFileError(
        place: file.path, expected: "the header of a little-endian MATLAB 5 file",
        got: head.count < Self.headerSize ? "\(head.count) bytes" : "other bytes")
    }
    var entries: [TensorEntry] = []
    var skipped: [SkippedEntry] = []
    var locations: [String: Location] = [:]
    var position = Self.headerSize
    while position < file.size {
      let tag = Matlab5Tag(try file.read(at: position, count: 8))
      let place = "\(file.path), byte \(position)"
      guard tag.type == Matlab5Tag.matrix || tag.type == Matlab5Tag.compressed else {
        throw TensorFileError(
          place: place, expected: "an array", got: "an element of type \(tag.type)")
      }
      guard tag.small == nil, tag.size <= file.size - position - 8 else {
        throw TensorFileError(
          place: place, expected: "an array of at most \(file.size - position - 8) bytes",
          got: "\(tag.size)")
      }
      let location = Location(
        range: position + 8..<position + 8 + tag.size,
        isCompressed: tag.type == Matlab5Tag.compressed)
      position = location.range.upperBound
      if tag.size == 0 { continue }
      var stream = try Self.stream(file, location)
      let header = try Matlab5Header(&stream)
      // Without a name it is MATLAB's own, such as the workspaces of functions.
      if header.name.isEmpty { continue }
      guard let elementType = header.elementType else {
        skipped.append(SkippedEntry(name: header.name, reason: header.className))
        continue
      }
      guard locations.updateValue(location, forKey: header.name) == nil else {
        throw TensorFileError(
          place: place, expected: "every name once",
          got: "\(header.name.quotedForMessage) for the second time")
      }
      entries.append(
        TensorEntry(
          name: header.name, elementType: elementType,
          shape: header.isComplex ? header.shape + [2] : header.shape,
          isComplex: header.isComplex))
    }
    self.file = file
    self.entries = entries
    self.skipped = skipped
    self.locations = locations
  }

  /// Whether these are the first bytes of such a file.
  package static func recognises(_ head: [UInt8]) -> Bool {
    head.count >= headerSize && Array(head[124..<128]) == [0, 1] + Array("IM".utf8)
  }

  /// Reads an array, all of it also where only a part is wanted.
  ///
  /// - Throws: `TensorFileError` when the file is damaged, or the selection leaves the array.
  public func read(
    _ entry: TensorEntry, _ selection: TensorSelection
  ) throws(TensorFileError) -> RawTensor {
    let place = "\(file.path), array \(entry.name.quotedForMessage)"
    guard let location = locations[entry.name] else {
      throw TensorFileError(place: place, expected: "an array of this name", got: "none")
    }
    let ranges = try selection.resolved(for: entry.shape, place: place)
    var stream = try Self.stream(file, location)
    let header = try Matlab5Header(&stream)
    let byteCount = RawTensor.byteCount(of: entry.shape, entry.elementType) ?? Int.max
    // Numbers may be stored in a narrower type than their class: one byte for eight.
    try MemoryLimit.check(byteCount / 8, fileSize: file.size, place: place)
    try MemoryLimit.check(byteCount, place: place)
    var bytes = try Self.part(&stream, header, entry.elementType, place)
    let strides = StridedCopy.columnMajorStrides(header.shape)
    guard header.isComplex else {
      return RawTensor(
        gathering: bytes, elementType: entry.elementType, shape: header.shape, strides: strides
      ).selecting(ranges)
    }
    bytes += try Self.part(&stream, header, entry.elementType, place)
    return RawTensor(
      gathering: bytes, elementType: entry.elementType, shape: entry.shape,
      strides: strides + [header.shape.reduce(1, *)]
    ).selecting(ranges)
  }

  private static func stream(
    _ file: InputFile, _ location: Location
  ) throws(TensorFileError) -> Matlab5Stream {
    guard location.isCompressed else { return Matlab5Stream(file, location.range) }
    var stream = try Matlab5Stream(inflating: location.range, of: file)
    let tag = Matlab5Tag(try stream.read(8))
    guard tag.type == Matlab5Tag.matrix, tag.small == nil else {
      throw stream.error(expected: "an array", got: "an element of type \(tag.type)")
    }
    return stream
  }

  /// The real or the imaginary part, in the type of the class.
  private static func part(
    _ stream: inout Matlab5Stream, _ header: Matlab5Header, _ elementType: ElementType,
    _ place: String
  ) throws(TensorFileError) -> ArraySlice<UInt8> {
    let (type, data) = try stream.element()
    let count = header.shape.reduce(1, *)
    guard let stored = Matlab5Tag.numbers[type] else {
      throw TensorFileError(
        place: place, expected: "numbers", got: "data of type \(type)")
    }
    guard data.count == count * stored.byteWidth else {
      throw TensorFileError(
        place: place, expected: "\(count * stored.byteWidth) bytes for \(header.shape)",
        got: "\(data.count)")
    }
    if stored == elementType { return data }
    return try RawTensor(bytes: data, elementType: stored, shape: [count])
      .converted(to: elementType).bytes
  }
}

extension RawTensor {
  /// The elements in another type that holds them; BOOL becomes 1 for whatever is not 0.
  fileprivate func converted(to type: ElementType) throws(TensorFileError) -> RawTensor {
    switch type {
    case .float64:
      let values = try doubles()
      return RawTensor(doubles: values.span, shape: shape)
    case .float32:
      let values = try floats()
      return RawTensor(floats: values.span, shape: shape)
    case .bool:
      let bytes = try doubles().map { UInt8($0 == 0 ? 0 : 1) }
      return RawTensor(bytes: bytes[...], elementType: .bool, shape: shape)
    default:
      let values = try integers()
      let width = type.byteWidth
      var bytes: [UInt8] = []
      bytes.reserveCapacity(values.count * width)
      for value in values {
        for byte in 0..<width { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * byte))) }
      }
      return RawTensor(bytes: bytes[...], elementType: type, shape: shape)
    }
  }
}
