/// The FitzHugh–Nagumo system u_t = D_u·Δu + u - u³ - k - v, v_t = D_v·Δv + u - v.
///
/// An activator and an inhibitor in 1 to 3 dimensions, as PDEBench has them on (-1, 1)² without
/// flux through the boundary (Takamoto et al. 2022, section D.5). Cosines at the centres of cells
/// diagonalise the finite volumes of second order that PDEBench takes, so that these and the
/// Laplacian of the modes are both integrated exactly; the reaction goes by exponential time
/// differencing where PDEBench has an adaptive Runge–Kutta method.
public struct FitzHughNagumoSystem: SemilinearEquation, Hashable, Codable {
  /// How the Laplacian is taken.
  public enum Laplacian: String, Sendable, Hashable, Codable, CaseIterable {
    /// By central differences of second order, as in PDEBench.
    case finiteVolumes
    /// Of the modes themselves.
    case spectral
  }

  /// D_u and D_v, above 0, in length²/time.
  public var diffusivities: [Double]
  /// k, the threshold.
  public var threshold: Double
  /// How the Laplacian is taken.
  public var laplacian: Laplacian
  /// Periodic or without flux.
  public var boundary: BoundaryCondition
  /// The longest step; nil chooses one from the initial field.
  public var timeStep: Double?
  /// The order of the time stepping, 1 to 4.
  public var order: Int

  /// Creates the system.
  public init(
    diffusivities: [Double] = [1e-3, 5e-3], threshold: Double = 5e-3,
    laplacian: Laplacian = .finiteVolumes, boundary: BoundaryCondition = .neumann,
    timeStep: Double? = nil, order: Int = 4
  ) {
    (self.diffusivities, self.threshold, self.laplacian) = (diffusivities, threshold, laplacian)
    (self.boundary, self.timeStep, self.order) = (boundary, timeStep, order)
  }

  /// What each component of the field is.
  public var componentNames: [String] { ["activator", "inhibitor"] }

  /// Solves the equation from time 0; `EvolutionEquation.solve(from:at:)` has the terms.
  public func solve(
    from initial: GridField, at times: [Double]
  ) throws(EquationError) -> Trajectory {
    try solveByModes(from: initial, at: times)
  }

  static let place = "FitzHughNagumoSystem"
  var ranks: ClosedRange<Int> { 1...3 }
  /// Finite volumes take the reaction at each point for itself, so no mode is left out.
  var degree: Int { laplacian == .spectral ? 3 : 0 }

  func checkParameters() throws(EquationError) {
    try checkDiffusivities(diffusivities, Self.place)
    try EquationError.unlessFinite(threshold, "\(Self.place).threshold")
    try boundary.checkWithoutValues(Self.place)
  }

  func system(on transform: ModeTransform) -> SpectralSystem {
    let eigenvalues =
      laplacian == .spectral ? transform.squaredWavenumbers : transform.differenceEigenvalues
    let ones = transform.diagonal(eigenvalues.map { _ in 1 })
    return SpectralSystem(
      transform,
      linear: diffusivities.map { diffusivity in
        transform.diagonal(eigenvalues.map { -diffusivity * $0 })
      },
      degree: degree, multipliers: [ones, ones]
    ) { [threshold] values, points in
      let (activator, inhibitor) = (values, values + points)
      for point in 0..<points {
        let (u, v) = (activator[point], inhibitor[point])
        activator[point] = u - u * u * u - threshold - v
        inhibitor[point] = u - v
      }
    }
  }

  func rate(magnitude: Double, largestWavenumber: Double) -> Double {
    // Diffusion takes the peaks of noise away at once, hence a quarter of the largest slope.
    2 + 0.75 * max(4, magnitude * magnitude)
  }
}
