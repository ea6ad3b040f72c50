import Glibc

/// What the place that a ``ProgressLine`` is written to can show.
public struct ProgressTerminal {
  /// Whether a line can be redrawn in place.
  public var isInteractive: Bool
  /// Whether colours may be used.
  public var usesColor: Bool
  /// Whether characters beyond ASCII may be used.
  public var usesUnicode: Bool
  /// The present width in columns; asked at every redraw, as windows change.
  public var width: () -> Int

  /// Describes a terminal.
  ///
  /// - Parameters:
  ///   - isInteractive: Whether a line can be redrawn in place.
  ///   - usesColor: Whether colours may be used.
  ///   - usesUnicode: Whether characters beyond ASCII may be used.
  ///   - width: The present width in columns.
  public init(
    isInteractive: Bool, usesColor: Bool = false, usesUnicode: Bool = true,
    width: @escaping () -> Int = { 80 }
  ) {
    self.isInteractive = isInteractive
    self.usesColor = usesColor
    self.usesUnicode = usesUnicode
    self.width = width
  }

  /// Describes a terminal by the variables of its environment.
  ///
  /// `TERM=dumb` or no `TERM` means that nothing can be redrawn; a `NO_COLOR` that is not empty
  /// forbids colours; the first of `LC_ALL`, `LC_CTYPE` and `LANG` that is set tells whether the
  /// encoding is UTF-8.
  ///
  /// - Parameters:
  ///   - isTerminal: Whether there is a terminal at all.
  ///   - variable: The value of an environment variable.
  ///   - width: The present width in columns.
  public init(
    isTerminal: Bool, variable: (String) -> String?, width: @escaping () -> Int = { 80 }
  ) {
    let kind = variable("TERM") ?? ""
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap(variable).first { !$0.isEmpty } ?? ""
    let encoding = locale.lowercased()
    self.init(
      isInteractive: isTerminal && !kind.isEmpty && kind != "dumb",
      usesColor: isTerminal && kind != "dumb" && (variable("NO_COLOR") ?? "").isEmpty,
      usesUnicode: encoding.contains("utf-8") || encoding.contains("utf8"), width: width)
  }

  /// The terminal behind standard error, if it is one.
  public static func standardError() -> ProgressTerminal {
    ProgressTerminal(
      isTerminal: isatty(STDERR_FILENO) == 1,
      variable: { name in getenv(name).map { String(cString: $0) } },
      width: standardErrorWidth)
  }

  /// Seconds of a clock that is never set back.
  public static func monotonicSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// Writes a text to standard error as it is; a closed standard error is not a failure.
  ///
  /// - Parameter text: The text.
  public static func writeToStandardError(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while let start = rest.baseAddress, !rest.isEmpty {
        let count = write(STDERR_FILENO, start, rest.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return }
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      }
    }
  }

  private static func standardErrorWidth() -> Int {
    var size = winsize()
    let isKnown = ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    return isKnown ? Int(size.ws_col) : 80
  }
}
