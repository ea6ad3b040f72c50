import Longwave
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The factorized operator against sums in double precision, and its gradients.
@Suite struct FactorizedOperatorTests {
  /// One axis convolved by the definition, with modes that the axis does not have left out.
  private func direct(_ field: [Double], _ sizes: [Int], _ weight: Tensor, axis: Int) -> [Double] {
    let (modes, inputs, outputs) = (weight.shape[0], weight.shape[1], weight.shape[2])
    let n = sizes[axis + 1]
    let inner = sizes[(axis + 2)..<sizes.count - 1].reduce(1, *)
    let outer = sizes[...axis].reduce(1, *)
    let w = weight.elements.map { Double($0) }
    var result = [Double](repeating: 0, count: outer * n * inner * outputs)
    for o in 0..<outer {
      for i in 0..<inner {
        for k in 0..<min(modes, n / 2 + 1) {
          for out in 0..<outputs {
            var (real, imaginary) = (0.0, 0.0)
            for c in 0..<inputs {
              let at = 2 * ((k * inputs + c) * outputs + out)
              for p in 0..<n {
                let angle = -2 * Double.pi * Double(k * p % n) / Double(n)
                let x = field[((o * n + p) * inner + i) * inputs + c]
                real += x * (cos(angle) * w[at] - sin(angle) * w[at + 1])
                imaginary += x * (cos(angle) * w[at + 1] + sin(angle) * w[at])
              }
            }
            // A real inverse counts the inner modes twice and sees no imaginary part of the others.
            let isEnd = k == 0 || 2 * k == n
            for p in 0..<n {
              let angle = 2 * Double.pi * Double(k * p % n) / Double(n)
              let term =
                isEnd ? real * cos(angle) : 2 * (real * cos(angle) - imaginary * sin(angle))
              result[((o * n + p) * inner + i) * outputs + out] += term / Double(n)
            }
          }
        }
      }
    }
    return result
  }

  @Test(arguments: [[7], [8], [5, 6], [3, 4, 5]], [1, 3, 5]) func convolutionOfEachAxis(
    grid: [Int], modes: Int
  ) {
    var random = RandomSource(seed: 4)
    let sizes = [2] + grid + [3]
    let field = Tensor(normal: Shape(sizes), using: &random)
    for axis in grid.indices {
      let convolution = AxisSpectralConvolution(
        inputs: 3, outputs: 2, modes: modes, axis: axis, using: &random)
      let found = convolution(Variable(field)).value
      let expected = direct(
        field.elements.map { Double($0) }, sizes, convolution.weight.value, axis: axis)
      let error = zip(found.elements, expected).map { abs(Double($0) - $1) }.max() ?? 1
      #expect(found.shape.sizes == [2] + grid + [2])
      #expect(error < 1e-5)
      // Bilinear in field and weight.
      let inField = GradientCheck.adjointError(
        of: { $0.convolved(weight: Variable(convolution.weight.value), axis: axis) },
        at: field.shape, using: &random)
      let inWeight = GradientCheck.adjointError(
        of: { Variable(field, on: $0.tape).convolved(weight: $0, axis: axis) },
        at: convolution.weight.value.shape, using: &random)
      #expect(inField < 1e-6 && inWeight < 1e-6)
    }
  }

  @Test func lengthsOfRowsAreParameters() {
    var random = RandomSource(seed: 5)
    let layer = WeightNormalizedLinear(inputs: 3, outputs: 4, using: &random)
    // It starts as the plain map of its directions.
    let x = Variable(Tensor(normal: [5, 3], using: &random))
    let plain = x.linear(
      weight: Variable(layer.direction.value), bias: Variable(layer.bias.value))
    #expect((layer(x).value - plain.value).maximumMagnitude() < 1e-6)
    let error = GradientCheck.directionalError(
      of: { $0[0].rowsScaled(to: $0[1]) },
      at: [Tensor(normal: [4, 3], using: &random), Tensor(normal: [4], using: &random)],
      using: &random)
    #expect(error < 1e-3)
    expectEveryParameterVisited(layer)
  }

