/// A tensor as it lies in a file: element type, shape, and little-endian bytes in row-major order.
///
/// The bytes may be a slice of the file they were read from; they then keep the whole file's
/// memory alive, and no byte is copied before its values are asked for.
public struct RawTensor: Equatable, Sendable {
  /// The most axes a tensor of this module can have, as in NumPy.
  public static let maximumRank = 64

  /// How the bytes of one element are to be understood.
  public let elementType: ElementType
  /// The extent of each axis, outermost first; empty for a scalar.
  public let shape: [Int]
  /// The elements, little-endian, the last axis contiguous.
  public let bytes: ArraySlice<UInt8>

  /// The number of elements: the product of `shape`, 1 for a scalar.
  public var elementCount: Int { bytes.count / elementType.byteWidth }

  /// Makes a tensor of bytes that are already in the file's form.
  ///
  /// - Precondition: `bytes.count` is the product of `shape` times the element width, no extent
  ///   is negative, and there are at most `maximumRank` axes.
  public init(bytes: ArraySlice<UInt8>, elementType: ElementType, shape: [Int]) {
    let expected = RawTensor.byteCount(of: shape, elementType)
    precondition(
      expected == bytes.count && shape.count <= RawTensor.maximumRank,
      "RawTensor: shape \(shape) of \(elementType.rawValue) does not fit \(bytes.count) bytes")
    self.bytes = bytes
    self.elementType = elementType
    self.shape = shape
  }

  /// Makes an F32 tensor.
  ///
  /// - Precondition: `floats.count` is the product of `shape`.
  /// - Complexity: one copy.
  public init(floats: Span<Float>, shape: [Int]) {
    let bytes = encode(floats) { $0.bitPattern }
    self.init(bytes: bytes[...], elementType: .float32, shape: shape)
  }

  /// Makes an F64 tensor.
  ///
  /// - Precondition: `doubles.count` is the product of `shape`.
  /// - Complexity: one copy.
  public init(doubles: Span<Double>, shape: [Int]) {
    let bytes = encode(doubles) { $0.bitPattern }
    self.init(bytes: bytes[...], elementType: .float64, shape: shape)
  }

  /// Makes an I64 tensor.
  ///
  /// - Precondition: `int64s.count` is the product of `shape`.
  /// - Complexity: one copy.
  public init(int64s: Span<Int64>, shape: [Int]) {
    let bytes = encode(int64s) { $0 }
    self.init(bytes: bytes[...], elementType: .int64, shape: shape)
  }

  /// The bytes a shape takes, or nil where an extent is negative or the product overflows.
  package static func byteCount(of shape: [Int], _ elementType: ElementType) -> Int? {
    var count = 1
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      if extent < 0 || overflow { return nil }
      count = product
    }
    let (bytes, overflow) = count.multipliedReportingOverflow(by: elementType.byteWidth)
    return overflow ? nil : bytes
  }
}

/// Stores the bit patterns of the values in little-endian order.
@inline(__always)
private func encode<Value, Bits: FixedWidthInteger>(
  _ values: Span<Value>, _ bits: (Value) -> Bits
) -> [UInt8] {
  let byteCount = values.count * MemoryLayout<Bits>.size
  return [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, initializedCount in
    let raw = UnsafeMutableRawBufferPointer(buffer)
    for index in values.indices {
      raw.storeBytes(
        of: bits(values[index]).littleEndian, toByteOffset: index * MemoryLayout<Bits>.size,
        as: Bits.self)
    }
    initializedCount = byteCount
  }
}
