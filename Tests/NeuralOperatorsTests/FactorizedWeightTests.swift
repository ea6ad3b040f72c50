import Longwave
import TestSupport
import Testing

/// Factorised weights: both ways to compute with them agree, with each other and with whole weights.
@Suite struct FactorizedWeightTests {
  static func layer(
    _ form: WeightFactorization.Form, _ implementation: WeightFactorization.Implementation,
    modes: [Int], isSeparable: Bool, isComplex: Bool
  ) -> SpectralConvolution {
    var options = SpectralConvolutionOptions(modes: modes)
    options.factorization = WeightFactorization(
      form, rank: .fraction(0.6), implementation: implementation)
    options.isSeparable = isSeparable
    options.hasComplexData = isComplex
    var random = RandomSource(seed: 7)
    return SpectralConvolution(inputs: 3, outputs: 3, options: options, using: &random)
  }

  @Test(arguments: WeightFactorization.Form.allCases, [[5], [4, 5], [3, 4, 4]])
  func bothImplementationsAgree(form: WeightFactorization.Form, modes: [Int]) {
    for isComplex in [false, true] {
      for isSeparable in [false, true] {
        // The last grid has fewer points than there are modes.
        for grid in [[9, 8, 7], [4, 3, 6]] {
          var random = RandomSource(seed: 2)
          let sizes = [2] + grid.prefix(modes.count) + [3] + (isComplex ? [2] : [])
          let x = Tensor(normal: Shape(sizes), using: &random)
          let results = WeightFactorization.Implementation.allCases.map { implementation in
            Self.layer(
              form, implementation, modes: modes, isSeparable: isSeparable, isComplex: isComplex)(
                Variable(x)
              ).value
          }
          #expect(
            (results[0] - results[1]).maximumMagnitude() < 1e-5 * results[0].maximumMagnitude())
        }
      }
    }
  }

  @Test(arguments: WeightFactorization.Form.allCases, WeightFactorization.Implementation.allCases)
  func gradientsOfTheFactors(
    form: WeightFactorization.Form, implementation: WeightFactorization.Implementation
  ) {
    var random = RandomSource(seed: 3)
    let x = Tensor(normal: [2, 7, 6, 3], using: &random)
    for isSeparable in [false, true] {
      var layer = Self.layer(
        form, implementation, modes: [4, 4], isSeparable: isSeparable, isComplex: false)
      expectEveryParameterVisited(layer)
      // Well away from 0, so that products of factors are not small.
      layer.forEachParameter { _, parameter in
        parameter.value = Tensor(normal: parameter.value.shape, deviation: 0.5, using: &random)
      }
      #expect(parameterGradientError(of: layer) { $0(Variable(x, on: $1)) } < 5e-3)
    }
  }

  /// With factors of ones a whole weight is the number of terms of its sum.
  @Test(arguments: WeightFactorization.Form.allCases, [false, true])
  func wholeWeightsAreProductsOfFactors(form: WeightFactorization.Form, isSeparable: Bool) {
    var layer = Self.layer(
      form, .factorized, modes: [4, 4], isSeparable: isSeparable, isComplex: false)
    layer.bias = nil
    var terms = 0
    layer.forEachParameter { name, parameter in
      let elements = (0..<parameter.value.count).map { Float(1 - $0 % 2) }
      parameter.value = Tensor(elements, shape: parameter.value.shape)
      if name == "weight.core" || name == "weight.weights" { terms = parameter.value.count / 2 }
    }
    if form == .tensorTrain {
      terms = layer.parameters.dropLast().reduce(1) { $0 * $1.parameter.value.shape[2] }
    }
    // A constant has only mode 0: the sum over the inputs, times the weight.
    let y = layer(Variable(Tensor(repeating: 1, shape: [1, 6, 6, 3]))).value
    let expected = Float((isSeparable ? 1 : 3) * terms)
    #expect(terms > 1)
    #expect((y.elements.map { abs($0 - expected) }.max() ?? .infinity) < 1e-4 * expected)
  }

  /// Ranks that tensorly 0.10 gives, from the shapes of weights that it made.
  @Test func ranksFollowTheRule() {
    func ranks(_ form: WeightFactorization.Form, _ fraction: Double, _ shape: [Int]) -> [Int] {
      WeightFactorization(form, rank: .fraction(fraction)).ranks(of: shape)
    }
    #expect(ranks(.tucker, 0.5, [6, 6, 6, 4]) == [5, 5, 5, 3])
    #expect(ranks(.tucker, 0.5, [6, 6, 5]) == [3, 3, 3])
    #expect(ranks(.canonical, 0.5, [5, 5, 5, 3]) == [10])
    #expect(ranks(.tensorTrain, 0.5, [5, 5, 5, 3]) == [1, 4, 4, 3, 1])
    let fixed = WeightFactorization(.tucker, rank: .fraction(0.5), fixedAxes: [0])
    #expect(fixed.ranks(of: [6, 6, 5])[0] == 6)
    let exact = WeightFactorization(.tensorTrain, rank: .exact([3]))
    #expect(exact.ranks(of: [6, 6, 5]) == [1, 3, 3, 1])
  }
}
