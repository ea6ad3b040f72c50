import Foundation
import LaneKernels
import SequenceTensor
import Testing

/// Activations and their derivatives against double precision, in the bulk and at the ends.
@Suite struct ActivationTests {
  /// -13…13 finely, values near zero, and values where exp over- and underflows.
  static let inputs: [Float] =
    (-13_000...13_000).map { Float($0) / 1000 }
    + [1e-38, 1e-20, 1e-7, 15, 20, 50, 87, 88, 89, 100, 1000, 1e10, 1e20].flatMap { [$0, -$0] }

  private static let tiny = 1e-36

  private static func probability(_ x: Double) -> Double { erfc(-x / 2.0.squareRoot()) / 2 }
  private static func density(_ x: Double) -> Double {
    exp(-x * x / 2) / (2 * Double.pi).squareRoot()
  }
  private static func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  private typealias Kernel =
    @convention(c) (UnsafeMutablePointer<Float>, UnsafePointer<Float>, Int) -> Void
  private typealias Pullback =
    @convention(c) (
      UnsafeMutablePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, Int
    ) -> Void

  /// Rounding -x²/2 in single precision alone costs a relative error of 6e-8·x²/2 in exp.
  private static func normalBound(_ x: Double) -> Double { 1e-6 + 1e-7 * min(x * x, 200) }

  private func apply(_ kernel: Kernel, _ x: [Float]) -> [Float] {
    var y = [Float](repeating: 42, count: x.count + 1)
    kernel(&y, x, x.count)
    #expect(y.removeLast() == 42)
    return y
  }

  private func apply(_ kernel: Pullback, _ x: [Float], _ dy: [Float]) -> [Float] {
    var dx = [Float](repeating: 42, count: x.count + 1)
    kernel(&dx, x, dy, x.count)
    #expect(dx.removeLast() == 42)
    return dx
  }

