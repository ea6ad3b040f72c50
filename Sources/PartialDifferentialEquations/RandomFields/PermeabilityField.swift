public import SequenceTensor

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Coefficients of Darcy flow, made from a Gaussian random field.
public struct PermeabilityField: RandomField, Hashable, Codable {
  /// What becomes of the Gaussian field.
  public enum Transformation: Sendable, Hashable, Codable {
    /// One value where the field is 0 or above and another below.
    case twoValued(above: Double, below: Double)
    /// The exponential of the field.
    case lognormal
  }

  /// The Gaussian field.
  public var field: GaussianRandomField
  /// What becomes of it.
  public var transformation: Transformation

  /// Creates a distribution, by default that of 12 and 3.
  public init(
    field: GaussianRandomField = .permeability,
    transformation: Transformation = .twoValued(above: 12, below: 3)
  ) {
    (self.field, self.transformation) = (field, transformation)
  }

  /// 12 and 3, as in the paper and its data.
  public static let ofPaper = PermeabilityField()
  /// 12 and 4, as in the script `demo.m`.
  public static let ofScript = PermeabilityField(transformation: .twoValued(above: 12, below: 4))
  /// The exponential of the same Gaussian field.
  public static let lognormal = PermeabilityField(transformation: .lognormal)

  /// Draws one coefficient.
  public func sample(
    on grid: SpatialGrid, using random: inout RandomSource
  ) throws(EquationError) -> GridField {
    let base = try field.sample(on: grid, using: &random)
    switch transformation {
    case .twoValued(let above, let below):
      try EquationError.unlessPositive(above, "PermeabilityField.above")
      try EquationError.unlessPositive(below, "PermeabilityField.below")
      return base.mapped { $0 >= 0 ? above : below }
    case .lognormal: return base.mapped { exp($0) }
    }
  }
}
