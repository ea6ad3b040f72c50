/// The `.npy` format of NumPy: one array with its element type and shape.
///
/// Reads versions 1, 2 and 3, little-endian, in C or Fortran order; writes version 1 in C order.
/// Source: `numpy.lib.format`, <https://numpy.org/doc/stable/reference/generated/numpy.lib.format>.
public enum NpyFile {
  /// Reads the array of a file; one in Fortran order is put into C order.
  ///
  /// - Throws: `TensorFileError` when the file cannot be read or breaks the format, see
  ///   `decode(_:source:)`.
  public static func read(_ path: String) throws(TensorFileError) -> RawTensor {
    try decode(readWholeFile(path), source: path)
  }

  /// Reads the bytes of a file that is already in memory; `source` is its name in errors.
  ///
  /// - Throws: `TensorFileError` for a wrong magic or version, a header that is not the three
  ///   entries of the format, structured, big-endian or other unknown element types, and data
  ///   that is shorter or longer than the shape says.
  public static func decode(
    _ bytes: [UInt8], source: String = "npy data"
  ) throws(TensorFileError) -> RawTensor {
    let headerBytes = try headerBytes(of: bytes, source: source)
    let header = try NpyHeader(headerBytes, source: source)
    let data = bytes[headerBytes.endIndex...]
    guard let byteCount = RawTensor.byteCount(of: header.shape, header.elementType) else {
      throw TensorFileError(
        place: source, expected: "a shape whose size does not overflow", got: "\(header.shape)")
    }
    guard data.count == byteCount else {
      throw TensorFileError(
        place: "\(source), byte \(data.startIndex)",
        expected: "\(byteCount) bytes for \(header.elementType.rawValue) \(header.shape)",
        got: "\(data.count) bytes")
    }
    guard header.isFortranOrder, header.shape.count > 1 else {
      return RawTensor(bytes: data, elementType: header.elementType, shape: header.shape)
    }
    let ordered = rowMajor(data, shape: header.shape, width: header.elementType.byteWidth)
    return RawTensor(bytes: ordered[...], elementType: header.elementType, shape: header.shape)
  }

  /// Writes a tensor so that a reader finds either the old contents or all of the new.
  ///
  /// - Throws: `TensorFileError` when the file cannot be written, see `AtomicFile`, or the
  ///   elements are BF16, which NumPy lacks.
  public static func write(_ tensor: RawTensor, to path: String) throws(TensorFileError) {
    let header = try encodedHeader(of: tensor)
    try AtomicFile.write(to: path) { output throws(TensorFileError) in
      try output.write(header)
      try output.write(tensor.bytes)
    }
  }

  /// The bytes that `write(_:to:)` would write.
  ///
  /// - Throws: `TensorFileError` when the elements are BF16, which NumPy lacks.
  public static func encode(_ tensor: RawTensor) throws(TensorFileError) -> [UInt8] {
    try encodedHeader(of: tensor) + tensor.bytes
  }

  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  private static func headerBytes(
    of bytes: [UInt8], source: String
  ) throws(TensorFileError) -> ArraySlice<UInt8> {
    func error(at offset: Int, expected: String, got: String) -> TensorFileError {
      TensorFileError(place: "\(source), byte \(offset)", expected: expected, got: got)
    }
    guard bytes.starts(with: magic) else {
      throw error(at: 0, expected: "the magic of a .npy file", got: "other bytes")
    }
    guard bytes.count >= 12 else {
      throw error(at: 6, expected: "a version and a length", got: "the end of the file")
    }
    guard (1...3).contains(bytes[6]), bytes[7] == 0 else {
      throw error(
        at: 6, expected: "version 1.0, 2.0 or 3.0", got: "\(bytes[6]).\(bytes[7])")
    }
    let start = bytes[6] == 1 ? 10 : 12
    let length = (8..<start).reduce(0) { $0 | Int(bytes[$1]) << (8 * ($1 - 8)) }
    guard length <= min(bytes.count - start, 1 << 16) else {
      throw error(
        at: 8, expected: "a header of at most \(min(bytes.count - start, 1 << 16)) bytes",
        got: "a length of \(length)")
    }
    return bytes[start..<start + length]
  }

  private static func encodedHeader(of tensor: RawTensor) throws(TensorFileError) -> [UInt8] {
    guard let type = NpyHeader.typeNames.first(where: { $0.1 == tensor.elementType })?.0 else {
      throw TensorFileError(
        place: "npy data", expected: "an element type of NumPy",
        got: tensor.elementType.rawValue)
    }
    // A tuple of one has a comma after it.
    let extents = tensor.shape.map(String.init).joined(separator: ", ")
    let shape = tensor.shape.count == 1 ? "(\(extents),)" : "(\(extents))"
    let text = "{'descr': '\(type)', 'fortran_order': False, 'shape': \(shape), }"
    let padding = 63 - (magic.count + 4 + text.utf8.count) % 64
    let header = Array("\(text)\(String(repeating: " ", count: padding))\n".utf8)
    let length = [UInt8(header.count & 0xFF), UInt8(header.count >> 8)]
    return magic + [1, 0] + length + header
  }

  /// Moves the elements from first-axis-contiguous to last-axis-contiguous order.
  private static func rowMajor(
    _ data: ArraySlice<UInt8>, shape: [Int], width: Int
  ) -> [UInt8] {
    var strides: [Int] = []
    var stride = width
    for extent in shape {
      strides.append(stride)
      stride *= extent
    }
    return [UInt8](unsafeUninitializedCapacity: data.count) { buffer, count in
      var index = [Int](repeating: 0, count: shape.count)
      var source = data.startIndex
      while count < data.count {
        for byte in 0..<width { buffer[count + byte] = data[source + byte] }
        count += width
        var axis = shape.count - 1
        while axis >= 0 {
          index[axis] += 1
          source += strides[axis]
          if index[axis] < shape[axis] { break }
          source -= strides[axis] * shape[axis]
          index[axis] = 0
          axis -= 1
        }
      }
    }
  }
}
