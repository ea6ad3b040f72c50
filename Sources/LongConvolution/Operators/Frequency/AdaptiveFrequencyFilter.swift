public import Differentiation
public import Layers
public import SequenceTensor
import SpectralCore

/// The settings of an `AdaptiveFrequencyFilter`, with the defaults of its authors' code.
public struct AdaptiveFrequencyOptions: Sendable, Hashable, Codable {
  /// How many groups of channels see only themselves, a divisor of the channels ("num_blocks").
  public var blocks = 8
  /// How many times as wide the hidden layer is ("hidden_size_factor").
  public var expansion = 1
  /// What is cut off the real and imaginary parts of the filter ("sparsity_threshold").
  public var threshold: Float = 0.01

  /// The defaults.
  public init() {}
}

/// A filter for each frequency that the sequence's own spectrum decides on (AFF), in one dimension.
///
/// Huang, Zhang, Lan, Zha, Lu and Guo, "Adaptive frequency filters as efficient global token mixers",
/// 2023, as `AFNO2D_channelfirst` of `affnet/modules/aff_block.py`, with the transform of a sequence
/// instead of that of an image: with X = rfft(x) (unitary),
///
///     y = x + irfft(S(W₂·ReLU(W₁·X + b₁) + b₂)∘X),
///
/// where W₁ and W₂ are complex matrices of blocks of channels, the same for all frequencies, and ReLU
/// and the soft threshold S act on real and imaginary parts apart. Everything starts as N(0, 0.02²).
///
/// The filter is circular over the sequence's true length, and its resolution follows the length:
/// padding belongs to no sequence's period, and each masked sequence is transformed by itself.
public struct AdaptiveFrequencyFilter: SequenceMixer {
  /// The settings.
  public let options: AdaptiveFrequencyOptions
  /// W₁, `[2, blocks, channels/blocks, hidden]`: real parts, then imaginary ones.
  public var inner: Parameter
  /// b₁, `[2, blocks, hidden]`.
  public var innerBias: Parameter
  /// W₂, `[2, blocks, hidden, channels/blocks]`.
  public var outer: Parameter
  /// b₂, `[2, blocks, channels/blocks]`.
  public var outerBias: Parameter

  /// Creates a mixer.
  ///
  /// - Precondition: the blocks divide the channels.
  public init(
    channels: Int, options: AdaptiveFrequencyOptions = AdaptiveFrequencyOptions(),
    using random: inout RandomSource
  ) {
    require(
      channels > 0 && options.blocks > 0 && channels % options.blocks == 0
        && options.expansion > 0 && options.threshold >= 0,
      "AdaptiveFrequencyFilter: \(channels) channels, \(options)")
    self.options = options
    let (blocks, size) = (options.blocks, channels / options.blocks)
    let hidden = size * options.expansion
    func small(_ shape: Shape, _ random: inout RandomSource) -> Parameter {
      Parameter(Tensor(normal: shape, deviation: 0.02, using: &random))
    }
    inner = small([2, blocks, size, hidden], &random)
    innerBias = small([2, blocks, hidden], &random)
    outer = small([2, blocks, hidden, size], &random)
    outerBias = small([2, blocks, size], &random)
  }

  /// The number of channels of input and output.
  public var channels: Int { options.blocks * inner.value.shape[2] }

  /// Applies the mixer to `[batch, length, channels]`.
  public func callAsFunction(_ x: Variable, mask: SequenceMask?) -> Variable {
    require(
      x.shape.rank == 3 && x.shape[2] == channels,
      "AdaptiveFrequencyFilter: \(x.shape) is not [batch, length, \(channels)]")
    guard x.shape[1] > 0 else { return x }
    return x.forEachTrueLength(mask) { filtered($0) }
  }

  private func filtered(_ x: Variable) -> Variable {
    let transform = RealTransform(gridShape: [x.shape[1]], normalization: .orthonormal)
    let spectrum = x.realSpectrum(by: transform)
    let (batch, modes) = (spectrum.shape[0], spectrum.shape[1])
    func part(_ index: Int) -> Variable {
      spectrum.sliced(axis: 3, index..<index + 1).reshaped(batch, modes, channels)
    }
    let (real, imaginary) = (part(0), part(1))
    let hidden = layer(real, imaginary, inner, innerBias)
    let filter = layer(hidden.0.relu(), hidden.1.relu(), outer, outerBias)
    let (a, b) = (soft(filter.0), soft(filter.1))
    let shape: Shape = [batch, modes, channels, 1]
    let product = Variable.concatenated(
      [
        (a * real - b * imaginary).reshaped(to: shape),
        (a * imaginary + b * real).reshaped(to: shape),
      ], axis: 3)
    return x + product.sequence(by: transform)
  }

  /// A complex affine map of each block of channels.
  private func layer(
    _ real: Variable, _ imaginary: Variable, _ weight: Parameter, _ bias: Parameter
  ) -> (Variable, Variable) {
    let shape = weight.value.shape
    let (size, width) = (shape[2], shape[3])
    let (w, b) = (weight(on: real.tape), bias(on: real.tape))
    var parts: ([Variable], [Variable]) = ([], [])
    for block in 0..<options.blocks {
      func matrix(_ part: Int) -> Variable {
        w.sliced(axis: 0, part..<part + 1).sliced(axis: 1, block..<block + 1)
          .reshaped(size, width)
      }
      func shift(_ part: Int) -> Variable {
        b.sliced(axis: 0, part..<part + 1).sliced(axis: 1, block..<block + 1).reshaped(width)
      }
      let range = block * size..<(block + 1) * size
      let (re, im) = (real.sliced(axis: 2, range), imaginary.sliced(axis: 2, range))
      let (wr, wi) = (matrix(0), matrix(1))
      parts.0.append(re.matmul(wr) - im.matmul(wi) + shift(0))
      parts.1.append(im.matmul(wr) + re.matmul(wi) + shift(1))
    }
    return (.concatenated(parts.0, axis: 2), .concatenated(parts.1, axis: 2))
  }

  /// x drawn towards zero by the threshold.
  private func soft(_ x: Variable) -> Variable {
    let threshold = Variable(Tensor([options.threshold]))
    return (x - threshold).relu() - (x * -1 - threshold).relu()
  }

  /// Visits `w1`, `b1`, `w2`, `b2`, under the authors' names.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    body("w1", &inner)
    body("b1", &innerBias)
    body("w2", &outer)
    body("b2", &outerBias)
  }
}

extension AdaptiveFrequencyFilter: ReferenceCompatible {
  /// The authors' tensors, which are ours.
  public mutating func forEachReference(_ body: (ReferenceTensor, inout Parameter) -> Void) {
    forEachParameter { name, parameter in
      let shape = parameter.value.shape
      body(ReferenceTensor(name, shape: shape, ours: shape), &parameter)
    }
  }
}
