import Foundation
import SequenceTensor
import SpectralCore
import Testing

/// Wisdom kept between runs; each test runs in a process of its own where it changes the wisdom.
@Suite struct WisdomTests {
  private static func path(_ name: String) -> String {
    NSTemporaryDirectory() + "longwave-wisdom-\(ProcessInfo.processInfo.processIdentifier)-\(name)"
  }

  @Test func savesAndLoads() async {
    await #expect(processExitsWith: .success) {
      let path = WisdomTests.path("kept")
      defer { try? FileManager.default.removeItem(atPath: path) }
      // FFTW writes what it knows in the order of a hash table.
      func lines(_ text: String) -> [Substring] { text.split(separator: "\n").sorted() }
      FFTWWisdom.forget()
      let none = FFTWWisdom.text
      _ = RealTransform(gridShape: [1080], effort: .measure)
      let learned = FFTWWisdom.text
      precondition(learned != none, "measuring taught nothing")
      try FFTWWisdom.save(to: path)
      precondition(!FileManager.default.fileExists(atPath: path + ".partial"))
      FFTWWisdom.forget()
      precondition(FFTWWisdom.text == none, "still knows \(FFTWWisdom.text)")
      try FFTWWisdom.load(from: path)
      precondition(lines(FFTWWisdom.text) == lines(learned), "loaded \(FFTWWisdom.text)")
      FFTWWisdom.forget()
      precondition(FFTWWisdom.learn(learned) && lines(FFTWWisdom.text) == lines(learned))
    }
  }

  @Test func missingFile() {
    let path = Self.path("missing")
    let error = FFTWWisdom.WisdomError(
      path: path, expected: "wisdom of FFTW in single precision", got: "no such file")
    #expect(throws: error) { try FFTWWisdom.load(from: path) }
    #expect(
      error.description
        == "\(path): expected wisdom of FFTW in single precision, got no such file")
  }

  @Test(arguments: ["", "garbage", "(fftw-3.3.10 fftw_wisdom #x0 #x0 #x0 #x0)", "(((("])
  func garbage(text: String) throws {
    let path = Self.path("garbage-\(text.count)")
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    let error = FFTWWisdom.WisdomError(
      path: path, expected: "wisdom of FFTW in single precision", got: "something else")
    #expect(throws: error) { try FFTWWisdom.load(from: path) }
    #expect(!FFTWWisdom.learn(text))
  }

  @Test func unwritableFile() {
    let path = Self.path("no-such-folder") + "/wisdom"
    let error = FFTWWisdom.WisdomError(
      path: path, expected: "a writable file", got: "an error on writing it")
    #expect(throws: error) { try FFTWWisdom.save(to: path) }
  }

  /// A folder where the file should be; nothing is left beside it.
  @Test func folderInTheWay() throws {
    let path = Self.path("folder")
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(throws: FFTWWisdom.WisdomError.self) { try FFTWWisdom.save(to: path) }
    #expect(!FileManager.default.fileExists(atPath: path + ".partial"))
    #expect(throws: FFTWWisdom.WisdomError.self) { try FFTWWisdom.load(from: path) }
  }
}
