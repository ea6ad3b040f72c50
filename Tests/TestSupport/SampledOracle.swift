package import SequenceTensor
package import SpectralCore

/// Depthwise convolution of one sequence by its definition in double precision, at some positions
/// only: what a sum over all positions of a long sequence would take minutes for.
package struct SampledOracle {
  private let problem: ConvolutionProblem
  private let channels: Int
  private let input, filter, outputGradient: [Double]

  /// - Parameters:
  ///   - input: `[1, length, channels]`.
  ///   - filter: `[taps, channels]`.
  ///   - outputGradient: `[1, length, channels]`.
  package init(
    _ problem: ConvolutionProblem, input: Tensor, filter: Tensor, outputGradient: Tensor
  ) {
    self.problem = problem
    channels = filter.shape[1]
    self.input = input.elements.map(Double.init)
    self.filter = filter.elements.map(Double.init)
    self.outputGradient = outputGradient.elements.map(Double.init)
  }

  /// The position that is `lag` before `n`, or nil beyond the ends.
  private func position(_ n: Int, before lag: Int) -> Int? {
    let length = problem.length
    let m = n - lag
    if problem.boundary == .circular { return ((m % length) + length) % length }
    return m >= 0 && m < length ? m : nil
  }

  private func sums(
    _ rows: [Int], over range: Range<Int>,
    _ factors: (_ row: Int, _ index: Int) -> (a: Int, x: Int)?, _ a: [Double], _ x: [Double]
  ) -> [Double] {
    rows.flatMap { row in
      var sum = [Double](repeating: 0, count: channels)
      for index in range {
        guard let at = factors(row, index) else { continue }
        for c in 0..<channels { sum[c] += a[at.a * channels + c] * x[at.x * channels + c] }
      }
      return sum
    }
  }

  /// Outputs at positions, `[positions, channels]`.
  package func outputs(_ positions: [Int]) -> [Double] {
    sums(
      positions, over: problem.usedTaps,
      { n, j in position(n, before: j - problem.centre).map { (j, $0) } }, filter, input)
  }

  /// Gradients of the input at positions.
  package func inputGradients(_ positions: [Int]) -> [Double] {
    sums(
      positions, over: problem.usedTaps,
      { m, j in position(m, before: problem.centre - j).map { (j, $0) } }, filter, outputGradient)
  }

  /// Gradients of taps; they are zero for taps that reach nothing.
  package func filterGradients(_ taps: [Int]) -> [Double] {
    sums(
      taps, over: 0..<problem.length,
      { j, n in
        guard problem.usedTaps.contains(j) else { return nil }
        return position(n, before: j - problem.centre).map { (n, $0) }
      }, outputGradient, input)
  }

  /// Rows of `[…, channels]`, for comparison.
  package func rows(_ tensor: Tensor, _ rows: [Int]) -> [Float] {
    let elements = tensor.elements
    return rows.flatMap { elements[$0 * channels..<($0 + 1) * channels] }
  }
}
