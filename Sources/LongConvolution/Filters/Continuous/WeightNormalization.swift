package import Differentiation
import Layers
import SequenceTensor

extension Variable {
  /// g·v/‖v‖ for each row: direction and length of a weight apart.
  ///
  /// Salimans and Kingma, "Weight normalization", 2016; norms in double precision.
  ///
  /// - Parameters:
  ///   - direction: v, `[outputs, inputs]`.
  ///   - gain: g, `[outputs]`.
  package static func weightNormalized(direction: Variable, gain: Variable) -> Variable {
    let (rows, width) = (direction.shape[0], direction.shape[1])
    require(
      gain.shape == [rows],
      "Variable.weightNormalized: gain \(gain.shape) for direction \(direction.shape)")
    let v = direction.value.elements.map(Double.init)
    let g = gain.value.elements.map(Double.init)
    let norms = (0..<rows).map { row in
      v[row * width..<(row + 1) * width].reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
    let value = Tensor(
      v.indices.map { Float(g[$0 / width] * v[$0] / norms[$0 / width]) }, shape: direction.shape)
    return primitive([direction, gain], value: value) { dw in
      let up = dw.elements.map(Double.init)
      // The part of the gradient along v changes the length only.
      let along = (0..<rows).map { row in
        (row * width..<(row + 1) * width).reduce(0) { $0 + up[$1] * v[$1] } / norms[row]
      }
      let dv = v.indices.map { i in
        let row = i / width
        return Float(g[row] / norms[row] * (up[i] - along[row] * v[i] / norms[row]))
      }
      return [Tensor(dv, shape: direction.shape), Tensor(along.map { Float($0) })]
    }
  }
}

/// An affine map of a kernel network, with direction and length of its weight apart if asked for.
struct KernelLayer: Module {
  /// W, or v of a normalised weight, `[outputs, inputs]`.
  var weight: Parameter
  /// g, `[outputs]`, the norms of the rows at the start.
  var gain: Parameter?
  /// b, `[outputs]`.
  var bias: Parameter?

  /// Creates a layer with the given values; those of a normalised weight start as the weight.
  init(weight: Tensor, bias: Tensor?, isNormalized: Bool) {
    self.weight = Parameter(weight)
    self.bias = bias.map { Parameter($0, ParameterOptions(weightDecay: 0)) }
    guard isNormalized else { return }
    let width = weight.shape[1]
    let elements = weight.elements.map(Double.init)
    gain = Parameter(
      Tensor(
        (0..<weight.shape[0]).map { row in
          Float(
            elements[row * width..<(row + 1) * width].reduce(0) { $0 + $1 * $1 }.squareRoot())
        }))
  }

  /// A layer that starts as PyTorch's: weight and bias U(±1/√inputs), or the bias at zero.
  static func standard(
    _ outputs: Int, _ inputs: Int, bias: Bool, startsAtZero: Bool = false,
    isNormalized: Bool = false, using random: inout RandomSource
  ) -> KernelLayer {
    let bound = 1 / Float(inputs).squareRoot()
    let biasBound = startsAtZero ? 0 : bound
    return KernelLayer(
      weight: Tensor(uniform: [outputs, inputs], from: -bound, to: bound, using: &random),
      bias: bias
        ? Tensor(uniform: [outputs], from: -biasBound, to: biasBound, using: &random) : nil,
      isNormalized: isNormalized)
  }

  private func matrix(on tape: Tape?) -> Variable {
    gain.map { Variable.weightNormalized(direction: weight(on: tape), gain: $0(on: tape)) }
      ?? weight(on: tape)
  }

  /// W·x + b for each row.
  func callAsFunction(_ x: Variable, on tape: Tape?) -> Variable {
    x.linear(weight: matrix(on: tape), bias: bias?(on: tape))
  }

  /// ω·(W·x + b), or ω·W·x + b.
  func callAsFunction(
    _ x: Variable, scale: Variable, scalesBias: Bool, on tape: Tape?
  ) -> Variable {
    guard !scalesBias, let bias else { return self(x, on: tape) * scale }
    return x.linear(weight: matrix(on: tape), bias: nil) * scale + bias(on: tape)
  }

  mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    body(gain == nil ? "weight" : "weight_v", &weight)
    gain.forEachValue { body("weight_g", &$0) }
    bias.forEachValue { body("bias", &$0) }
  }

  /// PyTorch's tensors of a convolution of one tap under `name`.
  mutating func forEachReference(
    _ name: String, _ body: (ReferenceTensor, inout Parameter) -> Void
  ) {
    forEachParameter { part, parameter in
      let shape = parameter.value.shape
      let theirs: Shape =
        part == "bias" ? shape : part == "weight_g" ? [shape[0], 1, 1] : [shape[0], shape[1], 1]
      body(ReferenceTensor("\(name).\(part)", shape: theirs, ours: shape), &parameter)
    }
  }
}
