import Longwave
import Testing

/// The original file's tensors and arguments as what the equations take.
extension GoldenComparison {
  fileprivate func values(_ name: String) throws -> [Double] { try file.doubles(name) }

  /// A field of one or more stored tensors on a grid.
  fileprivate func field(_ names: String..., on grid: SpatialGrid) throws -> GridField {
    GridField(grid: grid, componentValues: try names.map { try file.doubles($0) })
  }

  /// The grid of a stored tensor.
  fileprivate func grid(
    _ name: String, length: Double = 1, points: SpatialGrid.Points = .periodic
  ) throws -> SpatialGrid {
    SpatialGrid(try file.shape(of: name), upper: length, points: points)
  }

  fileprivate func argument(_ name: String) throws -> Double {
    try #require(golden.args[name]?.number, "\(golden.name): argument \(name)")
  }

  /// Expects max|a - b| / max|b| within the case's tolerance, in double precision.
  fileprivate mutating func expect(
    _ name: String, equals found: [Double], within limit: Double? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let expected = try file.doubles(name)
    try #require(found.count == expected.count, "\(golden.name) \(name): count")
    let largest = expected.reduce(0) { max($0, abs($1)) }
    let error = zip(found, expected).reduce(0) { max($0, abs($1.0 - $1.1)) } / largest
    let limit = limit ?? golden.tolerance(of: name)
    #expect(
      error <= limit, "\(golden.name) \(name): \(error) > \(limit)",
      sourceLocation: sourceLocation)
    // Not `error <= limit` alone: a comparison with what is no number is false either way.
    #expect(
      found.allSatisfy { $0.isFinite }, "\(golden.name) \(name)", sourceLocation: sourceLocation)
  }
}

/// `pde_advection1d`, `pde_advection_diffusion1d`: the exact solution.
func checkAdvection(_ c: inout GoldenComparison) throws {
  let equation = AdvectionDiffusionEquation(
    speed: try c.argument("c"), diffusivity: c.golden.args["kappa"]?.number ?? 0)
  let initial = try c.field("u0", on: try c.grid("u0"))
  let solution = try equation.solve(from: initial, at: [try c.argument("t")])
  try c.expect("u", equals: solution.values)
}

/// `pde_heat*`: the exact solution, periodic or with zeros at both ends.
func checkHeat(_ c: inout GoldenComparison) throws {
  let boundary: BoundaryCondition = c.golden.name.contains("dirichlet") ? .dirichlet : .periodic
  let grid = try c.grid("u0", points: boundary == .periodic ? .periodic : .nodes)
  let equation = HeatEquation(diffusivity: try c.argument("kappa"), boundary: boundary)
  let solution = try equation.solve(
    from: try c.field("u0", on: grid), at: [try c.argument("t")])
  try c.expect("u", equals: solution.values)
}

/// `pde_wave1d*`: the exact solution, periodic or with zeros at both ends and no speed at first.
func checkWave(_ c: inout GoldenComparison) throws {
  let boundary: BoundaryCondition = c.golden.name.contains("dirichlet") ? .dirichlet : .periodic
  let grid = try c.grid("u0", points: boundary == .periodic ? .periodic : .nodes)
  let u = try c.values("u0")
  let v = c.golden.tensors["v0"] == nil ? u.map { _ in 0 } : try c.values("v0")
  let solution = try WaveEquation(speed: try c.argument("c"), boundary: boundary).solve(
    from: GridField(grid: grid, componentValues: [u, v]), at: [try c.argument("t")])
  try c.expect("u", equals: solution[0].component(0))
  if c.golden.tensors["v"] != nil { try c.expect("v", equals: solution[0].component(1)) }
}

/// `pde_burgers_*`: the reference has four times the points.
func checkBurgers(_ c: inout GoldenComparison) throws {
  let initial = try c.field("u0", on: try c.grid("u0"))
  let equation = BurgersEquation(viscosity: try c.argument("nu"))
  let solution = try equation.solve(from: initial, at: [0.5, 1])
  try c.expect("u_half", equals: solution[0].values)
  try c.expect("u1", equals: solution[1].values)
}

