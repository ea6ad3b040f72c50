#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file of strict UTF-8 text in memory, with the byte ranges of its lines.
///
/// Lines end in LF or CRLF, the last one also at the end of the file. A CR elsewhere is part of
/// its line. Everything works on bytes: 80 MB are read, validated and cut in a fraction of a
/// second.
package struct TextFile: Sendable {
  /// The path as the user gave it, which starts every message.
  package let name: String
  /// The whole file.
  package let bytes: [UInt8]

  /// Reads and validates a file.
  ///
  /// - Throws: `DataError` if the file is missing, unreadable, a folder or empty, or is not UTF-8
  ///   (with the line, and the offset of the first wrong byte from the start of the file).
  package init(path: String) throws(DataError) {
    try self.init(name: path, bytes: Self.readBytes(path: path))
  }

  /// Validates text that is already in memory.
  package init(name: String, bytes: [UInt8]) throws(DataError) {
    guard !bytes.isEmpty else {
      throw DataError(at: name, expected: "a file that is not empty", got: "0 bytes")
    }
    if let offset = Self.firstInvalidOffset(of: bytes) {
      let line = 1 + bytes[..<offset].count { $0 == UInt8(ascii: "\n") }
      throw DataError(
        at: "\(name):\(line)", expected: "UTF-8 text",
        got: "byte 0x\(String(bytes[offset], radix: 16, uppercase: true)) at offset \(offset)")
    }
    self.name = name
    self.bytes = bytes
  }

  /// The byte ranges of the lines, without their line ends.
  package var lines: [Range<Int>] {
    var lines: [Range<Int>] = []
    var start = 0
    bytes.withUnsafeBufferPointer { bytes in
      func append(upTo end: Int) {
        let endsInReturn = end > start && bytes[end - 1] == UInt8(ascii: "\r")
        lines.append(start..<(endsInReturn ? end - 1 : end))
      }
      for position in bytes.indices where bytes[position] == UInt8(ascii: "\n") {
        append(upTo: position)
        start = position + 1
      }
      if start < bytes.count { append(upTo: bytes.count) }
    }
    return lines
  }

  /// The place of a line in a message; lines count from 0 here and from 1 there.
  package func place(line: Int) -> String { "\(name):\(line + 1)" }

  /// Rejects a byte order mark, which would otherwise become part of the first cell of a table.
  package func requireNoByteOrderMark() throws(DataError) {
    guard !bytes.starts(with: [0xEF, 0xBB, 0xBF]) else {
      throw DataError(
        at: place(line: 0), expected: "UTF-8 without a byte order mark", got: "one at offset 0")
    }
  }
}

extension TextFile {
  /// Where the first ill-formed sequence of UTF-8 begins, or `nil`.
  ///
  /// Well-formed sequences are those of table 3-7 of the Unicode standard: no overlong forms, no
  /// surrogates, nothing above U+10FFFF. Eight ASCII bytes are passed at a time.
  package static func firstInvalidOffset(of bytes: [UInt8]) -> Int? {
    bytes.withUnsafeBytes { bytes in
      var position = 0
      while position < bytes.count {
        if position + 8 <= bytes.count,
          bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self) & 0x8080_8080_8080_8080
            == 0
        {
          position += 8
          continue
        }
        let (count, second): (Int, ClosedRange<UInt8>)
        switch bytes[position] {
        case 0x00...0x7F:
          position += 1
          continue
        case 0xC2...0xDF: (count, second) = (2, 0x80...0xBF)
        case 0xE0: (count, second) = (3, 0xA0...0xBF)
        case 0xED: (count, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (count, second) = (3, 0x80...0xBF)
        case 0xF0: (count, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (count, second) = (4, 0x80...0xBF)
        case 0xF4: (count, second) = (4, 0x80...0x8F)
        default: return position
        }
        guard position + count <= bytes.count, second ~= bytes[position + 1],
          bytes[(position + 2)..<(position + count)].allSatisfy({ 0x80...0xBF ~= $0 })
        else { return position }
        position += count
      }
      return nil
    }
  }

  /// All bytes of a regular file.
  package static func readBytes(path: String) throws(DataError) -> [UInt8] {
    func failure(_ got: String) -> DataError {
      DataError(at: path, expected: "a readable file", got: got)
    }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(systemMessage(errno)) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure(systemMessage(errno)) }
    guard status.st_mode & S_IFMT != S_IFDIR else { throw failure("a folder") }

    // One byte more than the size, so that the read which finds the end needs no second buffer.
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size) + 1)
    var filled = 0
    while true {
      if filled == bytes.count {
        bytes.append(contentsOf: repeatElement(0, count: max(65536, filled)))
      }
      let (count, code) = bytes.withUnsafeMutableBytes { buffer in
        (read(descriptor, buffer.baseAddress.map { $0 + filled }, buffer.count - filled), errno)
      }
      if count < 0 {
        if code == EINTR { continue }
        throw failure(systemMessage(code))
      }
      if count == 0 { break }
      filled += count
    }
    bytes.removeLast(bytes.count - filled)
    return bytes
  }

  /// Whether a path leads to a folder.
  package static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// The system's words for an error number, as `No such file or directory`.
  package static func systemMessage(_ code: Int32) -> String {
    guard let text = strerror(code) else { return "error \(code)" }
    return String(cString: text)
  }
}
