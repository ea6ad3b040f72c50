import Differentiation
import LaneKernels
import SequenceTensor

// Operations on the taps of filters, `[rows, channels]`.

extension Variable {
  /// h·(exp(-t·|δ|) + shift).
  ///
  /// - Parameters:
  ///   - decay: δ, `[channels]`.
  ///   - times: t, `[rows, 1]`.
  ///   - shift: added to the decay.
  func exponentiallyModulated(decay: Variable, times: Tensor, shift: Float) -> Variable {
    require(
      shape.rank == 2 && decay.shape == [shape[1]] && times.shape == [shape[0], 1],
      "Variable.exponentiallyModulated: decay \(decay.shape), times \(times.shape) for \(shape)")
    let rates = decay.value
    let sizes = Tensor(rates.elements.map { -abs($0) }, shape: [1, rates.count])
    let fall = Tensor.matmul(times, sizes).mapped { lanes.exponential($0, $1, $2) }
    let window = shift == 0 ? fall : fall + shift
    let wanted = decay.needsGradient
    return Self.primitive([self, decay], value: value * window) { [h = value] dy in
      guard wanted else { return [dy * window, nil] }
      let signs = Tensor(rates.elements.map { $0 < 0 ? 1 : $0 > 0 ? -1 : 0 })
      return [dy * window, (dy * h * fall * times).summedRows() * signs]
    }
  }

  /// h/Σ|h|, the sum over the channels of a row.
  func dividedByChannelNorm() -> Variable {
    let (rows, width) = (shape.rows, shape.last)
    let x = value
    let norms = (0..<rows).map { row in
      (0..<width).reduce(0.0) { $0 + Double(abs(x.pointer[row * width + $1])) }
    }
    let inverse = Tensor(norms.map { Float(1 / $0) }, shape: [rows, 1])
    let y = x * inverse
    return Self.primitive([self], value: y) { dy in
      // d|x| is the sign of x, and that of y.
      let inner = Tensor(
        (0..<rows).map { row in
          Float(
            (0..<width).reduce(0.0) {
              $0 + Double(dy.pointer[row * width + $1]) * Double(y.pointer[row * width + $1])
            })
        }, shape: [rows, 1])
      let signs = Tensor(y.elements.map { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }, shape: y.shape)
      return [(dy - signs * inner) * inverse]
    }
  }

  /// sign(x)·max(0, |x| - threshold): small values become zero, and get no gradient.
  func squashed(_ threshold: Float) -> Variable {
    let x = value
    let y = Tensor(uninitialized: shape) { y in
      Parallel.forEachRange(x.count, grain: Parallel.elementGrain) { range in
        for i in range {
          let size = abs(x.pointer[i]) - threshold
          y[i] = size > 0 ? (x.pointer[i] > 0 ? size : -size) : 0
        }
      }
    }
    return Self.primitive([self], value: y) { dy in
      [
        Tensor(uninitialized: x.shape) { dx in
          Parallel.forEachRange(x.count, grain: Parallel.elementGrain) { range in
            for i in range { dx[i] = abs(x.pointer[i]) > threshold ? dy.pointer[i] : 0 }
          }
        }
      ]
    }
  }
}
