/// A number that an equation depends on.
public struct EquationParameter: Sendable, Hashable {
  /// The name of the property that holds it, as `viscosity`.
  public let name: String
  /// Its value unless a preset or the user says otherwise.
  public let standard: Double
  /// What it is.
  public let meaning: String

  init(_ name: String, _ standard: Double, _ meaning: String) {
    (self.name, self.standard, self.meaning) = (name, standard, meaning)
  }
}

/// A setting in which an equation is solved: values, grid, times and what solutions start from.
public struct EquationPreset: Sendable {
  /// The values of parameters that differ from the standard.
  public let parameters: [String: Double]
  /// The name by which it is asked for.
  public let name: String
  /// Where it is from.
  public let source: String
  /// The grid of the samples.
  public let grid: SpatialGrid
  /// How many times finer the grid is on which samples are solved.
  public let refinement: Int
  /// The times of the frames; none for an equation without time.
  public let times: [Double]
  /// What the initial fields, coefficients or sources are drawn from.
  public let inputs: any RandomField
  let model: @Sendable (EquationValues) -> EquationModel

  init(
    _ name: String, source: String, parameters: [String: Double] = [:], grid: SpatialGrid,
    refinement: Int = 1, times: [Double] = [], inputs: any RandomField,
    model: @escaping @Sendable (EquationValues) -> EquationModel
  ) {
    (self.name, self.source, self.parameters) = (name, source, parameters)
    (self.grid, self.refinement, self.times) = (grid, refinement, times)
    (self.inputs, self.model) = (inputs, model)
  }
}

/// The values of an equation's parameters, by name.
struct EquationValues {
  let values: [String: Double]

  subscript(_ name: String) -> Double { values[name] ?? .nan }
}

/// An equation with or without time.
public enum EquationModel: Sendable {
  /// One that takes a field from one time to others.
  case evolution(any EvolutionEquation)
  /// One that takes one field to another.
  case steady(any SteadyEquation)
}

/// An equation of the catalogue: what a command line lists and makes problems from.
public struct EquationDescription: Sendable {
  /// The name by which it is asked for.
  public let name: String
  /// The formula in plain text.
  public let formula: String
  /// The numbers it depends on.
  public let parameters: [EquationParameter]
  /// The settings that are known by name; the first is the standard.
  public let presets: [EquationPreset]

  /// The problem of a preset, with what is to be different from it.
  ///
  /// - Parameters:
  ///   - preset: the name of a preset, nil for the first.
  ///   - parameters: values that take the place of the preset's.
  ///   - counts: the points along each axis, nil for the preset's.
  ///   - times: the times of the frames, nil for the preset's.
  /// - Throws: `EquationError` for a name that is not known, or counts for another number of axes.
  public func problem(
    preset: String? = nil, parameters: [String: Double] = [:], counts: [Int]? = nil,
    times: [Double]? = nil
  ) throws(EquationError) -> EquationProblem {
    guard let setting = preset.map({ name in presets.first { $0.name == name } }) ?? presets.first
    else {
      throw EquationError(
        place: "\(name).preset", expected: presets.map(\.name).joined(separator: ", "),
        got: preset ?? "nothing")
    }
    let known = self.parameters.map(\.name)
    for given in parameters.keys.sorted() where !known.contains(given) {
      throw EquationError(
        place: "\(name).parameters", expected: known.joined(separator: ", "), got: given)
    }
    var values = Dictionary(uniqueKeysWithValues: self.parameters.map { ($0.name, $0.standard) })
    values.merge(setting.parameters) { $1 }
    values.merge(parameters) { $1 }
    var grid = setting.grid
    if let counts {
      try EquationError.unless(
        counts.count == grid.rank && counts.allSatisfy { $0 > 0 && $0 <= 1 << 24 },
        "\(name).counts",
        expected: "\(grid.rank) numbers of points", got: "\(counts)")
      for (axis, count) in counts.enumerated() { grid.axes[axis].count = count }
    }
    return EquationProblem(
      name: name, parameters: values, model: setting.model(EquationValues(values: values)),
      inputs: setting.inputs, grid: grid, refinement: setting.refinement,
      times: times ?? setting.times)
  }
}
