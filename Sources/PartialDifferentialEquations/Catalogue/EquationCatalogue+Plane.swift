extension EquationCatalogue {
  static let plane: [EquationDescription] = [
    EquationDescription(
      name: "navier-stokes", formula: "w_t + u . grad w = nu Laplace(w) - delta w + f",
      parameters: [
        EquationParameter("viscosity", 1e-3, "nu, length²/time, 0 or above"),
        EquationParameter("drag", 0, "delta, 1/time, 0 or above"),
        EquationParameter("forcing", 0.1, "the amplitude of f"),
      ],
      presets: [
        navierStokes("viscosity-1e-3", viscosity: 1e-3, end: 50),
        navierStokes("viscosity-1e-4", viscosity: 1e-4, end: 30),
        navierStokes("viscosity-1e-5", viscosity: 1e-5, end: 20),
        EquationPreset(
          "script", source: "ns_2d.py of Li et al., its scheme and step of 1e-4 at 256 x 256",
          grid: SpatialGrid([64, 64]), refinement: 4, times: times(to: 50, intervals: 50),
          inputs: GaussianRandomField.vorticity
        ) {
          .evolution(
            NavierStokesEquation(
              viscosity: $0["viscosity"], drag: $0["drag"],
              forcing: .diagonalWaves(amplitude: $0["forcing"]), scheme: .crankNicolson))
        },
        EquationPreset(
          "kolmogorov", source: "Kolmogorov flow on (0, 2 pi)², f = -4 cos 4y",
          parameters: ["drag": 0.1, "forcing": 1],
          grid: SpatialGrid([64, 64], upper: 2 * .pi), refinement: 4,
          times: times(to: 20, intervals: 20), inputs: GaussianRandomField.vorticity
        ) {
          .evolution(
            NavierStokesEquation(
              viscosity: $0["viscosity"], drag: $0["drag"],
              forcing: .kolmogorov(amplitude: $0["forcing"], mode: 4)))
        },
      ]),
    EquationDescription(
      name: "gray-scott",
      formula: "u_t = Du Laplace(u) - u v² + F (1 - u), v_t = Dv Laplace(v) + u v² - (F + K) v",
      parameters: [
        EquationParameter("firstDiffusivity", 2e-5, "Du, length²/time, above 0"),
        EquationParameter("secondDiffusivity", 1e-5, "Dv, length²/time, above 0"),
        EquationParameter("feed", 0.04, "F, 1/time"),
        EquationParameter("kill", 0.06, "K, 1/time"),
      ],
      presets: [
        EquationPreset(
          "patches", source: "patches of the second substance on (0, 1)²",
          grid: SpatialGrid([128, 128]), times: times(to: 1000, intervals: 50),
          inputs: SubstancePatches()
        ) {
          .evolution(
            GrayScottSystem(
              diffusivities: [$0["firstDiffusivity"], $0["secondDiffusivity"]], feed: $0["feed"],
              kill: $0["kill"]))
        }
      ]),
    EquationDescription(
      name: "fitzhugh-nagumo",
      formula: "u_t = Du Laplace(u) + u - u³ - k - v, v_t = Dv Laplace(v) + u - v",
      parameters: [
        EquationParameter("firstDiffusivity", 1e-3, "Du, length²/time, above 0"),
        EquationParameter("secondDiffusivity", 5e-3, "Dv, length²/time, above 0"),
        EquationParameter("threshold", 5e-3, "k"),
      ],
      presets: [
        EquationPreset(
          "pdebench", source: "Takamoto et al. 2022, section D.5",
          grid: SpatialGrid([128, 128], lower: -1, upper: 1, points: .cells),
          times: times(to: 5, intervals: 100), inputs: WhiteNoise(components: 2)
        ) {
          .evolution(
            FitzHughNagumoSystem(
              diffusivities: [$0["firstDiffusivity"], $0["secondDiffusivity"]],
              threshold: $0["threshold"]))
        }
      ]),
  ]

  private static func navierStokes(
    _ name: String, viscosity: Double, end: Int
  ) -> EquationPreset {
    EquationPreset(
      name, source: "Li et al. 2021, section 5.3, at 256 x 256 by a scheme of fourth order",
      parameters: ["viscosity": viscosity], grid: SpatialGrid([64, 64]), refinement: 4,
      times: times(to: Double(end), intervals: end), inputs: GaussianRandomField.vorticity
    ) {
      .evolution(
        NavierStokesEquation(
          viscosity: $0["viscosity"], drag: $0["drag"],
          forcing: .diagonalWaves(amplitude: $0["forcing"])))
    }
  }
}
