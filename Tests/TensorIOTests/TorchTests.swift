import TensorArchives
import TensorIO
import Testing

/// Tensors saved by PyTorch; a pickle runs nothing.
@Suite struct TorchTests {
  @Test(arguments: ["views2.pt", "views4.pt", "views5.pt"]) func views(file: String) throws {
    let archive = try Fixture.open(file)
    #expect(archive.formatName == "PyTorch archive")
    let shapes = Dictionary(
      archive.entries.map { ($0.name, $0.shape) }, uniquingKeysWith: { first, _ in first })
    #expect(
      shapes == [
        "base": [2, 3, 4], "transposed": [4, 3, 2], "row": [4], "every_other": [2, 3, 2],
        "expanded": [4], "empty": [0, 3], "nested.0": [], "nested.1.0": [1],
        "nested.1.1.z": [1, 2], "3": [2],
      ])
    #expect(archive.attributes["Re"] == .number(100))
    #expect(archive.attributes["visc"] == .number(0.01))
    #expect(archive.attributes["note"] == .text("hello"))
    func values(_ name: String, _ selection: TensorSelection = .all) throws -> [Double] {
      try archive.read(name, selection).doubles()
    }
    #expect(try values("base") == (0..<24).map(Double.init))
    #expect(try values("row") == [16, 17, 18, 19])
    #expect(try values("every_other") == stride(from: 0, to: 24, by: 2).map(Double.init))
    #expect(try values("expanded") == [3, 3, 3, 3])
    #expect(try values("empty").isEmpty)
    #expect(try values("nested.0") == [5] && values("nested.1.0") == [1.5])
    #expect(try values("nested.1.1.z") == [1, 2])
    #expect(try values("3") == [1, 0])
    let transposed = try values("transposed")
    for z in 0..<4 {
      for y in 0..<3 {
        for x in 0..<2 { #expect(transposed[(z * 3 + y) * 2 + x] == Double((x * 3 + y) * 4 + z)) }
      }
    }
    #expect(try values("transposed", .rows(2..<3)) == [2, 14, 6, 18, 10, 22])
    let odd = TensorSelection([StridedRange(1..<2), StridedRange(0..<3, step: 2)])
    #expect(try values("base", odd) == [12, 13, 14, 15, 20, 21, 22, 23])
  }

  @Test func everyType() throws {
    let archive = try Fixture.open("types.pt")
    let types: [String: ElementType] = [
      "bool": .bool, "uint8": .uint8, "int8": .int8, "int16": .int16, "int32": .int32,
      "int64": .int64, "float16": .float16, "bfloat16": .bfloat16, "float32": .float32,
      "float64": .float64,
    ]
    #expect(archive.entries.count == types.count)
    for (name, type) in types {
      #expect(try archive.entry(name).elementType == type)
      #expect(try archive.read(name).doubles() == [0, 1, 1], "\(name)")
    }
  }

