/// A `.npy` file that is open: one tensor, called `array`, read in parts where asked.
public struct NpyContainer: TensorContainer {
  /// The name of the format.
  public let formatName = "NumPy array"
  /// The one tensor.
  public let entries: [TensorEntry]
  /// Nothing.
  public let skipped: [SkippedEntry] = []
  /// Nothing.
  public let attributes: [String: TensorAttribute] = [:]

  private let file: InputFile
  private let header: NpyHeader
  private let start: Int

  /// Opens a file and reads its header.
  ///
  /// - Throws: `TensorFileError` when the file cannot be read, its header breaks the format, or
  ///   the data is shorter or longer than the shape says.
  public init(_ path: String) throws(TensorFileError) {
    try self.init(InputFile(path))
  }

  package init(_ file: InputFile) throws(TensorFileError) {
    let bytes = try NpyFile.headerBytes(
      of: file.prefix(NpyFile.maximumHeaderLength + 12), fileSize: file.size, source: file.path)
    header = try NpyHeader(bytes, source: file.path)
    start = bytes.endIndex
    try NpyFile.check(header, dataCount: file.size - start, start: start, source: file.path)
    self.file = file
    entries = [
      TensorEntry(
        name: "array", elementType: header.elementType, shape: header.fullShape,
        isComplex: header.isComplex)
    ]
  }

  /// Reads the array, or some rows of it; in Fortran order all of the file is read.
  ///
  /// - Throws: `TensorFileError` when the file cannot be read, or the selection leaves the array.
  public func read(
    _ entry: TensorEntry, _ selection: TensorSelection
  ) throws(TensorFileError) -> RawTensor {
    if header.isFortranOrder {
      let ranges = try selection.resolved(for: entry.shape, place: file.path)
      let bytes = try file.read(at: start, count: file.size - start)
      return RawTensor(
        gathering: bytes[...], elementType: entry.elementType, shape: entry.shape,
        strides: header.strides
      ).selecting(ranges)
    }
    let rows = try RowSelection(selection, of: entry, place: file.path)
    let bytes = try file.read(at: start + rows.bytes.lowerBound, count: rows.bytes.count)
    return rows.tensor(bytes[...], entry.elementType)
  }
}
