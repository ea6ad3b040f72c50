import CFFTW

/// What FFTW has learned by measuring, to be kept between runs.
///
/// With `PlanningEffort.measure`, saving the wisdom after planning and loading it before makes
/// the choice of algorithms, and so every bit of the results, repeatable.
public enum FFTWWisdom {
  /// A file that could not be used.
  public struct WisdomError: Error, Equatable, CustomStringConvertible {
    /// The file.
    public let path: String
    /// What was expected of it.
    public let expected: String
    /// What was found instead.
    public let got: String

    package init(path: String, expected: String, got: String) {
      (self.path, self.expected, self.got) = (path, expected, got)
    }

    /// One line with place, expected and got.
    public var description: String { "\(path): expected \(expected), got \(got)" }
  }

  /// The wisdom of single precision plans as text.
  public static var text: String {
    FFTWPlanner.locked {
      guard let characters = fftwf_export_wisdom_to_string() else { return "" }
      defer { fftwf_free(characters) }
      return String(cString: characters)
    }
  }

  /// Adds wisdom from text to what is known; false if the text is not wisdom of this FFTW.
  public static func learn(_ text: String) -> Bool {
    FFTWPlanner.locked { fftwf_import_wisdom_from_string(text) == 1 }
  }

  /// Writes the wisdom to a file.
  ///
  /// - Throws: `WisdomError` if the file cannot be written.
  public static func save(to path: String) throws(WisdomError) {
    // Written beside the target and renamed, so that no reader sees half a file.
    let partial = path + ".partial"
    let written = FFTWPlanner.locked { fftwf_export_wisdom_to_filename(partial) == 1 }
    guard written, rename(partial, path) == 0 else {
      _ = unlink(partial)
      throw WisdomError(path: path, expected: "a writable file", got: "an error on writing it")
    }
  }

  /// Reads wisdom from a file and adds it to what is known.
  ///
  /// - Throws: `WisdomError` if the file is missing or holds no wisdom of this FFTW.
  public static func load(from path: String) throws(WisdomError) {
    let read = FFTWPlanner.locked { fftwf_import_wisdom_from_filename(path) == 1 }
    guard read else {
      throw WisdomError(
        path: path, expected: "wisdom of FFTW in single precision",
        got: access(path, F_OK) == 0 ? "something else" : "no such file")
    }
  }

  /// Forgets everything learned.
  public static func forget() { FFTWPlanner.locked { fftwf_forget_wisdom() } }
}

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif
