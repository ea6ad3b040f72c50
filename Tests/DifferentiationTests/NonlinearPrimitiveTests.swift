import Differentiation
import Foundation
import SequenceTensor
import Testing

/// Primitives that are not linear: the gradients against differences in double precision.
@Suite struct NonlinearPrimitiveTests {
  /// What the rounding of single-precision gradients allows.
  static let tolerance = 5e-6

  /// Expects that values and gradients are those of the reference.
  func expectGradients(
    at inputs: [Tensor], sourceLocation: SourceLocation = #_sourceLocation,
    _ function: ([Variable]) -> Variable, reference: @escaping ([[Double]]) -> [Double]
  ) {
    var random = RandomSource(seed: UInt64(inputs[0].count))
    let error = GradientCheck.directionalError(
      of: function, at: inputs, reference: reference, using: &random)
    #expect(error < Self.tolerance, sourceLocation: sourceLocation)
    let tape = Tape()
    let found = function(inputs.map { Variable($0, on: tape) }).value.elements
    let expected = reference(inputs.map { $0.elements.map(Double.init) })
    #expect(found.count == expected.count, sourceLocation: sourceLocation)
    let size = max(1, expected.map(abs).max() ?? 0)
    for (a, b) in zip(found, expected) {
      #expect(abs(Double(a) - b) < 2e-6 * size, sourceLocation: sourceLocation)
    }
  }

  func normal(_ shape: Shape, _ seed: UInt64 = 1) -> Tensor {
    var random = RandomSource(seed: seed)
    return Tensor(normal: shape, using: &random)
  }

  @Test func productsAndQuotients() {
    let inputs = [normal([2, 3]), Tensor([1.5, -2, 0.75])]
    expectGradients(at: inputs, { $0[0] * $0[1] }) { x in
      x[0].indices.map { x[0][$0] * x[1][$0 % 3] }
    }
    expectGradients(at: inputs, { $0[0] / $0[1] }) { x in
      x[0].indices.map { x[0][$0] / x[1][$0 % 3] }
    }
    expectGradients(at: [inputs[1], normal([2, 3]) + Tensor([4])], { $0[0] / $0[1] }) { x in
      x[1].indices.map { x[0][$0 % 3] / x[1][$0] }
    }
    // One variable twice: both uses count.
    expectGradients(at: [inputs[0]], { $0[0] * $0[0] }) { x in x[0].map { $0 * $0 } }
  }

  /// Two maps with an activation between, over more than one piece of positions.
  @Test(arguments: [7, 300])
  func perceptrons(rows: Int) {
    let (inputs, width, outputs) = (3, 5, 2)
    let tensors = [
      normal([rows, inputs]), normal([width, inputs], 2), normal([width], 3),
      normal([outputs, width], 4), normal([outputs], 5),
    ]
    expectGradients(
      at: tensors,
      {
        $0[0].perceptron(
          weight: $0[1], bias: $0[2], activation: .silu, outputWeight: $0[3], outputBias: $0[4])
      }
    ) { x in
      (0..<rows).flatMap { row in
        let inner = (0..<width).map { unit in
          let z = (0..<inputs).reduce(x[2][unit]) {
            $0 + x[1][unit * inputs + $1] * x[0][row * inputs + $1]
          }
          return z / (1 + exp(-z))
        }
        return (0..<outputs).map { output in
          (0..<width).reduce(x[4][output]) { $0 + x[3][output * width + $1] * inner[$1] }
        }
      }
    }
  }

  /// The same with something gated beside it and an activation behind it, over channels that fill
  /// a group of sixteen and leave some.
  @Test(arguments: [3, 300])
  func gatedPerceptrons(rows: Int) {
    let (inputs, width, outputs) = (2, 3, 18)
    let tensors = [
      normal([rows, inputs]), normal([width, inputs], 2), normal([width], 3),
      normal([outputs, width], 4), normal([outputs], 5), normal([rows, outputs], 6),
      normal([outputs], 7),
    ]
    func gelu(_ x: Double) -> Double { 0.5 * x * (1 + erf(x / 2.0.squareRoot())) }
    expectGradients(
      at: tensors,
      {
        $0[0].perceptron(
          weight: $0[1], bias: $0[2], activation: .gelu, outputWeight: $0[3], outputBias: $0[4],
          gated: ($0[5], $0[6]), outputActivation: .gelu)
      }
    ) { x in
      (0..<rows).flatMap { row in
        let inner: [Double] = (0..<width).map { unit in
          let z: Double = (0..<inputs).reduce(x[2][unit]) {
            $0 + x[1][unit * inputs + $1] * x[0][row * inputs + $1]
          }
          return gelu(z)
        }
        return (0..<outputs).map { output -> Double in
          let beside: Double = x[4][output] + x[5][row * outputs + output] * x[6][output]
          let z: Double = (0..<width).reduce(beside) {
            $0 + x[3][output * width + $1] * inner[$1]
          }
          return gelu(z)
        }
      }
    }
  }

  /// Weights too large for sums of each piece go another way to the same result.
  @Test func largePerceptrons() {
    let (x, first, second) = (
      Variable(normal([2, 256])), Variable(normal([260, 256], 2)), Variable(normal([2, 260], 3))
    )
    let (bias, outputBias) = (Variable(normal([260], 4)), Variable(normal([2], 5)))
    let found = x.perceptron(
      weight: first, bias: bias, activation: .gelu, outputWeight: second, outputBias: outputBias)
    let expected = x.linear(weight: first, bias: bias).gelu()
      .linear(weight: second, bias: outputBias)
    for (a, b) in zip(found.value.elements, expected.value.elements) {
      #expect(abs(a - b) < 1e-3)
    }
    let (v, gate) = (Variable(normal([2, 2], 6)), Variable(normal([2], 7)))
    let gated = x.perceptron(
      weight: first, bias: bias, activation: .gelu, outputWeight: second, outputBias: outputBias,
      gated: (v, gate), outputActivation: .silu)
    for (a, b) in zip(gated.value.elements, (expected + v * gate).silu().value.elements) {
      #expect(abs(a - b) < 1e-3)
    }
  }

  @Test func activations() {
    // Far from the kink of relu, and with values where exponentials matter.
    let x = Tensor([-30, -6, -3, -1, -0.4, 0.3, 0.9, 2, 5, 20, 0.1, -0.1], shape: [3, 4])
    func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
    let references: [Activation: (Double) -> Double] = [
      .identity: { $0 }, .gelu: { 0.5 * $0 * (1 + erf($0 / 2.0.squareRoot())) },
      .silu: { $0 * sigmoid($0) }, .relu: { max(0, $0) },
      .squaredReLU: { max(0, $0) * max(0, $0) }, .tanh: { Foundation.tanh($0) },
      .sigmoid: { sigmoid($0) }, .elu: { $0 > 0 ? $0 : expm1($0) },
      .softplus: { max($0, 0) + log1p(exp(-abs($0))) },
    ]
    for (activation, reference) in references {
      #expect(activation.inputFactor == 1)
      expectGradients(at: [x], { activation($0[0]) }) { $0[0].map(reference) }
    }
    #expect(Activation.glu.inputFactor == 2)
    expectGradients(at: [x], { Activation.glu($0[0]) }) { x in
      (0..<6).map { x[0][$0 / 2 * 4 + $0 % 2] * sigmoid(x[0][$0 / 2 * 4 + $0 % 2 + 2]) }
    }
    #expect(Set(references.keys).union([.glu]) == Set(Activation.allCases))
  }

  @Test func functions() {
    let x = Tensor([-30, -6, -3, -1, -0.4, 0.3, 0.9, 2, 5, 8, 0.1, -0.1], shape: [3, 4])
    expectGradients(at: [x], { $0[0].sine() }) { $0[0].map { sin($0) } }
    expectGradients(at: [x], { $0[0].tanh() }) { $0[0].map { Foundation.tanh($0) } }
    expectGradients(at: [x], { $0[0].exponential() }) { $0[0].map { exp($0) } }
    expectGradients(at: [x], { $0[0].sigmoid() }) { $0[0].map { 1 / (1 + exp(-$0)) } }
    expectGradients(at: [x], { $0[0].mapped({ $0 * $0 }, derivative: { 2 * $0 }) }) {
      $0[0].map { $0 * $0 }
    }
  }

  @Test func layerNorm() {
    let inputs = [normal([2, 3, 5]), normal([5], 2), normal([5], 3)]
    expectGradients(
      at: inputs, { $0[0].layerNormalized(gain: $0[1], bias: $0[2], epsilon: 1e-3) }
    ) { x in
      stride(from: 0, to: 30, by: 5).flatMap { start in
        let row = x[0][start..<start + 5]
        let mean = row.reduce(0, +) / 5
        let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 5
        return row.enumerated().map {
          ($1 - mean) / (variance + 1e-3).squareRoot() * x[1][$0] + x[2][$0]
        }
      }
    }
  }

