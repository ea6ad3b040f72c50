#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A process on a machine.
struct RunProcess: Hashable, Codable, CustomStringConvertible {
  /// Its number.
  var number: Int32
  /// The name of the machine.
  var host: String
  /// When it began, by a count of the system, since numbers are given again; empty where that is not known.
  var began: String

  /// This process.
  static let current = RunProcess(
    number: getpid(), host: hostName, began: beginning(of: getpid()))

  /// Whether it is, or was, one of this machine.
  var isOfThisMachine: Bool { host == Self.hostName }

  /// Whether a process of this machine still lives.
  var isAlive: Bool {
    let exists = kill(number, 0) == 0 || errno == EPERM
    return exists && Self.beginning(of: number) == began
  }

  /// The number and the machine.
  var description: String { "process \(number) on \(host)" }

  private static let hostName: String = {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "unknown" }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }()

  /// Field 22 of Linux's `/proc/<number>/stat`.
  private static func beginning(of number: Int32) -> String {
    guard let bytes = try? TextFile.readBytes(path: "/proc/\(number)/stat"),
      // The second field is a name in parentheses, which may hold anything.
      let end = bytes.lastIndex(of: UInt8(ascii: ")"))
    else { return "" }
    let fields = bytes[(end + 1)...].split(separator: UInt8(ascii: " "))
    return fields.count > 19 ? String(decoding: fields[19], as: UTF8.self) : ""
  }
}