/// `pde_kdv_*`: solitons of u_t + 6·u·u_x + u_xxx = 0.
func checkKortewegDeVries(_ c: inout GoldenComparison) throws {
  let initial = try c.field("u0", on: try c.grid("u0", length: try c.argument("L")))
  let solution = try KortewegDeVriesEquation().solve(
    from: initial, at: [try c.argument("t")])
  try c.expect("u", equals: solution.values)
}

/// `pde_ks`: a chaotic solution, early enough to be followed.
func checkKuramotoSivashinsky(_ c: inout GoldenComparison) throws {
  let initial = try c.field("u0", on: try c.grid("u0", length: try c.argument("L")))
  let names = c.golden.tensors.keys.filter { $0.hasPrefix("u") && $0 != "u0" }
  let frames = names.compactMap { name in Double(name.dropFirst()).map { (name, $0) } }
    .sorted { $0.1 < $1.1 }
  let solution = try KuramotoSivashinskyEquation().solve(from: initial, at: frames.map(\.1))
  for (index, frame) in frames.enumerated() {
    try c.expect(frame.0, equals: solution[index].values)
  }
}

/// `pde_poisson2d_periodic`: spectral, without a mean.
func checkPoisson(_ c: inout GoldenComparison) throws {
  let source = try c.field("f", on: try c.grid("f"))
  try c.expect("u", equals: try PoissonEquation(boundary: .periodic).solve(source: source).values)
}

/// `pde_darcy_nodes_*`, `pde_darcy_gwf_*`; the thinned fields of a finer grid inform only.
func checkDarcy(_ c: inout GoldenComparison) throws {
  if c.golden.tensors["a"] == nil {
    throw GoldenSkip(reason: "information only, the fine coefficient is not stored")
  }
  let atCells = c.golden.name.contains("gwf")
  let grid = try c.grid("a", points: atCells ? .cells : .nodes)
  let permeability = try c.field("a", on: grid)
  let factor = c.golden.args["f"]?.number ?? 1
  let source = GridField(grid: grid) { _ in factor }
  let flow = DarcyFlow()
  let solution =
    atCells
    ? try flow.solveAtCells(permeability: permeability, source: source)
    : try flow.solve(permeability: permeability, source: source)
  try c.expect("u", equals: solution.pressure.values)
}

/// `pde_navier_stokes_2d`: the scheme of `ns_2d.py` with its own step and a longer one, and the
/// solution without an error in time by the scheme of fourth order.
func checkNavierStokes(_ c: inout GoldenComparison) throws {
  let grid = try c.grid("w0")
  let initial = try c.field("w0", on: grid)
  let times = try c.values("t").map { ($0 * 1e6).rounded() / 1e6 }
  let forcing: VorticityForcing =
    c.golden.tensors["f"] == nil
    ? .diagonalWaves(amplitude: 0.1) : .field(try c.field("f", on: grid))
  func solve(_ scheme: NavierStokesEquation.Scheme, _ step: Double?, _ times: [Double]) throws
    -> [Double]
  {
    try NavierStokesEquation(
      viscosity: c.argument("nu"), forcing: forcing, scheme: scheme, timeStep: step
    ).solve(from: initial, at: times).values
  }
  // The same scheme with the same step differs by rounding alone.
  let w = try solve(.crankNicolson, try c.argument("delta_t"), times)
  try c.expect("w", equals: w, within: 1e-9)
  let last = Array(times.suffix(1))
  if c.golden.tensors["w_T_dt1e3"] != nil {
    try c.expect("w_T_dt1e3", equals: try solve(.crankNicolson, 1e-3, last), within: 1e-9)
  }
  if c.golden.tensors["w_T_converged"] != nil {
    try c.expect(
      "w_T_converged", equals: try solve(.exponential(order: 4), nil, last), within: 1e-6)
  }
}
