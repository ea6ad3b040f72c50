extension EquationCatalogue {
  static let nonlinear: [EquationDescription] = [
    EquationDescription(
      name: "burgers", formula: "u_t + (u²/2)_x = nu u_xx",
      parameters: [EquationParameter("viscosity", 0.1, "nu, length²/time, above 0")],
      presets: [
        burgers(
          "paper", "Li et al. 2021, section 5.1", viscosity: 0.1, points: 8192, .burgersOfPaper),
        burgers(
          "script", "gen_burgers1.m of Li et al.", viscosity: 1e-3, points: 1024,
          .burgersOfScript),
        burgers(
          "deeponet", "Wang et al. 2021", viscosity: 1e-4, points: 4096, .burgersOfDeepONet),
      ]),
    EquationDescription(
      name: "korteweg-de-vries", formula: "u_t + alpha u u_x + delta u_xxx = 0",
      parameters: [
        EquationParameter("convection", 6, "alpha"),
        EquationParameter("dispersion", 1, "delta, length³/time"),
      ],
      presets: [
        EquationPreset(
          "periodic", source: "five modes on (0, 20)", grid: SpatialGrid([256], upper: 20),
          times: times(to: 2, intervals: 50), inputs: TruncatedFourierField(isNormalised: true)
        ) {
          .evolution(
            KortewegDeVriesEquation(convection: $0["convection"], dispersion: $0["dispersion"]))
        }
      ]),
    EquationDescription(
      name: "kuramoto-sivashinsky", formula: "u_t + alpha u u_x + beta u_xx + gamma u_xxxx = 0",
      parameters: [
        EquationParameter("convection", 1, "alpha"),
        EquationParameter("secondOrder", 1, "beta, growth of long waves"),
        EquationParameter("fourthOrder", 1, "gamma, decay of short waves, above 0"),
      ],
      presets: [
        kuramotoSivashinsky(
          "apebench", "Koehler et al. 2024: five modes on (0, 60)", length: 60, points: 160,
          times: times(to: 50, intervals: 100)),
        kuramotoSivashinsky(
          "markov", "domain and points of Li et al. 2022 (Markov neural operators)",
          length: 64 * .pi, points: 512, times: times(to: 200, intervals: 200)),
      ]),
    EquationDescription(
      name: "allen-cahn", formula: "u_t = nu Laplace(u) + rho (u - u³)",
      parameters: [
        EquationParameter("diffusivity", 5e-3, "nu, length²/time, above 0"),
        EquationParameter("reaction", 1, "rho, 1/time"),
      ],
      presets: [
        allenCahn("periodic", SpatialGrid([256], lower: -1, upper: 1)),
        allenCahn("plane", SpatialGrid([64, 64], lower: -1, upper: 1)),
      ]),
    EquationDescription(
      name: "cahn-hilliard", formula: "u_t = nu Laplace(u³ - u - gamma Laplace(u))",
      parameters: [
        EquationParameter("mobility", 1e-2, "nu, length²/time, above 0"),
        EquationParameter("interface", 1e-3, "gamma, length², above 0"),
      ],
      presets: [
        cahnHilliard("periodic", SpatialGrid([256])), cahnHilliard("plane", SpatialGrid([64, 64])),
      ]),
    EquationDescription(
      name: "fisher", formula: "u_t = nu Laplace(u) + rho u (1 - u)",
      parameters: [
        EquationParameter("diffusivity", 0.5, "nu, length²/time, above 0"),
        EquationParameter("growth", 1, "rho, 1/time"),
      ],
      presets: [
        EquationPreset(
          "pdebench", source: "Takamoto et al. 2022, section D.3", grid: SpatialGrid([1024]),
          times: times(to: 1, intervals: 100), inputs: RandomSineWaves(isUnitRange: true)
        ) { .evolution(FisherEquation(diffusivity: $0["diffusivity"], growth: $0["growth"])) }
      ]),
    EquationDescription(
      name: "schrodinger", formula: "i h_t + delta Laplace(h) + gamma |h|² h = 0",
      parameters: [
        EquationParameter("dispersion", 0.5, "delta, length²/time"),
        EquationParameter("nonlinearity", 1, "gamma, above 0 for focusing"),
      ],
      presets: [
        EquationPreset(
          "periodic", source: "three modes of each part on (-5, 5)",
          grid: SpatialGrid([256], lower: -5, upper: 5), times: times(to: 1, intervals: 50),
          inputs: StackedFields([
            TruncatedFourierField(highestMode: 3), TruncatedFourierField(highestMode: 3),
          ])
        ) {
          .evolution(
            SchrodingerEquation(dispersion: $0["dispersion"], nonlinearity: $0["nonlinearity"]))
        }
      ]),
  ]

  private static func burgers(
    _ name: String, _ source: String, viscosity: Double, points: Int, _ field: GaussianRandomField
  ) -> EquationPreset {
    EquationPreset(
      name, source: source, parameters: ["viscosity": viscosity], grid: SpatialGrid([points]),
      times: [1], inputs: field
    ) { .evolution(BurgersEquation(viscosity: $0["viscosity"])) }
  }

  private static func kuramotoSivashinsky(
    _ name: String, _ source: String, length: Double, points: Int, times: [Double]
  ) -> EquationPreset {
    EquationPreset(
      name, source: source, grid: SpatialGrid([points], upper: length), times: times,
      inputs: TruncatedFourierField()
    ) {
      .evolution(
        KuramotoSivashinskyEquation(
          convection: $0["convection"], secondOrder: $0["secondOrder"],
          fourthOrder: $0["fourthOrder"]))
    }
  }

  private static func allenCahn(_ name: String, _ grid: SpatialGrid) -> EquationPreset {
    EquationPreset(
      name, source: "five modes on (-1, 1)", grid: grid, times: times(to: 10, intervals: 50),
      inputs: TruncatedFourierField(isNormalised: true)
    ) { .evolution(AllenCahnEquation(diffusivity: $0["diffusivity"], reaction: $0["reaction"])) }
  }

  private static func cahnHilliard(_ name: String, _ grid: SpatialGrid) -> EquationPreset {
    EquationPreset(
      name, source: "five modes on (0, 1)", grid: grid, times: times(to: 5, intervals: 50),
      inputs: TruncatedFourierField(isNormalised: true)
    ) { .evolution(CahnHilliardEquation(mobility: $0["mobility"], interface: $0["interface"])) }
  }
}
