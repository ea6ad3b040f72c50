import Glibc

/// Files that are replaced as a whole: a reader finds the old contents or the new, never a part.
///
/// The bytes go to a hidden temporary file in the same folder, which is synchronised with the
/// disk and then renamed over the target; the folder is synchronised last. A failure before the
/// rename removes the temporary file and leaves the target as it was. A process that is killed
/// leaves the temporary file behind; `removeLeftovers(in:)` removes it. An existing target keeps
/// its permissions; a symbolic link is followed, and anything but a regular file is refused.
public enum AtomicFile {
  /// Writes the bytes as the whole contents of the file.
  ///
  /// - Throws: `TensorFileError` with the path and the system's text, such as that of a full disk.
  public static func write(_ bytes: [UInt8], to path: String) throws(TensorFileError) {
    try write(to: path) { output throws(TensorFileError) in try output.write(bytes) }
  }

  /// Writes the text, in UTF-8, as the whole contents of the file.
  ///
  /// - Throws: `TensorFileError` with the path and the system's text, such as that of a full disk.
  public static func write(_ text: String, to path: String) throws(TensorFileError) {
    try write(Array(text.utf8), to: path)
  }

  /// Writes what `body` gives to its output, piece by piece, as the whole contents of the file.
  ///
  /// - Throws: `TensorFileError` of `body`, of a failed write even if `body` caught it, or with
  ///   the path and the system's text. Only when the last step, the folder's synchronisation,
  ///   fails is the new file already in place.
  public static func write(
    to path: String, _ body: (Output) throws(TensorFileError) -> Void
  ) throws(TensorFileError) {
    try write(to: path, writeCall: systemWrite, body)
  }

  /// Removes the temporary files that killed processes left in a folder; returns their names.
  ///
  /// The files of running writers are locked and stay, also those of other processes.
  ///
  /// - Throws: `TensorFileError` when the folder cannot be read or a leftover not be removed.
  @discardableResult
  public static func removeLeftovers(
    in folder: String
  ) throws(TensorFileError) -> [String] {
    try checkPath(folder)
    guard let stream = opendir(folder) else {
      throw systemError(errno, path: folder, expected: "a folder to read")
    }
    defer { closedir(stream) }
    let folderDescriptor = dirfd(stream)
    var removed: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard name.hasPrefix(temporaryPrefix) else { continue }
      let descriptor = openat(
        folderDescriptor, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
      guard descriptor >= 0 else { continue }
      defer { close(descriptor) }
      var status = stat()
      // The lock of a writer ends with its process, however it ended.
      guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
        flock(descriptor, LOCK_EX | LOCK_NB) == 0
      else { continue }
      guard unlinkat(folderDescriptor, name, 0) == 0 else {
        throw systemError(errno, path: "\(folder)/\(name)", expected: "to remove a leftover")
      }
      removed.append(name)
    }
    return removed.sorted()
  }

  /// What the names of temporary files begin with.
  package static let temporaryPrefix = ".longwave-partial-"

  package static func write(
    to path: String, writeCall: @escaping WriteCall,
    _ body: (Output) throws(TensorFileError) -> Void
  ) throws(TensorFileError) {
    try replace(path) { _, descriptor throws(TensorFileError) in
      let output = Output(descriptor, path: path, writeCall: writeCall)
      try body(output)
      if let failure = output.failure { throw failure }
    }
  }

  /// Lets `body` fill the temporary file by its path, for libraries that open files themselves.
  ///
  /// - Throws: What `body` throws, or `TensorFileError` with the path and the system's text.
  package static func replace(
    _ path: String, byPath body: (_ temporaryPath: String) throws(TensorFileError) -> Void
  ) throws(TensorFileError) {
    try replace(path) { temporaryPath, _ throws(TensorFileError) in try body(temporaryPath) }
  }

