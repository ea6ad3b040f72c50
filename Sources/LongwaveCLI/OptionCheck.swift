import ArgumentParser

/// Checks that several commands make of their options.
enum OptionCheck {
  /// A number of something that there has to be one of at least.
  static func positive(_ value: Int?, _ option: String) throws {
    if let value, value < 1 {
      throw ValidationError("\(option): expected at least 1, got \(value)")
    }
  }

  /// A picture that can be written.
  static func picture(_ path: String?, _ option: String) throws {
    if let path, !path.hasSuffix(".png"), !path.hasSuffix(".svg") {
      throw ValidationError("\(option): expected a name that ends in .png or .svg, got \(path)")
    }
  }
}
