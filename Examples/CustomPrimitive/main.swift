// Adds a primitive of one's own, a leaky integrator, and checks its gradients.
//
// Expected output (the last digits may differ on other processors):
//
//   pullback:   -14.943349542339845
//   difference: -14.941922947934765
//   as a convolution: relative difference below 1e-6
import Longwave

extension Variable {
  /// y[n] = decay·y[n - 1] + x[n] along the length, a recurrence in each channel.
  ///
  /// `self` is `[batch, length, channels]`, `decay` is `[channels]`.
  func leakyIntegral(decay: Variable) -> Variable {
    precondition(
      shape.rank == 3 && decay.shape == [shape[2]],
      "Variable.leakyIntegral: decay \(decay.shape) for input \(shape) [batch, length, channels]")
    let y = integrated(value, decay: decay.value, backwards: false)
    // The pullback gets dL/dy and returns dL/dx and dL/da, one for each input:
    // g[n] = dy[n] + a·g[n + 1] is dL/dx, and dL/da = Σ g[n]·y[n - 1].
    return .primitive([self, decay], value: y) { [a = decay.value] dy in
      let g = integrated(dy, decay: a, backwards: true)
      let length = y.shape[1]
      let products = g.sliced(axis: 1, 1..<length) * y.sliced(axis: 1, 0..<length - 1)
      return [g, products.summedRows()]
    }
  }
}

/// The recurrence itself, from either end.
func integrated(_ x: Tensor, decay: Tensor, backwards: Bool) -> Tensor {
  let (batch, length, channels) = (x.shape[0], x.shape[1], x.shape[2])
  let previous = backwards ? channels : -channels
  var y = x
  y.withMutableSpan { y in
    decay.withSpan { decay in
      for b in 0..<batch {
        for step in 1..<length {
          let n = backwards ? length - 1 - step : step
          for c in 0..<channels {
            let at = (b * length + n) * channels + c
            y[at] += decay[c] * y[at + previous]
          }
        }
      }
    }
  }
  return y
}

/// Σ a·b in double precision.
func inner(_ a: Tensor, _ b: Tensor) -> Double {
  zip(a.elements, b.elements).reduce(0) { $0 + Double($1.0) * Double($1.1) }
}

var random = RandomSource(seed: 3)
let x = Tensor(normal: [2, 50, 4], using: &random)
let decay = Tensor(uniform: [4], from: 0.3, to: 0.9, using: &random)
let weights = Tensor(normal: [2, 50, 4], using: &random)

/// A loss that has a gradient of its own at every output.
func loss(_ x: Tensor, _ decay: Tensor) -> Double {
  inner(integrated(x, decay: decay, backwards: false), weights)
}

let tape = Tape()
let (vx, va) = (tape.variable(x), tape.variable(decay))
let y = vx.leakyIntegral(decay: va)
let gradients = tape.gradients(of: y, seed: weights)

// The gradient along a random direction against a central difference.
let dx = Tensor(normal: x.shape, using: &random)
let da = Tensor(normal: decay.shape, using: &random)
let h: Float = 1e-3
let difference =
  (loss(x + h * dx, decay + h * da) - loss(x - h * dx, decay - h * da)) / (2 * Double(h))
guard let gx = gradients[vx], let ga = gradients[va] else { fatalError("no gradient") }
let derivative = inner(gx, dx) + inner(ga, da)
print("pullback:   \(derivative)")
print("difference: \(difference)")
guard abs(derivative - difference) < 2e-3 * abs(difference) else {
  fatalError("the pullback is wrong")
}

// The same thing is a long convolution with the taps decayᵗ.
var powers: [Float] = []
for t in 0..<50 {
  powers += decay.elements.map { a in (0..<t).reduce(1) { product, _ in product * a } }
}
let convolved = x.convolved(with: Tensor(powers, shape: [50, 4]))
let error = ((y.value - convolved).sumOfSquares() / convolved.sumOfSquares()).squareRoot()
print("as a convolution: relative difference \(error < 1e-6 ? "below" : "above") 1e-6")
