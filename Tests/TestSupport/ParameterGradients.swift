package import Differentiation
import SequenceTensor
package import Testing

/// How far the gradients of a module's parameters are from central differences along random
/// directions, relative to the larger of the gradient's norm and the quotient.
///
/// With a `reference` in double precision, from the elements of each parameter to those of the
/// output, what remains is the gradients' own rounding, about 1e-6; without one, differences of
/// values in single precision are good to about 1e-3.
///
/// - Parameters:
///   - module: what is differentiated.
///   - reference: the same computation in double precision.
///   - seed: where directions and the weights of the output come from.
///   - output: the computation.
package func parameterGradientError<M: Module>(
  of module: M, reference: (([[Double]]) -> [Double])? = nil, seed: UInt64 = 11,
  _ output: (M, Tape) -> Variable
) -> Double {
  var random = RandomSource(seed: seed)
  return withoutActuallyEscaping(output) { output in
    let check = ParameterCheck(
      module: module, reference: reference, output: output, using: &random)
    let trained = check.parameters.indices.filter {
      check.parameters[$0].parameter.options.isTrainable
    }
    return (0..<3).reduce(0) { worst, _ in max(worst, check.error(along: trained, using: &random)) }
  }
}

/// Expects that the gradients of a module's parameters are what its values change by, for each
/// trained parameter by itself.
///
/// Central differences of single-precision values with several steps, of which the best counts.
package func expectParameterGradients<M: Module>(
  of module: M, tolerance: Double = 5e-3, seed: UInt64 = 1,
  sourceLocation: SourceLocation = #_sourceLocation,
  _ output: (M, Tape) -> Variable
) {
  var random = RandomSource(seed: seed)
  withoutActuallyEscaping(output) { output in
    let check = ParameterCheck(module: module, reference: nil, output: output, using: &random)
    for (index, (name, parameter)) in check.parameters.enumerated()
    where parameter.options.isTrainable && check.hasGradient(index) {
      let error = check.error(along: [index], using: &random)
      #expect(error < tolerance, "\(name)", sourceLocation: sourceLocation)
    }
  }
}

/// A module, its gradients for random weights of the output, and its values nearby.
private struct ParameterCheck<M: Module> {
  let module: M
  let reference: (([[Double]]) -> [Double])?
  let output: (M, Tape) -> Variable
  let parameters: [(name: String, parameter: Parameter)]
  private let weights: Tensor
  private let gradients: [Tensor?]

  init(
    module: M, reference: (([[Double]]) -> [Double])?,
    output: @escaping (M, Tape) -> Variable, using random: inout RandomSource
  ) {
    (self.module, self.reference, self.output) = (module, reference, output)
    let tape = Tape()
    let y = output(module, tape)
    let weights = Tensor(normal: y.shape, using: &random)
    let found = tape.gradients(of: y, seed: weights)
    let parameters = module.parameters.map { (name: $0.name, parameter: $0.parameter) }
    self.weights = weights
    self.parameters = parameters
    gradients = parameters.map { found[$0.parameter.id] }
  }

  func hasGradient(_ index: Int) -> Bool { gradients[index] != nil }

  /// The error along a random direction of some parameters.
  func error(along chosen: [Int], using random: inout RandomSource) -> Double {
    var directions: [Int: Tensor] = [:]
    for index in chosen {
      directions[index] = Tensor(normal: parameters[index].parameter.value.shape, using: &random)
    }
    var (slope, size) = (0.0, 0.0)
    for index in chosen {
      guard let gradient = gradients[index], let direction = directions[index] else { continue }
      size += gradient.sumOfSquares()
      slope += inner(gradient.elements.map(Double.init), direction)
    }
    size = size.squareRoot()
    let steps = reference == nil ? [1e-1, 3e-2, 1e-2, 3e-3, 1e-3] : [1e-3, 1e-4, 1e-5]
    let errors = steps.map { step in
      let quotient = (value(directions, step) - value(directions, -step)) / (2 * step)
      let error = abs(slope - quotient) / max(size, abs(quotient), reference == nil ? 1e-3 : 1e-30)
      return error.isFinite ? error : .infinity
    }
    return errors.min() ?? .infinity
  }

  private func value(_ directions: [Int: Tensor], _ step: Double) -> Double {
    let moved = parameters.enumerated().map { index, item -> [Double] in
      let values = item.parameter.value.elements.map(Double.init)
      guard let direction = directions[index] else { return values }
      return zip(values, direction.elements).map { $0 + step * Double($1) }
    }
    if let reference { return inner(reference(moved), weights) }
    var copy = module
    var index = 0
    copy.forEachParameter { _, parameter in
      parameter.value = Tensor(moved[index].map { Float($0) }, shape: parameter.value.shape)
      index += 1
    }
    return inner(output(copy, Tape()).value.elements.map(Double.init), weights)
  }

  private func inner(_ a: [Double], _ b: Tensor) -> Double {
    zip(a, b.elements).reduce(0) { $0 + $1.0 * Double($1.1) }
  }
}