  private static func replace(
    _ path: String, _ body: (String, Int32) throws(TensorFileError) -> Void
  ) throws(TensorFileError) {
    try checkPath(path)
    let (folder, name) = split(try resolved(path))
    let folderDescriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folderDescriptor >= 0 else {
      throw systemError(errno, path: path, expected: "a folder to write the file in")
    }
    defer { close(folderDescriptor) }
    let temporary = try Temporary(in: folderDescriptor, for: path)
    defer { close(temporary.descriptor) }
    do throws(TensorFileError) {
      temporary.takePermissions(from: name, in: folderDescriptor)
      try body("\(folder)/\(temporary.name)", temporary.descriptor)
      let code = uninterrupted { fsync(temporary.descriptor) }
      guard code == 0 else {
        throw systemError(code, path: path, expected: "to synchronise the file with the disk")
      }
      guard renameat(folderDescriptor, temporary.name, folderDescriptor, name) == 0 else {
        throw systemError(errno, path: path, expected: "to put the new file in place")
      }
    } catch {
      unlinkat(folderDescriptor, temporary.name, 0)
      throw error
    }
    let code = uninterrupted { fsync(folderDescriptor) }
    // Some file systems cannot synchronise a folder and say so with EINVAL.
    guard code == 0 || code == EINVAL else {
      throw systemError(code, path: path, expected: "to synchronise the folder with the disk")
    }
  }

  /// The path to rename over: where a symbolic link leads, and never a folder or a device.
  private static func resolved(_ path: String) throws(TensorFileError) -> String {
    var status = stat()
    guard stat(path, &status) == 0 else { return path }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw TensorFileError(
        place: path, expected: "a regular file or none", got: "a folder, a pipe or a device")
    }
    guard let target = realpath(path, nil) else { return path }
    defer { free(target) }
    return String(cString: target)
  }

  private static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    let folder = path[..<slash]
    return (folder.isEmpty ? "/" : String(folder), String(path[path.index(after: slash)...]))
  }
}

extension AtomicFile {
  /// The receiving end of a file that is being written; unbuffered.
  public final class Output {
    /// The number of bytes written so far.
    public private(set) var byteCount = 0
    /// The first failure, after which nothing more is written.
    private(set) var failure: TensorFileError?
    private let descriptor: Int32
    private let path: String
    private let writeCall: WriteCall

    init(_ descriptor: Int32, path: String, writeCall: @escaping WriteCall) {
      self.descriptor = descriptor
      self.path = path
      self.writeCall = writeCall
    }

    /// Appends the bytes.
    ///
    /// - Throws: `TensorFileError` with the path and the system's text.
    public func write(_ bytes: [UInt8]) throws(TensorFileError) {
      try write(bytes[...])
    }

    /// Appends the bytes.
    ///
    /// - Throws: `TensorFileError` with the path and the system's text.
    public func write(_ bytes: ArraySlice<UInt8>) throws(TensorFileError) {
      if let failure { throw failure }
      let code = bytes.withUnsafeBytes { writeFully($0, to: descriptor, writeCall).code }
      guard code == 0 else {
        let error = systemError(
          code, path: path, expected: "to write \(bytes.count) bytes after \(byteCount)")
        failure = error
        throw error
      }
      byteCount += bytes.count
    }
  }

  /// A new file beside the target, locked while its writer lives.
  private struct Temporary {
    let name: String
    let descriptor: Int32

    init(in folder: Int32, for path: String) throws(TensorFileError) {
      for _ in 0..<100 {
        let name = temporaryPrefix + String(UInt64.random(in: 0...UInt64.max), radix: 16)
        let descriptor = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        if descriptor < 0 {
          if errno == EEXIST || errno == EINTR { continue }
          throw systemError(errno, path: path, expected: "a temporary file in the same folder")
        }
        // A file system without locks leaves only `removeLeftovers` without effect.
        _ = uninterrupted { flock(descriptor, LOCK_EX) }
        var status = stat()
        if fstat(descriptor, &status) == 0, status.st_nlink > 0 {
          self.name = name
          self.descriptor = descriptor
          return
        }
        // `removeLeftovers` took it for abandoned between its creation and its lock.
        close(descriptor)
      }
      throw TensorFileError(
        place: path, expected: "a temporary file in the same folder", got: "100 failed attempts")
    }

    func takePermissions(from target: String, in folder: Int32) {
      var status = stat()
      if fstatat(folder, target, &status, AT_SYMLINK_NOFOLLOW) == 0,
        status.st_mode & S_IFMT == S_IFREG
      {
        fchmod(descriptor, status.st_mode & 0o777)
      }
    }
  }
}
