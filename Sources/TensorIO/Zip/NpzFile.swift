import CZip
import Glibc

/// Writes `.npz` archives of NumPy; `NpzContainer` reads them.
public enum NpzFile {
  /// Writes named arrays so that a reader finds either the old contents or all of the new.
  ///
  /// Equal arrays give equal bytes: the times in the archive are those of 1 January 1980. The
  /// archive is put together in memory.
  ///
  /// - Parameters:
  ///   - tensors: The arrays, in the order of the archive.
  ///   - path: The file to write.
  ///   - compressed: Whether to deflate, as `numpy.savez_compressed` does.
  /// - Precondition: the names are different from each other.
  /// - Throws: `TensorFileError` when the file cannot be written or an array's elements are BF16.
  public static func write(
    _ tensors: [(name: String, tensor: RawTensor)], to path: String, compressed: Bool = false
  ) throws(TensorFileError) {
    precondition(
      Set(tensors.map(\.name)).count == tensors.count, "NpzFile.write: a name occurs twice")
    if tensors.isEmpty {
      // libzip writes no archive without members; this is the end of an empty directory.
      try AtomicFile.write([0x50, 0x4B, 5, 6] + [UInt8](repeating: 0, count: 18), to: path)
      return
    }
    func failure(_ what: String) -> TensorFileError {
      TensorFileError(place: path, expected: "to put an archive together", got: what)
    }
    var error = zip_error_t()
    zip_error_init(&error)
    defer { zip_error_fini(&error) }
    guard let target = zip_source_buffer_create(nil, 0, 0, &error) else {
      throw failure("no memory for it")
    }
    defer { zip_source_free(target) }
    guard let archive = zip_open_from_source(target, ZIP_TRUNCATE, &error) else {
      throw failure("no archive")
    }
    // The archive takes one reference with it when it closes.
    zip_source_keep(target)
    do throws(TensorFileError) {
      for (name, tensor) in tensors {
        let added = add(try NpyFile.encode(tensor), "\(name).npy", to: archive, compressed)
        if !added { throw failure(message(archive)) }
      }
      guard zip_close(archive) == 0 else { throw failure(message(archive)) }
    } catch {
      zip_discard(archive)
      throw error
    }
    guard zip_source_open(target) == 0 else { throw failure("an archive that does not open") }
    defer { zip_source_close(target) }
    try AtomicFile.write(to: path) { output throws(TensorFileError) in
      var received: Int64 = 0
      repeat {
        let chunk = [UInt8](unsafeUninitializedCapacity: 1 << 20) { buffer, count in
          received = zip_source_read(target, buffer.baseAddress, zip_uint64_t(buffer.count))
          count = max(0, Int(received))
        }
        try output.write(chunk)
      } while received > 0
      if received < 0 { throw failure("an archive that cannot be read") }
    }
  }

  private static func add(
    _ bytes: [UInt8], _ name: String, to archive: OpaquePointer, _ compressed: Bool
  ) -> Bool {
    // libzip reads the data when the archive closes, and frees it then.
    guard let copy = malloc(max(1, bytes.count)) else { return false }
    bytes.withUnsafeBytes { source in
      if let base = source.baseAddress { copy.copyMemory(from: base, byteCount: source.count) }
    }
    guard let source = zip_source_buffer(archive, copy, zip_uint64_t(bytes.count), 1) else {
      free(copy)
      return false
    }
    let index = zip_file_add(archive, name, source, zip_flags_t(ZIP_FL_ENC_UTF_8))
    guard index >= 0 else {
      zip_source_free(source)
      return false
    }
    let first = UInt16(1 << 5 | 1)
    return zip_set_file_compression(
      archive, zip_uint64_t(index), compressed ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0) == 0
      && zip_file_set_dostime(archive, zip_uint64_t(index), 0, first, 0) == 0
  }

  private static func message(_ archive: OpaquePointer) -> String {
    zip_strerror(archive).map { String(cString: $0) } ?? "an unknown error"
  }
}
