import Glibc

/// A regular file that is open for reading at any place.
package final class InputFile: Sendable {
  /// The path it was opened by, its name in errors.
  package let path: String
  /// The bytes it had when it was opened.
  package let size: Int
  private let descriptor: Int32

  /// Opens a file.
  ///
  /// - Throws: `TensorFileError` with the system's text, or for anything but a regular file.
  package init(_ path: String) throws(TensorFileError) {
    try checkPath(path)
    // Without O_NONBLOCK the opening of a named pipe would wait for its writer.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw systemError(errno, path: path, expected: "a file to read")
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let code = errno
      close(descriptor)
      throw systemError(code, path: path, expected: "a file to read")
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw TensorFileError(
        place: path, expected: "a regular file", got: "a folder, a pipe or a device")
    }
    self.path = path
    self.descriptor = descriptor
    size = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// Reads a range of the file.
  ///
  /// - Throws: `TensorFileError` when the range leaves the file or would not fit into memory, the
  ///   file has become shorter, or the system fails.
  package func read(at offset: Int, count: Int) throws(TensorFileError) -> [UInt8] {
    guard offset >= 0, count >= 0, offset <= size, count <= size - offset else {
      throw TensorFileError(
        place: "\(path), byte \(offset)", expected: "\(count) bytes",
        got: "the end of the file at \(size)")
    }
    try MemoryLimit.check(count, place: path)
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, received in
      while received < count {
        let step = pread(
          descriptor, buffer.baseAddress.map { $0 + received }, count - received,
          off_t(offset + received))
        if step > 0 {
          received += step
        } else if step == 0 {
          break
        } else if errno != EINTR {
          failure = errno
          break
        }
      }
    }
    if failure != 0 { throw systemError(failure, path: path, expected: "to read \(count) bytes") }
    guard bytes.count == count else {
      throw TensorFileError(
        place: "\(path), byte \(offset)", expected: "\(count) bytes",
        got: "\(bytes.count): the file has become shorter")
    }
    return bytes
  }

  /// The first bytes of the file, as many as there are up to `count`.
  package func prefix(_ count: Int) throws(TensorFileError) -> [UInt8] {
    try read(at: 0, count: min(count, size))
  }
}

/// How much memory the contents of a file may claim.
///
/// An array that does not fit ends the process, and a file of a few bytes can claim any size.
package enum MemoryLimit {
  /// The most that a byte of deflated data can become, with room for headers.
  ///
  /// Source: the zlib manual, "Technical Details": a limit of 1032:1.
  static let expansion = 1100
  /// What a file of any size may claim.
  static let minimum = 1 << 24

  /// The bytes that data from a file of this size can honestly become.
  package static func bytes(fileSize: Int) -> Int {
    let (product, overflow) = fileSize.multipliedReportingOverflow(by: expansion)
    return overflow ? Int.max : max(product, minimum)
  }

  /// Refuses a claim beyond the machine's memory or what a file of this size can hold.
  package static func check(
    _ count: Int, fileSize: Int? = nil, place: @autoclosure () -> String
  ) throws(TensorFileError) {
    let memory = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
    guard memory <= 0 || count <= memory else {
      throw TensorFileError(
        place: place(), expected: "data that fits into the memory of \(memory) bytes",
        got: "\(count) bytes")
    }
    if let fileSize, count > bytes(fileSize: fileSize) {
      throw TensorFileError(
        place: place(), expected: "data that a file of \(fileSize) bytes can hold",
        got: "a claim of \(count) bytes")
    }
  }
}
