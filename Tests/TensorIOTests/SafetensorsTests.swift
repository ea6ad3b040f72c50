import TensorIO
import Testing

/// What is written is read back, and the values come out as the numbers they stand for.
@Suite struct SafetensorsTests {
  private static func example() -> SafetensorsFile {
    var file = SafetensorsFile(metadata: ["z": "last", "a": "\"é\"\\\n\u{1}\u{1F600}"])
    file.set("odd", bytes: [1, 2, 255], elementType: .uint8, shape: [3])
    file.set("weight", floats: [1, -0.0, .pi, .infinity, 0x1p-149, -2], shape: [2, 3])
    file.set("scalar", doubles: [0.1], shape: [])
    file.set("empty", floats: [], shape: [0, 4])
    file.set("näme \"quoted\"", int64s: [.min, .max], shape: [2])
    return file
  }

  @Test func roundTripKeepsOrderValuesAndMetadata() throws {
    let folder = try TemporaryFolder()
    let file = Self.example()
    try file.write(to: folder.file("a.safetensors"))
    let read = try SafetensorsFile(readingFrom: folder.file("a.safetensors"))
    #expect(read.names == ["odd", "weight", "scalar", "empty", "näme \"quoted\""])
    #expect(read.metadata == file.metadata)
    for name in file.names { #expect(read[name] == file[name]) }
    #expect(try read.floats("weight").map(\.bitPattern) == file.floats("weight").map(\.bitPattern))
    #expect(try read.doubles("scalar") == [0.1])
    #expect(try read.integers("näme \"quoted\"") == [.min, .max])
    #expect(try read.integers("odd") == [1, 2, 255])
    #expect(try read.shape(of: "empty") == [0, 4])
    #expect(try read.floats("empty").isEmpty)
    #expect(try read.shape(of: "scalar") == [])
    #expect(try folder.bytes(of: "a.safetensors") == file.serialized())
    #expect(try read.serialized() == file.serialized())
  }

  @Test func bytesAreThoseOfTheFormat() throws {
    var file = SafetensorsFile(metadata: ["b": "2", "a": "1"])
    file.set("x", bytes: [7], elementType: .uint8, shape: [1])
    file.set("y", floats: [1], shape: [1])
    let header =
      #"{"__metadata__":{"a":"1","b":"2"},"#
      + #""x":{"dtype":"U8","shape":[1],"data_offsets":[4,5]},"#
      + #""y":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#
    let padded = header + String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
    let length: [UInt8] = [UInt8(padded.utf8.count), 0, 0, 0, 0, 0, 0, 0]
    #expect(try file.serialized() == length + Array(padded.utf8) + [0, 0, 0x80, 0x3F, 7])
  }

  @Test func settingReplacesInPlaceAndRemovingForgets() throws {
    var file = Self.example()
    file.set("odd", floats: [4], shape: [1])
    file.remove("scalar")
    file.remove("absent")
    #expect(file.names == ["odd", "weight", "empty", "näme \"quoted\""])
    #expect(try file.floats("odd") == [4])
    #expect(!file.contains("scalar") && file.contains("odd"))
    let again = try SafetensorsFile(bytes: file.serialized())
    #expect(again.names == file.names)
  }

  @Test(
    arguments: [
      (ElementType.bool, [0, 1, 1], [0.0, 1, 1]),
      (.uint8, [0, 255], [0, 255]), (.int8, [0x80, 127], [-128, 127]),
      (.uint16, [0xFF, 0xFF], [65535]), (.int16, [0, 0x80], [-32768]),
      (.float16, [0, 0x3C, 1, 0, 0, 0xFC], [1, 0x1p-24, -.infinity]),
      (.bfloat16, [0x80, 0x3F, 0x01, 0xC0], [1, -2.015625]),
      (.uint32, [0, 0, 0, 0x80], [2_147_483_648]), (.int32, [0, 0, 0, 0x80], [-2_147_483_648]),
      (.float32, [0, 0, 0x20, 0x40], [2.5]), (.float64, [0, 0, 0, 0, 0, 0, 4, 0x40], [2.5]),
      (.int64, [0, 0, 0, 0, 0, 0, 0, 0x80], [-0x1p63]),
      (.uint64, [0, 0, 0, 0, 0, 0, 0, 0x80], [0x1p63]),
    ] as [(ElementType, [UInt8], [Double])])
  func everyElementTypeConverts(
    type: ElementType, bytes: [UInt8], values: [Double]
  ) throws {
    var file = SafetensorsFile()
    file.set("x", bytes: bytes, elementType: type, shape: [values.count])
    let read = try SafetensorsFile(bytes: file.serialized())
    #expect(try read.elementType(of: "x") == type)
    #expect(try read.doubles("x") == values)
    #expect(try read.floats("x") == values.map(Float.init))
    switch type {
    case .float16, .bfloat16, .float32, .float64, .uint64:
      #expect(throws: TensorFileError.self) { try read.integers("x") }
    default:
      #expect(try read.integers("x") == values.map { Int($0) })
    }
  }

  @Test func conversionRoundsOnce() throws {
    // Through Double this would round twice, to 2^24 + 2 in place of 2^60 + 2^37.
    let value: Int64 = 1 << 60 | 1 << 36 | 1
    var file = SafetensorsFile()
    file.set("x", int64s: [value], shape: [1])
    #expect(try file.floats("x") == [0x1p60 + 0x1p37])
    file.set("y", doubles: [1 + 0x1p-24 + 0x1p-50, 1e300], shape: [2])
    #expect(try file.floats("y") == [1 + 0x1p-23, .infinity])
  }

  @Test func copyingIntoASpan() throws {
    let tensor = RawTensor(doubles: ([1, 2.5] as [Double]).span, shape: [2])
    var values: [Float] = [0, 0]
    var span = values.mutableSpan
    try tensor.copyFloats(to: &span)
    #expect(values == [1, 2.5])
  }

  @Test func wrongRequestsSayWhere() throws {
    var file = SafetensorsFile()
    file.set("flag", bytes: [1, 2], elementType: .bool, shape: [2])
    file.set("x", floats: [1], shape: [1])
    let folder = try TemporaryFolder()
    let path = folder.file("f.safetensors")
    try file.write(to: path)
    let read = try SafetensorsFile(readingFrom: path)
    let missing = #expect(throws: TensorFileError.self) { try read.floats("weight") }
    #expect(missing?.place == "\(path), tensor 'weight'")
    #expect(missing?.got == "none among 2")
    let flag = #expect(throws: TensorFileError.self) { try read.floats("flag") }
    #expect(flag?.place == "\(path), tensor 'flag', element 1")
    #expect(flag?.got == "2")
    let integer = #expect(throws: TensorFileError.self) { try read.integers("x") }
    #expect(integer?.got == "F32")
  }

  @Test func unreadableFiles() throws {
    let folder = try TemporaryFolder()
    let absent = #expect(throws: TensorFileError.self) {
      try SafetensorsFile(readingFrom: folder.file("absent"))
    }
    #expect(absent?.description.contains("No such file") == true)
    #expect(absent?.place == folder.file("absent"))
    let directory = #expect(throws: TensorFileError.self) {
      try SafetensorsFile(readingFrom: folder.path)
    }
    #expect(directory?.expected == "a regular file")
    #expect(throws: TensorFileError.self) { try SafetensorsFile(readingFrom: "a\0b") }
  }
}
