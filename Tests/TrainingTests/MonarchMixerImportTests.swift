import Differentiation
import Foundation
import Layers
import LongConvolution
import SequenceTensor
import Testing
import Training

/// Monarch Mixer's sequence mixer under its own names, against its formula in double precision.
@Suite struct MonarchMixerImportTests {
  static let (channels, length, width, embedding) = (3, 6, 4, 5)

  /// Random tensors of the original's names and shapes.
  static func tensors(isBidirectional: Bool, hasResidual: Bool) -> [String: Tensor] {
    var random = RandomSource(seed: 4)
    var result: [String: Tensor] = [:]
    func add(_ name: String, _ shape: Shape) {
      result[name] = Tensor(normal: shape, deviation: 0.5, using: &random)
    }
    add("in_linear.weight", [3 * channels, channels])
    add("in_linear.bias", [3 * channels])
    add("out_linear.weight", [channels, channels])
    add("out_linear.bias", [channels])
    add("short_filter.weight", [3 * channels, 1, 3])
    add("short_filter.bias", [3 * channels])
    for filter in ["filter_fn"] + (hasResidual ? ["filter_fn2"] : []) {
      add("\(filter).bias", [channels])
      add("\(filter).pos_emb.z", [1, length, embedding])
      result["\(filter).pos_emb.t"] = Tensor(
        (0..<length).map { Float($0) / Float(length - 1) }, shape: [1, length, 1])
      add("\(filter).modulation.deltas", [1, 1, channels])
      add("\(filter).sine", [1, width])
      let sine = result.removeValue(forKey: "\(filter).sine")
      for network in ["implicit_filter"] + (isBidirectional ? ["implicit_filter_rev"] : []) {
        let name = "\(filter).\(network)"
        for (index, inputs) in [embedding, width, width].enumerated() {
          add("\(name).\(2 * index).weight", [width, inputs])
          add("\(name).\(2 * index).bias", [width])
          result["\(name).\(2 * index + 1).freq"] = sine
        }
        add("\(name).6.weight", [channels, width])
      }
    }
    return result
  }

  struct Original {
    let tensors: [String: Tensor]
    let factor: Double

    func values(_ name: String) -> [Double] { (tensors[name]?.elements ?? []).map(Double.init) }

    func linear(_ name: String, _ x: [[Double]]) -> [[Double]] {
      let (weight, bias) = (values("\(name).weight"), values("\(name).bias"))
      func product(_ row: [Double], _ output: Int) -> Double {
        var sum = bias.isEmpty ? 0 : bias[output]
        for i in row.indices { sum += weight[output * row.count + i] * row[i] }
        return sum
      }
      return x.map { row in (0..<weight.count / row.count).map { product(row, $0) } }
    }

    /// `[length][channels]` of one network.
    func taps(_ filter: String, _ network: String) -> [[Double]] {
      let (length, width) = (MonarchMixerImportTests.length, MonarchMixerImportTests.embedding)
      let z = values("\(filter).pos_emb.z")
      var h = (0..<length).map { n in Array(z[n * width..<(n + 1) * width]) }
      for index in 0..<3 {
        let omega = values("\(filter).\(network).\(2 * index + 1).freq")
        h = linear("\(filter).\(network).\(2 * index)", h).map { row in
          row.indices.map { sin(factor * omega[$0] * row[$0]) }
        }
      }
      let deltas = values("\(filter).modulation.deltas")
      var result = linear("\(filter).\(network).6", h)
      for n in result.indices {
        let time = Double(n) / Double(length - 1)
        for c in deltas.indices { result[n][c] *= exp(-time * abs(deltas[c])) }
      }
      return result
    }

    func convolved(_ x: [[Double]], _ filter: String) -> [[Double]] {
      let past = taps(filter, "implicit_filter")
      let isBidirectional = tensors["\(filter).implicit_filter_rev.0.weight"] != nil
      let future = isBidirectional ? taps(filter, "implicit_filter_rev") : []
      let bias = values("\(filter).bias")
      var result = x
      for n in x.indices {
        for c in x[n].indices {
          result[n][c] = bias[c] * x[n][c]
          for m in x.indices {
            if m <= n { result[n][c] += past[n - m][c] * x[m][c] }
            // Turned round, the other network's first tap lies one position ahead.
            if m > n, isBidirectional { result[n][c] += future[m - n - 1][c] * x[m][c] }
          }
        }
      }
      return result
    }

    func callAsFunction(_ u: [[Double]]) -> [[Double]] {
      let channels = MonarchMixerImportTests.channels
      let z = linear("in_linear", u)
      let (taps, bias) = (values("short_filter.weight"), values("short_filter.bias"))
      var short = z
      for n in z.indices {
        for c in z[n].indices {
          short[n][c] = bias[c]
          for k in 0..<3 where n + k >= 2 { short[n][c] += taps[3 * c + k] * z[n + k - 2][c] }
        }
      }
      var gated = u
      for n in u.indices {
        for c in 0..<channels { gated[n][c] = short[n][2 * channels + c] * short[n][c] }
      }
      var y = convolved(gated, "filter_fn")
      let hasResidual = tensors["filter_fn2.bias"] != nil
      let other = hasResidual ? convolved(u, "filter_fn2") : []
      for n in u.indices {
        for c in 0..<channels {
          y[n][c] *= short[n][channels + c]
          if hasResidual { y[n][c] += other[n][c] }
        }
      }
      return linear("out_linear", y)
    }
  }

  @Test(arguments: [false, true], [false, true]) func outputsAreTheOriginals(
    isBidirectional: Bool, hasResidual: Bool
  ) throws {
    let tensors = Self.tensors(isBidirectional: isBidirectional, hasResidual: hasResidual)
    let arguments = OriginalArguments(["hyena_w_mod": .number(1.5)])
    let layer = try ImportedLayer(
      "m2.hyena", arguments: arguments, weights: ReferenceWeights(tensors, place: "test"))
    #expect(layer.arguments["d_model"]?.number == 3 && layer.arguments["l_max"]?.number == 6)
    var random = RandomSource(seed: 5)
    for length in [6, 4] {
      let x = Tensor(normal: [1, length, Self.channels], using: &random)
      let y = layer(Variable(x)).value
      let rows = (0..<length).map { n in (0..<Self.channels).map { Double(x[0, n, $0]) } }
      let expected = Original(tensors: tensors, factor: 1.5)(rows).flatMap { $0 }
      let error = zip(y.elements, expected).reduce(0) { max($0, abs(Double($1.0) - $1.1)) }
      #expect(error < 1e-5, "\(error)")
    }
  }
}
