#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Name, size and time of change of a file: what tells that it is another one than before.
struct FileStamp: CustomStringConvertible {
  let path: String
  let size: Int64
  let seconds: Int
  let nanoseconds: Int

  var description: String { "\(path) \(size) \(seconds).\(nanoseconds)" }

  /// A path that begins at the root.
  static func absolute(_ path: String) -> String {
    guard !path.hasPrefix("/"), let here = getcwd(nil, 0) else { return path }
    defer { free(here) }
    return String(cString: here) + "/" + path
  }

  /// The stamp of a file, or those of all files of a folder at any depth, sorted by path; none where
  /// nothing can be read.
  static func all(at path: String) -> [FileStamp] {
    var status = stat()
    guard stat(path, &status) == 0 else { return [] }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      #if canImport(Darwin)
        let time = status.st_mtimespec
      #else
        let time = status.st_mtim
      #endif
      return [
        FileStamp(
          path: path, size: Int64(status.st_size), seconds: Int(time.tv_sec),
          nanoseconds: Int(time.tv_nsec))
      ]
    }
    // A hidden file is not read, and a copy of the folder into itself would never end.
    return ((try? BinaryFile.names(in: path)) ?? []).flatMap { all(at: "\(path)/\($0)") }
  }
}
