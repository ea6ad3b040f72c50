import CZlib

/// Reads files that may be compressed by gzip.
package enum DecompressedFile {
  /// The most bytes that a file may hold, so that a small damaged one cannot ask for all memory.
  package static let largest = 1 << 33

  /// All bytes of a file; of one in gzip's format (RFC 1952) what it holds.
  ///
  /// - Throws: `TensorFileError` if the file cannot be read, is damaged or cut short, or holds more
  ///   than `largest` bytes.
  package static func bytes(of path: String) throws(TensorFileError) -> [UInt8] {
    func failure(_ got: String) -> TensorFileError {
      TensorFileError(place: path, expected: "a readable file, plain or in gzip's format", got: got)
    }
    // Opening gives the words for a missing file; zlib has none.
    let size = try InputFile(path).size
    guard let file = gzopen(path, "rb") else { throw failure("one that cannot be opened") }
    var isOpen = true
    defer { if isOpen { gzclose(file) } }
    gzbuffer(file, 1 << 17)
    var bytes = [UInt8](repeating: 0, count: max(1 << 16, size + 1))
    var filled = 0
    while true {
      if filled == bytes.count {
        guard filled < largest else { throw failure("more than \(largest) bytes") }
        bytes.append(contentsOf: repeatElement(0, count: bytes.count))
      }
      let room = min(bytes.count - filled, 1 << 30)
      let count = bytes.withUnsafeMutableBytes { buffer in
        gzread(file, buffer.baseAddress.map { $0 + filled }, UInt32(room))
      }
      guard count >= 0 else { throw failure("damaged compressed data after \(filled) bytes") }
      filled += Int(count)
      if Int(count) < room { break }
    }
    isOpen = false
    // A stream that is cut short is noticed here.
    guard gzclose(file) == Z_OK else {
      throw failure("compressed data that is cut short after \(filled) bytes")
    }
    bytes.removeLast(bytes.count - filled)
    return bytes
  }
}
