import Glibc

/// The signature of `write(2)`, so that a test can put a full disk in its place.
package typealias WriteCall = @Sendable (Int32, UnsafeRawPointer, Int) -> Int

/// The system's own `write(2)`.
package let systemWrite: WriteCall = { Glibc.write($0, $1, $2) }

/// An error for a failed system call.
func systemError(
  _ code: Int32, path: String, expected: String
) -> TensorFileError {
  let text = strerror(code).map { String(cString: $0) } ?? "an unknown error"
  let hint =
    switch code {
    case ENOSPC: ": the disk is full"
    case EDQUOT: ": the quota of disk space is used up"
    case EFBIG: ": the file is larger than the system allows"
    default: ""
    }
  return TensorFileError(
    place: path, expected: expected, got: "\(text) (errno \(code))\(hint)")
}

/// A path that C sees whole: not empty, and without a zero byte.
func checkPath(_ path: String) throws(TensorFileError) {
  if path.isEmpty || path.utf8.contains(0) {
    throw TensorFileError(
      place: path.quotedForMessage, expected: "a path", got: "an empty text or a zero byte")
  }
}

/// Writes all of the bytes, over short writes and interruptions.
///
/// - Returns: how many bytes were written, and an errno, or zero where that is all of them.
func writeFully(
  _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, _ call: WriteCall
) -> (written: Int, code: Int32) {
  guard let base = bytes.baseAddress else { return (0, 0) }
  var written = 0
  while written < bytes.count {
    let count = call(descriptor, base + written, bytes.count - written)
    if count > 0 {
      written += count
    } else if count == 0 {
      return (written, EIO)  // A file never takes nothing; the loop would not end.
    } else if errno != EINTR {
      return (written, errno)
    }
  }
  return (written, 0)
}

/// Repeats a system call while a signal interrupts it; returns an errno, or zero.
func uninterrupted(_ call: () -> Int32) -> Int32 {
  while call() != 0 {
    if errno != EINTR { return errno }
  }
  return 0
}

/// Reads a regular file into one buffer.
func readWholeFile(_ path: String) throws(TensorFileError) -> [UInt8] {
  let file = try InputFile(path)
  return try file.read(at: 0, count: file.size)
}
