public import SequenceTensor

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Fourier series with few modes and random amplitudes and phases.
///
/// u = o + Σ a_k·cos(k·x + φ_k) over the modes with no number above the highest, one of each pair
/// ±k, with a uniform in ±`amplitude`, φ in a full turn and o in ±`offset`. The defaults are those
/// of the initial fields of APEBench (Köhler et al. 2024).
public struct TruncatedFourierField: RandomField, Hashable, Codable {
  /// The highest mode number along any axis.
  public var highestMode: Int
  /// The largest amplitude.
  public var amplitude: Double
  /// The largest mean.
  public var offset: Double
  /// Whether fields are divided by their largest magnitude.
  public var isNormalised: Bool

  /// Creates a distribution.
  public init(
    highestMode: Int = 5, amplitude: Double = 1, offset: Double = 0, isNormalised: Bool = false
  ) {
    (self.highestMode, self.amplitude) = (highestMode, amplitude)
    (self.offset, self.isNormalised) = (offset, isNormalised)
  }

  /// Draws one function.
  public func sample(
    on grid: SpatialGrid, using random: inout RandomSource
  ) throws(EquationError) -> GridField {
    let place = "TruncatedFourierField"
    try grid.check(place, ranks: 1...3, points: [.periodic])
    try EquationError.unless(
      highestMode >= 1, "\(place).highestMode", expected: "1 or above", got: "\(highestMode)")
    try EquationError.unlessNotNegative(amplitude, "\(place).amplitude")
    try EquationError.unlessNotNegative(offset, "\(place).offset")
    let field = ModeSeries(grid, .periodic).values(highest: highestMode) { mode, square in
      if square == 0 { return (random.uniform(from: -offset, to: offset), 0) }
      // The functions of the series carry a factor √2.
      let size = random.uniform(from: -amplitude, to: amplitude) / 2.0.squareRoot()
      let phase = random.uniform(from: 0, to: 2 * Double.pi)
      return (size * cos(phase), -size * sin(phase))
    }
    let largest = field.largestMagnitude
    return isNormalised && largest > 0 ? field.mapped { $0 / largest } : field
  }
}

/// White noise after some diffusion: every mode normal, damped by exp(-intensity·|k|²).
///
/// The noise has variance 1 at each point of the grid before, as in APEBench, so that fields get
/// smaller on finer grids unless they are normalised to a standard deviation of 1.
public struct DiffusedNoise: RandomField, Hashable, Codable {
  /// Diffusivity times time, in length².
  public var intensity: Double
  /// Whether the mean is taken away.
  public var hasZeroMean: Bool
  /// Whether fields are divided by their standard deviation.
  public var isNormalised: Bool
  /// Which modes.
  public var boundary: BoundaryCondition

  /// Creates a distribution.
  public init(
    intensity: Double = 1e-3, hasZeroMean: Bool = true, isNormalised: Bool = false,
    boundary: BoundaryCondition = .periodic
  ) {
    (self.intensity, self.hasZeroMean) = (intensity, hasZeroMean)
    (self.isNormalised, self.boundary) = (isNormalised, boundary)
  }

  /// Draws one function.
  public func sample(
    on grid: SpatialGrid, using random: inout RandomSource
  ) throws(EquationError) -> GridField {
    let place = "DiffusedNoise"
    try grid.check(place, ranks: 1...3, points: boundary.points)
    try EquationError.unlessNotNegative(intensity, "\(place).intensity")
    let density = 1 / Double(grid.pointCount).squareRoot()
    let field = ModeSeries(grid, boundary).values { mode, square in
      let size = density * exp(-intensity * square)
      if square == 0 { return (hasZeroMean ? 0 : size * random.normal(), 0) }
      let cosine = size * random.normal()
      return (cosine, boundary == .periodic ? size * random.normal() : 0)
    }
    guard isNormalised else { return field }
    let count = Double(field.values.count)
    let mean = field.values.reduce(0, +) / count
    let variance = field.values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
    return variance > 0 ? field.mapped { $0 / variance.squareRoot() } : field
  }
}

/// A normal number for each point and component, the initial fields of the FitzHugh–Nagumo system in
/// PDEBench.
public struct WhiteNoise: RandomField, Hashable, Codable {
  /// The standard deviation.
  public var deviation: Double
  /// The number of functions.
  public var components: Int

  /// Creates a distribution.
  public init(deviation: Double = 1, components: Int = 1) {
    (self.deviation, self.components) = (deviation, components)
  }

  /// Draws one field.
  public func sample(
    on grid: SpatialGrid, using random: inout RandomSource
  ) throws(EquationError) -> GridField {
    try EquationError.unlessNotNegative(deviation, "WhiteNoise.deviation")
    try EquationError.unless(
      components >= 1, "WhiteNoise.components", expected: "1 or above", got: "\(components)")
    let values = (0..<grid.pointCount * components).map { _ in deviation * random.normal() }
    return GridField(grid: grid, components: components, values: values)
  }
}
