package import Differentiation
package import SequenceTensor

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension Variable {
  /// exp(-½·(γ·(x - μ))²)·sin(w·x + b) of each channel at each position, in double precision.
  ///
  /// - Parameters:
  ///   - positions: x.
  ///   - centre: μ, `[channels]`.
  ///   - width: γ, `[channels]`, the inverse of a deviation.
  ///   - frequency: w, `[channels]`.
  ///   - phase: b, `[channels]`.
  /// - Returns: `[positions, channels]`.
  package static func gabor(
    _ positions: [Double], centre: Variable, width: Variable, frequency: Variable, phase: Variable
  ) -> Variable {
    let channels = centre.value.count
    let parameters = [centre, width, frequency, phase]
    require(
      parameters.allSatisfy { $0.shape == [channels] },
      "Variable.gabor: centre, width, frequency and phase \(parameters.map(\.shape))")
    let values = parameters.map { $0.value.elements.map(Double.init) }
    let count = positions.count
    let value = Tensor(uninitialized: [count, channels]) { y in
      Parallel.forEachRange(count, grain: max(1, 4096 / max(1, channels))) { range in
        for n in range {
          for c in 0..<channels {
            let u = values[1][c] * (positions[n] - values[0][c])
            y[n * channels + c] =
              Float(exp(-0.5 * u * u) * sin(values[2][c] * positions[n] + values[3][c]))
          }
        }
      }
    }
    return primitive(parameters, value: value) { dy in
      var gradient = Tensor(zeros: [4, channels])
      let out = gradient.mutablePointer()
      Parallel.forEach(tasks: channels) { c, _ in
        var sums = SIMD4<Double>()
        for n in 0..<count {
          let (x, distance) = (positions[n], positions[n] - values[0][c])
          let u = values[1][c] * distance
          let window = Double(dy.pointer[n * channels + c]) * exp(-0.5 * u * u)
          let angle = values[2][c] * x + values[3][c]
          let (along, across) = (window * sin(angle), window * cos(angle))
          sums += SIMD4(along * u * values[1][c], -along * u * distance, across * x, across)
        }
        for i in 0..<4 { out[i * channels + c] = Float(sums[i]) }
      }
      return (0..<4).map { gradient.sliced(axis: 0, $0..<$0 + 1).reshaped(channels) }
    }
  }

  /// exp(-½·(x - μ)²/(σ² + ε)) at each position, `[positions, 1]`, in double precision.
  ///
  /// - Parameters:
  ///   - mean: μ, one element.
  ///   - width: σ, one element.
  ///   - floor: ε.
  package static func gaussian(
    _ positions: [Double], mean: Variable, width: Variable, floor: Double
  ) -> Variable {
    let (centre, sigma) = (Double(mean.value.scalar), Double(width.value.scalar))
    let variance = sigma * sigma + floor
    func at(_ x: Double) -> Double { exp(-0.5 * (x - centre) * (x - centre) / variance) }
    return primitive([mean, width], value: column(positions.map(at))) { dy in
      var (toMean, toWidth) = (0.0, 0.0)
      for (x, up) in zip(positions, dy.elements) {
        let (slope, distance) = (Double(up) * at(x), x - centre)
        toMean += slope * distance / variance
        toWidth += slope * distance * distance * sigma / (variance * variance)
      }
      return [
        Tensor(repeating: Float(toMean), shape: mean.shape),
        Tensor(repeating: Float(toWidth), shape: width.shape),
      ]
    }
  }
}

extension RandomSource {
  /// A number from the gamma distribution of a shape and rate 1.
  ///
  /// Marsaglia and Tsang, "A simple method for generating gamma variables", 2000.
  package mutating func gamma(shape: Double) -> Double {
    require(shape > 0, "RandomSource.gamma: shape \(shape)")
    guard shape >= 1 else {
      let larger = gamma(shape: shape + 1)
      return larger * pow(1 - uniform(), 1 / shape)
    }
    let d = shape - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = normal()
      let v = (1 + c * x) * (1 + c * x) * (1 + c * x)
      if v > 0,
        Self.naturalLogarithm(1 - uniform())
          < 0.5 * x * x + d - d * v + d * Self.naturalLogarithm(v)
      {
        return d * v
      }
    }
  }
}
