import LaneKernels
import SequenceTensor
import Testing

/// Normalisations against double precision, their pullbacks against central differences of it.
@Suite struct NormalizationTests {
  static let widths = [1, 2, 3, 8, 15, 16, 17, 40]
  private static let epsilon = 1e-5

  private static func layerNorm(_ x: [Double], _ gain: [Double], _ bias: [Double]) -> [Double] {
    let mean = x.reduce(0, +) / Double(x.count)
    let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count)
    let inverse = 1 / (variance + epsilon).squareRoot()
    return x.indices.map { (x[$0] - mean) * inverse * gain[$0] + bias[$0] }
  }

  private static func rmsNorm(_ x: [Double], _ gain: [Double], _: [Double]) -> [Double] {
    let inverse = 1 / (x.reduce(0) { $0 + $1 * $1 } / Double(x.count) + epsilon).squareRoot()
    return x.indices.map { x[$0] * inverse * gain[$0] }
  }

  /// The gradient of Σ dy·f by central differences.
  private static func differences(_ at: [Double], _ loss: ([Double]) -> Double) -> [Double] {
    at.indices.map { i in
      var (up, down) = (at, at)
      up[i] += 1e-5
      down[i] -= 1e-5
      return (loss(up) - loss(down)) / 2e-5
    }
  }

  private struct Gradients { var input: [Double], gain: [Double], bias: [Double] }

  private func gradients(
    _ norm: ([Double], [Double], [Double]) -> [Double], rows: Int, n: Int, x: [Double],
    gain: [Double], bias: [Double], dy: [Double]
  ) -> Gradients {
    func loss(_ x: [Double], _ gain: [Double], _ bias: [Double]) -> Double {
      (0..<rows).reduce(0) { sum, r in
        let y = norm(Array(x[r * n..<(r + 1) * n]), gain, bias)
        return sum + y.indices.reduce(0) { $0 + y[$1] * dy[r * n + $1] }
      }
    }
    return Gradients(
      input: Self.differences(x) { loss($0, gain, bias) },
      gain: Self.differences(gain) { loss(x, $0, bias) },
      bias: Self.differences(bias) { loss(x, gain, $0) })
  }

  @Test(arguments: InstructionSet.all, widths) func layerNorm(set: InstructionSet, n: Int) {
    let rows = 3
    let x = normals(rows * n, 1).map { 2 * $0 + 1 }
    let (gain, bias, dy) = (normals(n, 2), normals(n, 3), normals(rows * n, 4))
    var y = [Float](repeating: 0, count: rows * n)
    var statistics = [Float](repeating: 0, count: 2 * rows)
    set.kernels.layer_norm(&y, &statistics, x, gain, bias, Float(Self.epsilon), rows, n)
    let wide = x.map(Double.init)
    let (g, b) = (gain.map(Double.init), bias.map(Double.init))
    let expected = (0..<rows).flatMap { Self.layerNorm(Array(wide[$0 * n..<($0 + 1) * n]), g, b) }
    #expect(largestError(y, expected) < 5e-6)

    var dx = [Float](repeating: 0, count: rows * n)
    var (dgain, dbias) = (bias, gain)
    set.kernels.layer_norm_pullback(&dx, &dgain, &dbias, dy, x, statistics, gain, rows, n)
    let right = gradients(
      Self.layerNorm, rows: rows, n: n, x: wide, gain: g, bias: b, dy: dy.map(Double.init))
    // One channel normalises to nothing: rounding, divided by √epsilon, is all there is.
    #expect(largestError(dx, right.input, scale: n == 1 ? 300 : 1) < 2e-5)
    #expect(largestError(dgain, zip(right.gain, b).map(+)) < 2e-5)
    #expect(largestError(dbias, zip(right.bias, g).map(+)) < 1e-5)
  }

  @Test(arguments: InstructionSet.all, widths) func rmsNorm(set: InstructionSet, n: Int) {
    let rows = 3
    let x = normals(rows * n, 5).map { 2 * $0 + 1 }
    let (gain, dy) = (normals(n, 6), normals(rows * n, 7))
    var y = [Float](repeating: 0, count: rows * n)
    var statistics = [Float](repeating: 0, count: rows)
    set.kernels.rms_norm(&y, &statistics, x, gain, Float(Self.epsilon), rows, n)
    let (wide, g) = (x.map(Double.init), gain.map(Double.init))
    let expected = (0..<rows).flatMap { Self.rmsNorm(Array(wide[$0 * n..<($0 + 1) * n]), g, []) }
    #expect(largestError(y, expected) < 5e-6)

    var dx = [Float](repeating: 0, count: rows * n)
    var dgain = gain
    set.kernels.rms_norm_pullback(&dx, &dgain, dy, x, statistics, gain, rows, n)
    let right = gradients(
      Self.rmsNorm, rows: rows, n: n, x: wide, gain: g, bias: [], dy: dy.map(Double.init))
    #expect(largestError(dx, right.input) < 2e-5)
    #expect(largestError(dgain, zip(right.gain, g).map(+)) < 2e-5)
  }

  /// The mean is taken off before squares are summed, so a large mean costs little.
  @Test(arguments: InstructionSet.all) func largeMean(set: InstructionSet) {
    let n = 64
    let x = normals(n, 8).map { $0 + 1000 }
    let (ones, zeros) = ([Float](repeating: 1, count: n), [Float](repeating: 0, count: n))
    var y = zeros
    var statistics: [Float] = [0, 0]
    set.kernels.layer_norm(&y, &statistics, x, ones, zeros, Float(Self.epsilon), 1, n)
    let expected = Self.layerNorm(x.map(Double.init), ones.map(Double.init), zeros.map(Double.init))
    #expect(largestError(y, expected) < 5e-4)
  }
}
