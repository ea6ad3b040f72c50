import Differentiation
import Layers
import SequenceTensor

/// Originals keep channels in front and write a linear map of channels as a convolution of one tap.
extension Linear {
  /// Visits `name.weight`, `[outputs, inputs, 1]` if it is a convolution there, and `name.bias`.
  mutating func forEachReference(
    _ name: String, isConvolution: Bool, _ body: (ReferenceTensor, inout Parameter) -> Void
  ) {
    let shape = weight.value.shape
    body(
      ReferenceTensor(
        "\(name).weight", shape: isConvolution ? Shape(shape.sizes + [1]) : shape, ours: shape),
      &weight)
    bias.forEachValue { bias in
      body(ReferenceTensor("\(name).bias", shape: bias.value.shape, ours: bias.value.shape), &bias)
    }
  }
}

extension Normalization {
  /// Visits PyTorch's tensors of the normalisation, which are named and shaped as ours.
  mutating func forEachReference(
    _ name: String, _ body: (ReferenceTensor, inout Parameter) -> Void
  ) {
    forEachParameter { part, parameter in
      let shape = parameter.value.shape
      body(ReferenceTensor("\(name).\(part)", shape: shape, ours: shape), &parameter)
    }
  }
}
