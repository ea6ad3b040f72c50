/// The equations that samples can be drawn from, by name.
public enum EquationCatalogue {
  /// All of them, those of one dimension first.
  public static let equations: [EquationDescription] = linear + nonlinear + plane + finiteVolumes

  /// The equation of a name.
  ///
  /// - Throws: `EquationError` with all names if there is none of this one.
  public static func equation(named name: String) throws(EquationError) -> EquationDescription {
    guard let found = equations.first(where: { $0.name == name }) else {
      throw EquationError(
        place: "equation", expected: equations.map(\.name).joined(separator: ", "), got: name)
    }
    return found
  }

  /// `count` equal intervals from 0 to `end`, both included.
  static func times(to end: Double, intervals count: Int) -> [Double] {
    (0...count).map { end * Double($0) / Double(count) }
  }
}
