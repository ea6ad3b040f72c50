/// Numbers in tables of text.
enum DecimalNumber {
  /// The number that some bytes are as a whole, blanks around it left out; `nil` if they are none.
  ///
  /// Infinite ones and `nan` count as none.
  static func value(of bytes: ArraySlice<UInt8>) -> Double? {
    var bytes = bytes
    while let first = bytes.first, isBlank(first) { bytes.removeFirst() }
    while let last = bytes.last, isBlank(last) { bytes.removeLast() }
    guard let number = Double(String(decoding: bytes, as: UTF8.self)), number.isFinite else {
      return nil
    }
    return number
  }

  /// The whole number that a word is; also one that is written `1.0`, as tables of floats have it.
  static func integer(of bytes: ArraySlice<UInt8>) -> Int? {
    value(of: bytes).flatMap { Int(exactly: $0) }
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
  }
}
