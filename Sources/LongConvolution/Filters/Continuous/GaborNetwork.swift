public import Differentiation
import Layers
import SequenceTensor

/// MAGNet, the multiplicative anisotropic Gabor network of FlexConv, in one dimension.
///
/// Romero, Bruintjes et al., "FlexConv: Continuous kernel convolutions with differentiable kernel
/// sizes", 2022, section 3.2: z_0 = g_0(x), z_l = g_l(x)·(W_l·z_{l-1} + b_l), and an affine map at the
/// end, with g_l(x) = exp(-½·(γ_l·(x - μ_l))²)·sin(w_l·x + v_l).
public struct GaborNetwork: Module {
  /// Which code's starting values and names.
  enum Style {
    /// The authors' code of 2022.
    case flexconv(inputScale: Float)
    /// CCNN's: `ckconv/nn/ck/magnet.py`.
    case ccnn(frequency: Float, isCausal: Bool)
  }

  /// One Gabor function of each hidden channel, all `[hidden]`.
  struct Filter: Module {
    var centre: Parameter
    var width: Parameter
    var frequency: Parameter
    var phase: Parameter

    mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
      body("mu", &centre)
      body("gamma", &width)
      body("linear.weight", &frequency)
      body("linear.bias", &phase)
    }
  }

  var filters: [Filter]
  var layers: [KernelLayer]
  var output: KernelLayer
  private let layersName: String

  /// Creates a network of `layers` hidden layers and one Gabor function more.
  ///
  /// γ ~ Gamma(6/(l + 1), 1). FlexConv: μ ~ U(±s), w ~ U(±1)·scale·γ/√(layers + 1), v ~ U(±π), hidden
  /// weights U(±1/√n), the rest U(±1/√n) as PyTorch has it. CCNN: μ ~ U(1 - s, 1) if causal and
  /// s ≠ 1, else U(±s), w ~ U(±1)·2πω·γ, v = 0, weights U(±√(3/n)), hidden biases 1, the last 0.
  ///
  /// - Parameters:
  ///   - hidden: n.
  ///   - extent: s.
  init(
    hidden: Int, outputs: Int, layers count: Int, extent: Float, style: Style,
    using random: inout RandomSource
  ) {
    require(
      hidden > 0 && outputs > 0 && count >= 0,
      "GaborNetwork: \(count) layers of \(hidden) for \(outputs) outputs")
    filters = (0...count).map { layer in
      let gammas = (0..<hidden).map { _ in Float(random.gamma(shape: 6 / Double(layer + 1))) }
      let width = Tensor(gammas)
      let weight = Tensor(uniform: [hidden], from: -1, to: 1, using: &random) * width
      let (low, factor, turn): (Float, Float, Float) =
        switch style {
        case .flexconv(let scale): (-extent, scale / Float(count + 1).squareRoot(), .pi)
        case .ccnn(let frequency, let isCausal):
          (isCausal && extent != 1 ? 1 - extent : -extent, 2 * .pi * frequency, 0)
        }
      let high = low == 1 - extent ? 1 : extent
      return Filter(
        centre: Parameter(Tensor(uniform: [hidden], from: low, to: high, using: &random)),
        width: Parameter(width), frequency: Parameter(weight * factor),
        phase: Parameter(Tensor(uniform: [hidden], from: -turn, to: turn, using: &random)))
    }
    let bound = 1 / Float(hidden).squareRoot()
    func layer(_ width: Int, _ bias: Float, _ random: inout RandomSource) -> KernelLayer {
      switch style {
      case .flexconv:
        KernelLayer(
          weight: Tensor(uniform: [width, hidden], from: -bound, to: bound, using: &random),
          bias: Tensor(uniform: [width], from: -bound, to: bound, using: &random),
          isNormalized: false)
      case .ccnn:
        KernelLayer(
          weight: Tensor(
            uniform: [width, hidden], from: -bound * Float(3).squareRoot(),
            to: bound * Float(3).squareRoot(), using: &random),
          bias: Tensor(repeating: bias, shape: [width]), isNormalized: false)
      }
    }
    layers = (0..<count).map { _ in layer(hidden, 1, &random) }
    output = layer(outputs, 0, &random)
    layersName = if case .flexconv = style { "linear" } else { "linears" }
  }

  /// `[positions, outputs]`.
  func callAsFunction(_ positions: [Double], on tape: Tape?) -> Variable {
    let gabor = filters.map {
      Variable.gabor(
        positions, centre: $0.centre(on: tape), width: $0.width(on: tape),
        frequency: $0.frequency(on: tape), phase: $0.phase(on: tape))
    }
    var z = gabor[0]
    for (function, layer) in zip(gabor.dropFirst(), layers) { z = function * layer(z, on: tape) }
    return output(z, on: tape)
  }

  /// Visits the filters, the layers and the output.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    visit("filters", &filters, body)
    visit("layers", &layers, body)
    visit("output", &output, body)
  }

  mutating func forEachReference(_ body: (ReferenceTensor, inout Parameter) -> Void) {
    for index in filters.indices {
      filters[index].forEachParameter { part, parameter in
        let ours = parameter.value.shape
        let theirs: Shape =
          switch part {
          case "linear.weight": [ours[0], 1, 1]
          case "linear.bias": ours
          default: [ours[0], 1]
          }
        let name = "Kernel.filters.\(index).\(part)"
        body(ReferenceTensor(name, shape: theirs, ours: ours), &parameter)
      }
    }
    for index in layers.indices {
      layers[index].forEachReference("Kernel.\(layersName).\(index)", body)
    }
    output.forEachReference("Kernel.output_linear", body)
  }
}
