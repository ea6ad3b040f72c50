/// A strict reader of the JSON of a safetensors header, pulled token by token.
///
/// `JSONDecoder` would lose the order of the keys and keep one of two equal keys. Nothing is
/// built that the caller did not ask for: nesting goes only as deep as the calls do, so a
/// hostile header can exhaust neither the stack nor, beyond its own size, the memory. The
/// bytes must be valid UTF-8. Source: RFC 8259.
struct HeaderJSON {
  private(set) var scanner: ByteScanner

  init(_ bytes: ArraySlice<UInt8>, source: String) {
    scanner = ByteScanner(bytes, source: source)
  }

  /// Reads an object and calls `body` after each key, to read its value.
  mutating func object(
    _ what: String, _ body: (inout HeaderJSON, String) throws(TensorFileError) -> Void
  ) throws(TensorFileError) {
    guard scanner.take("{") else { throw scanner.error(expected: what) }
    if scanner.take("}") { return }
    var seen: Set<String> = []
    repeat {
      scanner.skipWhitespace()
      let start = scanner.position
      let key = try string("a key in quotes")
      guard seen.insert(key).inserted else {
        scanner.position = start
        throw scanner.error(
          expected: "every key once", got: "\(key.quotedForMessage) for the second time")
      }
      try scanner.expect(":")
      try body(&self, key)
    } while scanner.take(",")
    guard scanner.take("}") else { throw scanner.error(expected: "',' or '}'") }
  }

  /// Reads an array of whole numbers that are not negative.
  mutating func naturalNumbers(
    _ what: String, atMost limit: Int
  ) throws(TensorFileError) -> [Int] {
    guard scanner.take("[") else { throw scanner.error(expected: "\(what): an array") }
    if scanner.take("]") { return [] }
    var numbers: [Int] = []
    repeat {
      guard numbers.count < limit else {
        throw scanner.error(expected: "\(what) of at most \(limit) numbers", got: "more")
      }
      numbers.append(
        try scanner.naturalNumber("\(what): a whole number from 0 to \(Int.max)"))
    } while scanner.take(",")
    guard scanner.take("]") else { throw scanner.error(expected: "',' or ']'") }
    return numbers
  }

  /// Reads a string and resolves its escapes.
  mutating func string(_ what: String) throws(TensorFileError) -> String {
    guard scanner.take("\"") else { throw scanner.error(expected: what) }
    let start = scanner.position
    while let byte = scanner.next, byte != 0x22, byte != 0x5C, byte >= 0x20 {
      scanner.position += 1
    }
    var text = String(decoding: scanner.bytes[start..<scanner.position], as: UTF8.self)
    // Most strings end here; only one with an escape goes on piece by piece.
    while true {
      switch scanner.next {
      case 0x22?:
        scanner.position += 1
        return text
      case 0x5C?:
        text.unicodeScalars.append(try escape())
      case let byte? where byte >= 0x20:
        let start = scanner.position
        while let byte = scanner.next, byte != 0x22, byte != 0x5C, byte >= 0x20 {
          scanner.position += 1
        }
        text += String(decoding: scanner.bytes[start..<scanner.position], as: UTF8.self)
      case nil:
        throw scanner.error(expected: "'\"' at the end of a string")
      default:
        throw scanner.error(expected: "an escape in place of a control character")
      }
    }
  }

  /// Checks that only white space follows.
  mutating func end() throws(TensorFileError) {
    try scanner.expectEnd()
  }

  private mutating func escape() throws(TensorFileError) -> Unicode.Scalar {
    let start = scanner.position
    scanner.position += 1
    let letter = scanner.next
    scanner.position += letter == nil ? 0 : 1
    switch letter {
    case 0x22?: return "\""
    case 0x5C?: return "\\"
    case 0x2F?: return "/"
    case 0x62?: return "\u{8}"
    case 0x66?: return "\u{C}"
    case 0x6E?: return "\n"
    case 0x72?: return "\r"
    case 0x74?: return "\t"
    case 0x75?:
      let unit = try hexadecimalUnit()
      if let scalar = Unicode.Scalar(unit) { return scalar }
      // Beyond the basic plane a character is two escapes; half of one is no text.
      if unit < 0xDC00, scanner.next == 0x5C {
        scanner.position += 1
        if scanner.next == 0x75 {
          scanner.position += 1
          let low = try hexadecimalUnit()
          if (0xDC00..<0xE000).contains(low),
            let scalar = Unicode.Scalar(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00))
          {
            return scalar
          }
        }
      }
      scanner.position = start
      throw scanner.error(expected: "a pair of surrogates", got: "half of one")
    default:
      scanner.position = start
      throw scanner.error(expected: "an escape of JSON", got: "an unknown one")
    }
  }

  private mutating func hexadecimalUnit() throws(TensorFileError) -> UInt32 {
    var unit: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = scanner.next,
        let digit = Character(Unicode.Scalar(byte)).hexDigitValue
      else { throw scanner.error(expected: "four hexadecimal digits") }
      unit = unit << 4 | UInt32(digit)
      scanner.position += 1
    }
    return unit
  }
}
