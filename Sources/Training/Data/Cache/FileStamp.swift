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

  /// The stamp of a file, or those of all files of a folder and of those in it, sorted by path; none where
  /// nothing can be read.
  ///
  /// Hidden files and what lies more than eight folders deep, where links may go round in a circle, are
  /// left out, as loaders do not read them.
  static func all(at path: String, depth: Int = 8) -> [FileStamp] {
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
    guard depth > 0, let names = try? BinaryFile.names(in: path) else { return [] }
    return names.flatMap { all(at: "\(path)/\($0)", depth: depth - 1) }
  }
}
