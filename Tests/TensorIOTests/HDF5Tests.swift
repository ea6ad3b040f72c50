import HDF5
import TensorArchives
import TensorIO
import Testing

/// HDF5 in and out, through libhdf5.
@Suite struct HDF5Tests {
  static let ramp = (0..<24).map(Double.init)

  @Test func types() throws {
    let file = try HDF5File(Fixture.path("types.h5"))
    #expect(
      file.entries == [
        TensorEntry(name: "0001/grid/x", elementType: .int16, shape: [5]),
        TensorEntry(name: "big", elementType: .float64, shape: [2, 3, 4]),
        TensorEntry(name: "flags", elementType: .bool, shape: [3]),
        TensorEntry(name: "half", elementType: .float16, shape: [3]),
        TensorEntry(name: "lzf", elementType: .int32, shape: [6, 4]),
        TensorEntry(name: "plain", elementType: .float32, shape: [2, 3, 4]),
        TensorEntry(name: "scalar", elementType: .int64, shape: []),
        TensorEntry(name: "z", elementType: .float64, shape: [2, 2], isComplex: true),
      ])
    #expect(file.groups == ["0001", "0001/grid"])
    #expect(file.skipped.map(\.name) == ["none", "word"])
    #expect(
      file.attributes == [
        "Nu": .number(0.01), "name": .text("Burgers"), "fixed": .text("ab"),
        "list": .numbers([1, 2, 3]),
      ])
    #expect(try file.attributes(of: "0001") == ["config": .text("sim: {n: 1}")])
    let archive = try Fixture.open("types.h5")
    #expect(try archive.read("plain").doubles() == Self.ramp)
    #expect(try archive.read("big").doubles() == Self.ramp)
    #expect(try archive.read("half").floats() == [0.5, -2, 65504])
    #expect(try archive.read("flags").integers() == [1, 0, 1])
    #expect(try archive.read("z").doubles() == [1, 2, 3, -4])
    let imaginary = TensorSelection([nil, StridedRange(1..<2)])
    #expect(try archive.read("z", imaginary).doubles() == [2, -4])
    #expect(try archive.read("scalar").integers() == [-5])
    #expect(try archive.read("lzf").integers() == (0..<24).map { $0 / 8 })
    #expect(try archive.read("0001/grid/x").integers() == [0, 1, 2, 3, 4])
    expectFileError("types.h5", "'word'", "text") { _ = try archive.read("word") }
  }

  @Test(arguments: ["lzf_shuffle", "gzip"]) func filters(name: String) throws {
    let archive = try Fixture.open("filters.h5")
    let whole = try archive.read(name)
    #expect(try whole.shape == [6, 5, 4] && whole.integers() == Array(0..<120))
    for selection in [
      TensorSelection.rows(2..<5),
      TensorSelection([
        StridedRange(1..<6, step: 2), StridedRange(start: 1, count: 2, step: 3),
        StridedRange(0..<4, step: 3),
      ]),
      TensorSelection.rows(3..<3),
    ] {
      #expect(try archive.read(name, selection) == whole.selecting(selection))
    }
    expectFileError("filters.h5", "'\(name)'", "axis 0 of extent 6") {
      _ = try archive.read(name, rows: 5..<7)
    }
  }

  @Test func otherFilesStayClosed() throws {
    let file = try HDF5File(Fixture.path("elsewhere.h5"))
    #expect(file.entries.map(\.name) == ["external", "virtual"])
    for entry in file.entries {
      expectFileError("data in this file", "other files") { _ = try file.read(entry) }
    }
  }

  @Test(arguments: [HDF5Compression.none, .deflate(level: 6)])
  func roundTrip(compression: HDF5Compression) throws {
    let folder = try TemporaryFolder()
    let types = ElementType.allCases.filter { $0 != .bfloat16 }
    func write(_ name: String) throws {
      try HDF5File.write(to: folder.file(name)) { writer throws(TensorFileError) in
        for type in types {
          for shape in [[], [0, 2], [3], [4, 3, 2]] {
            let tensor =
              type == .bool
              ? RawTensor(
                bytes: ArraySlice((0..<shape.reduce(1, *)).map { UInt8($0 & 1) }),
                elementType: .bool, shape: shape) : StridedCopyTests.ramp(shape, type)
            try writer.add("g/\(type.rawValue)/\(shape.count)", tensor, compression: compression)
          }
        }
        try writer.create("rows", elementType: .int32, shape: [5, 3], compression: compression)
        for row in [3, 1] {
          try writer.write(StridedCopyTests.ramp([2, 3]), to: "rows", at: row)
        }
        try writer.setAttribute("text", .text("größe"))
        try writer.setAttribute("empty", .text(""))
        try writer.setAttribute("texts", .texts(["a", "bc"]))
        try writer.setAttribute("number", .number(0.1), of: "rows")
        try writer.setAttribute("numbers", .numbers([1, 2]), of: "g")
      }
    }
    try write("one")
    try write("two")
    #expect(try folder.bytes(of: "one") == folder.bytes(of: "two"))
    let file = try HDF5File(folder.file("one"))
    for entry in file.entries where entry.name != "rows" {
      let tensor = try file.read(entry)
      #expect(entry.name == "g/\(tensor.elementType.rawValue)/\(tensor.shape.count)")
      let expected =
        tensor.elementType == .bool
        ? (0..<tensor.elementCount).map { UInt8($0 & 1) }
        : Array(StridedCopyTests.ramp(tensor.shape, tensor.elementType).bytes)
      #expect(Array(tensor.bytes) == expected, "\(entry)")
    }
    #expect(file.entries.count == 4 * types.count + 1)
    let rows = try TensorArchive(folder.file("one")).read("rows")
    // The rows written second, from 1 on, stand before those from 3 on; row 0 was left out.
    #expect(try rows.integers() == [0, 0, 0, 0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5])
    #expect(
      file.attributes == [
        "text": .text("größe"), "empty": .text(""), "texts": .texts(["a", "bc"]),
      ])
    #expect(try file.attributes(of: "rows") == ["number": .number(0.1)])
    #expect(try file.attributes(of: "g") == ["numbers": .numbers([1, 2])])
  }

  @Test func failuresLeaveNothing() throws {
    let folder = try TemporaryFolder()
    let tensor = StridedCopyTests.ramp([2])
    func refuses(_ body: (HDF5Writer) throws(TensorFileError) -> Void) throws {
      expectFileError("file.h5") { try HDF5File.write(to: folder.file("file.h5"), body) }
      #expect(try folder.names().isEmpty)
    }
    try refuses { writer throws(TensorFileError) in
      try writer.add("a", tensor)
      try writer.add("a", tensor)
    }
    try refuses { writer throws(TensorFileError) in try writer.write(tensor, to: "missing") }
    try refuses { writer throws(TensorFileError) in
      try writer.create("a", elementType: .int32, shape: [3])
      try writer.write(tensor, to: "a", at: 2)
    }
    try refuses { writer throws(TensorFileError) in
      try writer.setAttribute("k", .number(1), of: "none")
    }
    try refuses { writer throws(TensorFileError) in
      try writer.add("b", StridedCopyTests.ramp([2], .bfloat16))
    }
    expectFileError("missing/file.h5") {
      try HDF5File.write(to: folder.file("missing/file.h5")) { _ in }
    }
  }

  @Test func notHDF5() throws {
    let folder = try TemporaryFolder()
    let path = try folder.put(Array("no".utf8), as: "a.h5")
    expectFileError("a.h5", "an HDF5 file", "signature") { _ = try HDF5File(path) }
    let short = try folder.put(Array(Fixture.bytes("types.h5").prefix(3000)), as: "b.h5")
    expectFileError("b.h5", "truncated") { _ = try HDF5File(short) }
  }

  /// libhdf5 is one for all threads.
  @Test func manyThreads() async throws {
    let path = Fixture.path("filters.h5")
    try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<8 {
        group.addTask {
          let archive = try TensorArchive(path)
          return try (0..<20).reduce(0) { sum, _ in
            sum + (try archive.read("lzf_shuffle").integers().reduce(0, +))
          }
        }
      }
      for try await sum in group { #expect(sum == 20 * 119 * 60) }
    }
  }
}
