package import Differentiation
import SequenceTensor

extension Variable {
  /// k[n, o, i] = Σ_p w[o, i, p]·max(0, 1 - |c[o, p] - x_n|/r[o, p])/(count + 1e-6), where `count` is the
  /// number of points that reach x_n; in double precision.
  ///
  /// The count is a constant for the gradient, as it is for the authors.
  ///
  /// - Parameters:
  ///   - positions: x, at equal distances.
  ///   - centres: c, `[outputs, points]`.
  ///   - radii: r, `[outputs, points]`.
  ///   - weights: w, `[outputs, inputs, points]`.
  /// - Returns: `[positions, outputs·inputs]`.
  /// - Complexity: O(outputs·points·(inputs·positions within a radius)).
  package static func movingPoints(
    _ positions: [Double], centres: Variable, radii: Variable, weights: Variable
  ) -> Variable {
    require(
      centres.shape.rank == 2 && radii.shape == centres.shape && weights.shape.rank == 3
        && weights.shape[0] == centres.shape[0] && weights.shape[2] == centres.shape[1],
      "Variable.movingPoints: centres \(centres.shape), radii \(radii.shape) [outputs, points],"
        + " weights \(weights.shape) [outputs, inputs, points]")
    let points = MovingPoints(
      positions: positions, centres: centres.value, radii: radii.value, weights: weights.value)
    return primitive([centres, radii, weights], value: points.kernel()) { points.gradients($0) }
  }
}

/// The work of `Variable.movingPoints`, an output channel at a time.
private struct MovingPoints {
  let positions: [Double]
  let centres: Tensor
  let radii: Tensor
  let weights: Tensor

  private var outputs: Int { weights.shape[0] }
  private var inputs: Int { weights.shape[1] }
  private var points: Int { weights.shape[2] }

  /// Calls `body(n, point, height)` for the positions that each point of an output channel reaches.
  private func forEachReached(_ output: Int, _ body: (Int, Int, Double) -> Void) {
    guard let start = positions.first, let end = positions.last else { return }
    let step = (end - start) / Double(max(1, positions.count - 1))
    for p in 0..<points {
      let centre = Double(centres.pointer[output * points + p])
      let radius = Double(radii.pointer[output * points + p])
      // A radius that is not positive reaches everything, or nothing by the definition's formula.
      let reach = radius > 0 && step != 0 ? abs(radius / step) : .infinity
      let middle = step != 0 ? (centre - start) / step : 0
      let low = Int(max(0, min(Double(positions.count), (middle - reach).rounded(.down))))
      let high = Int(max(-1, min(Double(positions.count - 1), (middle + reach).rounded(.up))))
      guard low <= high else { continue }
      for n in low...high {
        let height = 1 - abs(centre - positions[n]) / radius
        if height > 0 { body(n, p, height) }
      }
    }
  }

  /// 1/(count + 1e-6) at each position.
  private func countWeights(_ output: Int) -> [Double] {
    var counts = [Double](repeating: 1e-6, count: positions.count)
    forEachReached(output) { n, _, _ in counts[n] += 1 }
    return counts.map { 1 / $0 }
  }

  func kernel() -> Tensor {
    var result = Tensor(zeros: [positions.count, outputs * inputs])
    let out = result.mutablePointer()
    Parallel.forEach(tasks: outputs) { o, _ in
      let shares = countWeights(o)
      var sums = [Double](repeating: 0, count: positions.count * inputs)
      forEachReached(o) { n, p, height in
        for i in 0..<inputs {
          sums[n * inputs + i] +=
            Double(weights.pointer[(o * inputs + i) * points + p]) * shares[n] * height
        }
      }
      for n in positions.indices {
        for i in 0..<inputs {
          out[(n * outputs + o) * inputs + i] = Float(sums[n * inputs + i])
        }
      }
    }
    return result
  }

  func gradients(_ dk: Tensor) -> [Tensor?] {
    var dCentres = Tensor(zeros: centres.shape)
    var dRadii = Tensor(zeros: radii.shape)
    var dWeights = Tensor(zeros: weights.shape)
    let (toCentres, toRadii, toWeights) = (
      dCentres.mutablePointer(), dRadii.mutablePointer(), dWeights.mutablePointer()
    )
    Parallel.forEach(tasks: outputs) { o, _ in
      let shares = countWeights(o)
      var sums = [Double](repeating: 0, count: inputs * points)
      var moves = [SIMD2<Double>](repeating: .zero, count: points)
      forEachReached(o) { n, p, height in
        let up = dk.pointer + (n * outputs + o) * inputs
        var slope = 0.0
        for i in 0..<inputs {
          sums[i * points + p] += Double(up[i]) * shares[n] * height
          slope += Double(up[i]) * Double(weights.pointer[(o * inputs + i) * points + p])
        }
        slope *= shares[n]
        let distance = Double(centres.pointer[o * points + p]) - positions[n]
        let radius = Double(radii.pointer[o * points + p])
        let sign: Double = distance > 0 ? 1 : distance < 0 ? -1 : 0
        moves[p] += SIMD2(-sign / radius, abs(distance) / (radius * radius)) * slope
      }
      for index in sums.indices { toWeights[o * inputs * points + index] = Float(sums[index]) }
      for p in 0..<points {
        toCentres[o * points + p] = Float(moves[p].x)
        toRadii[o * points + p] = Float(moves[p].y)
      }
    }
    return [dCentres, dRadii, dWeights]
  }
}
