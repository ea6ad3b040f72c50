public import PartialDifferentialEquations
import TensorIO

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The equation and the settings that samples were drawn from: enough to draw them again, or
/// others of their kind.
public struct FieldOrigin: Sendable, Hashable, Codable {
  /// The equation's name in the catalogue.
  public var equation: String
  /// The name of its preset.
  public var preset: String
  /// The values of all its parameters.
  public var parameters: [String: Double]
  /// The grid of the samples.
  public var grid: SpatialGrid
  /// How many times finer the grid is on which they were solved.
  public var refinement: Int
  /// The times of the frames; none for an equation without time.
  public var times: [Double]
  /// Determines all samples.
  public var seed: UInt64
  /// The index of the first sample.
  public var firstSample: Int
  /// The number of samples.
  public var samples: Int

  /// What to draw and where to begin.
  public init(
    _ problem: EquationProblem, preset: String, seed: UInt64, firstSample: Int = 0, samples: Int
  ) {
    equation = problem.name
    self.preset = preset
    parameters = problem.parameters
    grid = problem.grid
    refinement = problem.refinement
    times = problem.times
    self.seed = seed
    self.firstSample = firstSample
    self.samples = samples
  }

  /// Reads what `json` wrote.
  ///
  /// - Throws: `TensorFileError` for another text.
  init(json text: String, place: String) throws(TensorFileError) {
    do {
      self = try JSONDecoder().decode(FieldOrigin.self, from: Data(text.utf8))
    } catch {
      throw TensorFileError(
        place: place, expected: "the equation and settings of samples", got: "\(error)")
    }
    guard grid.axes.allSatisfy({ $0.count > 0 && $0.count <= 1 << 24 }), refinement >= 1 else {
      throw TensorFileError(
        place: place, expected: "a grid with points", got: "\(grid.axes.map(\.count))")
    }
  }

  /// The settings as JSON.
  var json: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
  }

  /// The problem that the samples are of.
  ///
  /// - Throws: `EquationError` if the catalogue has no such equation, preset or parameter.
  public func problem() throws(EquationError) -> EquationProblem {
    var problem = try EquationCatalogue.equation(named: equation).problem(
      preset: preset, parameters: parameters, counts: grid.axes.map(\.count), times: times)
    problem.refinement = refinement
    return problem
  }
}
