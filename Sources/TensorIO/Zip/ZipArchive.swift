import CZip
import Glibc
import Synchronization

/// A zip archive that is open for reading, through libzip.
///
/// Members may be stored or deflated. Sizes are checked against each other and against the file
/// before memory is taken, and the checksum of a member that is read whole is compared.
package final class ZipArchive: Sendable {
  /// One member, as the central directory describes it.
  package struct Member: Sendable {
    package let name: String
    package let size: Int
    let index: UInt64
    let isStored: Bool
  }

  /// The file, for messages.
  package let path: String
  /// The members, in the order of the central directory.
  package let members: [Member]
  private let lock = Mutex(())
  nonisolated(unsafe) private let archive: OpaquePointer

  /// Opens an archive and reads its directory.
  ///
  /// - Throws: `TensorFileError` when it is damaged, a name occurs twice, or a member is
  ///   encrypted, compressed in another way, or larger than its data can become.
  package init(_ path: String) throws(TensorFileError) {
    let fileSize = try InputFile(path).size
    var code: Int32 = 0
    guard let archive = zip_open(path, ZIP_RDONLY | ZIP_CHECKCONS, &code) else {
      var error = zip_error_t()
      zip_error_init_with_code(&error, code)
      defer { zip_error_fini(&error) }
      throw TensorFileError(
        place: path, expected: "a zip archive",
        got: zip_error_strerror(&error).map { String(cString: $0) } ?? "an unknown error")
    }
    do throws(TensorFileError) {
      members = try Self.members(of: archive, path: path, fileSize: fileSize)
    } catch {
      zip_discard(archive)
      throw error
    }
    self.path = path
    self.archive = archive
  }

  deinit { zip_discard(archive) }

  /// The member of this name.
  package func member(_ name: String) -> Member? { members.first { $0.name == name } }

  /// Reads a member whole.
  package func read(_ member: Member) throws(TensorFileError) -> [UInt8] {
    try read(member, 0..<member.size)
  }

  /// Reads a range of a member's bytes; of a deflated one, what comes before is inflated too.
  ///
  /// - Throws: `TensorFileError` when the member is damaged or shorter than the directory says.
  package func read(
    _ member: Member, _ range: Range<Int>
  ) throws(TensorFileError) -> [UInt8] {
    guard range.lowerBound >= 0, range.upperBound <= member.size else {
      throw error(
        member, expected: "bytes \(range.lowerBound) to \(range.upperBound)",
        got: "a member of \(member.size)")
    }
    return try lock.withLock { (_) throws(TensorFileError) -> [UInt8] in
      guard let file = zip_fopen_index(archive, member.index, 0) else {
        throw error(member, expected: "a member to read", got: archiveMessage)
      }
      defer { zip_fclose(file) }
      if range.lowerBound > 0 {
        if member.isStored {
          guard zip_fseek(file, zip_int64_t(range.lowerBound), SEEK_SET) == 0 else {
            throw error(member, expected: "byte \(range.lowerBound)", got: "no way to it")
          }
        } else {
          var skipped = 0
          while skipped < range.lowerBound {
            skipped += try fill(file, member, min(range.lowerBound - skipped, 1 << 20)).count
          }
        }
      }
      let bytes = try fill(file, member, range.count)
      if range == 0..<member.size {
        // Only the read that finds the end compares the checksum.
        var extra: UInt8 = 0
        guard zip_fread(file, &extra, 1) == 0 else {
          throw error(
            member, expected: "\(member.size) bytes and their checksum", got: message(file))
        }
      }
      return bytes
    }
  }

  /// Reads exactly this many bytes; memory grows with what arrives.
  private func fill(
    _ file: OpaquePointer, _ member: Member, _ count: Int
  ) throws(TensorFileError) -> [UInt8] {
    try MemoryLimit.check(count, place: "\(path), member \(member.name.quotedForMessage)")
    var received: Int64 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        received = zip_fread(
          file, buffer.baseAddress.map { $0 + filled }, zip_uint64_t(count - filled))
        if received <= 0 { break }
        filled += Int(received)
      }
    }
    guard bytes.count == count else {
      throw error(
        member, expected: "\(count) bytes", got: received < 0 ? message(file) : "the end of it")
    }
    return bytes
  }

  private func message(_ file: OpaquePointer) -> String {
    zip_file_strerror(file).map { String(cString: $0) } ?? "more data"
  }

  private var archiveMessage: String {
    zip_strerror(archive).map { String(cString: $0) } ?? "an unknown error"
  }

  private func error(_ member: Member, expected: String, got: String) -> TensorFileError {
    TensorFileError(
      place: "\(path), member \(member.name.quotedForMessage)", expected: expected, got: got)
  }

  private static func members(
    of archive: OpaquePointer, path: String, fileSize: Int
  ) throws(TensorFileError) -> [Member] {
    var members: [Member] = []
    var names: Set<String> = []
    let wanted = UInt64(ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD)
    for index in 0..<UInt64(max(0, zip_get_num_entries(archive, 0))) {
      var status = zip_stat_t()
      guard zip_stat_index(archive, index, 0, &status) == 0, status.valid & wanted == wanted,
        let name = status.name.map({ String(cString: $0) })
      else {
        throw TensorFileError(
          place: "\(path), member \(index)", expected: "a name and sizes", got: "none")
      }
      func error(expected: String, got: String) -> TensorFileError {
        TensorFileError(
          place: "\(path), member \(name.quotedForMessage)", expected: expected, got: got)
      }
      guard status.encryption_method == UInt16(ZIP_EM_NONE) else {
        throw error(expected: "a member without encryption", got: "an encrypted one")
      }
      let method = Int32(status.comp_method)
      guard method == ZIP_CM_STORE || method == ZIP_CM_DEFLATE else {
        throw error(
          expected: "a stored or deflated member", got: "compression method \(method)")
      }
      guard status.comp_size <= fileSize else {
        throw error(
          expected: "data inside the file of \(fileSize) bytes", got: "\(status.comp_size) bytes")
      }
      let limit =
        method == ZIP_CM_STORE
        ? Int(status.comp_size) : MemoryLimit.expansion * (Int(status.comp_size) + 1)
      guard status.size <= limit, method != ZIP_CM_STORE || status.size == status.comp_size else {
        throw error(
          expected: "at most \(limit) bytes from \(status.comp_size)", got: "\(status.size)")
      }
      guard names.insert(name).inserted else {
        throw error(expected: "every name once", got: "one for the second time")
      }
      members.append(
        Member(
          name: name, size: Int(status.size), index: index, isStored: method == ZIP_CM_STORE))
    }
    return members
  }
}