  @Test func modulesAndSingleTensors() throws {
    let state = try Fixture.open("state.pt")
    #expect(
      state.entries == [
        TensorEntry(name: "weight", elementType: .float64, shape: [1, 2]),
        TensorEntry(name: "bias", elementType: .float64, shape: [1]),
      ])
    let bare = try Fixture.open("bare.pt")
    #expect(bare.entries.map(\.name) == ["tensor"])
    #expect(try bare.read("tensor", rows: 1..<2).doubles() == (12..<24).map(Double.init))
  }

  @Test func refusesCommandsAndOldFiles() throws {
    expectFileError("system", "refused and was not run") { _ = try Fixture.open("command.pt") }
    expectFileError("before 1.6") { _ = try Fixture.open("legacy.pt") }
    let folder = try TemporaryFolder()
    let pickle = try folder.put([0x80, 4, 0x4E, 0x2E], as: "plain.pkl")
    expectFileError("a Python pickle, which is not read") { _ = try TensorArchive(pickle) }
  }

  @Test(arguments: ["views2.pt", "views4.pt"]) func damage(file: String) throws {
    let (tried, refused) = try sweep(Fixture.bytes(file))
    #expect(tried > 1000 && refused > tried / 8)
  }

  /// Runs a pickle as the program of an archive.
  static func open(_ program: [UInt8]) throws {
    let folder = try TemporaryFolder()
    let bytes = StoredZip.write([
      ("a/data.pkl", program), ("a/byteorder", Array("little".utf8)),
    ])
    let archive = try TensorArchive(folder.put(bytes, as: "a.pt"))
    for entry in archive.entries { _ = try archive.read(entry.name) }
  }

  static func global(_ module: String, _ name: String) -> [UInt8] {
    Array("c\(module)\n\(name)\n".utf8)
  }

  /// Instructions one behind the other.
  static func joined(_ parts: [UInt8]...) -> [UInt8] { Array(parts.joined()) }

  /// Programs that must end at once in an error; the name says what is tried.
  static let hostile: [String: [UInt8]] = [
    "a call of a shell": joined([0x80, 2], global("posix", "system"), Array("U\u{2}lstR.".utf8)),
    "an evaluation": joined([0x80, 2], global("builtins", "eval"), Array(").".utf8)),
    "a getattr": joined([0x80, 2], global("builtins", "getattr"), Array(").".utf8)),
    "another function of torch": joined([0x80, 2], global("torch", "load"), Array(")R.".utf8)),
    "an object": joined([0x80, 2], global("collections", "OrderedDict"), [0x29, 0x81, 0x2E]),
    "an instance by name": joined([0x80, 2], Array("(ios\nsystem\n.".utf8)),
    "an extension": [0x80, 2, 0x82, 1, 0x2E],
    "an empty stack": [0x80, 2, 0x2E],
    "a mark that is missing": [0x80, 2, 0x74, 0x2E],
    "a pop across a mark": [0x80, 2, 0x4E, 0x28, 0x30, 0x2E],
    "a memo that is missing": [0x80, 2, 0x68, 7, 0x2E],
    "a long text": [0x80, 2, 0x58, 0xFF, 0xFF, 0xFF, 0x7F, 0x2E],
    "a text of negative length": joined(
      [0x80, 4, 0x8D], [UInt8](repeating: 0xFF, count: 8), [0x2E]),
    "a frame beyond the end": joined(
      [0x80, 4, 0x95], [UInt8](repeating: 0x7F, count: 8), [0x2E]),
    "no end": [0x80, 2, 0x4E],
    "another protocol": [0x80, 9, 0x4E, 0x2E],
    "two values": [0x80, 2, 0x4E, 0x4E, 0x2E],
  ]

  @Test(arguments: hostile.keys.sorted()) func hostilePrograms(what: String) throws {
    let program = try #require(Self.hostile[what])
    #expect(throws: TensorFileError.self, "\(what)") { try Self.open(program) }
  }

  /// A list of two lists of two lists …: few bytes, more values than there are atoms.
  @Test func memoBomb() throws {
    var program: [UInt8] = [0x80, 2, 0x5D, 0x71, 0]
    for level in UInt8(1)...60 {
      program += [0x28, 0x68, level - 1, 0x68, level - 1, 0x74, 0x71, level]
    }
    // What is below the last tuple is thrown away.
    program += Self.joined([0x71, 99], [UInt8](repeating: 0x30, count: 61), [0x68, 99, 0x2E])
    expectFileError("contain each other") { try Self.open(program) }
  }

  /// A list that contains itself.
  @Test func circle() throws {
    let program: [UInt8] = [0x80, 2, 0x5D, 0x71, 0, 0x68, 0, 0x61, 0x2E]
    expectFileError("contain each other") { try Self.open(program) }
  }

  /// A million tuples inside each other: no stack overflows, neither in the walk nor in the release.
  @Test func deepNesting() throws {
    let depth = 1_000_000
    let program = Self.joined(
      [0x80, 2, 0x4E], [UInt8](repeating: 0x85, count: depth), [0x2E])
    expectFileError("at most 64 deep") { try Self.open(program) }
    let marks = Self.joined([0x80, 2], [UInt8](repeating: 0x28, count: depth), [0x2E])
    #expect(throws: TensorFileError.self) { try Self.open(marks) }
  }

  /// A tensor outside of its storage, by offset, size, stride or overflow; and storages that lie.
  @Test(arguments: [
    (1, [2, 3], [3, 1], 6), (0, [2, 4], [3, 1], 6), (0, [2, 3], [4, 1], 6),
    (0, [255, 255], [255, 255], 6), (0, [2, 3], [3], 6), (0, [2, 3], [3, 1], 7),
  ])
  func tensorsOutside(offset: Int, shape: [Int], strides: [Int], count: Int) throws {
    func number(_ value: Int) -> [UInt8] { [0x4B, UInt8(value)] }
    func tuple(_ values: [Int]) -> [UInt8] { Self.joined([0x28], values.flatMap(number), [0x74]) }
    func text(_ value: String) -> [UInt8] {
      Self.joined([0x58, UInt8(value.utf8.count), 0, 0, 0], Array(value.utf8))
    }
    func program(_ offset: Int, _ shape: [Int], _ strides: [Int], _ count: Int) -> [UInt8] {
      let storage = Self.joined(
        [0x28], text("storage"), Self.global("torch", "FloatStorage"), text("0"), text("cpu"),
        number(count), [0x74, 0x51])
      return Self.joined(
        [0x80, 2], Self.global("torch._utils", "_rebuild_tensor_v2"), [0x28], storage,
        number(offset), tuple(shape), tuple(strides), [0x89],
        Self.global("collections", "OrderedDict"), [0x29, 0x52, 0x74, 0x52, 0x2E])
    }
    let folder = try TemporaryFolder()
    func open(_ program: [UInt8]) throws -> [Double] {
      let bytes = StoredZip.write([
        ("a/data.pkl", program), ("a/data/0", [UInt8](repeating: 0, count: 24)),
      ])
      return try TensorArchive(folder.put(bytes, as: "a.pt")).read("tensor").doubles()
    }
    #expect(try open(program(0, [2, 3], [3, 1], 6)) == [0, 0, 0, 0, 0, 0])
    #expect(throws: TensorFileError.self) { _ = try open(program(offset, shape, strides, count)) }
  }
}

