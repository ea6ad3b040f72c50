import Testing
import Training

@Suite struct TextFileTests {
  static func lines(_ text: String) throws -> [String] {
    let file = try TextFile(name: "file", bytes: Array(text.utf8))
    return file.lines.map { String(decoding: file.bytes[$0], as: UTF8.self) }
  }

  @Test func lineEnds() throws {
    #expect(try Self.lines("a\nb\n") == ["a", "b"])
    #expect(try Self.lines("a\r\nb") == ["a", "b"])
    #expect(try Self.lines("a\n\r\n\nb\r") == ["a", "", "", "b"])
    #expect(try Self.lines("a\rb\r\r\n") == ["a\rb\r"])
    #expect(try Self.lines("\n") == [""])
    #expect(try Self.lines("\r\n") == [""])
    #expect(try Self.lines("é\n") == ["é"])
  }

  @Test(
    arguments: [
      ([0x61, 0x0A, 0x62, 0xFF], 2, "FF", 3),
      ([0xC3, 0x28], 1, "C3", 0),
      ([0x61, 0xED, 0xA0, 0x80], 1, "ED", 1),
      ([0x0A, 0x0A, 0xC0, 0x80], 3, "C0", 2),
      ([0x61, 0xE2, 0x82], 1, "E2", 1),
      ([0x80], 1, "80", 0),
    ] as [([UInt8], Int, String, Int)])
  func invalidText(bytes: [UInt8], line: Int, byte: String, offset: Int) {
    expectDataError(
      "file:\(line)", expected: "UTF-8 text", got: "byte 0x\(byte) at offset \(offset)"
    ) { _ = try TextFile(name: "file", bytes: bytes) }
  }

  @Test func validationAgreesWithTheStandardLibrary() {
    // Every pair of a lead and a second byte, with any number of continuation bytes after it.
    let rests: [[UInt8]] = [[], [0x80], [0xBF, 0x80], [0x7F], [0x80, 0xC0]]
    let mistakes = (0..<65536).count { pair in
      let bytes = [UInt8(pair >> 8), UInt8(pair & 0xFF)]
      return rests.contains { rest in
        let isValid = String(validating: bytes + rest, as: UTF8.self) != nil
        // After eight ASCII bytes and before them, on either side of the fast path.
        let ascii = [UInt8](repeating: 0x61, count: 8)
        let offset = TextFile.firstInvalidOffset(of: ascii + bytes + rest + ascii)
        return (offset == nil) != isValid
          || (TextFile.firstInvalidOffset(of: bytes + rest) == nil) != isValid
      }
    }
    #expect(mistakes == 0)
  }

  @Test func filesThatCannotBeRead() throws {
    try withTemporaryFolder { folder throws in
      expectDataError(
        "none.txt", expected: "a readable file", got: "No such file or directory", folder: folder
      ) { _ = try TextFile(path: "\(folder)/none.txt") }
      expectDataError(folder, expected: "a readable file", got: "a folder") {
        _ = try TextFile(path: folder)
      }
      try write("", to: "\(folder)/empty.txt")
      expectDataError(
        "empty.txt", expected: "a file that is not empty", got: "0 bytes", folder: folder
      ) { _ = try TextFile(path: "\(folder)/empty.txt") }
      try write("a\nb", to: "\(folder)/text.txt")
      #expect(try TextFile(path: "\(folder)/text.txt").bytes == Array("a\nb".utf8))
    }
  }

  @Test func messagesQuoteBytes() {
    let error = DataError(at: "train.tsv:17", expected: "2 columns", got: "1")
    #expect("\(error)" == "train.tsv:17: expected 2 columns, got 1")
    #expect(DataError.quoted("a\tb\r\u{1}é".utf8) == "'a\\tb\\r\\u{1}é'")
    #expect(DataError.quoted([]) == "''")
    let long = String(repeating: "x", count: 39)
    #expect(DataError.quoted((long + "y").utf8) == "'\(long)y'")
    #expect(DataError.quoted((long + "yz").utf8) == "'\(long)y…'")
    #expect(DataError.quoted((long + "éz").utf8) == "'\(long)…'", "no half character")
  }
}
