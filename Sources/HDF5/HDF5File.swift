import CHDF5
public import TensorIO

/// An HDF5 file that is open for reading: its data sets of numbers, by their paths in the groups.
///
/// Data sets of any rank and numeric type, contiguous, compact or chunked, with the filters of
/// libhdf5 (deflate, shuffle, checksums), LZF, and those of which plugins are installed. A part of
/// a data set is read without the rest. Numbers are given little-endian; floating-point types that
/// are not IEEE's are converted to F64; complex elements, compounds `r` and `i` as h5py writes or
/// `real` and `imag` as MATLAB does, get a last axis of two. Data that lie in other files (external,
/// virtual) are refused, and links to them not followed: a file could read any other by them.
public final class HDF5File: TensorContainer {
  /// The name of the format.
  public let formatName = "HDF5"
  /// The data sets of numbers, by their paths without the first slash, sorted.
  public let entries: [TensorEntry]
  /// Data sets of text and structures, and what cannot be read.
  public let skipped: [SkippedEntry]
  /// The attributes of the root group.
  public let attributes: [String: TensorAttribute]
  /// The paths of the groups, sorted, without the root.
  public let groups: [String]
  /// The file's path, its name in errors.
  public let path: String

  private let file: hid_t
  private let fileSize: Int

  /// Opens a file and lists what is in it.
  ///
  /// - Throws: `TensorFileError` when the file cannot be read or is not HDF5.
  public init(_ path: String) throws(TensorFileError) {
    let size = try InputFile(path).size
    let opened = try HDF5Library.exclusively { () throws(TensorFileError) -> Listing in
      let access = try HDF5Handle(
        H5Pcreate(longwave_hdf5_file_access()), H5Pclose, place: path, expected: "an HDF5 file")
      // Locks fail on some file systems, and a reader has no use for them.
      H5Pset_file_locking(access.id, false, true)
      H5Pset_fclose_degree(access.id, H5F_CLOSE_STRONG)
      let file = H5Fopen(path, longwave_hdf5_read_only(), access.id)
      guard file >= 0 else { throw HDF5Library.error(place: path, expected: "an HDF5 file") }
      do throws(TensorFileError) {
        return try Listing(file, path: path, fileSize: size)
      } catch {
        H5Fclose(file)
        throw error
      }
    }
    self.path = path
    file = opened.file
    fileSize = size
    entries = opened.entries
    skipped = opened.skipped
    groups = opened.groups
    attributes = opened.attributes
  }

  deinit {
    let file = file
    // Closing says nothing that a reader could act upon.
    try? HDF5Library.exclusively { () throws(TensorFileError) in _ = H5Fclose(file) }
  }

  /// The attributes of a data set or group.
  ///
  /// - Parameter name: A path; empty for the root.
  /// - Throws: `TensorFileError` when there is no such object, or its attributes are damaged.
  public func attributes(
    of name: String
  ) throws(TensorFileError) -> [String: TensorAttribute] {
    try HDF5Library.exclusively { () throws(TensorFileError) in
      try HDF5Attributes.read(
        file, name.isEmpty ? "/" : name, place: place(name), fileSize: fileSize)
    }
  }

  /// Reads a data set, or evenly spaced positions along its axes.
  ///
  /// - Throws: `TensorFileError` with the library's words when the file is damaged or a filter is
  ///   missing, or when the selection leaves the data set.
  public func read(
    _ entry: TensorEntry, _ selection: TensorSelection = .all
  ) throws(TensorFileError) -> RawTensor {
    let place = place(entry.name)
    let ranges = try selection.resolved(for: entry.shape, place: place)
    return try HDF5Library.exclusively { () throws(TensorFileError) in
      let dataset = try HDF5Dataset(file, entry.name, place: place)
      return try dataset.read(ranges, expected: entry, fileSize: fileSize)
    }
  }

  private func place(_ name: String) -> String { "\(path), dataset \(name.quotedForMessage)" }
}

/// What is found in a file when it is opened.
private struct Listing: Sendable {
  let file: hid_t
  var entries: [TensorEntry] = []
  var skipped: [SkippedEntry] = []
  var groups: [String] = []
  let attributes: [String: TensorAttribute]

  init(_ file: hid_t, path: String, fileSize: Int) throws(TensorFileError) {
    self.file = file
    attributes = try HDF5Attributes.read(
      file, "/", place: "\(path), the root", fileSize: fileSize)
    var found: [(name: String, isGroup: Bool)] = []
    let status = withUnsafeMutablePointer(to: &found) { pointer in
      H5Ovisit2(
        file, H5_INDEX_NAME, H5_ITER_INC,
        { _, name, information, context in
          guard let name, let information, let context else { return -1 }
          let list = context.assumingMemoryBound(to: [(name: String, isGroup: Bool)].self)
          let kind = information.pointee.type
          if kind == H5O_TYPE_DATASET || kind == H5O_TYPE_GROUP {
            list.pointee.append((String(cString: name), kind == H5O_TYPE_GROUP))
          }
          return 0
        }, pointer, UInt32(H5O_INFO_BASIC))
    }
    try check(status, place: path, expected: "groups and data sets to list")
    for (name, isGroup) in found where name != "." {
      if isGroup {
        groups.append(name)
        continue
      }
      let place = "\(path), dataset \(name.quotedForMessage)"
      do throws(TensorFileError) {
        entries.append(try HDF5Dataset(file, name, place: place).entry(name))
      } catch {
        skipped.append(
          SkippedEntry(name: name, reason: "expected \(error.expected), got \(error.got)"))
      }
    }
  }
}
