import ArgumentParser

/// Options whose values are the cases of an enumeration of the library.
enum NamedChoice {
  /// The names of all cases.
  static func names<Choice: RawRepresentable<String> & CaseIterable>(_ type: Choice.Type) -> String
  {
    Choice.allCases.map(\.rawValue).joined(separator: ", ")
  }

  /// The case of a name.
  ///
  /// - Throws: `ValidationError` with the name of the option.
  static func named<Choice: RawRepresentable<String> & CaseIterable>(
    _ name: String, for option: String
  ) throws -> Choice {
    guard let choice = Choice(rawValue: name) else {
      throw ValidationError("\(option): expected one of \(names(Choice.self)), got \(name)")
    }
    return choice
  }
}
