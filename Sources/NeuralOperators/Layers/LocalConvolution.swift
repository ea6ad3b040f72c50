public import Differentiation
public import Layers
public import SequenceTensor

/// A convolution of grids with a small dense kernel, zeros beyond the edges, no bias.
///
/// y[n] = Σ_k W[k]·x[n + k - (K - 1)/2] along each axis (rounded down), as `torch.nn.Conv` with
/// `padding="same"`. W starts uniform in ±1/√(inputs·kernel points), as there.
public struct LocalConvolution: Layer {
  /// `[kernel points, outputs, inputs]`, the points row-major.
  public var weight: Parameter
  private let axes: Int
  private let kernel: Int

  /// Creates a layer with random weights.
  ///
  /// - Parameters:
  ///   - inputs: the channels that go in.
  ///   - outputs: the channels that come out.
  ///   - axes: the number of grid axes.
  ///   - kernel: the points of the kernel along each axis.
  ///   - random: where the initial weights come from.
  public init(
    inputs: Int, outputs: Int, axes: Int, kernel: Int, using random: inout RandomSource
  ) {
    require(
      (1...3).contains(axes) && kernel > 0, "LocalConvolution: \(axes) axes, kernel \(kernel)")
    let points = (0..<axes).reduce(1) { product, _ in product * kernel }
    let bound = 1 / Float(inputs * points).squareRoot()
    weight = Parameter(
      Tensor(uniform: [points, outputs, inputs], from: -bound, to: bound, using: &random))
    self.axes = axes
    self.kernel = kernel
  }

  /// Maps `[batch, x, (y, (z,)) inputs]` to the same grid with `outputs` channels.
  public func callAsFunction(_ x: Variable) -> Variable {
    let sizes = x.shape.sizes
    let (outputs, inputs) = (weight.value.shape[1], weight.value.shape[2])
    require(
      sizes.count == axes + 2 && sizes.last == inputs,
      "LocalConvolution: input \(x.shape) is not [batch, \(axes) axes, \(inputs) channels]")
    var padded = x
    for axis in 1...axes {
      padded = padded.padded(axis: axis, before: (kernel - 1) / 2, after: kernel / 2)
    }
    let weights = weight(on: x.tape)
    var sum: Variable?
    for point in 0..<weight.value.shape[0] {
      var (part, rest) = (padded, point)
      for axis in (1...axes).reversed() {
        let offset = rest % kernel
        rest /= kernel
        part = part.sliced(axis: axis, offset..<offset + sizes[axis])
      }
      let matrix = weights.sliced(axis: 0, point..<point + 1).reshaped(outputs, inputs)
      let term = part.linear(weight: matrix)
      sum = sum.map { $0 + term } ?? term
    }
    return sum ?? x
  }

  /// Visits `weight`.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    body("weight", &weight)
  }
}

extension LocalConvolution: ReferenceCompatible {
  /// Visits `weight` `[outputs, inputs, kernel…]`.
  public mutating func forEachReference(_ body: (ReferenceTensor, inout Parameter) -> Void) {
    let ours = weight.value.shape
    let (points, pairs) = (ours[0], ours[1] * ours[2])
    let theirs = Shape([ours[1], ours[2]] + Array(repeating: kernel, count: axes))
    body(
      ReferenceTensor(
        "weight", shape: theirs,
        toOurs: { $0.reshaped(to: [pairs, points]).transposed().reshaped(to: ours) },
        toTheirs: { $0.reshaped(to: [points, pairs]).transposed().reshaped(to: theirs) }), &weight)
  }
}
