import TensorArchives
import TensorIO
import Testing

/// Arrays of MATLAB, indexed as MATLAB indexes them.
@Suite struct MatlabTests {
  static let ramp = (0..<24).map(Double.init)

  @Test(arguments: ["plain.mat", "deflated.mat"]) func version5(file: String) throws {
    let archive = try Fixture.open(file)
    #expect(archive.formatName == "MATLAB 5")
    #expect(
      archive.entries == [
        TensorEntry(name: "a", elementType: .float64, shape: [2, 3, 4]),
        TensorEntry(name: "narrow", elementType: .int32, shape: [2, 3]),
        TensorEntry(name: "single", elementType: .float32, shape: [1, 3]),
        TensorEntry(name: "z", elementType: .float64, shape: [1, 3, 2], isComplex: true),
        TensorEntry(name: "flag", elementType: .bool, shape: [1, 2]),
        TensorEntry(name: "nothing", elementType: .float64, shape: [0, 3]),
      ])
    #expect(archive.skipped.map(\.name) == ["word", "cell"])
    #expect(try archive.read("a").doubles() == Self.ramp)
    #expect(try archive.read("a", rows: 1..<2).doubles() == Array(Self.ramp[12...]))
    #expect(try archive.read("narrow").integers() == [0, 1, 2, 3, 4, 5])
    #expect(try archive.read("single").floats() == [0, 1, 2])
    #expect(try archive.read("z").doubles() == [1, 2, 3, -4, 0, 5])
    #expect(try archive.read("flag").integers() == [1, 0])
    #expect(try archive.read("nothing").bytes.isEmpty)
    let part = TensorSelection([nil, StridedRange(0..<3, step: 2), StridedRange(3..<4)])
    #expect(try archive.read("a", part).doubles() == [3, 11, 15, 23])
    expectFileError("'word'", "text") { _ = try archive.read("word") }
  }

  @Test func version73() throws {
    let archive = try Fixture.open("matlab73.mat")
    #expect(archive.formatName == "MATLAB 7.3")
    #expect(
      archive.entries == [
        TensorEntry(name: "a", elementType: .float64, shape: [2, 3, 4]),
        TensorEntry(name: "flag", elementType: .bool, shape: [1, 3]),
        TensorEntry(name: "nothing", elementType: .float64, shape: [0, 3]),
        TensorEntry(name: "z", elementType: .float64, shape: [2, 3, 2], isComplex: true),
      ])
    #expect(archive.skipped.map(\.name) == ["word"])
    #expect(try archive.read("a").doubles() == Self.ramp)
    #expect(try archive.read("a", rows: 1..<2).doubles() == Array(Self.ramp[12...]))
    #expect(try archive.read("flag").integers() == [1, 0, 1])
    #expect(try archive.read("nothing").shape == [0, 3])
    #expect(try archive.read("z").doubles() == [1, -1, 3, -3, 5, -5, 2, -2, 4, -4, 6, -6])
    let part = TensorSelection([nil, StridedRange(0..<3, step: 2), StridedRange(3..<4)])
    #expect(try archive.read("a", part).doubles() == [3, 11, 15, 23])
  }

  /// Doubles that MATLAB stored as bytes, in a header of its own making.
  @Test func narrowStorage() throws {
    func element(_ type: UInt8, _ data: [UInt8]) -> [UInt8] {
      TorchTests.joined(
        [type, 0, 0, 0, UInt8(data.count), 0, 0, 0], data,
        [UInt8](repeating: 0, count: (8 - data.count % 8) % 8))
    }
    func file(extents: [UInt8], data: [UInt8]) -> [UInt8] {
      var head = Array("MATLAB 5.0 MAT-file".utf8)
      head += [UInt8](repeating: 0x20, count: 124 - head.count)
      head += [0, 1] + Array("IM".utf8)
      let matrix = TorchTests.joined(
        element(6, [6, 0, 0, 0, 0, 0, 0, 0]), element(5, extents), [1, 0, 1, 0, 0x78, 0, 0, 0],
        element(2, data))
      return TorchTests.joined(head, [14, 0, 0, 0, UInt8(matrix.count), 0, 0, 0], matrix)
    }
    let folder = try TemporaryFolder()
    let good = file(extents: [2, 0, 0, 0, 2, 0, 0, 0], data: [1, 2, 3, 255])
    #expect(
      try TensorArchive(folder.put(good, as: "a")).read("x").doubles() == [1, 3, 2, 255])
    let large = file(extents: [0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0, 0], data: [1, 2, 3, 255])
    expectFileError("'x'") { _ = try TensorArchive(folder.put(large, as: "b")).read("x") }
    let huge = file(extents: [UInt8](repeating: 0xFF, count: 12), data: [1])
    expectFileError("overflow") { _ = try TensorArchive(folder.put(huge, as: "c")) }
    let short = file(extents: [2, 0, 0, 0, 3, 0, 0, 0], data: [1, 2, 3, 4])
    expectFileError("6 bytes for [2, 3]", "got 4") {
      _ = try TensorArchive(folder.put(short, as: "d")).read("x")
    }
    var other = good
    (other[126], other[127]) = (UInt8(ascii: "M"), UInt8(ascii: "I"))
    (other[124], other[125]) = (1, 0)
    expectFileError("big-endian") { _ = try TensorArchive(folder.put(other, as: "e")) }
  }

  @Test(arguments: ["plain.mat", "deflated.mat"]) func damage5(file: String) throws {
    let (tried, refused) = try sweep(Fixture.bytes(file))
    #expect(tried > 250 && refused > tried / 8)
  }
}
