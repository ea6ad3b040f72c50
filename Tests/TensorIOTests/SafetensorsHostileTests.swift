import TensorIO
import Testing

/// A file that breaks the format anywhere is an error that says where; never a crash.
@Suite struct SafetensorsHostileTests {
  static func file(_ header: String, data: Int = 0) -> [UInt8] {
    file(Array(header.utf8), data: data)
  }

  static func file(_ header: [UInt8], data: Int) -> [UInt8] {
    let length = UInt64(header.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * UInt64($0))) }
      + header + [UInt8](repeating: 0, count: data)
  }

  /// One tensor `t` of four bytes of data.
  static func tensor(
    dtype: String = #""F32""#, shape: String = "[1]", offsets: String = "[0,4]"
  ) -> [UInt8] {
    file(#"{"t":{"dtype":\#(dtype),"shape":\#(shape),"data_offsets":\#(offsets)}}"#, data: 4)
  }

  static func expectError(
    _ bytes: [UInt8], _ parts: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let error = #expect(throws: TensorFileError.self, sourceLocation: sourceLocation) {
      try SafetensorsFile(bytes: bytes, source: "model")
    }
    guard let error else { return }
    for part in parts {
      #expect(error.description.contains(part), sourceLocation: sourceLocation)
    }
  }

  @Test func theTemplateItselfIsValid() throws {
    #expect(try SafetensorsFile(bytes: Self.tensor()).floats("t") == [0])
    #expect(try SafetensorsFile(bytes: Self.file("{}")).names.isEmpty)
    #expect(try SafetensorsFile(bytes: Self.file(" {}".dropFirst() + "  \n")).names.isEmpty)
  }

  @Test func lengths() {
    Self.expectError([], "model, byte 0", "at least 8 bytes", "0 bytes")
    Self.expectError([2, 0, 0, 0, 0, 0, 0], "byte 0", "7 bytes")
    Self.expectError([3, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x7D], "byte 0", "inside the file of 10")
    Self.expectError(
      [1, 0xE1, 0xF5, 5, 0, 0, 0, 0], "at most 100000000", "length of 100000001")
    Self.expectError(
      [UInt8](repeating: 255, count: 9), "byte 0", "length of 18446744073709551615")
    Self.expectError(Self.file(""), "byte 8", "'{'", "end of the header")
  }

  @Test func notTheRightJSON() {
    Self.expectError(Self.file(" {}"), "byte 8", "'{'")
    Self.expectError(Self.file("[]"), "byte 8", "'{'", "got '['")
    Self.expectError(Self.file("{} {}"), "byte 11", "end of the header", "'{'")
    Self.expectError(Self.file("{"), "byte 9", "a key in quotes")
    Self.expectError(Self.file("{,}"), "byte 9", "a key in quotes")
    Self.expectError(Self.file("{\"a\"}"), "byte 12", "':'")
    Self.expectError(Self.file("{\"a\":{}"), "tensor 'a'", "a dtype")
    Self.expectError(Self.file("{\"a\":[[[[[[[["), "byte 13", "an object for tensor 'a'")
    Self.expectError(Self.file("{\"\u{1}\":1}"), "byte 10", "control character", "0x1")
    Self.expectError(Self.file(#"{"a\x":1}"#), "byte 11", "escape")
    Self.expectError(Self.file(#"{"\u12g4":1}"#), "hexadecimal", "'g'")
    Self.expectError(Self.file(#"{"\ud83d":1}"#), "byte 10", "surrogates")
    Self.expectError(Self.file(#"{"\ud83d\u0041":1}"#), "byte 10", "surrogates")
    Self.expectError(Self.file(#"{"\ude00\ud83d":1}"#), "byte 10", "surrogates")
    Self.expectError(Self.file(#"{"\"#), "escape")
    Self.expectError(Self.file([0x7B, 0x22, 0xFF, 0x22, 0x7D], data: 0), "byte 8", "UTF-8")
  }

  @Test func escapesAreResolved() throws {
    let header = #"{"__metadata__":{"\u006B\ud83d\ude00":"\"\\\/\b\f\n\r\té\u00e9"}}"#
    let file = try SafetensorsFile(bytes: Self.file(header))
    #expect(file.metadata == ["k\u{1F600}": "\"\\/\u{8}\u{C}\n\r\téé"])
  }

  @Test func duplicatesAndMetadata() {
    let entry = #""t":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}"#
    Self.expectError(Self.file("{\(entry),\(entry)}"), "every key once", "'t'")
    Self.expectError(
      Self.file(#"{"t":{"dtype":"F32","dtype":"F32"}}"#), "every key once", "'dtype'")
    Self.expectError(Self.file(#"{"__metadata__":{"a":"","\u0061":""}}"#), "'a' for the second")
    Self.expectError(Self.file(#"{"__metadata__":{},"__metadata__":{}}"#), "every key once")
    Self.expectError(Self.file(#"{"__metadata__":{"a":1}}"#), "a string as metadata 'a'", "'1'")
    Self.expectError(Self.file(#"{"__metadata__":"a"}"#), "an object of strings")
    Self.expectError(Self.file(#"{"__metadata__":null}"#), "an object of strings", "'n'")
  }

  @Test func entries() {
    Self.expectError(Self.tensor(dtype: #""F8_E4M3""#), "tensor 't'", "BF16", "'F8_E4M3'")
    Self.expectError(Self.tensor(dtype: "4"), "a string", "'4'")
    Self.expectError(Self.tensor(dtype: #""F32","layout":"C""#), "'layout'")
    Self.expectError(Self.file(#"{"t":{"dtype":"F32"}}"#), "tensor 't'", "a shape")
    Self.expectError(Self.file(#"{"t":{"dtype":"F32","shape":[]}}"#), "data_offsets, got none")
    Self.expectError(Self.file(#"{"t":{"shape":[],"data_offsets":[0,4]}}"#), "a dtype, got none")
  }

  @Test func shapes() {
    Self.expectError(Self.tensor(shape: "[-1]"), "shape of 't'", "whole number", "'-1'")
    Self.expectError(Self.tensor(shape: "[1.0]"), "whole number", "'1.0'")
    Self.expectError(Self.tensor(shape: "[1e0]"), "whole number", "'1e0'")
    Self.expectError(Self.tensor(shape: "[01]"), "whole number", "'01'")
    Self.expectError(Self.tensor(shape: "[9223372036854775808]"), "'9223372036854775808'")
    Self.expectError(Self.tensor(shape: "[1,]"), "whole number", "']'")
    Self.expectError(Self.tensor(shape: "[null]"), "whole number", "'n'")
    Self.expectError(Self.tensor(shape: "[1 2]"), "',' or ']'", "'2'")
    Self.expectError(Self.tensor(shape: "1"), "an array")
    Self.expectError(Self.tensor(shape: "[4294967296,4294967296]"), "tensor 't'", "overflow")
    Self.expectError(Self.tensor(shape: "[4611686018427387904]"), "overflow")
    Self.expectError(Self.tensor(shape: "[2]"), "tensor 't'", "8 bytes for F32 [2]", "4 bytes")
    Self.expectError(Self.tensor(shape: "[0]"), "0 bytes for F32", "4 bytes")
    let many = "[" + String(repeating: "1,", count: 64) + "1]"
    Self.expectError(Self.tensor(shape: many), "at most 64", "more")
  }

  @Test func offsets() {
    Self.expectError(Self.tensor(offsets: "[0]"), "tensor 't'", "two data_offsets", "[0]")
    Self.expectError(Self.tensor(offsets: "[0,4,4]"), "at most 2")
    Self.expectError(Self.tensor(offsets: "[4,0]"), "in order", "[4, 0]")
    Self.expectError(Self.tensor(offsets: "[1,5]"), "inside the 4 bytes", "[1, 5]")
    Self.expectError(Self.tensor(offsets: "[0,9223372036854775807]"), "inside the 4 bytes")
    Self.expectError(Self.tensor(offsets: "[-4,0]"), "'-4'")
    Self.expectError(Self.tensor() + [0], "model: expected 4 bytes of data", "1 bytes more")
    Self.expectError(Self.file("{}", data: 3), "0 bytes of data", "3 bytes more")
    Self.expectError(Array(Self.tensor().dropLast()), "inside the 3 bytes")
  }

  @Test(arguments: [
    ("[0,2]", "[1,3]", "tensor 'b'", "overlap from offset 1"),
    ("[0,2]", "[0,2]", "tensor", "overlap from offset 0"),
    ("[0,2]", "[3,5]", "tensor 'b'", "gap up to offset 3"),
    ("[3,5]", "[1,3]", "tensor 'b'", "gap up to offset 1"),
  ])
  func tilings(first: String, second: String, place: String, got: String) {
    func entry(_ name: String, _ offsets: String) -> String {
      #""\#(name)":{"dtype":"U8","shape":[2],"data_offsets":\#(offsets)}"#
    }
    Self.expectError(
      Self.file("{\(entry("a", first)),\(entry("b", second))}", data: 5), place, got)
  }

  @Test func dataMayLieInAnotherOrderThanTheHeader() throws {
    var bytes = Self.file(
      #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]},"#
        + #""e":{"dtype":"F64","shape":[0],"data_offsets":[1,1]},"#
        + #""b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#, data: 2)
    bytes[bytes.count - 1] = 9
    let file = try SafetensorsFile(bytes: bytes)
    #expect(file.names == ["a", "e", "b"])
    #expect(try file.integers("a") == [9])
    #expect(try file.integers("b") == [0])
  }

  @Test func namesInErrorsAreHarmless() {
    let name = "\\u001b[2J" + String(repeating: "x", count: 5000)
    let error = #expect(throws: TensorFileError.self) {
      try SafetensorsFile(bytes: Self.file("{\"\(name)\":{}}"))
    }
    #expect(error?.description.contains("\u{1B}") == false)
    #expect((error?.description.utf8.count ?? .max) < 300)
  }

  /// Every byte set to telling values, and every truncation: an error, or a file that holds.
  @Test func mutations() throws {
    var original = SafetensorsFile(metadata: ["k": "v\n"])
    original.set("a", floats: [1, 2], shape: [2, 1])
    original.set("b", bytes: [1], elementType: .bool, shape: [])
    let valid = try original.serialized()
    var refused = 0
    func check(_ bytes: [UInt8]) {
      do {
        let file = try SafetensorsFile(bytes: bytes)
        for name in file.names {
          let tensor = try file.tensor(name)
          let count = tensor.shape.reduce(1, *)
          #expect(tensor.bytes.count == count * tensor.elementType.byteWidth)
          if let values = try? file.doubles(name) { #expect(values.count == count) }
        }
        let again = try SafetensorsFile(bytes: file.serialized())
        #expect(again.names == file.names && again.metadata == file.metadata)
      } catch {
        refused += 1
      }
    }
    for length in valid.indices { check(Array(valid[..<length])) }
    #expect(refused == valid.count)
    let telling = (0..<8).map { UInt8(1) << $0 }
    for index in valid.indices {
      var bytes = valid
      for bit in telling {
        bytes[index] = valid[index] ^ bit
        check(bytes)
      }
      for byte in Array("\"\\{}[],:-09 u\0".utf8) + [0xC0, 0xFF] {
        bytes[index] = byte
        check(bytes)
      }
    }
    #expect(refused > valid.count * 10)
  }
}
