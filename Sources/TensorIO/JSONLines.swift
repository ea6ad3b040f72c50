import Glibc

/// A file of one record a line that is only ever appended to, such as the metrics of a run.
///
/// Each line is one `write(2)` in append mode, so a process that ends, however it ends, leaves at
/// most one torn line, and that one last. Copies of a writer share one open file, which closes
/// with the last of them. One process at a time should write a file.
public struct JSONLinesWriter: Sendable {
  /// The file's path.
  public let path: String
  private let file: OpenFile
  private let writeCall: WriteCall

  /// Opens the file for appending, makes it if need be, and removes a torn last line.
  ///
  /// - Throws: `TensorFileError` when the file cannot be opened or repaired.
  public init(path: String) throws(TensorFileError) {
    try self.init(path: path, writeCall: systemWrite)
  }

  package init(path: String, writeCall: @escaping WriteCall) throws(TensorFileError) {
    try checkPath(path)
    let descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0o666)
    guard descriptor >= 0 else {
      throw systemError(errno, path: path, expected: "a file to append to")
    }
    file = OpenFile(descriptor)
    self.path = path
    self.writeCall = writeCall
    let bytes = try readWholeFile(path)
    let end = JSONLinesWriter.wholeLines(of: bytes).endIndex
    if end < bytes.count { try truncate(to: end) }
  }

  /// Appends one line; the newline is added here.
  ///
  /// A line that could not be written whole is taken back.
  ///
  /// - Precondition: `line` contains no newline.
  /// - Throws: `TensorFileError` with the path and the system's text.
  public func append(_ line: String) throws(TensorFileError) {
    var bytes = Array(line.utf8)
    precondition(!bytes.contains(newline), "JSONLinesWriter: a line with a newline in it")
    bytes.append(newline)
    // One call, unless the system takes only a part: then the rest, or the reason why not.
    let (written, code) = bytes.withUnsafeBytes {
      writeFully($0, to: file.descriptor, writeCall)
    }
    if code == 0 { return }
    if written > 0 {
      // Append mode has left the position at the end of what was written.
      try truncate(to: Int(lseek(file.descriptor, 0, SEEK_CUR)) - written)
    }
    throw systemError(code, path: path, expected: "to append a line of \(bytes.count) bytes")
  }

  /// Waits until every line is on the disk, not only with the system.
  ///
  /// - Throws: `TensorFileError` with the path and the system's text.
  public func synchronize() throws(TensorFileError) {
    let code = uninterrupted { fsync(file.descriptor) }
    guard code == 0 else {
      throw systemError(code, path: path, expected: "to synchronise the file with the disk")
    }
  }

  /// The lines of a file, without their newlines; a torn last line is left out.
  ///
  /// - Throws: `TensorFileError` when the file cannot be read.
  public static func lines(path: String) throws(TensorFileError) -> [String] {
    let bytes = try wholeLines(of: readWholeFile(path))
    return bytes.split(separator: newline, omittingEmptySubsequences: false).dropLast()
      .map { String(decoding: $0, as: UTF8.self) }
  }

  /// Keeps the lines before the first that `condition` refuses, and drops the rest for good.
  ///
  /// A run that resumes at a step calls this first, to drop what was logged after that step. The
  /// file is replaced as a whole by `AtomicFile`, and only if something is to be dropped; one
  /// that does not exist has no lines. A writer that is already open would go on with the old
  /// file, so open it afterwards.
  ///
  /// - Returns: the number of lines kept.
  /// - Throws: `TensorFileError` when the file cannot be read or replaced.
  @discardableResult
  public static func keep(
    path: String, while condition: (Substring) -> Bool
  ) throws(TensorFileError) -> Int {
    try checkPath(path)
    guard access(path, F_OK) == 0 || errno != ENOENT else { return 0 }
    let bytes = try readWholeFile(path)
    let whole = wholeLines(of: bytes)
    var kept = 0
    var end = 0
    while let lineEnd = whole[end...].firstIndex(of: newline),
      condition(String(decoding: whole[end..<lineEnd], as: UTF8.self)[...])
    {
      end = lineEnd + 1
      kept += 1
    }
    if end < bytes.count {
      try AtomicFile.write(to: path) { output throws(TensorFileError) in
        try output.write(bytes[..<end])
      }
    }
    return kept
  }

  /// The bytes up to and with the last newline.
  private static func wholeLines(of bytes: [UInt8]) -> ArraySlice<UInt8> {
    bytes[..<(bytes.lastIndex(of: newline).map { $0 + 1 } ?? 0)]
  }

  private func truncate(to size: Int) throws(TensorFileError) {
    let code = uninterrupted { ftruncate(file.descriptor, size) }
    guard code == 0 else {
      throw systemError(code, path: path, expected: "to remove a torn line")
    }
  }
}

private let newline = UInt8(ascii: "\n")

/// Closes a descriptor with its last owner.
private final class OpenFile: Sendable {
  let descriptor: Int32
  init(_ descriptor: Int32) { self.descriptor = descriptor }
  deinit { close(descriptor) }
}
