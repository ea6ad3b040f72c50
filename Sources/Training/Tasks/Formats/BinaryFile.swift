import TensorIO

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Files and folders of data sets, with errors that name them.
enum BinaryFile {
  /// All bytes of a file, unpacked if it is in gzip's format.
  ///
  /// - Throws: `DataError` if it cannot be read or is damaged.
  static func bytes(of path: String) throws(DataError) -> [UInt8] {
    do throws(TensorFileError) {
      return try DecompressedFile.bytes(of: path)
    } catch {
      throw DataError(at: error.place, expected: error.expected, got: error.got)
    }
  }

  /// The bytes of a text file, unpacked if it is in gzip's format, as UTF-8.
  static func text(of path: String) throws(DataError) -> TextFile {
    try TextFile(name: path, bytes: bytes(of: path))
  }

  /// The names in a folder that are not hidden, in the order of their bytes.
  ///
  /// - Throws: `DataError` if it is no folder that can be read.
  static func names(in folder: String) throws(DataError) -> [String] {
    guard TextFile.isFolder(folder) else {
      throw DataError(at: folder, expected: "a folder", got: "none of this name")
    }
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder)
        .filter { $0.utf8.first != UInt8(ascii: ".") }
        .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    } catch {
      throw DataError(
        at: folder, expected: "a readable folder", got: TextFile.systemMessage(of: error))
    }
  }

  /// The first of some names that a folder has, as a path.
  ///
  /// - Throws: `DataError` if it has none of them.
  static func first(of candidates: [String], in folder: String) throws(DataError) -> String {
    let found = Set(try names(in: folder))
    guard let name = candidates.first(where: { found.contains($0) }) else {
      throw DataError(
        at: folder, expected: "a file " + candidates.joined(separator: " or "), got: "none")
    }
    return "\(folder)/\(name)"
  }
}