  private func makeOperator(
    _ modes: [Int], _ change: (inout FactorizedFourierOptions) -> Void = { _ in }
  ) -> FactorizedFourierNeuralOperator {
    var random = RandomSource(seed: 6)
    var options = FactorizedFourierOptions(inputChannels: 2, outputChannels: 1, modes: modes)
    (options.width, options.layers, options.feedForwardFactor, options.headWidth) = (4, 2, 2, 5)
    options.gain = 1
    // Smooth, since differences do not see the kinks of rectification as the gradient does.
    options.activation = .gelu
    change(&options)
    return FactorizedFourierNeuralOperator(options, using: &random)
  }

  @Test func weightsAreSharedOrNot() {
    let shared = makeOperator([3, 2])
    let own = makeOperator([3, 2]) { $0.sharesWeights = false }
    let convolutions = (3 + 2) * 4 * 4 * 2
    #expect(own.parameterCount - shared.parameterCount == convolutions)
    // Lifting, two layers of two maps, head of two; each map has lengths of rows.
    let maps = [(4, 4), (4, 8), (8, 4), (4, 8), (8, 4), (4, 5), (5, 1)]
    #expect(
      shared.parameterCount == convolutions + maps.reduce(0) { $0 + $1.0 * $1.1 + 2 * $1.1 })
    expectEveryParameterVisited(shared)
    expectEveryParameterVisited(own)
  }

  @Test func gradientsOfParametersAndField() {
    for (grid, change) in [
      ([6], { _ in }),
      (
        [5, 4],
        {
          $0.sharesWeights = false
          $0.normalizesLayers = true
          $0.padding = 2
        }
      ), ([3, 4, 3], { $0.normalizesWeights = false }),
    ] as [([Int], (inout FactorizedFourierOptions) -> Void)] {
      let model = makeOperator(grid.map { _ in 2 }, change)
      var random = RandomSource(seed: 7)
      let field = Tensor(normal: Shape([2] + grid + [2]), using: &random)
      #expect(model(Variable(field)).shape.sizes == [2] + grid + [1])
      expectParameterGradients(of: model) { $0(Variable(field, on: $1)) }
      let error = GradientCheck.directionalError(
        of: { model($0[0]) }, at: [field], using: &random)
      #expect(error < 5e-3)
    }
  }

  @Test func anotherGridForTheResult() {
    // Without coordinates a constant field stays constant, on any grid.
    let model = makeOperator([2, 2]) { $0.coordinates = nil }
    let field = Variable(Tensor(repeating: 0.7, shape: [1, 4, 5, 2]))
    let (here, there) = (model(field).value, model(field, outputGrid: [7, 8]).value)
    #expect(there.shape == [1, 7, 8, 1])
    #expect((there + Float(-here[0, 0, 0, 0])).maximumMagnitude() < 1e-5)
  }

  @Test func theSecondOperatorFitsTheResidual() {
    let (first, second) = (makeOperator([2]), makeOperator([2]) { $0.inputChannels = 3 })
    var pair = BoostedOperator(
      first: first, second: second, scale: 0.5, input: .fieldAndPrediction)
    var random = RandomSource(seed: 8)
    let field = Tensor(normal: [2, 6, 2], using: &random)
    let prediction = first(Variable(field)).value
    let expected =
      prediction + second(.concatenated([Variable(field), Variable(prediction)], axis: -1)).value
      * 0.5
    #expect((pair(Variable(field)).value - expected).maximumMagnitude() < 1e-6)
    expectEveryParameterVisited(pair)
    // The first is held fixed, also where the field needs a gradient, which goes through it.
    for needsGradient in [false, true] {
      let tape = Tape()
      let input = needsGradient ? tape.variable(field) : Variable(field, on: tape)
      let gradients = tape.gradients(of: pair(input).sum())
      #expect(first.parameters.allSatisfy { gradients[$0.parameter.id] == nil })
      #expect(second.parameters.contains { gradients[$0.parameter.id] != nil })
    }
    let error = GradientCheck.directionalError(of: { pair($0[0]) }, at: [field], using: &random)
    #expect(error < 5e-3)
    pair.freezesFirst = false
    expectParameterGradients(of: pair) { $0(Variable(field, on: $1)) }
  }
}