  @Test func rootMeanSquareNorm() {
    expectGradients(
      at: [normal([2, 3, 5]), normal([5], 2)],
      { $0[0].rmsNormalized(gain: $0[1], epsilon: 1e-3) }
    ) { x in
      stride(from: 0, to: 30, by: 5).flatMap { start in
        let row = x[0][start..<start + 5]
        let square = row.reduce(0) { $0 + $1 * $1 } / 5
        return row.enumerated().map { $1 / (square + 1e-3).squareRoot() * x[1][$0] }
      }
    }
  }

  @Test(arguments: [nil, SequenceMask(lengths: [4, 0, 3], length: 4)])
  func batchNorm(mask: SequenceMask?) {
    let lengths = mask?.lengths ?? [4, 4, 4]
    expectGradients(
      at: [normal([3, 4, 2]), normal([2], 2), normal([2], 3)],
      { $0[0].batchNormalized(gain: $0[1], bias: $0[2], mask: mask, epsilon: 1e-3).0 }
    ) { x in
      var y = [Double](repeating: 0, count: 24)
      for channel in 0..<2 {
        let counted = (0..<12).filter { $0 % 4 < lengths[$0 / 4] }.map { 2 * $0 + channel }
        let count = Double(counted.count)
        let mean = counted.reduce(0) { $0 + x[0][$1] } / count
        let variance = counted.reduce(0) { $0 + (x[0][$1] - mean) * (x[0][$1] - mean) } / count
        for i in counted {
          y[i] = (x[0][i] - mean) / (variance + 1e-3).squareRoot() * x[1][channel] + x[2][channel]
        }
      }
      return y
    }
  }

  @Test func crossEntropyLeavesOutNegativeLabels() {
    let labels: [Int32] = [2, -1, 0, 4]
    let logits = Tensor(normal([4, 5]).elements.map { 4 * $0 }, shape: [4, 5])
    expectGradients(at: [logits], { $0[0].softmaxCrossEntropy(labels: labels) }) { x in
      let losses = labels.indices.filter { labels[$0] >= 0 }.map { row in
        let values = x[0][5 * row..<5 * row + 5]
        let largest = values.max() ?? 0
        let total = values.reduce(0) { $0 + exp($1 - largest) }
        return largest + log(total) - x[0][5 * row + Int(labels[row])]
      }
      return [losses.reduce(0, +) / 3]
    }
    let none = Variable(logits).softmaxCrossEntropy(labels: [-1, -1, -1, -1])
    #expect(none.value.scalar == 0)
    // Logits beyond the range of exp do not overflow.
    let huge = Variable(Tensor([1000, -1000], shape: [1, 2]))
    #expect(huge.softmaxCrossEntropy(labels: [0]).value.scalar == 0)
    #expect(huge.softmaxCrossEntropy(labels: [1]).value.scalar == 2000)
  }

  @Test func squaredError() {
    let target = normal([3, 4], 2)
    expectGradients(at: [normal([3, 4])], { $0[0].meanSquaredError(target) }) { x in
      [zip(x[0], target.elements).reduce(0) { $0 + pow($1.0 - Double($1.1), 2) } / 12]
    }
  }

  @Test func powerDecay() {
    expectGradients(at: [Tensor([0.5, 1, 2])], { .powerDecay(rate: $0[0], rows: 9) }) { x in
      (0..<9).flatMap { t in x[0].map { pow(Double(t + 1), -$0) } }
    }
  }

  /// A composition, without a reference: differences of single-precision values.
  @Test func compositionAgainstSinglePrecisionDifferences() {
    var random = RandomSource(seed: 5)
    let inputs = [normal([2, 6, 4]), normal([6, 4], 2), normal([8, 4], 3)]
    let error = GradientCheck.directionalError(
      of: { v in
        v[0].convolved(with: v[1]).gelu().dropout(0.3).linear(weight: v[2]).glu()
          .pooled(.mean, mask: nil).softmaxCrossEntropy(labels: [1, 3])
      }, at: inputs, using: &random)
    #expect(error < 2e-3)
  }

  /// The check itself must see a wrong gradient, one that is missing, and one of a wrong size.
  @Test func theChecksFindWrongGradients() {
    var random = RandomSource(seed: 5)
    let wrong: [(Tensor) -> [Tensor?]] = [{ [$0 * 1.001] }, { _ in [nil] }, { [-$0] }]
    for pullback in wrong {
      func function(_ x: Variable) -> Variable {
        Variable.primitive([x], value: x.value * 3) { pullback($0 * 3) }
      }
      let directional = GradientCheck.directionalError(
        of: { function($0[0]) }, at: [normal([3, 4])],
        reference: { $0[0].map { $0 * 3 } }, using: &random)
      #expect(directional > 1e-5)
      #expect(GradientCheck.adjointError(of: function, at: [3, 4], using: &random) > 1e-5)
    }
  }
}
