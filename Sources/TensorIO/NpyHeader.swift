/// The header of a `.npy` file: a Python dictionary of exactly three entries.
struct NpyHeader {
  var elementType: ElementType
  /// Whether an element is a pair of `elementType`, real and imaginary.
  var isComplex = false
  var isFortranOrder: Bool
  var shape: [Int]

  /// NumPy's names of the element types in little-endian files.
  static let typeNames: [(String, ElementType)] = [
    ("|b1", .bool), ("|u1", .uint8), ("|i1", .int8),
    ("<u2", .uint16), ("<i2", .int16), ("<f2", .float16),
    ("<u4", .uint32), ("<i4", .int32), ("<f4", .float32),
    ("<u8", .uint64), ("<i8", .int64), ("<f8", .float64),
  ]

  /// NumPy's names of complex elements, by the type of their parts.
  private static let complexNames: [(String, ElementType)] = [
    ("<c8", .float32), ("<c16", .float64),
  ]

  init(_ bytes: ArraySlice<UInt8>, source: String) throws(TensorFileError) {
    var scanner = ByteScanner(bytes, source: source)
    var elementType: (ElementType, isComplex: Bool)?
    var isFortranOrder: Bool?
    var shape: [Int]?
    try scanner.expect("{")
    while !scanner.take("}") {
      scanner.skipWhitespace()
      let start = scanner.position
      let key = try NpyHeader.string(&scanner)
      try scanner.expect(":")
      switch key {
      case "descr" where elementType == nil:
        elementType = try NpyHeader.elementType(&scanner)
      case "fortran_order" where isFortranOrder == nil:
        isFortranOrder = try NpyHeader.boolean(&scanner)
      case "shape" where shape == nil:
        shape = try NpyHeader.tuple(&scanner)
      default:
        scanner.position = start
        throw scanner.error(
          expected: "descr, fortran_order and shape, once each", got: key.quotedForMessage)
      }
      if scanner.take(",") { continue }
      try scanner.expect("}")
      break
    }
    try scanner.expectEnd()
    guard let elementType, let isFortranOrder, let shape else {
      throw scanner.error(
        expected: "descr, fortran_order and shape, once each", got: "fewer entries")
    }
    (self.elementType, isComplex) = elementType
    self.isFortranOrder = isFortranOrder
    self.shape = shape
  }

  /// The shape with an axis of two for complex elements.
  var fullShape: [Int] { isComplex ? shape + [2] : shape }

  /// Where the elements lie, for `fullShape`.
  var strides: [Int] {
    guard isFortranOrder else { return StridedCopy.rowMajorStrides(fullShape) }
    let strides = StridedCopy.columnMajorStrides(shape)
    return isComplex ? strides.map { 2 * $0 } + [1] : strides
  }

  private static func elementType(
    _ scanner: inout ByteScanner
  ) throws(TensorFileError) -> (ElementType, isComplex: Bool) {
    scanner.skipWhitespace()
    let start = scanner.position
    let name = try string(&scanner)
    if let known = typeNames.first(where: { $0.0 == name }) { return (known.1, false) }
    if let known = complexNames.first(where: { $0.0 == name }) { return (known.1, true) }
    scanner.position = start
    let known = (typeNames + complexNames).map(\.0).joined(separator: ", ")
    throw scanner.error(
      expected: "a little-endian descr among \(known)", got: name.quotedForMessage)
  }

  /// A Python string; the names of the format need no escapes, so there are none.
  private static func string(_ scanner: inout ByteScanner) throws(TensorFileError) -> String {
    let quote: UInt8
    if scanner.take("'") {
      quote = UInt8(ascii: "'")
    } else if scanner.take("\"") {
      quote = UInt8(ascii: "\"")
    } else {
      throw scanner.error(expected: "a string in quotes")
    }
    let start = scanner.position
    while let byte = scanner.next, byte != quote { scanner.position += 1 }
    guard scanner.next != nil else { throw scanner.error(expected: "the end of a string") }
    defer { scanner.position += 1 }
    return String(decoding: scanner.bytes[start..<scanner.position], as: UTF8.self)
  }

  private static func boolean(_ scanner: inout ByteScanner) throws(TensorFileError) -> Bool {
    scanner.skipWhitespace()
    let rest = scanner.bytes[scanner.position...]
    for (text, value) in [("True", true), ("False", false)] where rest.starts(with: text.utf8) {
      scanner.position += text.utf8.count
      return value
    }
    throw scanner.error(expected: "True or False as fortran_order")
  }

  private static func tuple(_ scanner: inout ByteScanner) throws(TensorFileError) -> [Int] {
    guard scanner.take("(") else { throw scanner.error(expected: "a tuple as shape") }
    var extents: [Int] = []
    while !scanner.take(")") {
      guard extents.count < RawTensor.maximumRank else {
        throw scanner.error(
          expected: "a shape of at most \(RawTensor.maximumRank) extents", got: "more")
      }
      extents.append(
        try scanner.naturalNumber("an extent: a whole number from 0 to \(Int.max)"))
      if scanner.take(",") { continue }
      // In Python `(3)` is a number; only `(3,)` is a tuple.
      guard extents.count > 1 else { throw scanner.error(expected: "',' after a single extent") }
      try scanner.expect(")")
      break
    }
    return extents
  }
}
