/// An image of opaque pixels, row by row from the top left.
public struct PixelImage: Sendable, Hashable {
  /// The pixels of a row.
  public let width: Int
  /// The rows.
  public let height: Int
  /// All pixels, row by row.
  public private(set) var pixels: [Color]

  /// Creates an image whose pixel in a column and a row has the colour that `color` gives.
  public init(width: Int, height: Int, _ color: (_ column: Int, _ row: Int) -> Color) {
    self.width = max(width, 0)
    self.height = max(height, 0)
    pixels = []
    pixels.reserveCapacity(self.width * self.height)
    for row in 0..<self.height {
      for column in 0..<self.width { pixels.append(color(column, row)) }
    }
  }

  /// The pixel in a column and a row.
  public subscript(column: Int, row: Int) -> Color { pixels[row * width + column] }

  /// The image as a text that a page can hold in place of an address.
  ///
  /// - Throws: ``PictureError`` if the image is empty or too large.
  package func dataAddress() throws(PictureError) -> String {
    "data:image/png;base64," + Base64.encoded(try png())
  }
}

/// Bytes as text of 64 characters, RFC 4648 section 4.
package enum Base64 {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// The text of the bytes, padded.
  package static func encoded(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      var word = 0
      for offset in 0..<3 {
        word = word << 8 | (offset < group.count ? Int(group[start + offset]) : 0)
      }
      for offset in 0..<4 {
        text.append(
          offset <= group.count ? alphabet[word >> (18 - 6 * offset) & 63] : UInt8(ascii: "="))
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
