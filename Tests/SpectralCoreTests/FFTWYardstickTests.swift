import SequenceTensor
import SpectralCore
import TestSupport
import Testing

/// The yardstick of the benchmarks computes what it is compared with.
@Suite struct FFTWYardstickTests {
  /// Batches odd and even, channels odd and even, lengths 1, odd, prime and powers of two.
  static let shapes = [
    (1, 1, 1), (1, 4, 2), (2, 3, 16), (3, 2, 17), (1, 5, 33), (4, 4, 31), (2, 1, 64), (5, 7, 48),
  ]

  @Test(arguments: YardstickRows.Form.allCases, shapes)
  func agreesWithDirectSums(form: YardstickRows.Form, shape: (Int, Int, Int)) throws {
    let (batch, channels, length) = shape
    var random = RandomSource(seed: UInt64(length))
    let input = Tensor(normal: [batch, length, channels], using: &random)
    let filter = Tensor(normal: [length, channels], using: &random)
    let skip = Tensor(normal: [channels], using: &random)
    let dy = Tensor(normal: [batch, length, channels], using: &random)
    let problem = ConvolutionProblem(length: length, taps: length, boundary: .causal)
    let operands = ConvolutionOperands(input: input, skip: skip)
    let oracle = DirectOracle(problem)
    let expected = oracle.forward(operands, filter)
    let gradients = oracle.gradients(dy, operands, filter)

    let rows = YardstickRows(form, batch: batch, channels: channels, length: length)
    let yardstick = FFTWYardstick(rows, planningSeconds: 0)
    let (u, g) = (rows.packed(input), rows.packed(dy))
    let h = rows.filters.packed(filter.reshaped(1, length, channels))
    let tolerance = 1e-6
    for output in [
      yardstick.forward(u, filter: h, skip: skip),
      yardstick.forward(u, spectra: yardstick.spectra(of: h), skip: skip),
    ] {
      #expect(relativeError(rows.unpacked(output).elements, expected) < tolerance)
    }
    for keeps in [false, true] {
      let step = yardstick.step(u, filter: h, skip: skip, outputGradient: g, keepsSpectra: keeps)
      let context: Comment = "\(yardstick), keeps spectra: \(keeps)"
      #expect(relativeError(rows.unpacked(step.output).elements, expected) < tolerance, context)
      #expect(
        relativeError(rows.unpacked(step.inputGradient).elements, gradients.input) < tolerance,
        context)
      #expect(
        relativeError(
          rows.filters.unpacked(step.filterGradient).elements, gradients.filter,
          atLeast: Double(batch * length).squareRoot()) < tolerance, context)
    }
  }

  /// Channels enough that a thread takes a group at a time, and so few that it takes a row.
  @Test func spreadsRowsAndGroupsAlike() {
    var random = RandomSource(seed: 4)
    let input = Tensor(normal: [4, 50, 12], using: &random)
    let filter = Tensor(normal: [50, 12], using: &random)
    let skip = Tensor(zeros: [12])
    let rows = YardstickRows(.complexPairs, batch: 4, channels: 12, length: 50)
    let yardstick = FFTWYardstick(rows, planningSeconds: 0)
    let (u, h) = (rows.packed(input), rows.filters.packed(filter.reshaped(1, 50, 12)))
    let results = [1, 2, 8].map { threads in
      withThreads(threads) { yardstick.forward(u, filter: h, skip: skip) }
    }
    #expect(results[0] == results[1] && results[0] == results[2])
  }

  /// Planning by measuring leaves no wisdom that would change other plans.
  @Test func leavesNoWisdom() async {
    await #expect(processExitsWith: .success) {
      let before = FFTWWisdom.text
      _ = FFTWYardstick(
        YardstickRows(.realRows, batch: 1, channels: 1, length: 77), planningSeconds: 0.1)
      precondition(FFTWWisdom.text == before, "learned \(FFTWWisdom.text)")
    }
  }
}
