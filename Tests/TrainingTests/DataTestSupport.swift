import Testing
import Training

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A folder that exists while the body runs.
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.path + "/longwave-\(UUID().uuidString)"
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  return try body(folder)
}

/// Writes a file, and the folders on the way to it.
func write(_ text: String, to path: String) throws { try write(Array(text.utf8), to: path) }

func write(_ bytes: [UInt8], to path: String) throws {
  let folder = path.split(separator: "/").dropLast().joined(separator: "/")
  try FileManager.default.createDirectory(atPath: "/" + folder, withIntermediateDirectories: true)
  try #require(FileManager.default.createFile(atPath: path, contents: Data(bytes)))
}

/// The names in a folder, hidden ones included, sorted.
func names(in folder: String) throws -> [String] {
  try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
}

/// Expects exactly this error; `place` is relative to the folder.
func expectDataError(
  _ place: String, expected: String, got: String, folder: String? = nil,
  sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) {
  let error = #expect(throws: DataError.self, sourceLocation: sourceLocation) { try body() }
  #expect(
    error
      == DataError(
        at: folder.map { "\($0)/\(place)" } ?? place, expected: expected, got: got),
    sourceLocation: sourceLocation)
}
