public import Differentiation
import Layers
import SequenceTensor

/// The nonlinearity of a network that makes a kernel.
public enum KernelActivation: String, Sendable, Hashable, CaseIterable, Codable {
  /// sin(ω·x): a sinusoidal representation network, Sitzmann et al., 2020.
  case sine = "Sine"
  /// max(0, x).
  case relu = "ReLU"
  /// max(0, x) + 0.01·min(0, x).
  case leakyReLU = "LeakyReLU"
  /// x·σ(x).
  case swish = "Swish"

  func callAsFunction(_ x: Variable) -> Variable {
    switch self {
    case .sine: x.sine()
    case .relu: x.relu()
    case .leakyReLU: x.relu() + (x * -1).relu() * -0.01
    case .swish: x.silu()
    }
  }
}

/// A perceptron from a position to the taps of all channels: SIREN, or with another nonlinearity.
///
/// Hidden layers compute f(ω·(W·x + b)), with ω only for the sine, the last one W·x + b.
public struct KernelNetwork: Module {
  /// How an original names its layers.
  enum Style {
    /// Every layer normalised, in places of four: `kernel_net.0`, `kernel_net.4`, `kernel_net.8`.
    case ckconv
    /// Hidden layers in places of two with a buffer each for ω, then `output_linear`.
    case ccnn
  }

  var layers: [KernelLayer]
  /// ω of each hidden layer, `[1]`, a buffer.
  var frequencies: [Parameter]
  let activation: KernelActivation
  let style: Style

  /// `[positions, outputs]` from a column of positions.
  func callAsFunction(_ positions: [Double], on tape: Tape?) -> Variable {
    var x = Variable(column(positions), on: tape)
    for (layer, frequency) in zip(layers, frequencies) {
      x = layer(x, on: tape)
      if activation == .sine { x = x * frequency(on: tape) }
      x = activation(x)
    }
    return layers[layers.count - 1](x, on: tape)
  }

  /// Visits the layers, and the frequencies of sines.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    for index in layers.indices {
      visit("layers.\(index)", &layers[index], body)
      if index < frequencies.count { body("layers.\(index).omega_0", &frequencies[index]) }
    }
  }

  mutating func forEachReference(_ body: (ReferenceTensor, inout Parameter) -> Void) {
    for index in layers.indices {
      guard style == .ccnn else {
        layers[index].forEachReference("Kernel.kernel_net.\(4 * index)", body)
        continue
      }
      let isLast = index == layers.count - 1
      let name = isLast ? "Kernel.output_linear" : "Kernel.kernel_net.\(2 * index)"
      layers[index].forEachReference(name, body)
      if !isLast {
        body(ReferenceTensor("\(name).omega_0", shape: [1], ours: [1]), &frequencies[index])
      }
    }
  }

  /// The three weight-normalised layers of CKConv's `KernelNet`.
  ///
  /// Weights start uniform in ±1/√inputs: the authors overwrite them afterwards (for SIREN uniform in
  /// ±1, then ±√(6/n)/ω), but what they overwrite is made anew from direction and length at the first
  /// use, so only their biases count: U(±1) for the sine, else such that the hidden units of the
  /// overwritten weights (deviation 0.01) would switch at positions spread over -1...1.
  static func ckconv(
    hidden: Int, outputs: Int, activation: KernelActivation, frequency: Float, bias: Bool,
    using random: inout RandomSource
  ) -> KernelNetwork {
    let sizes = [(1, hidden), (hidden, hidden), (hidden, outputs)]
    var biases: [Tensor]
    if activation == .sine {
      biases = sizes.map { Tensor(uniform: [$0.1], from: -1, to: 1, using: &random) }
    } else {
      let spread = Tensor(
        evenlySpaced(from: -1, to: 1, count: hidden).map { Float($0) }, shape: [hidden])
      let first = Tensor(normal: [hidden], deviation: 0.01, using: &random)
      let second = Tensor(normal: [hidden, hidden], deviation: 0.01, using: &random)
      let bias = (spread * first) * -1
      let step = hidden > 1 ? 2 / Float(hidden - 1) : 0
      let response = (spread + step) * first + bias
      biases = [
        bias, Tensor.matmul(second, response.reshaped(hidden, 1)).reshaped(hidden) * -1,
        Tensor(zeros: [outputs]),
      ]
    }
    let layers = zip(sizes, biases).map { size, values in
      let bound = 1 / Float(size.0).squareRoot()
      let weight = Tensor(uniform: [size.1, size.0], from: -bound, to: bound, using: &random)
      return KernelLayer(weight: weight, bias: bias ? values : nil, isNormalized: true)
    }
    return KernelNetwork(
      layers: layers,
      frequencies: (0..<2).map { _ in Parameter(Tensor([frequency]), .buffer) },
      activation: activation, style: .ckconv)
  }

  /// The SIREN of CCNN: the first weight U(±1), hidden ones U(±√(6/n)/ω), the last U(±√(3/n)), biases
  /// zero.
  static func siren(
    hidden: Int, outputs: Int, layers count: Int, frequency: Float, using random: inout RandomSource
  ) -> KernelNetwork {
    require(count >= 2 && hidden > 0, "KernelNetwork: \(count) layers of \(hidden)")
    let layers = (0..<count).map { index in
      let isLast = index == count - 1
      let (inputs, width) = (index == 0 ? 1 : hidden, isLast ? outputs : hidden)
      let fan = Float(inputs)
      let bound: Float =
        index == 0
        ? 1 : isLast ? (3 / fan).squareRoot() : (6 / fan).squareRoot() / frequency
      let weight = Tensor(uniform: [width, inputs], from: -bound, to: bound, using: &random)
      return KernelLayer(weight: weight, bias: Tensor(zeros: [width]), isNormalized: false)
    }
    return KernelNetwork(
      layers: layers,
      frequencies: (0..<count - 1).map { _ in Parameter(Tensor([frequency]), .buffer) },
      activation: .sine, style: .ccnn)
  }
}