/// Zip archives of stored members, built byte by byte.
enum StoredZip {
  static func write(_ members: [(name: String, data: [UInt8])]) -> [UInt8] {
    func little(_ value: Int, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    var file: [UInt8] = []
    var directory: [UInt8] = []
    for (name, data) in members {
      let sizes = TorchTests.joined(
        little(Int(crc(data)), 4), little(data.count, 4), little(data.count, 4),
        little(name.utf8.count, 2), little(0, 2))
      let common = TorchTests.joined(little(20, 2), little(0, 2), little(0, 2), little(0, 4), sizes)
      directory += TorchTests.joined(
        [0x50, 0x4B, 1, 2], little(20, 2), common, little(0, 6), little(0, 4),
        little(file.count, 4), Array(name.utf8))
      file += TorchTests.joined([0x50, 0x4B, 3, 4], common, Array(name.utf8), data)
    }
    let start = file.count
    return TorchTests.joined(
      file, directory, [0x50, 0x4B, 5, 6], little(0, 4), little(members.count, 2),
      little(members.count, 2), little(directory.count, 4), little(start, 4), little(0, 2))
  }

  private static func crc(_ data: [UInt8]) -> UInt32 {
    var value = UInt32.max
    for byte in data {
      value ^= UInt32(byte)
      for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
    }
    return ~value
  }
}
