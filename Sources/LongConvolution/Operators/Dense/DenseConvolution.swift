public import Differentiation
public import Layers
import SequenceTensor

/// A filter that may be shorter than a sequence, and knows it.
///
/// `taps` pads it; an operator that can do with less takes `kernel`.
public protocol ContinuousFilter: LongFilter {
  /// The taps that are not zero for all parameters' sake: `[taps, channels]`, row j for lag j; of a
  /// bidirectional filter `[2r + 1, channels]`, row j for lag j - r.
  func kernel(length: Int, on tape: Tape?) -> Variable
}

extension ContinuousFilter {
  /// The kernel with zeros where it does not reach, cropped to what a sequence can use.
  public func taps(length: Int, on tape: Tape?) -> Variable {
    let kernel = kernel(length: length, on: tape)
    let rows = kernel.shape[0]
    guard isBidirectional else {
      return rows >= length
        ? kernel.sliced(axis: 0, 0..<length) : kernel.padded(axis: 0, after: length - rows)
    }
    let surplus = rows / 2 - (length - 1)
    return surplus >= 0
      ? kernel.sliced(axis: 0, surplus..<rows - surplus)
      : kernel.padded(axis: 0, before: -surplus, after: -surplus)
  }
}

/// y = k * x + b with a kernel from every input channel to every output channel.
///
/// The convolution of CKConv, FlexConv and SMPConv. The kernel is a filter of outputs·inputs channels,
/// channel o·inputs + i from input i to output o, as the authors' networks give them out.
public struct DenseConvolution<Filter: LongFilter>: SequenceMixer {
  /// The kernel.
  public var filter: Filter
  /// b, `[outputs]`, zero at the start.
  public var bias: Parameter?
  /// Whether odd lengths are treated as in the originals' code; not unless set.
  public var authorsTransform: AuthorsTransform?
  /// The number of channels that come in.
  public let inputs: Int
  /// The number of channels that go out.
  public let outputs: Int

  /// Creates a convolution.
  ///
  /// - Precondition: the filter has inputs·outputs channels.
  public init(_ filter: Filter, inputs: Int, outputs: Int, bias: Bool = true) {
    require(
      inputs > 0 && outputs > 0 && filter.channels == inputs * outputs,
      "DenseConvolution: a filter of \(filter.channels) channels from \(inputs) to \(outputs)")
    self.filter = filter
    self.inputs = inputs
    self.outputs = outputs
    self.bias = bias ? Parameter(Tensor(zeros: [outputs]), ParameterOptions(weightDecay: 0)) : nil
  }

  /// `[batch, length, outputs]` from `[batch, length, inputs]`.
  public func callAsFunction(_ x: Variable, mask: SequenceMask?) -> Variable {
    let u = filter.isBidirectional ? x.masked(mask) : x
    let y = convolved(u)
    guard let bias else { return y }
    return y + bias(on: x.tape)
  }

  private func convolved(_ u: Variable) -> Variable {
    if authorsTransform != nil {
      let kernel = Variable.originalKernel(filter, length: u.shape[1], on: u.tape)
      let dense = kernel.reshaped(kernel.shape[0], outputs, inputs)
      if let y = u.convolved(
        withAuthorsTransformOf: dense, isCentred: filter.isBidirectional, authorsTransform)
      {
        return y
      }
    }
    let taps = filter.shortTaps(length: u.shape[1], on: u.tape)
    let rows = taps.shape[0]
    return u.convolvedDensely(
      with: taps.reshaped(rows, outputs, inputs),
      firstLag: filter.isBidirectional ? -(rows / 2) : 0)
  }

  /// Visits `filter`, `bias`.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    visit("filter", &filter, body)
    bias.forEachValue { body("bias", &$0) }
  }
}

extension DenseConvolution: ReferenceCompatible where Filter: ReferenceCompatible {
  /// The authors' `Kernel.…` and `bias`.
  public mutating func forEachReference(_ body: (ReferenceTensor, inout Parameter) -> Void) {
    visitReferences("", &filter, body)
    let shape: Shape = [outputs]
    bias.forEachValue { body(ReferenceTensor("bias", shape: shape, ours: shape), &$0) }
  }
}

extension LongFilter {
  /// The taps, without zeros that pad them where the filter can say so, and none that a sequence
  /// cannot use.
  func shortTaps(length: Int, on tape: Tape?) -> Variable {
    guard let short = self as? any ContinuousFilter else { return taps(length: length, on: tape) }
    let kernel = short.kernel(length: length, on: tape)
    let useful = isBidirectional ? 2 * length - 1 : length
    return kernel.shape[0] > useful ? taps(length: length, on: tape) : kernel
  }
}
