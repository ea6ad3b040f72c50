import TensorArchives
import TensorIO
import Testing

/// Archives of NumPy in and out.
@Suite struct NpzTests {
  @Test(arguments: ["stored.npz", "deflated.npz"]) func readsThoseOfNumPy(file: String) throws {
    let archive = try Fixture.open(file)
    #expect(archive.formatName == "NumPy archive")
    #expect(
      archive.entries == [
        TensorEntry(name: "ramp", elementType: .float32, shape: [2, 3, 4]),
        TensorEntry(name: "columns", elementType: .float64, shape: [2, 3, 4]),
        TensorEntry(name: "complex", elementType: .float32, shape: [2, 2], isComplex: true),
        TensorEntry(name: "scalar", elementType: .int16, shape: []),
      ])
    #expect(archive.skipped.map(\.name) == ["text"])
    let ramp = (0..<24).map(Double.init)
    #expect(try archive.read("ramp").doubles() == ramp)
    #expect(try archive.read("columns").doubles() == ramp)
    #expect(try archive.read("columns", rows: 1..<2).doubles() == Array(ramp[12...]))
    #expect(try archive.read("ramp", rows: 1..<2).doubles() == Array(ramp[12...]))
    #expect(try archive.read("complex").floats() == [1, 2, 3, -4])
    #expect(try archive.read("scalar").integers() == [7])
    let part = TensorSelection([StridedRange(1..<2), nil, StridedRange(1..<4, step: 2)])
    for name in ["ramp", "columns"] {
      #expect(try archive.read(name, part).doubles() == [13, 15, 17, 19, 21, 23])
    }
    expectFileError("'text'", "a tensor of numbers", "little-endian") {
      _ = try archive.read("text")
    }
    expectFileError("'missing'", "'ramp', 'columns'") { _ = try archive.read("missing") }
  }

  @Test(arguments: [false, true]) func roundTrip(compressed: Bool) throws {
    let folder = try TemporaryFolder()
    let tensors: [(name: String, tensor: RawTensor)] = [
      ("a", StridedCopyTests.ramp([3, 4])), ("ä/b", StridedCopyTests.ramp([0, 2], .float64)),
      ("c", StridedCopyTests.ramp([], .bool)),
    ]
    try NpzFile.write(tensors, to: folder.file("one"), compressed: compressed)
    try NpzFile.write(tensors, to: folder.file("two"), compressed: compressed)
    #expect(try folder.bytes(of: "one") == folder.bytes(of: "two"))
    let archive = try TensorArchive(folder.file("one"))
    #expect(archive.entries.map(\.name) == tensors.map(\.name))
    for (name, tensor) in tensors { #expect(try archive.read(name) == tensor) }
    try NpzFile.write([], to: folder.file("none"))
    #expect(try TensorArchive(folder.file("none")).entries.isEmpty)
    expectFileError("BF16") {
      try NpzFile.write([("x", StridedCopyTests.ramp([1], .bfloat16))], to: folder.file("x"))
    }
    #expect(try folder.names() == ["none", "one", "two"])
  }

  @Test(arguments: ["stored.npz", "deflated.npz"]) func damage(file: String) throws {
    let (tried, refused) = try sweep(Fixture.bytes(file))
    #expect(tried > 400 && refused > tried / 8)
  }

  /// A directory that claims a terabyte for a hundred bytes.
  @Test func lyingSizes() throws {
    let folder = try TemporaryFolder()
    var bytes = try Fixture.bytes("deflated.npz")
    let directory: [UInt8] = [0x50, 0x4B, 1, 2]
    let start = try #require(
      bytes.indices.first { bytes[$0...].starts(with: directory) })
    for offset in 24..<28 { bytes[start + offset] = 0xF0 }
    let path = try folder.put(bytes, as: "lying.npz")
    expectFileError(path) { _ = try TensorArchive(path) }
  }

  /// An array's header that claims more than its member has.
  @Test func lyingHeader() throws {
    let folder = try TemporaryFolder()
    try NpzFile.write([("a", StridedCopyTests.ramp([2]))], to: folder.file("a"))
    var bytes = try folder.bytes(of: "a")
    let shape = Array("(2,)".utf8)
    let start = try #require(bytes.indices.first { bytes[$0...].starts(with: shape) })
    bytes[start + 1] = UInt8(ascii: "9")
    let archive = try TensorArchive(folder.put(bytes, as: "b"))
    #expect(archive.entries.isEmpty)
    #expect(archive.skipped.first?.reason.contains("36 bytes") == true)
  }
}
