public import Differentiation
public import Layers
public import SequenceTensor
import SpectralCore

/// Half of the channels through three taps, half through a circular filter as long as the sequence.
///
/// `GlobalLocalFilter` of HorNet's `hornet.py` in one dimension: norm, halves, norm. The circular filter
/// is given by its spectrum, which is interpolated linearly (ends kept) for sequences of other lengths;
/// a half's channels alternate with the other's on the way out.
public struct GlobalLocalFilter: SequenceMixer {
  /// The taps of the first half, `[3, channels/2]`, row j for lag j - 1; N(0, 0.02²).
  public var local: Parameter
  /// The spectrum for the second half, `[modes, channels/2, 2]`; N(0, 0.02²).
  public var spectrum: Parameter
  /// Before.
  public var first: LayerNorm
  /// After.
  public var last: LayerNorm

  /// Creates a filter.
  ///
  /// - Parameters:
  ///   - channels: an even number.
  ///   - length: the length that the spectrum is for.
  ///   - random: where the initial weights come from.
  public init(channels: Int, length: Int, using random: inout RandomSource) {
    require(
      channels > 0 && channels.isMultiple(of: 2) && length > 0,
      "GlobalLocalFilter: \(channels) channels, length \(length)")
    let half = channels / 2
    local = Parameter(Tensor(normal: [3, half], deviation: 0.02, using: &random))
    spectrum = Parameter(
      Tensor(normal: [length / 2 + 1, half, 2], deviation: 0.02, using: &random))
    first = LayerNorm(channels: channels, epsilon: 1e-6)
    last = LayerNorm(channels: channels, epsilon: 1e-6)
  }

  /// Applies the filter to `[batch, length, channels]`; masked sequences one by one, since a circular
  /// filter wraps around their true lengths.
  public func callAsFunction(_ x: Variable, mask: SequenceMask?) -> Variable {
    x.shape[1] == 0 ? x : x.forEachTrueLength(mask) { filtered($0) }
  }

  private func filtered(_ x: Variable) -> Variable {
    let (batch, length, half) = (x.shape[0], x.shape[1], local.value.shape[1])
    let u = first(x)
    let near = u.sliced(axis: 2, 0..<half)
      .convolved(with: local(on: x.tape), boundary: .twoSided)
    let far = u.sliced(axis: 2, half..<2 * half)
      .convolved(with: circularTaps(length: length, on: x.tape), boundary: .circular)
    let shape: Shape = [batch, length, half, 1]
    let joined = Variable.concatenated(
      [near.reshaped(to: shape), far.reshaped(to: shape)], axis: 3)
    return last(joined.reshaped(batch, length, 2 * half))
  }

  /// The taps of the circular filter, `[length, channels/2]`: with unitary transforms on both sides of
  /// the product, the plain inverse of the spectrum.
  private func circularTaps(length: Int, on tape: Tape?) -> Variable {
    var modes = spectrum(on: tape)
    let (half, wanted) = (modes.shape[1], length / 2 + 1)
    if modes.shape[0] != wanted {
      let weights = Variable(interpolation(from: modes.shape[0], to: wanted))
      modes = weights.matmul(modes.reshaped(modes.shape[0], 2 * half))
    }
    return modes.reshaped(1, wanted, half, 2)
      .sequence(by: RealTransform(gridShape: [length])).reshaped(length, half)
  }

  /// Visits `dw`, `complex_weight`, `pre_norm`, `post_norm`.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    body("dw", &local)
    body("complex_weight", &spectrum)
    visit("pre_norm", &first, body)
    visit("post_norm", &last, body)
  }
}

/// Linear interpolation that keeps the ends: `[to, from]`.
private func interpolation(from: Int, to: Int) -> Tensor {
  var weights = Tensor(zeros: [to, from])
  for row in 0..<to {
    let position = to > 1 ? Double(row) * Double(from - 1) / Double(to - 1) : 0
    let low = min(Int(position), from - 1)
    let fraction = Float(position - Double(low))
    weights[row, low] += 1 - fraction
    if fraction > 0 { weights[row, min(low + 1, from - 1)] += fraction }
  }
  return weights
}
