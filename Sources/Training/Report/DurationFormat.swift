/// Spans of time as short text.
public enum DurationFormat {
  /// A span in its two largest units: `4.2s`, `42s`, `1m 40s`, `2h 05m`, `3d 04h`.
  ///
  /// Below ten seconds it has one decimal place, or two below one second. A negative or
  /// non-finite span is written as a dash.
  ///
  /// - Parameter seconds: The span in seconds.
  public static func text(seconds: Double) -> String {
    if seconds >= 0, seconds < 0.995 { return NumberFormat.fixed(seconds, places: 2) + "s" }
    if seconds >= 0, seconds < 9.95 { return NumberFormat.fixed(seconds, places: 1) + "s" }
    return wholeText(seconds: seconds)
  }

  /// A span as ``text(seconds:)`` writes it, but never with a fraction: `4s`, `1m 40s`.
  ///
  /// - Parameter seconds: The span in seconds.
  public static func wholeText(seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0 else { return "–" }
    guard seconds < 86_400_000 else { return "over 1000d" }
    // Each unit is rounded before it is split, so that 59.7 s is "1m 00s", never "60s".
    let whole = Int(seconds.rounded())
    if whole < 60 { return "\(whole)s" }
    if whole < 3600 { return pair(whole, per: 60, "m", "s") }
    let minutes = Int((seconds / 60).rounded())
    if minutes < 1440 { return pair(minutes, per: 60, "h", "m") }
    return pair(Int((seconds / 3600).rounded()), per: 24, "d", "h")
  }

  private static func pair(_ count: Int, per unit: Int, _ large: String, _ small: String) -> String
  {
    let rest = count % unit
    return "\(count / unit)\(large) \(rest < 10 ? "0" : "")\(rest)\(small)"
  }
}
