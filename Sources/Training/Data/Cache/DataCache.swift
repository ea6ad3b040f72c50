import TensorIO

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A folder with data that was read before, so that it need not be read and cut into tokens again.
///
/// Each file stands for a key: all settings that the data depends on, and name, size and time of change
/// of every file that it comes from. Another setting or a changed file is another key. What cannot be
/// read, or is not what the key says, is made again and written anew; a cache that cannot be written is
/// done without. Deleting the folder does no harm.
public struct DataCache: Sendable, Hashable {
  /// The folder, which need not exist yet.
  public let folder: String

  /// A cache in a folder.
  public init(folder: String) { self.folder = folder }

  /// The user's cache: `$LONGWAVE_CACHE`, or `longwave` in `$XDG_CACHE_HOME` or in `~/.cache`.
  ///
  /// - Returns: `nil` where none of these is set.
  public static func standard(environment: [String: String]) -> DataCache? {
    func value(_ name: String) -> String? {
      environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }
    if let folder = value("LONGWAVE_CACHE") { return DataCache(folder: folder) }
    if let folder = value("XDG_CACHE_HOME") { return DataCache(folder: "\(folder)/longwave") }
    return value("HOME").map { DataCache(folder: "\($0)/.cache/longwave") }
  }

  /// What stands for a key, or what `make` gives, which then stands for it.
  ///
  /// - Throws: what `make` throws.
  func value<Value: CachedData>(
    for key: DataKey, _ make: () throws(DataError) -> Value
  ) throws(DataError) -> Value {
    let path = "\(folder)/\(key.name).safetensors"
    if let found = Self.read(Value.self, path: path, key: key) { return found }
    let value = try make()
    try? write(value, path: path, key: key)
    return value
  }

  private static func read<Value: CachedData>(
    _ type: Value.Type, path: String, key: DataKey
  ) -> Value? {
    guard let file = try? SafetensorsFile(readingFrom: path), file.metadata["key"] == key.text,
      file.metadata["sum"] == checksum(of: file)
    else { return nil }
    return Value(CachedArrays(file: file))
  }

  private func write(_ value: some CachedData, path: String, key: DataKey) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    var file = value.arrays.file
    file.metadata["key"] = key.text
    file.metadata["sum"] = Self.checksum(of: file)
    try file.write(to: path)
  }

  /// A number of all bytes, as text.
  private static func checksum(of file: SafetensorsFile) -> String {
    var sum = Fingerprint()
    for name in file.names.sorted() {
      guard let tensor = try? file.tensor(name) else { return "" }
      sum.mix(UInt64(tensor.bytes.count))
      tensor.bytes.withUnsafeBytes { bytes in
        let words = bytes.count / 8
        for word in 0..<words {
          sum.mix(bytes.loadUnaligned(fromByteOffset: 8 * word, as: UInt64.self))
        }
        for byte in bytes[(8 * words)...] { sum.mix(UInt64(byte)) }
      }
    }
    return String(sum.value, radix: 16)
  }
}

/// What data depends on.
struct DataKey {
  /// Settings and files as text.
  let text: String

  /// The key of data.
  ///
  /// - Parameters:
  ///   - kind: which loader made it; with its version, so that a change of it is another key.
  ///   - settings: what it depends on; values as JSON.
  ///   - paths: the files that it comes from, or folders with them at any depth.
  init(_ kind: String, settings: [any Encodable], paths: [String]) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    var lines = [kind]
    for setting in settings {
      let data = (try? encoder.encode(setting)) ?? Data()
      lines.append(String(decoding: data, as: UTF8.self))
    }
    for path in paths {
      // The whole path: the same names may stand in another folder.
      lines += FileStamp.all(at: FileStamp.absolute(path)).map(\.description)
    }
    // Many files make a long text, so that they count by two hashes; the rest is kept as it is.
    let head = lines.prefix(1 + settings.count).joined(separator: "\n")
    var (sum, other) = (Fingerprint(), Fingerprint())
    for byte in lines.dropFirst(1 + settings.count).joined(separator: "\n").utf8 {
      sum.mix(UInt64(byte))
      other.mix(UInt64(byte) ^ 0xA5)
    }
    text = head + "\n\(lines.count) \(sum.value) \(other.value)"
  }

  /// The name of the file that stands for it.
  var name: String {
    var sum = Fingerprint()
    for byte in text.utf8 { sum.mix(UInt64(byte)) }
    return String(sum.value, radix: 16)
  }
}

/// Data that can lie in a cache.
protocol CachedData {
  /// All of it.
  var arrays: CachedArrays { get }
  /// The data again; `nil` if the arrays are not what `arrays` gave.
  init?(_ arrays: CachedArrays)
}
