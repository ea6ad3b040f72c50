import Foundation
import TensorArchives
import TensorIO
import Testing

/// The small files of other programs in `Fixtures`, made by `make_fixtures.py` there.
enum Fixture {
  static func path(_ name: String) -> String {
    "\(Bundle.module.bundlePath)/Fixtures/\(name)"
  }

  static func open(_ name: String) throws -> TensorArchive { try TensorArchive(path(name)) }

  static func bytes(_ name: String) throws -> [UInt8] {
    Array(try #require(FileManager.default.contents(atPath: path(name))))
  }
}

/// Expects an error whose message has all of these parts.
func expectFileError(
  _ parts: String..., sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) {
  let error = #expect(throws: TensorFileError.self, sourceLocation: sourceLocation) { try body() }
  guard let error else { return }
  for part in parts {
    #expect(
      error.description.contains(part), "\(error) lacks \(part)", sourceLocation: sourceLocation)
  }
}

/// Opens and reads damaged forms of a file: each is an error or a correct reading, never a crash.
///
/// - Returns: how many forms were tried, and how many were refused.
func sweep(
  _ original: [UInt8], bits: [UInt8] = [1, 0x80], every step: Int = 5,
  truncations: Int = 37
) throws -> (tried: Int, refused: Int) {
  let folder = try TemporaryFolder()
  var (tried, refused) = (0, 0)
  func check(_ bytes: [UInt8]) throws {
    let path = try folder.put(bytes, as: "damaged")
    tried += 1
    do {
      let archive = try TensorArchive(path)
      for entry in archive.entries {
        let tensor = try archive.read(entry.name)
        #expect(tensor.shape == entry.shape && tensor.elementType == entry.elementType)
      }
    } catch {
      refused += 1
    }
  }
  for length in stride(from: 0, to: original.count, by: truncations) {
    try check(Array(original[..<length]))
  }
  for index in stride(from: 0, to: original.count, by: step) {
    for bit in bits {
      var bytes = original
      bytes[index] ^= bit
      try check(bytes)
    }
  }
  return (tried, refused)
}
