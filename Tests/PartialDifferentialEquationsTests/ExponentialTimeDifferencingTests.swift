import Foundation
import PartialDifferentialEquations
import SequenceTensor
import TestSupport
import Testing

/// The order that is observed, what is kept exactly, and the same bits on any number of threads.
@Suite struct ExponentialTimeDifferencingTests {
  private static let initial = GridField(grid: SpatialGrid([64])) { x in
    sin(2 * .pi * x[0]) + 0.5 * cos(4 * .pi * x[0])
  }

  private func burgers(order: Int, steps: Int) throws -> [Double] {
    try BurgersEquation(viscosity: 0.02, timeStep: 0.2 / Double(steps), order: order)
      .solve(from: Self.initial, at: [0.2]).values
  }

  @Test(arguments: [1, 2, 3, 4])
  func theObservedOrderIsTheNominalOne(order: Int) throws {
    let reference = try burgers(order: 4, steps: 1024)
    let errors = try [32, 64].map { relativeError(try burgers(order: order, steps: $0), reference) }
    let observed = log2(errors[0] / errors[1])
    #expect(abs(observed - Double(order)) < 0.35, "order \(order): \(observed), \(errors)")
  }

  @Test func theAutomaticStepIsFine() throws {
    let automatic = try BurgersEquation(viscosity: 0.02).solve(from: Self.initial, at: [0.2])
    let reference = try burgers(order: 4, steps: 1024)
    #expect(relativeError(automatic.values, reference) < 1e-5)
  }

  @Test(arguments: [31, 32, 33])
  func framesDoNotDependOnTheOthersBeyondTheStep(count: Int) throws {
    let initial = GridField(grid: SpatialGrid([count])) { 1 + sin(2 * .pi * $0[0]) }
    let equation = KuramotoSivashinskyEquation(timeStep: 1e-5)
    let all = try equation.solve(from: initial, at: [0, 1e-3, 2e-3])
    let last = try equation.solve(from: initial, at: [2e-3])
    #expect(relativeError(all[0].values, initial.values) < 1e-14)
    #expect(relativeError(all[2].values, last.values) < 1e-10)
    // The mean is kept.
    let mean = last.values.reduce(0, +) / Double(count)
    #expect(abs(mean - initial.values.reduce(0, +) / Double(count)) < 1e-13)
  }

  @Test func threadsAndCompanyChangeNoBit() throws {
    let fields = try GaussianRandomField.burgersOfPaper.samples(
      0..<5, on: SpatialGrid([48]), seed: 7)
    let equation = BurgersEquation(viscosity: 0.01)
    let one = try withThreads(1) { try equation.solve(fromEach: fields, at: [0.1]) }
    let three = try withThreads(3) { try equation.solve(fromEach: fields, at: [0.1]) }
    #expect(one == three)
    let alone = try equation.solve(from: fields[3], at: [0.1])
    #expect(alone == one[3])
  }
}
