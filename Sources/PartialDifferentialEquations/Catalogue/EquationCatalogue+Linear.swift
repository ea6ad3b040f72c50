extension EquationCatalogue {
  static let linear: [EquationDescription] = [
    EquationDescription(
      name: "advection", formula: "u_t + c u_x = kappa u_xx",
      parameters: [
        EquationParameter("speed", 1, "c, length/time"),
        EquationParameter("diffusivity", 0, "kappa, length²/time, 0 or above"),
      ],
      presets: [
        EquationPreset(
          "periodic", source: "inputs of Takamoto et al. 2022 (PDEBench), solved exactly",
          grid: SpatialGrid([1024]), times: times(to: 2, intervals: 200),
          inputs: RandomSineWaves()
        ) {
          .evolution(
            AdvectionDiffusionEquation(speed: $0["speed"], diffusivity: $0["diffusivity"]))
        }
      ]),
    EquationDescription(
      name: "heat", formula: "u_t = kappa Laplace(u)",
      parameters: [EquationParameter("diffusivity", 0.01, "kappa, length²/time, 0 or above")],
      presets: [
        heat("periodic", SpatialGrid([256]), .periodic),
        heat("dirichlet", SpatialGrid([257], points: .nodes), .dirichlet),
        heat("neumann", SpatialGrid([257], points: .nodes), .neumann),
        heat("plane", SpatialGrid([64, 64]), .periodic),
      ]),
    EquationDescription(
      name: "wave", formula: "u_tt = c² Laplace(u)",
      parameters: [EquationParameter("speed", 1, "c, length/time")],
      presets: [
        wave("periodic", SpatialGrid([256]), .periodic),
        wave("dirichlet", SpatialGrid([257], points: .nodes), .dirichlet),
        wave("neumann", SpatialGrid([257], points: .nodes), .neumann),
        wave("plane", SpatialGrid([64, 64]), .periodic),
      ]),
    EquationDescription(
      name: "poisson", formula: "-Laplace(u) = f", parameters: [],
      presets: [
        poisson("dirichlet", SpatialGrid([65, 65], points: .nodes), .dirichlet),
        poisson("neumann", SpatialGrid([65, 65], points: .nodes), .neumann),
        poisson("periodic", SpatialGrid([64, 64]), .periodic),
      ]),
    EquationDescription(
      name: "darcy", formula: "-div(a grad u) = 1, u = 0 on the boundary",
      parameters: [EquationParameter("tolerance", 1e-10, "the largest relative residual")],
      presets: [
        darcy("paper", "Li et al. 2021, section 5.2: a of 12 and 3", .ofPaper, .nodes),
        darcy("script", "their script demo.m: a of 12 and 4 at cells, splines", .ofScript, .cells),
        darcy("lognormal", "the exponential of the same Gaussian field", .lognormal, .nodes),
      ]),
  ]

  private static let smooth = GaussianRandomField(scale: 25, exponent: 2, inverseLength: 5)

  private static func inputs(_ boundary: BoundaryCondition) -> GaussianRandomField {
    var field = smooth
    field.boundary = boundary
    return field
  }

  private static func heat(
    _ name: String, _ grid: SpatialGrid, _ boundary: BoundaryCondition
  ) -> EquationPreset {
    EquationPreset(
      name, source: "N(0, 625(-Laplace + 25)^-2), solved exactly", grid: grid,
      times: times(to: 1, intervals: 20), inputs: inputs(boundary)
    ) { .evolution(HeatEquation(diffusivity: $0["diffusivity"], boundary: boundary)) }
  }

  private static func wave(
    _ name: String, _ grid: SpatialGrid, _ boundary: BoundaryCondition
  ) -> EquationPreset {
    EquationPreset(
      name, source: "at rest from N(0, 625(-Laplace + 25)^-2), solved exactly", grid: grid,
      times: times(to: 1, intervals: 20),
      inputs: StackedFields([inputs(boundary), UniformConstant(from: 0, to: 0)])
    ) { .evolution(WaveEquation(speed: $0["speed"], boundary: boundary)) }
  }

  private static func poisson(
    _ name: String, _ grid: SpatialGrid, _ boundary: BoundaryCondition
  ) -> EquationPreset {
    EquationPreset(
      name, source: "f from N(0, 625(-Laplace + 25)^-2)", grid: grid, inputs: inputs(boundary)
    ) { _ in .steady(PoissonEquation(boundary: boundary)) }
  }

  private static func darcy(
    _ name: String, _ source: String, _ field: PermeabilityField, _ points: SpatialGrid.Points
  ) -> EquationPreset {
    EquationPreset(
      name, source: source, grid: SpatialGrid([421, 421], points: points), inputs: field
    ) { .steady(DarcyFlow(tolerance: $0["tolerance"])) }
  }
}
