package import SequenceTensor
package import SpectralCore

/// Depthwise convolution by its definition in double precision, and its gradients.
package struct DirectOracle {
  package let problem: ConvolutionProblem

  package init(_ problem: ConvolutionProblem) { self.problem = problem }

  /// Calls `body(n, m, j)` for each output n that tap j brings input m to.
  private func forEachTerm(_ body: (Int, Int, Int) -> Void) {
    let length = problem.length
    for n in 0..<length {
      for j in 0..<problem.taps {
        var m = n - j + problem.centre
        if problem.boundary == .circular {
          if j >= length { continue }
          m = (m % length + length) % length
        }
        if m >= 0 && m < length { body(n, m, j) }
      }
    }
  }

  package struct Operands {
    package var u: [Double], h: [Double], d: [Double], pre: [Double], post: [Double]
  }

  private func operands(_ o: ConvolutionOperands, _ filter: Tensor) -> Operands {
    let ones = [Double](repeating: 1, count: o.input.count)
    return Operands(
      u: o.input.elements.map(Double.init), h: filter.elements.map(Double.init),
      d: o.skip?.elements.map(Double.init) ?? [Double](repeating: 0, count: o.input.shape[2]),
      pre: o.preGate?.elements.map(Double.init) ?? ones,
      post: o.postGate?.elements.map(Double.init) ?? ones)
  }

  package func forward(_ o: ConvolutionOperands, _ filter: Tensor) -> [Double] {
    let (batch, length, channels) = (o.input.shape[0], o.input.shape[1], o.input.shape[2])
    let x = operands(o, filter)
    var y = [Double](repeating: 0, count: o.input.count)
    for b in 0..<batch {
      let base = b * length * channels
      forEachTerm { n, m, j in
        for c in 0..<channels {
          let at = base + m * channels + c
          y[base + n * channels + c] += x.h[j * channels + c] * x.u[at] * x.pre[at]
        }
      }
    }
    for i in y.indices { y[i] = x.post[i] * (y[i] + x.d[i % channels] * x.u[i] * x.pre[i]) }
    return y
  }

  package struct Gradients {
    package var input, filter, skip, preGate, postGate: [Double]
  }

  package func gradients(
    _ dy: Tensor, _ o: ConvolutionOperands, _ filter: Tensor
  ) -> Gradients {
    let (batch, length, channels) = (o.input.shape[0], o.input.shape[1], o.input.shape[2])
    let x = operands(o, filter)
    let g = zip(dy.elements, x.post).map { Double($0) * $1 }
    var dx = [Double](repeating: 0, count: o.input.count)
    var dh = [Double](repeating: 0, count: filter.count)
    var dd = [Double](repeating: 0, count: channels)
    var y = [Double](repeating: 0, count: o.input.count)
    for b in 0..<batch {
      let base = b * length * channels
      forEachTerm { n, m, j in
        for c in 0..<channels {
          let (to, from) = (base + n * channels + c, base + m * channels + c)
          let tap = x.h[j * channels + c]
          y[to] += tap * x.u[from] * x.pre[from]
          dx[from] += tap * g[to]
          dh[j * channels + c] += x.u[from] * x.pre[from] * g[to]
        }
      }
    }
    for i in y.indices {
      dd[i % channels] += g[i] * x.u[i] * x.pre[i]
      dx[i] += x.d[i % channels] * g[i]
      y[i] += x.d[i % channels] * x.u[i] * x.pre[i]
    }
    return Gradients(
      input: zip(dx, x.pre).map { $0 * $1 }, filter: dh, skip: dd,
      preGate: zip(dx, x.u).map { $0 * $1 },
      postGate: zip(y, dy.elements).map { $0 * Double($1) })
  }
}

/// ‖a - b‖₂ / ‖b‖₂, the error of `a` against the reference `b`; the norm counts as at least
/// `atLeast`.
package func relativeError(_ a: [Float], _ b: [Double], atLeast: Double = 0) -> Double {
  precondition(a.count == b.count, "relativeError: \(a.count) and \(b.count) elements")
  let difference = zip(a, b).reduce(0) { $0 + (Double($1.0) - $1.1) * (Double($1.0) - $1.1) }
  let norm = max(b.reduce(0) { $0 + $1 * $1 }, atLeast * atLeast)
  return norm == 0 ? difference.squareRoot() : (difference / norm).squareRoot()
}
