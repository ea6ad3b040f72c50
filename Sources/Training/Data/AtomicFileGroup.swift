#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Several files of one folder that appear together under their names, or not at all.
///
/// Each is written to a temporary file beside its place and brought to the disk; only when all
/// are complete are they renamed. Two gaps remain: a crash between two renames, and a rename that
/// fails after another one replaced a file.
package struct AtomicFileGroup: ~Copyable {
  private let folder: String
  private var files: [(name: String, temporary: String, descriptor: Int32)] = []
  private var isCommitted = false

  /// Creates the folder if needed, and checks that none of the names is taken unless allowed.
  package init(folder: String, names: [String], replacesExisting: Bool) throws(DataError) {
    self.folder = folder
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw DataError(
        at: folder, expected: "a folder to write to", got: TextFile.systemMessage(of: error))
    }
    for name in names {
      let path = "\(folder)/\(name)"
      let exists = access(path, F_OK) == 0
      guard !exists || replacesExisting else {
        throw DataError(at: path, expected: "no such file yet", got: "an existing file")
      }
    }
    for name in names {
      let temporary = "\(folder)/.\(name).\(getpid()).partial"
      let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
      guard descriptor >= 0 else {
        throw Self.failure(temporary, "a new file", errno)
      }
      files.append((name, temporary, descriptor))
    }
  }

  deinit {
    for file in files where file.descriptor >= 0 { close(file.descriptor) }
    if !isCommitted { for file in files { unlink(file.temporary) } }
  }

  /// Adds bytes to one of the files, in the order of the names.
  package mutating func append(_ bytes: [UInt8], toFile index: Int) throws(DataError) {
    let (descriptor, path) = (files[index].descriptor, files[index].temporary)
    var start = 0
    while start < bytes.count {
      let (count, code) = bytes.withUnsafeBytes { buffer in
        (write(descriptor, buffer.baseAddress.map { $0 + start }, buffer.count - start), errno)
      }
      if count < 0 {
        if code == EINTR { continue }
        throw Self.failure(path, "\(bytes.count - start) more bytes to be written", code)
      }
      start += count
    }
  }

  /// Brings all files to the disk, then gives them their names.
  package mutating func commit() throws(DataError) {
    for index in files.indices {
      let (descriptor, path) = (files[index].descriptor, files[index].temporary)
      files[index].descriptor = -1
      let isSynced = fsync(descriptor) == 0
      let code = errno
      let isClosed = close(descriptor) == 0
      guard isSynced && isClosed else {
        throw Self.failure(path, "a file on the disk", isSynced ? errno : code)
      }
    }
    var created: [String] = []
    for file in files {
      let path = "\(folder)/\(file.name)"
      let isNew = access(path, F_OK) != 0
      guard rename(file.temporary, path) == 0 else {
        let code = errno
        for path in created { unlink(path) }
        throw Self.failure(path, "a place for the finished file", code)
      }
      if isNew { created.append(path) }
    }
    isCommitted = true
    // The names are on the disk only once their folder is; a system may not allow this call.
    let descriptor = open(folder, O_RDONLY | O_CLOEXEC)
    if descriptor >= 0 {
      fsync(descriptor)
      close(descriptor)
    }
  }

  private static func failure(_ path: String, _ expected: String, _ code: Int32) -> DataError {
    DataError(at: path, expected: expected, got: TextFile.systemMessage(code))
  }
}

extension TextFile {
  /// The system's words for an error of `FileManager`.
  static func systemMessage(of error: any Error) -> String {
    let underlying = (error as? CocoaError)?.underlying as? POSIXError
    return underlying.map { systemMessage($0.code.rawValue) } ?? "\(error)"
  }
}
