public import Differentiation
public import Layers
public import SequenceTensor

/// A filter whose original is a layer with a skip term `D` and the filter as `kernel`.
public protocol ReferenceLayerFilter: LongFilter, ReferenceCompatible {
  /// The shape of the original's `D`.
  var referenceSkipShape: Shape { get }
}

extension LongConvolution: ReferenceCompatible where Filter: ReferenceLayerFilter {
  /// Visits `D`, `kernel.…`, and the projection as the pointwise convolution
  /// `output_linear.0.weight`, `[outputs, inputs, 1]`, and `output_linear.0.bias`.
  public mutating func forEachReference(_ body: (ReferenceTensor, inout Parameter) -> Void) {
    body(
      ReferenceTensor("D", shape: filter.referenceSkipShape, ours: skip.value.shape), &skip)
    visitReferences("kernel", &filter, body)
    guard var projection = output else { return }
    projection.forEachParameter { name, parameter in
      let ours = parameter.value.shape
      let theirs = ours.rank == 2 ? Shape(ours.sizes + [1]) : ours
      body(
        ReferenceTensor("output_linear.0.\(name)", shape: theirs, ours: ours), &parameter)
    }
    output = projection
  }
}

extension S4DFilter: ReferenceLayerFilter {
  /// `[H]` for `minimal`, `[copies, H]` for the others.
  public var referenceSkipShape: Shape {
    options.parameterization == .minimal && options.copies == 1
      ? [inputChannels] : [options.copies, inputChannels]
  }
}
