public import Differentiation
public import Layers
public import SequenceTensor
import SpectralCore

/// Hyena with heads that carry matrices: MultiHyena.
///
/// Massaroli, Poli, Fu, Kumbong, Parnichkun, Romero, Timalsina, McIntyre, Chen, Rudra, Zhang, Ré,
/// Ermon and Bengio, "Laughing Hyena distillery", 2023, section 4. With q, k, v = short(W·u + b) cut
/// into heads of N channels, one filter for each head:
///
///     y[j] = Σᵢ q[i]·(h * (k[i]·v[j]) + skip·k[i]·v[j]),   output Wₒ·y + bₒ
///
/// so a head of one channel is a Hyena operator of order 2. The sum runs over the keys' channels, as in
/// `MultiHyenaOperator` of the code for rational transfer functions (Parnichkun et al., 2024), whose
/// normalisation behind the sum and residual connection are left to the block here. The long convolutions see N times as
/// many channels as the input has, which all share the filter of their head.
///
/// - Complexity: time and memory of a Hyena operator of order 2 times N.
public struct MultiHyenaOperator<Filter: LongFilter>: SequenceMixer {
  /// W and b, to 3 times the channels: q, k, v.
  public var input: Linear
  /// The short filters of q, k and v.
  public var short: ShortFilter
  /// Makes one filter a head.
  public var filter: Filter
  /// `[heads]`, N(0, 1) at the start.
  public var skip: Parameter
  /// Wₒ and bₒ.
  public var output: Linear
  /// The number of channels of input and output.
  public let channels: Int

  /// Creates an operator with as many heads as the filter has channels.
  ///
  /// - Precondition: the heads divide the channels.
  public init(
    _ filter: Filter, channels: Int, shortFilterTaps: Int = 3, using random: inout RandomSource
  ) {
    require(
      channels > 0 && channels % filter.channels == 0,
      "MultiHyenaOperator: \(channels) channels in \(filter.channels) heads")
    self.filter = filter
    self.channels = channels
    input = Linear(inputs: channels, outputs: 3 * channels, using: &random)
    short = ShortFilter(taps: shortFilterTaps, channels: 3 * channels, using: &random)
    skip = Parameter(Tensor(normal: [filter.channels], using: &random))
    output = Linear(inputs: channels, outputs: channels, using: &random)
  }

  /// The operator of another with another filter of as many channels.
  init<Other>(_ other: MultiHyenaOperator<Other>, filter: Filter) {
    require(
      filter.channels == other.filter.channels,
      "MultiHyenaOperator: a filter of \(filter.channels) channels for one of"
        + " \(other.filter.channels)")
    (input, short, skip, output) = (other.input, other.short, other.skip, other.output)
    channels = other.channels
    self.filter = filter
  }

  /// Applies the operator to `[batch, length, channels]`.
  public func callAsFunction(_ x: Variable, mask: SequenceMask?) -> Variable {
    require(
      x.shape.rank == 3 && x.shape[2] == channels,
      "MultiHyenaOperator: input \(x.shape) is not [batch, length, \(channels)]")
    let (batch, length) = (x.shape[0], x.shape[1])
    let heads = filter.channels
    let size = channels / heads
    let u = input(x)
    func part(_ index: Int) -> Variable {
      let columns = index * channels..<(index + 1) * channels
      return short(u.sliced(axis: 2, columns), channels: columns)
    }
    // Channel (m, i, j) is the product of channels i and j of head m.
    let all = 0..<heads * size * size
    let rows = all.map { $0 / size }
    let columns = all.map { $0 / (size * size) * size + $0 % size }
    var keys = part(1)
    if filter.isBidirectional { keys = keys.masked(mask) }
    let y = part(2).gatheredChannels(columns).convolved(
      with: filter.taps(length: length, on: x.tape),
      boundary: filter.isBidirectional ? .twoSided : .causal,
      skip: skip(on: x.tape).gatheredChannels(all.map { $0 / (size * size) }),
      preGate: keys.gatheredChannels(rows), postGate: part(0).gatheredChannels(rows))
    return output(
      y.reshaped(batch * length * heads, size, size).sum(axis: 1).reshaped(batch, length, channels))
  }

  /// Visits `input`, `short`, `filter`, `skip`, `output`.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    visit("input", &input, body)
    visit("short", &short, body)
    visit("filter", &filter, body)
    body("skip", &skip)
    visit("output", &output, body)
  }
}

extension Variable {
  /// Channel c of the result is channel `source[c]`, of `[…, channels]`.
  func gatheredChannels(_ source: [Int]) -> Variable {
    let (rows, width, count) = (shape.rows, shape.last, source.count)
    require(
      source.allSatisfy { (0..<width).contains($0) },
      "Variable.gatheredChannels: a channel outside 0..<\(width)")
    guard source != Array(0..<width) else { return self }
    let grain = max(1, Parallel.elementGrain / max(1, count))
    let y = Tensor(uninitialized: shape.replacing(axis: -1, with: count)) { y in
      Parallel.forEachRange(rows, grain: grain) { range in
        for row in range {
          for c in 0..<count { y[row * count + c] = value.pointer[row * width + source[c]] }
        }
      }
    }
    return Self.primitive([self], value: y) { [shape] dy in
      var dx = Tensor(zeros: shape)
      let sums = dx.mutablePointer()
      Parallel.forEachRange(rows, grain: grain) { range in
        for row in range {
          for c in 0..<count { sums[row * width + source[c]] += dy.pointer[row * count + c] }
        }
      }
      return [dx]
    }
  }
}
