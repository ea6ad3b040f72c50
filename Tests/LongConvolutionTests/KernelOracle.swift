import Foundation
import Longwave

/// Kernel networks in double precision, from tensors under their originals' names.
struct KernelOracle {
  let tensors: [String: Tensor]
  typealias Rows = [[Double]]

  func values(_ name: String) -> [Double] {
    (tensors["Kernel.\(name)"]?.elements ?? []).map(Double.init)
  }

  /// W·x + b, and its bias apart for those who scale only W·x.
  func linear(_ name: String, _ x: Rows, scale: Double = 1, scalesBias: Bool = true) -> Rows {
    var weight = values("\(name).weight")
    let bias = values("\(name).bias")
    let width = x[0].count
    if weight.isEmpty {
      let (v, g) = (values("\(name).weight_v"), values("\(name).weight_g"))
      weight = v.indices.map { i in
        let row = i / width
        let norm = v[row * width..<(row + 1) * width].reduce(0) { $0 + $1 * $1 }.squareRoot()
        return g[row] * v[i] / norm
      }
    }
    return x.map { row in
      (0..<weight.count / width).map { o in
        let sum = (0..<width).reduce(0.0) { $0 + weight[o * width + $1] * row[$1] }
        let shift = bias.isEmpty ? 0 : bias[o]
        return scale * sum + (scalesBias ? scale : 1) * shift
      }
    }
  }

  /// PyTorch's `BatchNorm1d` in inference, or a `GroupNorm` of one group.
  func normalized(_ name: String, _ x: Rows) -> Rows {
    let mean = values("\(name).running_mean")
    if !mean.isEmpty {
      let (variance, gain) = (values("\(name).running_var"), values("\(name).weight"))
      let bias = values("\(name).bias")
      return x.map { row in
        row.indices.map { c in
          (row[c] - mean[c]) / (variance[c] + 1e-5).squareRoot() * gain[c] + bias[c]
        }
      }
    }
    let (gain, bias) = (values("\(name).layer_norm.weight"), values("\(name).layer_norm.bias"))
    guard !gain.isEmpty else { return x }
    let all = x.flatMap { $0 }
    let centre = all.reduce(0, +) / Double(all.count)
    let variance = all.reduce(0) { $0 + ($1 - centre) * ($1 - centre) } / Double(all.count)
    return x.map { row in
      row.indices.map { c in
        (row[c] - centre) / (variance + 1e-12).squareRoot() * gain[c] + bias[c]
      }
    }
  }

  static func apply(_ activation: KernelActivation, _ x: Double) -> Double {
    switch activation {
    case .sine: sin(x)
    case .relu: max(0, x)
    case .leakyReLU: x > 0 ? x : 0.01 * x
    case .swish: x / (1 + exp(-x))
    case .gelu: 0.5 * x * (1 + erf(x / 2.0.squareRoot()))
    case .tanh: tanh(x)
    case .sigmoid: 1 / (1 + exp(-x))
    case .elu: x > 0 ? x : expm1(x)
    case .softplus: max(x, 0) + log1p(exp(-abs(x)))
    case .identity: x
    }
  }

  /// A perceptron: names of its layers and normalisations.
  func perceptron(
    _ x: Rows, layers: [String], norms: [String], activation: KernelActivation
  ) -> Rows {
    var y = x
    for (index, name) in layers.dropLast().enumerated() {
      y = linear(name, y)
      if index < norms.count { y = normalized(norms[index], y) }
      y = y.map { $0.map { Self.apply(activation, $0) } }
    }
    return linear(layers[layers.count - 1], y)
  }

  func features(_ name: String, _ x: Rows) -> Rows {
    linear(name, x).map { $0.map { cos($0) } + $0.map { sin($0) } }
  }

  /// SIREN and nSIREN with ω of each layer in its tensor.
  func sines(_ x: Rows, layers: [String], scalesBias: Bool) -> Rows {
    var y = x
    for name in layers.dropLast() {
      y = linear(name, y, scale: values("\(name).omega_0")[0], scalesBias: scalesBias)
        .map { $0.map { sin($0) } }
    }
    return linear(layers[layers.count - 1], y)
  }

  /// z_l = g_l(x)·(W·z + b).
  func multiplicative(_ x: Rows, layers: Int, name: String) -> Rows {
    func function(_ index: Int) -> Rows {
      let (mu, gamma) = (values("filters.\(index).mu"), values("filters.\(index).gamma"))
      return zip(x, linear("filters.\(index).linear", x)).map { position, row in
        row.indices.map { c in
          let u = mu.isEmpty ? 0 : gamma[c] * (position[0] - mu[c])
          return exp(-0.5 * u * u) * sin(row[c])
        }
      }
    }
    var z = function(0)
    for index in 0..<layers {
      let mapped = linear("\(name).\(index)", z)
      z = zip(function(index + 1), mapped).map { zip($0, $1).map { $0 * $1 } }
    }
    return linear("output_linear", z)
  }
}
