import CZlib

/// A zlib stream in a range of a file, inflated piece by piece.
final class Inflater {
  private let file: InputFile
  private var position: Int
  private let end: Int
  private var stream = z_stream()
  private var input: [UInt8] = []
  private var consumed = 0
  private var isFinished = false

  /// Starts at the beginning of the range.
  ///
  /// - Throws: `TensorFileError` when zlib has no memory.
  init(_ file: InputFile, _ range: Range<Int>) throws(TensorFileError) {
    self.file = file
    position = range.lowerBound
    end = range.upperBound
    let size = Int32(MemoryLayout<z_stream>.size)
    guard inflateInit_(&stream, ZLIB_VERSION, size) == Z_OK else {
      throw TensorFileError(place: file.path, expected: "to inflate", got: "no memory for it")
    }
  }

  deinit { inflateEnd(&stream) }

  /// The next bytes, exactly this many.
  ///
  /// - Throws: `TensorFileError` when the data is damaged or ends before.
  func read(_ count: Int) throws(TensorFileError) -> [UInt8] {
    try MemoryLimit.check(count, fileSize: file.size, place: file.path)
    var failure: TensorFileError?
    let output = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      do throws(TensorFileError) {
        while filled < count {
          filled += try inflate(into: buffer.baseAddress.map { $0 + filled }, count - filled)
        }
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return output
  }

  private func inflate(
    into target: UnsafeMutablePointer<UInt8>?, _ count: Int
  ) throws(TensorFileError) -> Int {
    func error(_ got: String) -> TensorFileError {
      TensorFileError(
        place: "\(file.path), byte \(position)", expected: "\(count) more bytes of deflated data",
        got: got)
    }
    if isFinished { throw error("the end of it") }
    if consumed == input.count {
      let step = min(1 << 16, end - position)
      guard step > 0 else { throw error("the end of its part of the file") }
      input = try file.read(at: position, count: step)
      position += step
      consumed = 0
    }
    let room = UInt32(min(count, 1 << 30))
    stream.next_out = target
    stream.avail_out = room
    let code = input.withUnsafeMutableBufferPointer { buffer in
      stream.next_in = buffer.baseAddress.map { $0 + consumed }
      stream.avail_in = UInt32(buffer.count - consumed)
      let code = CZlib.inflate(&stream, Z_NO_FLUSH)
      consumed = buffer.count - Int(stream.avail_in)
      return code
    }
    isFinished = code == Z_STREAM_END
    guard code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR else {
      throw error(stream.msg.map { String(cString: $0) } ?? "zlib error \(code)")
    }
    return Int(room - stream.avail_out)
  }
}
