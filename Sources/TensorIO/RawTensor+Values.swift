extension RawTensor {
  /// The elements as single-precision numbers.
  ///
  /// Exact for F32, F16, BF16, BOOL and integers of up to 24 bits; F64 and wider integers are
  /// rounded to nearest, and a double beyond the range of `Float` becomes infinite.
  ///
  /// - Throws: `TensorFileError` when a BOOL byte is neither 0 nor 1.
  /// - Complexity: one copy.
  public func floats() throws(TensorFileError) -> [Float] {
    try floatingElements(place: "tensor")
  }

  /// The elements as double-precision numbers.
  ///
  /// Exact for every type but integers beyond 53 bits, which are rounded to nearest.
  ///
  /// - Throws: `TensorFileError` when a BOOL byte is neither 0 nor 1.
  /// - Complexity: one copy.
  public func doubles() throws(TensorFileError) -> [Double] {
    try floatingElements(place: "tensor")
  }

  /// The elements of an integer or BOOL tensor; always exact.
  ///
  /// - Throws: `TensorFileError` for a floating-point element type, a U64 beyond `Int.max`, or a
  ///   BOOL byte that is neither 0 nor 1.
  /// - Complexity: one copy.
  public func integers() throws(TensorFileError) -> [Int] {
    try integers(place: "tensor")
  }

  /// Writes the elements over a span of the caller's, converted as by `floats()`.
  ///
  /// This is the way into storage of another kind without an array in between. After an error
  /// the span's contents are unspecified.
  ///
  /// - Precondition: `destination.count` is `elementCount`.
  /// - Throws: `TensorFileError` when a BOOL byte is neither 0 nor 1.
  public func copyFloats(to destination: inout MutableSpan<Float>) throws(TensorFileError) {
    precondition(
      destination.count == elementCount,
      "RawTensor.copyFloats: \(elementCount) elements into a span of \(destination.count)")
    let bad = destination.withUnsafeMutableBufferPointer { convert(to: $0) }
    if let bad { throw valueError(at: bad, place: "tensor") }
  }

  func floatingElements<Element: FileFloatingPoint>(
    place: @autoclosure () -> String
  ) throws(TensorFileError) -> [Element] {
    var bad: Int?
    let result = [Element](unsafeUninitializedCapacity: elementCount) { buffer, count in
      bad = convert(to: UnsafeMutableBufferPointer(rebasing: buffer[..<elementCount]))
      count = elementCount
    }
    if let bad { throw valueError(at: bad, place: place()) }
    return result
  }

  func integers(place: @autoclosure () -> String) throws(TensorFileError) -> [Int] {
    var bad: Int?
    let result = [Int](unsafeUninitializedCapacity: elementCount) { buffer, count in
      bad = convertIntegers(to: UnsafeMutableBufferPointer(rebasing: buffer[..<elementCount]))
      count = elementCount
    }
    if let bad { throw valueError(at: bad, place: place()) }
    return result
  }

  private func valueError(at index: Int, place: String) -> TensorFileError {
    switch elementType {
    case .bool:
      let byte = bytes[bytes.startIndex + index]
      return TensorFileError(
        place: "\(place), element \(index)", expected: "0 or 1 for a BOOL", got: "\(byte)")
    case .uint64:
      return TensorFileError(
        place: "\(place), element \(index)", expected: "a U64 of at most \(Int.max)",
        got: "a larger one")
    default:
      return TensorFileError(
        place: place, expected: "an integer or BOOL element type", got: elementType.rawValue)
    }
  }

  /// Fills the buffer, all of it whatever happens, and returns the index of a bad element.
  private func convert<Element: FileFloatingPoint>(
    to buffer: UnsafeMutableBufferPointer<Element>
  ) -> Int? {
    switch elementType {
    case .bool, .uint8: fill(buffer, from: UInt8.self) { Element(Int64($0)) }
    case .int8: fill(buffer, from: Int8.self) { Element(Int64($0)) }
    case .int16: fill(buffer, from: Int16.self) { Element(Int64($0)) }
    case .uint16: fill(buffer, from: UInt16.self) { Element(Int64($0)) }
    case .int32: fill(buffer, from: Int32.self) { Element(Int64($0)) }
    case .uint32: fill(buffer, from: UInt32.self) { Element(Int64($0)) }
    case .int64: fill(buffer, from: Int64.self) { Element($0) }
    case .uint64: fill(buffer, from: UInt64.self) { Element($0) }
    case .float16: fill(buffer, from: UInt16.self) { Element(Float16(bitPattern: $0)) }
    case .bfloat16:
      fill(buffer, from: UInt16.self) { Element(Float(bitPattern: UInt32($0) << 16)) }
    case .float32: fill(buffer, from: UInt32.self) { Element(Float(bitPattern: $0)) }
    case .float64: fill(buffer, from: UInt64.self) { Element(Double(bitPattern: $0)) }
    }
    return firstBadBool
  }

  private func convertIntegers(to buffer: UnsafeMutableBufferPointer<Int>) -> Int? {
    switch elementType {
    case .bool, .uint8: fill(buffer, from: UInt8.self) { Int($0) }
    case .int8: fill(buffer, from: Int8.self) { Int($0) }
    case .int16: fill(buffer, from: Int16.self) { Int($0) }
    case .uint16: fill(buffer, from: UInt16.self) { Int($0) }
    case .int32: fill(buffer, from: Int32.self) { Int($0) }
    case .uint32: fill(buffer, from: UInt32.self) { Int($0) }
    case .int64: fill(buffer, from: Int64.self) { Int($0) }
    case .uint64:
      fill(buffer, from: UInt64.self) { Int(truncatingIfNeeded: $0) }
      return buffer.firstIndex { $0 < 0 }
    case .float16, .bfloat16, .float32, .float64:
      buffer.initialize(repeating: 0)
      return 0
    }
    return firstBadBool
  }

  private var firstBadBool: Int? {
    guard elementType == .bool, let bad = bytes.firstIndex(where: { $0 > 1 }) else { return nil }
    return bad - bytes.startIndex
  }

  /// Loads every element without assuming alignment or the host's byte order.
  @inline(__always)
  private func fill<Bits: FixedWidthInteger, Element>(
    _ buffer: UnsafeMutableBufferPointer<Element>, from: Bits.Type,
    _ transform: (Bits) -> Element
  ) {
    bytes.withUnsafeBytes { raw in
      for index in 0..<buffer.count {
        let offset = index * MemoryLayout<Bits>.size
        let bits = raw.loadUnaligned(fromByteOffset: offset, as: Bits.self)
        buffer.initializeElement(at: index, to: transform(Bits(littleEndian: bits)))
      }
    }
  }
}

/// The two destinations of a conversion, by the initialisers that round once.
protocol FileFloatingPoint {
  init(_ value: Float16)
  init(_ value: Float)
  init(_ value: Double)
  init(_ value: Int64)
  init(_ value: UInt64)
}

extension Float: FileFloatingPoint {}
extension Double: FileFloatingPoint {}
