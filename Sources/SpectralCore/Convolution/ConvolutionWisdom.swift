import SequenceTensor
import Synchronization

/// What planning by measuring has found to be the fastest way for convolutions, to be kept between
/// runs.
///
/// With `PlanningEffort.measure`, saving the wisdom after planning and loading it before makes the
/// choice, and so every bit of the results, repeatable. It holds for the instruction set and the
/// number of threads that it was found with; `FFTWWisdom` is what FFTW knows of its own plans.
public enum ConvolutionWisdom {
  private static let found = Mutex<[String: String]>([:])
  private static let head = "longwave convolutions 1"

  /// All that is known, one problem a line.
  public static var text: String {
    ([head] + found.withLock { $0 }.map { "\($0.key): \($0.value)" }.sorted())
      .joined(separator: "\n") + "\n"
  }

  /// Adds wisdom from text to what is known; false, and nothing learned, if it is none.
  public static func learn(_ text: String) -> Bool {
    var lines = text.split(separator: "\n").map(String.init)
    guard lines.first == head else { return false }
    lines.removeFirst()
    var learned: [String: String] = [:]
    for line in lines {
      let parts = line.split(separator: ": ", maxSplits: 1)
      guard parts.count == 2 else { return false }
      learned[String(parts[0])] = String(parts[1])
    }
    found.withLock { $0.merge(learned) { $1 } }
    ConvolutionPlanner.forgetPlans()
    return true
  }

  /// Writes the wisdom to a file.
  ///
  /// - Throws: `FFTWWisdom.WisdomError` if the file cannot be written.
  public static func save(to path: String) throws(FFTWWisdom.WisdomError) {
    // Written beside the target and renamed, so that no reader sees half a file.
    let partial = path + ".partial"
    guard write(text, to: partial), rename(partial, path) == 0 else {
      _ = unlink(partial)
      throw FFTWWisdom.WisdomError(
        path: path, expected: "a writable file", got: "an error on writing it")
    }
  }

  /// Reads wisdom from a file and adds it to what is known.
  ///
  /// - Throws: `FFTWWisdom.WisdomError` if the file is missing or holds something else.
  public static func load(from path: String) throws(FFTWWisdom.WisdomError) {
    let text = read(path)
    guard let text, learn(text) else {
      throw FFTWWisdom.WisdomError(
        path: path, expected: "wisdom of convolutions (\"\(head)\")",
        got: text == nil ? "no such file" : "something else")
    }
  }

  private static func write(_ text: String, to path: String) -> Bool {
    guard let file = fopen(path, "w") else { return false }
    let written = fputs(text, file) >= 0
    return fclose(file) == 0 && written
  }

  private static func read(_ path: String) -> String? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 12)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 {
      bytes += buffer[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Forgets everything learned.
  public static func forget() {
    found.withLock { $0 = [:] }
    ConvolutionPlanner.forgetPlans()
  }

  /// What was found the fastest of some candidates.
  static func choice(
    _ problem: ConvolutionProblem, of candidates: [ConvolutionCandidate]
  ) -> ConvolutionCandidate? {
    let name = found.withLock { $0[key(problem)] }
    return candidates.first { $0.name == name }
  }

  static func remember(_ candidate: ConvolutionCandidate, for problem: ConvolutionProblem) {
    found.withLock { $0[key(problem)] = candidate.name }
  }

  private static func key(_ problem: ConvolutionProblem) -> String {
    "\(problem), \(Parallel.instructionSet), \(Parallel.threadCount) threads"
  }
}

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif
