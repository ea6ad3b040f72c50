package import Differentiation
import SequenceTensor
package import Testing

/// Expects that the gradients of a module's parameters are what its values change by.
///
/// A random direction in the space of all trained parameters, central differences of
/// single-precision values with several steps, of which the best counts.
package func expectParameterGradients<M: Module>(
  of module: M, tolerance: Double = 5e-3, seed: UInt64 = 1,
  sourceLocation: SourceLocation = #_sourceLocation,
  _ output: (M, Tape) -> Variable
) {
  var random = RandomSource(seed: seed)
  let tape = Tape()
  let y = output(module, tape)
  let weights = Tensor(normal: y.shape, using: &random)
  let gradients = tape.gradients(of: y, seed: weights)
  let trained = module.parameters.filter { $0.parameter.options.isTrainable }
  for (name, parameter) in trained {
    guard let gradient = gradients[parameter.id] else { continue }
    let direction = Tensor(normal: parameter.value.shape, using: &random)
    let slope = inner(gradient, direction)
    func value(_ step: Float) -> Double {
      var moved = module
      moved.forEachParameter { _, other in
        if other.id == parameter.id { other.value = other.value + direction * step }
      }
      return inner(output(moved, Tape()).value, weights)
    }
    let size = max(gradient.sumOfSquares().squareRoot(), 1e-3)
    let errors = [3e-2, 1e-2, 3e-3, 1e-3].map { (step: Float) in
      abs(slope - (value(step) - value(-step)) / Double(2 * step)) / size
    }
    let error = errors.min() ?? .infinity
    #expect(error < tolerance, "\(name)", sourceLocation: sourceLocation)
  }
}

private func inner(_ a: Tensor, _ b: Tensor) -> Double {
  zip(a.elements, b.elements).reduce(0) { $0 + Double($1.0) * Double($1.1) }
}
