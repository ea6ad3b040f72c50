import Differentiation
import Layers
import LongConvolution
import SequenceTensor

/// The Hyena operator by its definition, in double precision with plain sums.
struct HyenaOracle {
  let layer: HyenaOperator<HyenaFilter>

  /// The output for one sequence, position by channel.
  func callAsFunction(_ x: [[Double]]) -> [[Double]] {
    let (options, channels) = (layer.options, layer.channels)
    let width = channels * options.innerFactor
    let z = shortFiltered(linear(x, layer.input.weight.value, layer.input.bias?.value))
    var parts = (0...options.order).map { part in
      z.map { Array($0[part * width..<(part + 1) * width]) }
    }
    var v = parts.removeLast()
    let taps = layer.filter.taps(length: x.count, on: nil).value
    let reach = layer.filter.isBidirectional ? x.count - 1 : 0
    for step in 0..<options.order - 1 {
      let gate = parts[options.order - 1 - step]
      for n in x.indices {
        for c in 0..<width {
          let sum = stride(from: c % options.heads, to: width, by: options.heads).reduce(0.0) {
            $0 + gate[n][$1]
          }
          v[n][c] *= options.mixesOuter ? sum : gate[n][c]
        }
      }
      let u = v
      for n in x.indices {
        for c in 0..<width {
          let column = filterColumn(step: step, channel: c / options.heads, width: width)
          v[n][c] = Double(layer.skip?.value.elements[column] ?? 0) * u[n][c]
          let first = options.blockLength.map { n / $0 * $0 } ?? 0
          let last = layer.filter.isBidirectional ? x.count - 1 : n
          for m in first...last { v[n][c] += Double(taps[n - m + reach, column]) * u[m][c] }
        }
      }
      if let mixing = layer.headMixing?.value { v = v.map { mixed($0, mixing, step) } }
    }
    var y = zip(v, parts[0]).map { zip($0, $1).map { activated($0 * $1) } }
    if let residual = layer.residual {
      let taps = residual.filter.taps(length: x.count, on: nil).value
      for n in x.indices {
        for c in 0..<width {
          y[n][c] += Double(residual.skip.value.elements[c]) * x[n][c]
          let last = layer.filter.isBidirectional ? x.count - 1 : n
          for m in 0...last { y[n][c] += Double(taps[n - m + reach, c]) * x[m][c] }
        }
      }
    }
    return linear(y, layer.output.weight.value, layer.output.bias?.value)
  }

  private func filterColumn(step: Int, channel: Int, width: Int) -> Int {
    let steps = layer.options.order - 1
    return layer.options.filterOrder == .interleaved
      ? channel * steps + step : step * (width / layer.options.heads) + channel
  }

  private func activated(_ x: Double) -> Double {
    layer.options.activation == .relu ? max(0, x) : x
  }

  private func mixed(_ row: [Double], _ weights: Tensor, _ step: Int) -> [Double] {
    let heads = layer.options.heads
    return row.indices.map { c in
      (0..<heads).reduce(0.0) { sum, k in
        sum + Double(weights[step, k, c % heads]) * row[c / heads * heads + k]
      }
    }
  }

  private func linear(_ x: [[Double]], _ weight: Tensor, _ bias: Tensor?) -> [[Double]] {
    x.map { row in
      (0..<weight.shape[0]).map { o in
        row.indices.reduce(Double(bias?.elements[o] ?? 0)) { $0 + Double(weight[o, $1]) * row[$1] }
      }
    }
  }

  private func shortFiltered(_ x: [[Double]]) -> [[Double]] {
    let (weight, bias) = (layer.short.weight.value, layer.short.bias.value.elements)
    return x.indices.map { n in
      bias.indices.map { c in
        (0...min(n, weight.shape[0] - 1)).reduce(Double(bias[c])) {
          $0 + Double(weight[$1, c]) * x[n - $1][c]
        }
      }
    }
  }
}
