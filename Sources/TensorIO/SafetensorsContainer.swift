/// A safetensors file that is open: its header is read, its tensors when they are asked for.
public struct SafetensorsContainer: TensorContainer {
  /// The name of the format.
  public let formatName = "safetensors"
  /// The tensors, in the order of the header.
  public let entries: [TensorEntry]
  /// Nothing.
  public let skipped: [SkippedEntry] = []
  /// The metadata.
  public let attributes: [String: TensorAttribute]

  private let file: InputFile
  private let offsets: [String: Int]

  /// Opens a file, reads its header and checks all of its structure.
  ///
  /// - Throws: `TensorFileError` as `SafetensorsFile.init(readingFrom:)` does.
  public init(_ path: String) throws(TensorFileError) {
    try self.init(InputFile(path))
  }

  package init(_ file: InputFile) throws(TensorFileError) {
    // The header's own length is checked before it is read.
    let length = try safetensorsHeaderLength(
      of: file.prefix(8), fileSize: file.size, source: file.path)
    let bytes = try file.read(at: 0, count: 8 + length)
    let header = try safetensorsHeaderBytes(of: bytes, fileSize: file.size, source: file.path)
    let (metadata, entries) = try readSafetensorsHeader(
      header, dataCount: file.size - header.endIndex, source: file.path)
    self.file = file
    self.entries = entries.map {
      TensorEntry(name: $0.name, elementType: $0.elementType, shape: $0.shape)
    }
    attributes = metadata.mapValues { .text($0) }
    offsets = Dictionary(
      entries.map { ($0.name, header.endIndex + $0.begin) }, uniquingKeysWith: { a, _ in a })
  }

  /// Reads a tensor, or some rows of it.
  ///
  /// - Throws: `TensorFileError` when the file cannot be read, or the selection leaves the tensor.
  public func read(
    _ entry: TensorEntry, _ selection: TensorSelection
  ) throws(TensorFileError) -> RawTensor {
    let place = "\(file.path), tensor \(entry.name.quotedForMessage)"
    guard let offset = offsets[entry.name] else {
      throw TensorFileError(place: place, expected: "a tensor of this name", got: "none")
    }
    let rows = try RowSelection(selection, of: entry, place: place)
    let bytes = try file.read(at: offset + rows.bytes.lowerBound, count: rows.bytes.count)
    return rows.tensor(bytes[...], entry.elementType)
  }
}
