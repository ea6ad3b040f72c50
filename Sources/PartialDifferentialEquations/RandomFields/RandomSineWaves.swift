public import SequenceTensor

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A few sine waves, sometimes folded, turned over or cut out: the initial fields of the
/// one-dimensional equations of PDEBench.
///
/// u = Σ A·sin(2π·m·(x - lower)/length + φ) with A uniform in (0, 1), m in 1…`highestMode` and φ in
/// a full turn. One sample in ten is then |u|, with either sign, and one in ten is multiplied by a
/// window that is 1 between x_L in (0.1, 0.45) and x_R in (0.55, 0.9) of the length and falls off
/// as tanh with a width of 0.01. Source: the formulas of Takamoto et al., "PDEBench", 2022,
/// section D.1.
public struct RandomSineWaves: RandomField, Hashable, Codable {
  /// The number of waves.
  public var waves: Int
  /// The highest mode number.
  public var highestMode: Int
  /// The probability of each of the two changes.
  public var changeProbability: Double
  /// Whether fields are mapped to (0, 1) by their least and largest values, as for logistic growth.
  public var isUnitRange: Bool

  /// Creates a distribution.
  public init(
    waves: Int = 2, highestMode: Int = 4, changeProbability: Double = 0.1,
    isUnitRange: Bool = false
  ) {
    (self.waves, self.highestMode) = (waves, highestMode)
    (self.changeProbability, self.isUnitRange) = (changeProbability, isUnitRange)
  }

  /// Draws one function.
  public func sample(
    on grid: SpatialGrid, using random: inout RandomSource
  ) throws(EquationError) -> GridField {
    let place = "RandomSineWaves"
    try grid.check(place, ranks: 1...1, points: [.periodic, .cells, .nodes])
    try EquationError.unless(
      waves >= 1 && highestMode >= 1, place, expected: "1 wave or more of mode 1 or above",
      got: "\(waves) up to mode \(highestMode)")
    try EquationError.unless(
      (0...1).contains(changeProbability), "\(place).changeProbability", expected: "0 to 1",
      got: "\(changeProbability)")
    let axis = grid.axes[0]
    let positions = axis.coordinates.map { ($0 - axis.lower) / axis.length }
    var values = [Double](repeating: 0, count: axis.count)
    for _ in 0..<waves {
      let amplitude = random.uniform()
      let mode = Double(random.integer(in: 1...highestMode))
      let phase = random.uniform(from: 0, to: 2 * Double.pi)
      for (index, x) in positions.enumerated() {
        values[index] += amplitude * sin(2 * Double.pi * mode * x + phase)
      }
    }
    // Every sample takes the same draws, changed or not.
    let (folds, flips) = (random.uniform() < changeProbability, random.uniform() < 0.5)
    let cuts = random.uniform() < changeProbability
    let left = random.uniform(from: 0.1, to: 0.45)
    let right = random.uniform(from: 0.55, to: 0.9)
    if folds { values = values.map { flips ? -abs($0) : abs($0) } }
    if cuts {
      for (index, x) in positions.enumerated() {
        values[index] *= 0.5 * (tanh((x - left) / 0.01) - tanh((x - right) / 0.01))
      }
    }
    if isUnitRange, let least = values.min(), let largest = values.max(), largest > least {
      values = values.map { ($0 - least) / (largest - least) }
    }
    return GridField(grid: grid, values: values)
  }
}
