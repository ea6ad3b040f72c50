extension SafetensorsFile {
  /// Reads a file, once and whole, and checks all of its structure.
  ///
  /// The tensors are slices of the one buffer that was read.
  ///
  /// - Throws: `TensorFileError` when the file cannot be read or breaks the format anywhere:
  ///   see `init(bytes:source:)`.
  public init(readingFrom path: String) throws(TensorFileError) {
    try self.init(bytes: readWholeFile(path), source: path)
  }

  /// Reads the bytes of a file that is already in memory; `source` is its name in errors.
  ///
  /// Refuses what the format forbids, so that any value of this type can be written and read
  /// again: a header that is too long, not UTF-8, not exactly one JSON object, or with a key
  /// twice; metadata that is not text; unknown element types; extents that are negative,
  /// fractional or overflow; and data that leaves the file, overlaps, or leaves a gap.
  ///
  /// - Throws: `TensorFileError` with the byte offset or the tensor's name.
  /// - Complexity: linear in the header; the data is not touched.
  public init(
    bytes: [UInt8], source: String = "safetensors data"
  ) throws(TensorFileError) {
    let header = try safetensorsHeaderBytes(of: bytes, fileSize: bytes.count, source: source)
    let (metadata, entries) = try readSafetensorsHeader(
      header, dataCount: bytes.count - header.endIndex, source: source)
    let data = bytes[header.endIndex...]
    self.init(metadata: metadata, source: source)
    for entry in entries {
      let range = data.startIndex + entry.begin..<data.startIndex + entry.end
      set(
        entry.name,
        RawTensor(bytes: data[range], elementType: entry.elementType, shape: entry.shape))
    }
  }
}

/// The metadata and the tensors of a header, checked against the size of the data.
func readSafetensorsHeader(
  _ header: ArraySlice<UInt8>, dataCount: Int, source: String
) throws(TensorFileError) -> (metadata: [String: String], entries: [SafetensorsEntry]) {
  var json = HeaderJSON(header, source: source)
  var metadata: [String: String] = [:]
  var entries: [SafetensorsEntry] = []
  try json.object("'{', the start of a JSON object") { json, key throws(TensorFileError) in
    if key == SafetensorsFile.metadataKey {
      metadata = try readMetadata(&json)
    } else {
      entries.append(try readEntry(&json, name: key, source: source))
    }
  }
  try json.end()
  for entry in entries { try entry.check(dataCount: dataCount, source: source) }
  try checkContiguity(of: entries, dataCount: dataCount, source: source)
  return (metadata, entries)
}

/// One tensor's line of the header; offsets count from the start of the data.
struct SafetensorsEntry {
  let name: String
  let elementType: ElementType
  let shape: [Int]
  let begin: Int
  let end: Int

  func check(dataCount: Int, source: String) throws(TensorFileError) {
    guard begin <= end else {
      throw error(source, expected: "data_offsets in order", got: "[\(begin), \(end)]")
    }
    guard end <= dataCount else {
      throw error(
        source, expected: "data_offsets inside the \(dataCount) bytes of data",
        got: "[\(begin), \(end)]")
    }
    guard let byteCount = RawTensor.byteCount(of: shape, elementType) else {
      throw error(source, expected: "a shape whose size does not overflow", got: "\(shape)")
    }
    guard byteCount == end - begin else {
      throw error(
        source, expected: "\(byteCount) bytes for \(elementType.rawValue) \(shape)",
        got: "\(end - begin) bytes")
    }
  }

  func error(_ source: String, expected: String, got: String) -> TensorFileError {
    TensorFileError(
      place: "\(source), tensor \(name.quotedForMessage)", expected: expected, got: got)
  }
}

/// The length of the header, from the file's first eight bytes.
func safetensorsHeaderLength(
  of bytes: [UInt8], fileSize: Int, source: String
) throws(TensorFileError) -> Int {
  func error(at offset: Int, expected: String, got: String) -> TensorFileError {
    TensorFileError(place: "\(source), byte \(offset)", expected: expected, got: got)
  }
  guard bytes.count >= 8 else {
    throw error(at: 0, expected: "at least 8 bytes", got: "a file of \(bytes.count) bytes")
  }
  let length = bytes.withUnsafeBytes {
    UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: 0, as: UInt64.self))
  }
  let limit = SafetensorsFile.maximumHeaderLength
  guard length <= limit else {
    throw error(
      at: 0, expected: "a header of at most \(limit) bytes", got: "a length of \(length)")
  }
  guard length <= fileSize - 8 else {
    throw error(
      at: 0, expected: "a header inside the file of \(fileSize) bytes",
      got: "a length of \(length)")
  }
  return Int(length)
}