  @Test(arguments: InstructionSet.all) func sineAndTanh(set: InstructionSet) {
    let x = Self.inputs.filter { abs($0) < 1e4 } + [1_234.567, -5_432.1, 9_999]
    let wide = x.map(Double.init)
    let dy = normals(x.count, 1)
    let kernels = set.kernels
    #expect(allWithin(apply(kernels.sine, x), wide.map { sin($0) }) { _, _ in 2e-7 })
    #expect(allWithin(apply(kernels.cosine, x), wide.map { cos($0) }) { _, _ in 2e-7 })
    #expect(
      allWithin(
        apply(kernels.sine_pullback, x, dy), zip(wide, dy).map { cos($0) * Double($1) }
      ) { i, _ in 3e-7 * abs(Double(dy[i])) })
    #expect(
      allWithin(apply(kernels.tanh, x), wide.map { tanh($0) }) { _, y in
        3e-7 * abs(y) + Self.tiny
      })
    #expect(
      allWithin(
        apply(kernels.tanh_pullback, x, dy),
        zip(wide, dy).map { (1 - tanh($0) * tanh($0)) * Double($1) }
      ) { i, _ in 3e-7 * abs(Double(dy[i])) })
  }

  @Test(arguments: InstructionSet.all) func gelu(set: InstructionSet) {
    let x = Self.inputs
    let wide = x.map(Double.init)
    let expected = wide.map { $0 * Self.probability($0) }
    // Relative accuracy also where the result is 1e-30.
    #expect(
      allWithin(apply(set.kernels.gelu, x), expected) { i, y in
        Self.normalBound(wide[i]) * abs(y) + Self.tiny
      })
    let dy = normals(x.count, 1)
    let slopes = zip(wide, dy).map { x, dy in
      Double(dy) * (Self.probability(x) + x * Self.density(x))
    }
    #expect(
      allWithin(apply(set.kernels.gelu_pullback, x, dy), slopes) { i, _ in
        let x = wide[i]
        let size = Self.probability(x) + abs(x) * Self.density(x)
        return abs(Double(dy[i])) * (Self.normalBound(x) * size + Self.tiny * max(1, abs(x)))
      })
  }

  @Test(arguments: InstructionSet.all) func silu(set: InstructionSet) {
    let x = Self.inputs
    let wide = x.map(Double.init)
    let expected = wide.map { $0 * Self.logistic($0) }
    #expect(
      allWithin(apply(set.kernels.silu, x), expected) { i, y in
        5e-7 * abs(y) + 1e-38 * abs(wide[i]) + Self.tiny
      })
    let dy = normals(x.count, 2)
    let slopes = zip(wide, dy).map { x, dy in
      let s = Self.logistic(x)
      return Double(dy) * (s + x * s * (1 - s))
    }
    #expect(
      allWithin(apply(set.kernels.silu_pullback, x, dy), slopes) { i, _ in
        let (x, s) = (wide[i], Self.logistic(wide[i]))
        // 1 - s loses what s has lost to rounding.
        let size = s + abs(x) * s * (1 - s) + 0.2 * min(abs(x), 20) * s
        return abs(Double(dy[i])) * (1e-6 * size + 1e-38 * abs(x) + Self.tiny)
      })
  }

  @Test(arguments: InstructionSet.all) func sigmoidAndExponential(set: InstructionSet) {
    let x = Self.inputs
    #expect(
      allWithin(apply(set.kernels.sigmoid, x), x.map { Self.logistic(Double($0)) }) { _, y in
        5e-7 * y + Self.tiny
      })
    let inRange = (-8733...8837).map { Float($0) / 100 }
    #expect(
      allWithin(apply(set.kernels.exponential, inRange), inRange.map { exp(Double($0)) }) { _, y in
        3e-7 * y
      })
    // Beyond the range of normal numbers the ends are kept: no infinity, no zero.
    let ends = apply(set.kernels.exponential, [89, 1e30, .infinity, -88, -1e30, -.infinity])
    #expect(ends[0..<3].allSatisfy { $0.isFinite && $0 > 2e38 })
    #expect(ends[3...].allSatisfy { $0 > 0 && $0 < 1.3e-38 })
    #expect(apply(set.kernels.exponential, [0, -0.0]) == [1, 1])
  }

  @Test(arguments: InstructionSet.all) func relu(set: InstructionSet) {
    let x = Self.inputs + [0, -0.0, .infinity, -.infinity]
    #expect(apply(set.kernels.relu, x) == x.map { max($0, 0) })
    let dy = normals(x.count, 3)
    #expect(apply(set.kernels.relu_pullback, x, dy) == zip(x, dy).map { $0 > 0 ? $1 : 0 })
  }

  @Test(arguments: InstructionSet.all) func exponentialLinearUnit(set: InstructionSet) {
    let x = Self.inputs
    let wide = x.map(Double.init)
    #expect(
      allWithin(apply(set.kernels.elu, x), wide.map { $0 > 0 ? $0 : expm1($0) }) { _, y in
        6e-7 * abs(y) + Self.tiny
      })
    let dy = normals(x.count, 6)
    #expect(
      allWithin(
        apply(set.kernels.elu_pullback, x, dy),
        zip(wide, dy).map { ($0 > 0 ? 1 : exp($0)) * Double($1) }
      ) { i, y in abs(Double(dy[i])) * (3e-7 * min(1, exp(wide[i])) + 2e-38) + Self.tiny })
  }

  @Test(arguments: InstructionSet.all) func softplus(set: InstructionSet) {
    let x = Self.inputs
    let wide = x.map(Double.init)
    let expected = wide.map { max($0, 0) + log1p(exp(-abs($0))) }
    #expect(
      allWithin(apply(set.kernels.softplus, x), expected) { _, y in 6e-7 * y + 2e-38 })
    let dy = normals(x.count, 7)
    #expect(
      allWithin(
        apply(set.kernels.softplus_pullback, x, dy),
        zip(wide, dy).map { Self.logistic($0) * Double($1) }
      ) { i, _ in abs(Double(dy[i])) * (5e-7 * Self.logistic(wide[i]) + 2e-38) + Self.tiny })
    #expect(
      allWithin(
        apply(set.kernels.sigmoid_pullback, x, dy),
        zip(wide, dy).map { Self.logistic($0) * (1 - Self.logistic($0)) * Double($1) }
      ) { i, _ in abs(Double(dy[i])) * (5e-7 * Self.logistic(wide[i]) + 2e-38) + Self.tiny })
    #expect(apply(set.kernels.squared_relu, [-2, 0, 3]) == [0, 0, 9])
    #expect(apply(set.kernels.squared_relu_pullback, [-2, 0, 3], [1, 1, 2]) == [0, 0, 12])
  }

  /// A NaN must reach the loss, where training notices it.
  @Test(arguments: InstructionSet.all) func notANumberIsKept(set: InstructionSet) {
    let k = set.kernels
    let kernels = [
      k.gelu, k.silu, k.relu, k.squared_relu, k.sigmoid, k.exponential, k.elu, k.softplus,
    ]
    for kernel in kernels {
      for n in [1, 16, 19] {
        let y = apply(kernel, [Float](repeating: 1, count: n - 1) + [.nan])
        #expect(y[n - 1].isNaN && y.dropLast().allSatisfy { !$0.isNaN })
      }
    }
  }

  @Test(arguments: InstructionSet.all) func tails(set: InstructionSet) {
    for n in InstructionSet.counts {
      let x = normals(n, 4)
      let expected = x.map { Double($0) * Self.probability(Double($0)) }
      #expect(largestError(apply(set.kernels.gelu, x), expected) < 2e-6)
      _ = apply(set.kernels.silu, x)
      _ = apply(set.kernels.relu_pullback, x, x)
      _ = apply(set.kernels.gelu_pullback, x, x)
    }
  }

  @Test(arguments: InstructionSet.all) func gatedLinearUnit(set: InstructionSet) {
    for rows in [0, 1, 3] {
      for n in [0, 1, 5, 16, 33] {
        let x = normals(rows * 2 * n, 5)
        let dy = normals(rows * n, 6)
        var y = [Float](repeating: 0, count: rows * n)
        var dx = [Float](repeating: 0, count: x.count)
        set.kernels.glu(&y, x, rows, n)
        set.kernels.glu_pullback(&dx, x, dy, rows, n)
        var expected = [Double](repeating: 0, count: rows * n)
        var slopes = [Double](repeating: 0, count: x.count)
        for r in 0..<rows {
          for i in 0..<n {
            let (value, gate) = (Double(x[2 * r * n + i]), Double(x[(2 * r + 1) * n + i]))
            let (s, up) = (Self.logistic(gate), Double(dy[r * n + i]))
            expected[r * n + i] = value * s
            slopes[2 * r * n + i] = up * s
            slopes[(2 * r + 1) * n + i] = up * value * s * (1 - s)
          }
        }
        #expect(largestError(y, expected) < 2e-6 && largestError(dx, slopes) < 2e-6)
      }
    }
  }

  /// A nonlinearity may write where it reads, with the same bits.
  @Test(arguments: InstructionSet.all) func inPlace(set: InstructionSet) {
    let k = set.kernels
    let x = normals(70, 5)
    for function in [
      k.gelu, k.silu, k.relu, k.squared_relu, k.sigmoid, k.exponential, k.elu, k.softplus, k.sine,
      k.cosine, k.tanh,
    ] {
      var y = x
      y.withUnsafeMutableBufferPointer { y in
        guard let p = y.baseAddress else { return }
        function(p, p, 70)
      }
      #expect(y == apply(function, x))
    }
  }
}
