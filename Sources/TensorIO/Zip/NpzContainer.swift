/// A `.npz` archive of NumPy that is open: members `name.npy`, stored or deflated.
///
/// Source: `numpy.savez` and `numpy.savez_compressed`.
public struct NpzContainer: TensorContainer {
  /// The name of the format.
  public let formatName = "NumPy archive"
  /// The arrays of numbers, by their names without `.npy`.
  public let entries: [TensorEntry]
  /// Arrays of text or objects, and members that are no arrays.
  public let skipped: [SkippedEntry]
  /// Nothing.
  public let attributes: [String: TensorAttribute] = [:]

  private struct Array: Sendable {
    let member: ZipArchive.Member
    let header: NpyHeader
    let start: Int
  }

  private let archive: ZipArchive
  private let arrays: [String: Array]

  /// Opens an archive and reads the header of each array.
  ///
  /// - Throws: `TensorFileError` when the archive is damaged.
  public init(_ path: String) throws(TensorFileError) {
    try self.init(ZipArchive(path))
  }

  package init(_ archive: ZipArchive) throws(TensorFileError) {
    var arrays: [String: Array] = [:]
    var entries: [TensorEntry] = []
    var skipped: [SkippedEntry] = []
    for member in archive.members {
      let name = member.name.hasSuffix(".npy") ? String(member.name.dropLast(4)) : member.name
      let source = "\(archive.path), member \(member.name.quotedForMessage)"
      do throws(TensorFileError) {
        let bytes = try archive.read(
          member, 0..<min(member.size, NpyFile.maximumHeaderLength + 12))
        let headerBytes = try NpyFile.headerBytes(
          of: bytes, fileSize: member.size, source: source)
        let header = try NpyHeader(headerBytes, source: source)
        let start = headerBytes.endIndex
        try NpyFile.check(header, dataCount: member.size - start, start: start, source: source)
        guard arrays[name] == nil else {
          throw TensorFileError(place: source, expected: "every array once", got: "one again")
        }
        arrays[name] = Array(member: member, header: header, start: start)
        entries.append(
          TensorEntry(
            name: name, elementType: header.elementType, shape: header.fullShape,
            isComplex: header.isComplex))
      } catch {
        skipped.append(SkippedEntry(name: name, reason: error.description))
      }
    }
    self.archive = archive
    self.arrays = arrays
    self.entries = entries
    self.skipped = skipped
  }

  /// Reads an array, or some rows of it; of a deflated one, all rows before them are inflated.
  ///
  /// - Throws: `TensorFileError` when the member is damaged, or the selection leaves the array.
  public func read(
    _ entry: TensorEntry, _ selection: TensorSelection
  ) throws(TensorFileError) -> RawTensor {
    let place = "\(archive.path), array \(entry.name.quotedForMessage)"
    guard let array = arrays[entry.name] else {
      throw TensorFileError(place: place, expected: "an array of this name", got: "none")
    }
    if array.header.isFortranOrder || selection == .all {
      let ranges = try selection.resolved(for: entry.shape, place: place)
      let bytes = try archive.read(array.member)
      return RawTensor(
        gathering: bytes[array.start...], elementType: entry.elementType, shape: entry.shape,
        strides: array.header.strides
      ).selecting(ranges)
    }
    let rows = try RowSelection(selection, of: entry, place: place)
    let range = array.start + rows.bytes.lowerBound..<array.start + rows.bytes.upperBound
    return rows.tensor(try archive.read(array.member, range)[...], entry.elementType)
  }
}