/// The header, after the eight bytes of its length, of a file of which it is all given.
func safetensorsHeaderBytes(
  of bytes: [UInt8], fileSize: Int, source: String
) throws(TensorFileError) -> ArraySlice<UInt8> {
  let length = try safetensorsHeaderLength(of: bytes, fileSize: fileSize, source: source)
  let header = bytes[8..<8 + length]
  guard header.first == UInt8(ascii: "{") else {
    // The format allows no white space here; it keeps other file types out early.
    throw ByteScanner(header, source: source)
      .error(expected: "'{', the start of a JSON object")
  }
  guard String(validating: header, as: UTF8.self) != nil else {
    throw TensorFileError(
      place: "\(source), byte 8", expected: "a header in UTF-8", got: "other bytes")
  }
  return header
}

private func readMetadata(
  _ json: inout HeaderJSON
) throws(TensorFileError) -> [String: String] {
  var metadata: [String: String] = [:]
  try json.object("an object of strings as __metadata__") { json, key throws(TensorFileError) in
    metadata[key] = try json.string("a string as metadata \(key.quotedForMessage)")
  }
  return metadata
}

private func readEntry(
  _ json: inout HeaderJSON, name: String, source: String
) throws(TensorFileError) -> SafetensorsEntry {
  var elementTypeName: String?
  var shape: [Int]?
  var offsets: [Int]?
  let shown = name.quotedForMessage
  try json.object("an object for tensor \(shown)") { json, key throws(TensorFileError) in
    switch key {
    case "dtype": elementTypeName = try json.string("the dtype of \(shown): a string")
    case "shape":
      shape = try json.naturalNumbers("the shape of \(shown)", atMost: RawTensor.maximumRank)
    case "data_offsets":
      offsets = try json.naturalNumbers("the data_offsets of \(shown)", atMost: 2)
    default:
      throw json.scanner.error(
        expected: "dtype, shape and data_offsets for tensor \(shown)",
        got: key.quotedForMessage)
    }
  }
  func error(expected: String, got: String) -> TensorFileError {
    TensorFileError(place: "\(source), tensor \(shown)", expected: expected, got: got)
  }
  guard let elementTypeName else { throw error(expected: "a dtype", got: "none") }
  // Complex numbers become pairs of real ones.
  let isComplex = elementTypeName == "C64"
  guard let elementType = isComplex ? .float32 : ElementType(rawValue: elementTypeName) else {
    let known = ElementType.allCases.map(\.rawValue).joined(separator: ", ")
    throw error(expected: "a dtype among \(known)", got: elementTypeName.quotedForMessage)
  }
  guard let shape else { throw error(expected: "a shape", got: "none") }
  guard let offsets else { throw error(expected: "data_offsets", got: "none") }
  guard offsets.count == 2 else {
    throw error(expected: "two data_offsets", got: "\(offsets)")
  }
  return SafetensorsEntry(
    name: name, elementType: elementType, shape: isComplex ? shape + [2] : shape, begin: offsets[0],
    end: offsets[1])
}

/// Checks that the tensors tile the data: every byte belongs to exactly one of them.
private func checkContiguity(
  of entries: [SafetensorsEntry], dataCount: Int, source: String
) throws(TensorFileError) {
  var reached = 0
  for entry in entries.sorted(by: { ($0.begin, $0.end) < ($1.begin, $1.end) }) {
    guard entry.begin == reached else {
      throw entry.error(
        source, expected: "data from offset \(reached) on, where the tensor before it ends",
        got: entry.begin < reached
          ? "an overlap from offset \(entry.begin)" : "a gap up to offset \(entry.begin)")
    }
    reached = entry.end
  }
  guard reached == dataCount else {
    throw TensorFileError(
      place: source, expected: "\(reached) bytes of data, as the header says",
      got: "\(dataCount - reached) bytes more")
  }
}
