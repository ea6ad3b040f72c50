package import Differentiation
import SequenceTensor

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
  let tape = Tape()
  let y = output(module, tape)
  let weights = Tensor(normal: y.shape, using: &random)
  let gradients = tape.gradients(of: y, seed: weights)
  let parameters = module.parameters.map(\.parameter)
  let slopes = parameters.map { gradients[$0.id] ?? Tensor(zeros: $0.value.shape) }
  let size = slopes.reduce(0) { $0 + $1.sumOfSquares() }.squareRoot()

  func weighted(_ values: [Double]) -> Double {
    zip(values, weights.elements).reduce(0) { $0 + $1.0 * Double($1.1) }
  }
  func value(_ direction: [Tensor], _ step: Double) -> Double {
    let moved = zip(parameters, direction).map { parameter, direction in
      zip(parameter.value.elements, direction.elements).map {
        Double($0) + step * Double($1)
      }
    }
    if let reference { return weighted(reference(moved)) }
    var copy = module
    var index = 0
    copy.forEachParameter { _, parameter in
      parameter.value = Tensor(moved[index].map { Float($0) }, shape: parameter.value.shape)
      index += 1
    }
    return weighted(output(copy, Tape()).value.elements.map { Double($0) })
  }

  let steps = reference == nil ? [1e-1, 3e-2, 1e-2, 3e-3, 1e-3] : [1e-3, 1e-4, 1e-5]
  var worst = 0.0
  for _ in 0..<3 {
    let direction = parameters.map { parameter in
      parameter.options.isTrainable
        ? Tensor(normal: parameter.value.shape, using: &random)
        : Tensor(zeros: parameter.value.shape)
    }
    let slope = zip(slopes, direction).reduce(0) { sum, pair in
      zip(pair.0.elements, pair.1.elements).reduce(sum) { $0 + Double($1.0) * Double($1.1) }
    }
    let errors = steps.map { step in
      let quotient = (value(direction, step) - value(direction, -step)) / (2 * step)
      let error = abs(slope - quotient) / max(size, abs(quotient), 1e-30)
      return error.isFinite ? error : .infinity
    }
    worst = max(worst, errors.min() ?? .infinity)
  }
  return worst
}
