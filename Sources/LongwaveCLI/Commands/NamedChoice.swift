import ArgumentParser

/// Options whose values are the cases of an enumeration of the library.
enum NamedChoice {
  /// The names of all cases.
  static func names<Choice: RawRepresentable<String> & CaseIterable>(_ type: Choice.Type) -> String
  {
    Choice.allCases.map(\.rawValue).joined(separator: ", ")
  }

  /// What finds the case of a name.
  static func named<Choice: RawRepresentable<String> & CaseIterable>(
    _ option: String
  ) -> @Sendable (String) throws -> Choice {
    { name in
      guard let choice = Choice(rawValue: name) else {
        throw ValidationError(
          "\(option): expected one of \(names(Choice.self)), got \(name)")
      }
      return choice
    }
  }
}
