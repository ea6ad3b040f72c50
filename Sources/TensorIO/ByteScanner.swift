/// A position in the bytes of a file's text header, with errors that name it.
struct ByteScanner {
  /// The header only; the indices are offsets into the file.
  let bytes: ArraySlice<UInt8>
  /// What to call the file in an error.
  let source: String
  var position: Int

  init(_ bytes: ArraySlice<UInt8>, source: String) {
    self.bytes = bytes
    self.source = source
    position = bytes.startIndex
  }

  /// The byte at the position, or nil at the end.
  var next: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

  mutating func skipWhitespace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      position += 1
    }
  }

  /// Skips white space and the byte after it, if that is the given one.
  mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipWhitespace()
    guard let byte = next, UInt32(byte) == character.value else { return false }
    position += 1
    return true
  }

  /// Skips white space and the byte after it, which must be the given one.
  mutating func expect(_ character: Unicode.Scalar) throws(TensorFileError) {
    guard take(character) else { throw error(expected: "'\(character)'") }
  }

  /// Skips white space, which must reach to the end.
  mutating func expectEnd() throws(TensorFileError) {
    skipWhitespace()
    if next != nil { throw error(expected: "the end of the header") }
  }

  /// Reads a whole number without sign, leading zeros, fraction or exponent.
  mutating func naturalNumber(_ what: String) throws(TensorFileError) -> Int {
    skipWhitespace()
    let start = position
    while let byte = next, isPartOfNumber(byte) { position += 1 }
    let literal = bytes[start..<position]
    var value = 0
    var isValid = !literal.isEmpty && (literal.count == 1 || literal.first != 0x30)
    for byte in literal where isValid {
      guard (0x30...0x39).contains(byte) else {
        isValid = false
        break
      }
      let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = tens.addingReportingOverflow(Int(byte - 0x30))
      isValid = !overflow && !carry
      value = sum
    }
    if isValid { return value }
    position = start
    if literal.isEmpty { throw error(expected: what) }
    throw error(expected: what, got: String(decoding: literal, as: UTF8.self).quotedForMessage)
  }

  /// An error at the position; what was found is the byte there unless it is given.
  func error(expected: String, got: String? = nil) -> TensorFileError {
    let found: String
    switch next {
    case nil: found = "the end of the header"
    case let byte? where (0x21...0x7E).contains(byte):
      found = "'\(Character(Unicode.Scalar(byte)))'"
    case let byte?: found = "byte 0x\(String(byte, radix: 16))"
    }
    return TensorFileError(
      place: "\(source), byte \(position)", expected: expected, got: got ?? found)
  }

  private func isPartOfNumber(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x2B, 0x2D, 0x2E, 0x45, 0x65: true
    default: false
    }
  }
}
