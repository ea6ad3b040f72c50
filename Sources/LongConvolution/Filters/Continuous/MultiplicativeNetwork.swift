public import Differentiation
import Layers
import SequenceTensor

/// A multiplicative filter network of a position: MAGNet, the anisotropic Gabor network of FlexConv,
/// and its relatives GaborNet and FourierNet, in one dimension.
///
/// Romero, Bruintjes et al., "FlexConv: Continuous kernel convolutions with differentiable kernel
/// sizes", 2022, section 3.2, after Fathony et al., "Multiplicative filter networks", 2021:
/// z_0 = g_0(x), z_l = g_l(x)·(W_l·z_{l-1} + b_l), and an affine map at the end, with
/// g_l(x) = exp(-½·(γ_l·(x - μ_l))²)·sin(w_l·x + v_l), or the sine alone. In one dimension GaborNet
/// differs from MAGNet in its starting values only.
public struct MultiplicativeNetwork: Module {
  /// What the hidden channels are multiplied with.
  enum Functions { case anisotropicGabor, isotropicGabor, sine }

  /// Whose starting values and names.
  enum Style {
    /// The authors' code of 2022.
    case flexconv(inputScale: Float)
    /// CCNN's: `ckconv/nn/ck/magnet.py`, `mfn.py`.
    case ccnn(frequency: Float, isCausal: Bool)
  }

  /// One function of each hidden channel, all `[hidden]`.
  struct Filter: Module {
    var centre: Parameter?
    var width: Parameter?
    var frequency: Parameter
    var phase: Parameter

    /// `[positions, hidden]`.
    func callAsFunction(_ positions: [Double], on tape: Tape?) -> Variable {
      let none = Variable(Tensor(zeros: frequency.value.shape))
      return .gabor(
        positions, centre: centre?(on: tape) ?? none, width: width?(on: tape) ?? none,
        frequency: frequency(on: tape), phase: phase(on: tape))
    }

    mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
      centre.forEachValue { body("mu", &$0) }
      width.forEachValue { body("gamma", &$0) }
      body("linear.weight", &frequency)
      body("linear.bias", &phase)
    }
  }

  var filters: [Filter]
  var layers: [KernelLayer]
  var output: KernelLayer
  let layersName: String

  /// `[positions, outputs]`.
  func callAsFunction(_ positions: [Double], on tape: Tape?) -> Variable {
    var z = filters[0](positions, on: tape)
    for (filter, layer) in zip(filters.dropFirst(), layers) {
      z = filter(positions, on: tape) * layer(z, on: tape)
    }
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
