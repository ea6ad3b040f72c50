public import SequenceTensor

/// What lies beyond the ends of a sequence, and which taps of a filter there are.
///
/// With u the input, h the filter, L the length and K the number of taps, output n is:
public enum Boundary: String, Sendable, Hashable, CaseIterable, Codable {
  /// Σ h[j]·u[n - j], u zero before the start. Taps j ≥ L never reach an output: they are
  /// ignored and get zero gradients.
  case causal
  /// Σ h[j]·u[(n - j) mod L]. Taps j ≥ L are ignored (as in an FFT of size L, which crops).
  case circular
  /// Σ h[j]·u[n - j + K/2], u zero outside. K = 2P + 1 taps reach P steps into the past and P
  /// into the future: row P is lag 0, rows before it are the future. Lags beyond ±(L - 1) are
  /// ignored.
  case twoSided
}

/// A depthwise convolution to be planned.
public struct ConvolutionProblem: Sendable, Hashable, CustomStringConvertible {
  /// L, the length of the input and of the output.
  public var length: Int
  /// K, the number of rows of the filter.
  public var taps: Int
  /// What lies beyond the ends.
  public var boundary: Boundary

  /// Creates a problem.
  ///
  /// - Precondition: `length` and `taps` are positive.
  public init(length: Int, taps: Int, boundary: Boundary) {
    require(length > 0 && taps > 0, "ConvolutionProblem: length \(length), taps \(taps)")
    self.length = length
    self.taps = taps
    self.boundary = boundary
  }

  /// The problem of applying a filter `[…, taps, heads]` to `[batch, length, channels]`.
  package init(input: Shape, filter: Shape, boundary: Boundary) {
    require(
      input.rank == 3 && (filter.rank == 2 || filter.rank == 3),
      "Convolution: input \(input) [batch, length, channels], filter \(filter) [taps, heads] or"
        + " [batch, taps, heads]")
    self.init(length: input[1], taps: filter[-2], boundary: boundary)
  }

  /// The row of the filter that is lag 0.
  public var centre: Int { boundary == .twoSided ? taps / 2 : 0 }

  /// The rows of the filter that can reach an output; the others are ignored.
  public var usedTaps: Range<Int> {
    max(0, centre - (length - 1))..<min(taps, centre + length)
  }

  /// The shortest transform whose wrap-around touches no output.
  var shortestTransform: Int {
    guard boundary != .circular else { return length }
    let past = usedTaps.upperBound - 1 - centre
    let future = centre - usedTaps.lowerBound
    return length + max(past, future)
  }

  /// For example `causal, length 1024, 64 taps`.
  public var description: String { "\(boundary), length \(length), \(taps) taps" }
}

/// What a convolution is applied to: y = postGate·(h * x + skip·x) with x = preGate·input.
public struct ConvolutionOperands: Sendable {
  /// u, `[batch, length, channels]`.
  public var input: Tensor
  /// D, `[channels]`; the skip term sees the gated input.
  public var skip: Tensor?
  /// Multiplies the input, `[batch, length, channels]`.
  public var preGate: Tensor?
  /// Multiplies the output, `[batch, length, channels]`.
  public var postGate: Tensor?

  /// Creates operands.
  ///
  /// - Precondition: the shapes agree.
  public init(
    input: Tensor, skip: Tensor? = nil, preGate: Tensor? = nil, postGate: Tensor? = nil
  ) {
    let shape = input.shape
    require(
      shape.rank == 3, "Convolution: input \(shape) is not [batch, length, channels]")
    if let skip {
      require(
        skip.shape == [shape[2]], "Convolution: skip \(skip.shape) for input \(shape)")
    }
    for (name, gate) in [("pre-gate", preGate), ("post-gate", postGate)] {
      if let gate {
        require(gate.shape == shape, "Convolution: \(name) \(gate.shape) for input \(shape)")
      }
    }
    self.input = input
    self.skip = skip
    self.preGate = preGate
    self.postGate = postGate
  }
}

/// The gradients of a convolution with respect to everything it was given.
public struct ConvolutionGradients: Sendable {
  /// `[batch, length, channels]`.
  public var input: Tensor
  /// The shape of the filter; zero for taps that are ignored.
  public var filter: Tensor
  /// `[channels]`, if there was a skip term.
  public var skip: Tensor?
  /// `[batch, length, channels]`, if there was a pre-gate.
  public var preGate: Tensor?
  /// `[batch, length, channels]`, if there was a post-gate.
  public var postGate: Tensor?
}
