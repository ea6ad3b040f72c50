import Foundation
import PartialDifferentialEquations
import TensorIO
import Testing

/// The folder that the environment names.
private let publishedFiles = ProcessInfo.processInfo.environment["LONGWAVE_FIELD_DATA"]

/// The trajectories published with "Physics-informed neural networks" (Raissi and others, 2019).
///
/// Runs where `LONGWAVE_FIELD_DATA` names a folder with `pde/*_u.npy`, times first.
@Suite(.enabled(if: publishedFiles != nil)) struct PublishedTrajectoryTests {
  private struct Published {
    let times: [Double]
    /// The frames, `[x]` or `[x, 2]` each.
    let frames: [[Double]]

    init(_ name: String) throws {
      func read(_ part: String) throws -> RawTensor {
        try NpyFile.read("\(publishedFiles ?? "")/pde/\(name)_\(part).npy")
      }
      times = try read("t").doubles()
      let values = try read("u").doubles()
      let size = values.count / times.count
      frames = times.indices.map { Array(values[$0 * size..<($0 + 1) * size]) }
    }

    /// The largest error of a solution over frames, every `step`-th point of it.
    func error(_ solution: Trajectory, step: Int = 1, frames count: Int? = nil) -> Double {
      let components = solution.componentNames.count
      return (0..<(count ?? frames.count)).map { frame in
        let all = solution[frame]
        let points = all.grid.pointCount / step
        let found = (0..<points * components).map {
          all.values[($0 / components * step) * components + $0 % components]
        }
        return relativeError(found, Array(frames[frame].prefix(found.count)))
      }.max() ?? .infinity
    }

    /// The first frame on a periodic grid; a last point that repeats the first is left out.
    func initial(lower: Double, upper: Double, components: Int = 1, isClosed: Bool = false)
      -> GridField
    {
      let points = frames[0].count / components - (isClosed ? 1 : 0)
      return GridField(
        grid: SpatialGrid([points], lower: lower, upper: upper), components: components,
        values: Array(frames[0].prefix(points * components)))
    }
  }

  @Test func kortewegDeVries() throws {
    let data = try Published("KdV")
    let equation = KortewegDeVriesEquation(convection: 1, dispersion: 0.0025)
    let found = try equation.solve(from: data.initial(lower: -1, upper: 1), at: data.times)
    #expect(data.error(found) < 1e-4, "\(data.error(found))")
  }

  /// The data's 512 points do not quite resolve the fronts: on a finer grid the solution differs from
  /// it by 8e-4 in the end, on its own by 2.5e-3.
  @Test func allenCahn() throws {
    let data = try Published("AC")
    let equation = AllenCahnEquation(diffusivity: 1e-4, reaction: 5)
    let step = 4
    let grid = SpatialGrid([512 * step], lower: -1, upper: 1)
    let found = try equation.solve(
      from: GridField(grid: grid) { $0[0] * $0[0] * cos(.pi * $0[0]) },
      at: Array(data.times.prefix(60)))
    let error = data.error(found, step: step, frames: 60)
    #expect(error < 1e-3, "\(error)")
  }

  @Test func schrodinger() throws {
    let data = try Published("NLS")
    let equation = SchrodingerEquation(dispersion: 0.5, nonlinearity: 1)
    let found = try equation.solve(
      from: data.initial(lower: -5, upper: 5, components: 2), at: data.times)
    #expect(data.error(found) < 1e-4, "\(data.error(found))")
  }

  /// A shock of width ν on a grid that resolves it, at the points of the data.
  @Test func burgers() throws {
    let data = try Published("burgers_shock")
    let equation = BurgersEquation(viscosity: 0.01 / .pi)
    let step = 16
    let grid = SpatialGrid([255 * step], lower: -1, upper: 1)
    let found = try equation.solve(
      from: GridField(grid: grid) { -sin(.pi * $0[0]) }, at: data.times)
    #expect(data.error(found, step: step) < 1e-4, "\(data.error(found, step: step))")
  }

  /// The coefficients were fitted to the data with a residual of 2e-4, and errors grow: the first
  /// part of the time only.
  @Test func kuramotoSivashinsky() throws {
    let data = try Published("KS")
    let equation = KuramotoSivashinskyEquation(
      convection: 1.591, secondOrder: 0.1688, fourthOrder: 0.0019)
    let found = try equation.solve(
      from: data.initial(lower: -1, upper: 1, isClosed: true), at: Array(data.times.prefix(40)))
    #expect(data.error(found, frames: 40) < 1e-2, "\(data.error(found, frames: 40))")
  }
}
