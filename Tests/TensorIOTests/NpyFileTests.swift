import TensorIO
import Testing

/// Arrays of NumPy in and out, and refusals of what is none.
@Suite struct NpyFileTests {
  static func file(_ header: String, version: UInt8 = 1, data: [UInt8] = []) -> [UInt8] {
    let count = header.utf8.count
    let length = [UInt8(count & 0xFF), UInt8(count >> 8)] + (version == 1 ? [] : [0, 0])
    return [0x93] + Array("NUMPY".utf8) + [version, 0] + length + Array(header.utf8) + data
  }

  static func header(
    descr: String = "'|u1'", fortran: String = "False", shape: String = "(2, 3)"
  ) -> String {
    "{'descr': \(descr), 'fortran_order': \(fortran), 'shape': \(shape), }\n"
  }

  static func expectError(
    _ bytes: [UInt8], _ parts: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let error = #expect(throws: TensorFileError.self, sourceLocation: sourceLocation) {
      try NpyFile.decode(bytes, source: "array")
    }
    guard let error else { return }
    for part in parts {
      #expect(error.description.contains(part), sourceLocation: sourceLocation)
    }
  }

  @Test(arguments: ElementType.allCases, [[], [0, 2], [3], [2, 1, 3]])
  func roundTrip(type: ElementType, shape: [Int]) throws {
    let count = shape.reduce(1, *) * type.byteWidth
    let bytes = (0..<count).map { UInt8($0 & 1) }
    let tensor = RawTensor(bytes: bytes[...], elementType: type, shape: shape)
    guard type != .bfloat16 else {
      #expect(throws: TensorFileError.self) { try NpyFile.encode(tensor) }
      return
    }
    let folder = try TemporaryFolder()
    try NpyFile.write(tensor, to: folder.file("a.npy"))
    #expect(try NpyFile.read(folder.file("a.npy")) == tensor)
    #expect(try folder.bytes(of: "a.npy") == NpyFile.encode(tensor))
  }

  @Test func bytesAreThoseOfNumPy() throws {
    let tensor = RawTensor(floats: ([1] as [Float]).span, shape: [1])
    let text = "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }"
    let padding = String(repeating: " ", count: 118 - text.utf8.count - 1) + "\n"
    #expect(try NpyFile.encode(tensor) == Self.file(text + padding, data: [0, 0, 0x80, 0x3F]))
  }

  @Test(arguments: [UInt8(1), 2, 3]) func versionsAndFortranOrder(version: UInt8) throws {
    let plain = try NpyFile.decode(
      Self.file(Self.header(), version: version, data: [0, 1, 2, 3, 4, 5]))
    #expect(try plain.shape == [2, 3] && plain.integers() == [0, 1, 2, 3, 4, 5])
    let fortran = try NpyFile.decode(
      Self.file(Self.header(fortran: "True"), version: version, data: [0, 3, 1, 4, 2, 5]))
    #expect(fortran == plain)
    let cube = try NpyFile.decode(
      Self.file(
        Self.header(descr: "\"<i2\"", fortran: "True", shape: "(2,1,2)"), version: version,
        data: [1, 0, 2, 0, 3, 0, 4, 0]))
    #expect(try cube.integers() == [1, 3, 2, 4])
  }

  @Test func refusals() {
    let data: [UInt8] = [0, 1, 2, 3, 4, 5]
    Self.expectError([], "byte 0", "magic")
    Self.expectError([0x93] + Array("NUMPY".utf8) + [1, 0], "byte 6", "end of the file")
    Self.expectError(Self.file(Self.header(), version: 4, data: data), "byte 6", "4.0")
    Self.expectError(Array(Self.file(Self.header()).prefix(30)), "byte 8", "at most 20 bytes")
    Self.expectError(Self.file(Self.header(descr: "'>f4'")), "little-endian", "'>f4'")
    Self.expectError(Self.file(Self.header(descr: "[('a', '<f4')]")), "a string", "'['")
    Self.expectError(Self.file(Self.header(descr: "'|O'")), "'|O'")
    Self.expectError(Self.file(Self.header(fortran: "1")), "True or False", "'1'")
    Self.expectError(Self.file(Self.header(shape: "(6)")), "','", "')'")
    Self.expectError(Self.file(Self.header(shape: "(-6,)")), "whole number", "'-6'")
    Self.expectError(Self.file(Self.header(shape: "(2.0, 3)")), "'2.0'")
    Self.expectError(Self.file(Self.header(shape: "[2, 3]")), "a tuple", "'['")
    Self.expectError(
      Self.file(Self.header(shape: "(4294967296, 4294967296)")), "overflow")
    Self.expectError(Self.file(Self.header(), data: data + [6]), "6 bytes for U8", "7 bytes")
    Self.expectError(Self.file(Self.header(), data: [0]), "6 bytes for U8", "1 bytes")
    Self.expectError(Self.file("{'descr': '<f4'}"), "fewer entries")
    Self.expectError(Self.file("{'descr': '<f4', 'descr': '<f4'}"), "once each", "'descr'")
    Self.expectError(Self.file("{'descr': '<f4', 'more': 1}"), "once each", "'more'")
    Self.expectError(Self.file("{'descr"), "the end of a string")
    Self.expectError(Self.file(Self.header() + "x", data: data), "end of the header", "'x'")
  }

  @Test func mutationsNeverCrash() throws {
    let valid = Self.file(Self.header(), data: [0, 1, 2, 3, 4, 5])
    var refused = 0
    func check(_ bytes: [UInt8]) {
      do {
        let tensor = try NpyFile.decode(bytes)
        #expect(tensor.bytes.count == tensor.shape.reduce(1, *) * tensor.elementType.byteWidth)
      } catch {
        refused += 1
      }
    }
    for length in valid.indices { check(Array(valid[..<length])) }
    #expect(refused == valid.count)
    for index in valid.indices {
      var bytes = valid
      for bit in 0..<8 {
        bytes[index] = valid[index] ^ UInt8(1) << bit
        check(bytes)
      }
    }
    #expect(refused > valid.count * 6)
  }
}
