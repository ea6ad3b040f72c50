/// A stretch of a MATLAB 5 file, plain or inflated, that is read from front to back.
struct Matlab5Stream {
  private let file: InputFile
  private var position: Int
  private let end: Int
  private let inflater: Inflater?
  /// How to call this place in errors.
  let place: String

  /// The bytes of a range as they are.
  init(_ file: InputFile, _ range: Range<Int>) {
    self.file = file
    position = range.lowerBound
    end = range.upperBound
    inflater = nil
    place = "\(file.path), byte \(range.lowerBound)"
  }

  /// The bytes that a range inflates to.
  init(inflating range: Range<Int>, of file: InputFile) throws(TensorFileError) {
    self.file = file
    position = 0
    end = Int.max
    inflater = try Inflater(file, range)
    place = "\(file.path), byte \(range.lowerBound) inflated"
  }

  mutating func read(_ count: Int) throws(TensorFileError) -> [UInt8] {
    guard count <= end - position else {
      throw TensorFileError(
        place: place, expected: "\(count) bytes", got: "\(end - position) up to the end of the part"
      )
    }
    defer { position += count }
    if let inflater { return try inflater.read(count) }
    return try file.read(at: position, count: count)
  }

  /// Reads the tag of an element and its data, which is padded to eight bytes.
  mutating func element() throws(TensorFileError) -> (type: Int, data: ArraySlice<UInt8>) {
    let tag = try Matlab5Tag(read(8))
    if let small = tag.small { return (tag.type, small) }
    let data = try read(tag.size)
    // Some writers leave out the padding of the last element.
    _ = try read(min((8 - tag.size % 8) % 8, end - position))
    return (tag.type, data[...])
  }

  func error(expected: String, got: String) -> TensorFileError {
    TensorFileError(place: place, expected: expected, got: got)
  }
}

/// The eight bytes before the data of an element, or around up to four bytes of it.
struct Matlab5Tag {
  let type: Int
  let size: Int
  /// The data that stands in the tag itself.
  let small: ArraySlice<UInt8>?

  init(_ bytes: [UInt8]) {
    let first = Matlab5Tag.number(bytes[0..<4])
    if first >> 16 != 0 {
      type = first & 0xFFFF
      size = min(first >> 16, 4)
      small = bytes[4..<4 + size]
    } else {
      type = first
      size = Matlab5Tag.number(bytes[4..<8])
      small = nil
    }
  }

  /// A little-endian number without sign.
  static func number(_ bytes: ArraySlice<UInt8>) -> Int {
    bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  /// Types of elements that hold others: an array, and a deflated element.
  static let matrix = 14
  static let compressed = 15

  /// The element types of numbers, by their codes miINT8, miUINT8, … in the format.
  static let numbers: [Int: ElementType] = [
    1: .int8, 2: .uint8, 3: .int16, 4: .uint16, 5: .int32, 6: .uint32, 7: .float32, 9: .float64,
    12: .int64, 13: .uint64,
  ]
}

/// What stands at the beginning of an array: its class, its extents and its name.
struct Matlab5Header {
  let name: String
  let shape: [Int]
  let isComplex: Bool
  let isLogical: Bool
  private let classCode: Int

  init(_ stream: inout Matlab5Stream) throws(TensorFileError) {
    let flags = try stream.element()
    guard flags.type == 6, flags.data.count == 8 else {
      throw stream.error(expected: "array flags of 8 bytes", got: "\(flags.data.count) bytes")
    }
    let bits = Matlab5Tag.number(flags.data.prefix(4))
    classCode = bits & 0xFF
    isComplex = bits & 0x0800 != 0
    isLogical = bits & 0x0200 != 0
    let extents = try stream.element()
    guard extents.type == 5, extents.data.count % 4 == 0,
      (8...4 * (RawTensor.maximumRank - 1)).contains(extents.data.count)
    else {
      throw stream.error(
        expected: "2 to \(RawTensor.maximumRank - 1) extents", got: "\(extents.data.count) bytes")
    }
    let start = extents.data.startIndex
    shape = (0..<extents.data.count / 4).map {
      Matlab5Tag.number(extents.data[start + 4 * $0..<start + 4 * $0 + 4])
    }
    let name = try stream.element()
    guard name.type == 1, name.data.count <= 4096 else {
      throw stream.error(expected: "a name", got: "\(name.data.count) bytes of type \(name.type)")
    }
    self.name = String(decoding: name.data, as: UTF8.self)
    guard RawTensor.byteCount(of: shape + [2], .float64) != nil else {
      throw stream.error(expected: "extents whose product does not overflow", got: "\(shape)")
    }
  }

  /// The element type of the class mxDOUBLE_CLASS, mxSINGLE_CLASS, …; nil where it is no number.
  var elementType: ElementType? {
    if isLogical { return .bool }
    let types: [Int: ElementType] = [
      6: .float64, 7: .float32, 8: .int8, 9: .uint8, 10: .int16, 11: .uint16, 12: .int32,
      13: .uint32, 14: .int64, 15: .uint64,
    ]
    return types[classCode]
  }

  /// What an array that is no array of numbers is.
  var className: String {
    let names = [
      1: "a cell array", 2: "a structure", 3: "an object", 4: "text", 5: "a sparse matrix",
      16: "a function", 17: "an object",
    ]
    return names[classCode] ?? "an array of class \(classCode)"
  }
}
