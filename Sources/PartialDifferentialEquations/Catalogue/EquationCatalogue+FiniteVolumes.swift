extension EquationCatalogue {
  static let finiteVolumes: [EquationDescription] = [
    EquationDescription(
      name: "shock-advection", formula: "u_t + beta u_x = 0, by finite volumes",
      parameters: [
        EquationParameter("speed", 1, "beta, length/time"),
        EquationParameter("courantNumber", 0.4, "the part of a spacing crossed in a step"),
      ],
      presets: [
        EquationPreset(
          "pdebench", source: "Takamoto et al. 2022, section D.1",
          grid: SpatialGrid([1024], points: .cells), times: times(to: 2, intervals: 200),
          inputs: RandomSineWaves()
        ) {
          .evolution(
            ShockCapturingAdvection(speed: $0["speed"], courantNumber: $0["courantNumber"]))
        }
      ]),
    EquationDescription(
      name: "shock-burgers", formula: "u_t + (u²/2)_x = nu u_xx, by finite volumes",
      parameters: [
        EquationParameter("viscosity", 0.01 / .pi, "nu, length²/time, 0 or above"),
        EquationParameter("courantNumber", 0.25, "the part of a spacing crossed in a step"),
      ],
      presets: [
        EquationPreset(
          "pdebench", source: "Takamoto et al. 2022, section D.2; their 0.01 is pi times nu",
          grid: SpatialGrid([1024], points: .cells), times: times(to: 2, intervals: 200),
          inputs: RandomSineWaves()
        ) {
          .evolution(
            ShockCapturingBurgers(
              viscosity: $0["viscosity"], courantNumber: $0["courantNumber"]))
        }
      ]),
    EquationDescription(
      name: "diffusion-sorption", formula: "R(u) u_t = D u_xx, u = 1 at the lower end",
      parameters: [
        EquationParameter("diffusivity", 5e-4, "D, length²/time, above 0"),
        EquationParameter("porosity", 0.29, "phi, in (0, 1]"),
        EquationParameter("bulkDensity", 2880, "rho of the grain"),
        EquationParameter("isothermFactor", 3.5e-4, "k of the isotherm k u^n"),
        EquationParameter("isothermExponent", 0.874, "n of the isotherm, in (0, 1]"),
      ],
      presets: [
        EquationPreset(
          "pdebench", source: "Takamoto et al. 2022, section D.4",
          grid: SpatialGrid([1024], points: .cells), times: times(to: 500, intervals: 100),
          inputs: UniformConstant()
        ) {
          .evolution(
            DiffusionSorption(
              diffusivity: $0["diffusivity"], porosity: $0["porosity"],
              bulkDensity: $0["bulkDensity"], isothermFactor: $0["isothermFactor"],
              isothermExponent: $0["isothermExponent"]))
        }
      ]),
    EquationDescription(
      name: "shallow-water", formula: "h_t + div(h v) = 0, (h v)_t + div(h v v + g h²/2) = 0",
      parameters: [
        EquationParameter("gravity", 1, "g, above 0"),
        EquationParameter("courantNumber", 0.4, "the part of a spacing crossed in a step"),
      ],
      presets: [
        EquationPreset(
          "pdebench", source: "Takamoto et al. 2022, section D.6: a round dam breaks",
          grid: SpatialGrid([128, 128], lower: -2.5, upper: 2.5, points: .cells),
          times: times(to: 1, intervals: 100), inputs: RadialDamBreak()
        ) {
          .evolution(
            ShallowWater(gravity: $0["gravity"], courantNumber: $0["courantNumber"]))
        }
      ]),
  ]
}
