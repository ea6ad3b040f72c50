/// The `.npy` format of NumPy: one array with its element type and shape.
///
/// Reads versions 1, 2 and 3, little-endian, in C or Fortran order; writes version 1 in C order.
/// Complex elements get a last axis of two, the real and the imaginary part.
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
    let headerBytes = try headerBytes(of: bytes, fileSize: bytes.count, source: source)
    let header = try NpyHeader(headerBytes, source: source)
    let data = bytes[headerBytes.endIndex...]
    try check(header, dataCount: data.count, start: data.startIndex, source: source)
    return RawTensor(
      gathering: data, elementType: header.elementType, shape: header.fullShape,
      strides: header.strides)
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

  package static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  /// The longest header that is read; NumPy's own limit is lower.
  static let maximumHeaderLength = 1 << 16

  /// What the header says must be the size of the data.
  static func check(
    _ header: NpyHeader, dataCount: Int, start: Int, source: String
  ) throws(TensorFileError) {
    let shape = header.fullShape
    guard let byteCount = RawTensor.byteCount(of: shape, header.elementType) else {
      throw TensorFileError(
        place: source, expected: "a shape whose size does not overflow", got: "\(header.shape)")
    }
    guard shape.count <= RawTensor.maximumRank else {
      throw TensorFileError(
        place: source, expected: "at most \(RawTensor.maximumRank) axes", got: "\(shape.count)")
    }
    guard dataCount == byteCount else {
      throw TensorFileError(
        place: "\(source), byte \(start)",
        expected: "\(byteCount) bytes for \(header.elementType.rawValue) \(shape)",
        got: "\(dataCount) bytes")
    }
  }

  /// The bytes of the header, of a file of which at least the beginning is given.
  static func headerBytes(
    of bytes: [UInt8], fileSize: Int, source: String
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
    let limit = min(fileSize - start, maximumHeaderLength)
    guard length <= limit else {
      throw error(
        at: 8, expected: "a header of at most \(limit) bytes", got: "a length of \(length)")
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
}
