import TensorArchives
import TensorIO
import Testing

/// One door for every format, by content.
@Suite struct TensorArchiveTests {
  /// The same tensor in each format that is written here, under misleading names.
  @Test func recognisesByContent() throws {
    let folder = try TemporaryFolder()
    let tensor = StridedCopyTests.ramp([4, 3])
    try NpyFile.write(tensor, to: folder.file("a.h5"))
    try NpzFile.write([("array", tensor)], to: folder.file("b.npy"))
    var tensors = SafetensorsFile(metadata: ["k": "v"])
    tensors.set("other", floats: [7], shape: [])
    tensors.set("array", tensor)
    try tensors.write(to: folder.file("c.mat"))
    let formats = ["a.h5": "NumPy array", "b.npy": "NumPy archive", "c.mat": "safetensors"]
    for (name, format) in formats {
      let archive = try TensorArchive(folder.file(name))
      #expect(archive.formatName == format)
      #expect(try archive.entry("array").shape == [4, 3])
      #expect(try archive.read("array") == tensor)
      #expect(try archive.read("array", rows: 1..<3).integers() == [3, 4, 5, 6, 7, 8])
      let part = TensorSelection([StridedRange(0..<4, step: 3), StridedRange(0..<3, step: 2)])
      #expect(try archive.read("array", part).integers() == [0, 2, 9, 11])
      expectFileError(name, "axis 0") { _ = try archive.read("array", rows: 2..<5) }
    }
    let archive = try TensorArchive(folder.file("c.mat"))
    #expect(archive.attributes == ["k": .text("v")])
    #expect(archive.listing == ["other  F32  []", "array  I32  [4, 3]", "@k = 'v'"])
  }

  @Test func columnsOfNumPy() throws {
    let folder = try TemporaryFolder()
    let header = NpyFileTests.header(descr: "'<c8'", fortran: "True", shape: "(2, 1)")
    let values: [UInt8] = [0, 0, 128, 63, 0, 0, 0, 64, 0, 0, 64, 64, 0, 0, 128, 64]
    let path = try folder.put(NpyFileTests.file(header, data: values), as: "z.npy")
    let archive = try TensorArchive(path)
    #expect(
      archive.entries == [
        TensorEntry(name: "array", elementType: .float32, shape: [2, 1, 2], isComplex: true)
      ])
    #expect(try archive.read("array").floats() == [1, 2, 3, 4])
    #expect(try archive.read("array", rows: 1..<2).floats() == [3, 4])
    #expect(try NpyFile.read(path) == archive.read("array"))
  }

  @Test func whatItIsNot() throws {
    let folder = try TemporaryFolder()
    for (bytes, message) in [
      ([], "an empty file"), (Array("version https://git-lfs.github.com".utf8), "Git LFS"),
      ([0x1F, 0x8B, 8], "gzip"), (Array("<html>".utf8), "web"), ([1, 2, 3], "1 2 3"),
      ([0x50, 0x4B, 3, 4], "zip"), ([0x93] + Array("NUMPY".utf8), "version"),
    ] as [([UInt8], String)] {
      let path = try folder.put(bytes, as: "file")
      expectFileError(path, message) { _ = try TensorArchive(path) }
    }
    expectFileError("regular file") { _ = try TensorArchive(folder.path) }
    expectFileError("nowhere") { _ = try TensorArchive(folder.file("nowhere")) }
  }

  @Test func damagedArraysAndTensors() throws {
    let folder = try TemporaryFolder()
    try NpyFile.write(StridedCopyTests.ramp([4, 3]), to: folder.file("a"))
    var tensors = SafetensorsFile()
    tensors.set("x", StridedCopyTests.ramp([4, 3]))
    try tensors.write(to: folder.file("b"))
    for name in ["a", "b"] {
      let (tried, refused) = try sweep(folder.bytes(of: name), every: 1, truncations: 1)
      #expect(refused > tried / 3)
    }
  }
}
