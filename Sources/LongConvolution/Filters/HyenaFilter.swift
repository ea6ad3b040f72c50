public import Differentiation
public import Layers
public import SequenceTensor

/// The implicit filter of Hyena: a small network with sines maps each position to its taps.
///
/// Poli, Massaroli, Nguyen, Fu, Dao, Baccus, Bengio, Ermon and Ré, "Hyena hierarchy: towards larger
/// convolutional language models", 2023, section 3.3, as `HyenaFilter` in the authors' `hyena.py`:
///
///     h[n, c] = network(z[n])[c] · (exp(-t[n]·|δ[c]|) + shift),   t[n] = n/(l_max - 1)
///     z[n] = [t[n], cos(fₖωₙ)…, -sin(fₖωₙ)…],   ωₙ = 2πn/l_max,   fₖ from 10⁻⁴ to bands - 1
///
/// δ runs evenly from ln(target)/slow to ln(target)/fast over the channels. z is trained with a
/// learning rate of its own. ω of the sines is one trained vector for all layers of the network.
/// A bidirectional filter has a second network for lags -1, -2, … with the same z, ω and decay
/// (Fu and others, "Monarch Mixer", 2023, `hyena_utils.py`; there the second network has the
/// optimiser's learning rate and weight decay, here it has those of the first).
///
/// **Lengths.** The grid of positions is fixed at l_max: a shorter sequence sees the first taps, a
/// longer one zeros beyond l_max (the authors' operator cuts the output there). A filter made for
/// another l_max is the same function of n/l_max, and so another filter.
///
/// The authors' skip term (their filter's `bias`) belongs to the operator here, and so do `dropout`
/// arguments, which their filter does not use. `LongConvolution` has a skip term of its own.
///
/// - Complexity: O(l_max·width·(width·layers + channels)), once a call on a tape.
public struct HyenaFilter: LongFilter, ReferenceCompatible {
  /// The settings.
  public let options: HyenaFilterOptions
  /// The number of channels.
  public let channels: Int
  /// z, `[l_max, embedding channels]`.
  public var embedding: Parameter
  /// t, `[l_max, 1]`, a buffer.
  public var times: Parameter
  /// ω, `[width]`.
  public var frequency: Parameter
  /// Makes the taps for lags 0, 1, 2 and so on.
  public var network: SineNetwork
  /// Makes the taps for lags -1, -2, …, if the filter is bidirectional.
  public var futureNetwork: SineNetwork?
  /// δ, `[channels]`.
  public var decay: Parameter

  /// Creates a filter with a random network.
  ///
  /// - Precondition: sizes are positive; the embedding has an odd number of channels, at least 3.
  public init(
    channels: Int, options: HyenaFilterOptions = HyenaFilterOptions(),
    using random: inout RandomSource
  ) {
    require(
      channels > 0 && options.maximumLength > 0 && options.embeddingChannels >= 3
        && options.embeddingChannels % 2 == 1 && options.width > 0 && options.decayTarget > 0
        && options.fastDecay > 0 && options.slowDecay > 0,
      "HyenaFilter: \(channels) channels, \(options)")
    self.channels = channels
    self.options = options
    let trained = ParameterOptions(
      learningRate: options.learningRate, weightDecay: options.weightDecay)
    func registered(_ value: Tensor, learningRate: Float) -> Parameter {
      Parameter(
        value,
        learningRate == 0 ? .buffer : ParameterOptions(learningRate: learningRate, weightDecay: 0))
    }
    let grid = PositionGrid(length: options.maximumLength, channels: options.embeddingChannels)
    embedding = registered(grid.embedding, learningRate: options.embeddingLearningRate)
    times = Parameter(grid.times, .buffer)
    frequency = Parameter(
      Tensor(repeating: options.frequency, shape: [options.width]), trained)
    func network(_ random: inout RandomSource) -> SineNetwork {
      SineNetwork(
        inputs: options.embeddingChannels, width: options.width, innerLayers: options.innerLayers,
        outputs: channels, trained: trained, using: &random)
    }
    self.network = network(&random)
    futureNetwork = options.isBidirectional ? network(&random) : nil
    let target = RandomSource.naturalLogarithm(Double(options.decayTarget))
    let decays = evenlySpaced(
      from: target / Double(options.slowDecay), to: target / Double(options.fastDecay),
      count: channels)
    decay = registered(
      Tensor(decays.map { Float($0) }), learningRate: options.modulationLearningRate)
  }

  /// Whether there are future taps.
  public var isBidirectional: Bool { options.isBidirectional }

  /// Zeros beyond l_max.
  public var lengthSemantics: LengthSemantics { .crop }

  /// The taps for a sequence of a length.
  public func taps(length: Int, on tape: Tape?) -> Variable {
    let past = direction(network, length: length, on: tape)
    guard let futureNetwork, length > 1 else { return past }
    // Row j of the second network is lag -(j + 1); lag -length reaches nothing.
    let ahead = direction(futureNetwork, length: length - 1, on: tape)
    return .concatenated([ahead.flipped(axis: 0), past], axis: 0)
  }

  /// `[length, channels]`, zero beyond l_max.
  private func direction(_ network: SineNetwork, length: Int, on tape: Tape?) -> Variable {
    let rows = min(length, options.maximumLength)
    let whole = rows == options.maximumLength
    let z = embedding(on: tape)
    let t = whole ? times.value : times.value.sliced(axis: 0, 0..<rows)
    let omega = frequency(on: tape)
    var h = network(
      whole ? z : z.sliced(axis: 0, 0..<rows),
      frequency: options.frequencyFactor == 1 ? omega : omega * options.frequencyFactor)
    if options.normalization == .beforeModulation { h = h.dividedByChannelNorm() }
    if options.isModulated {
      h = h.exponentiallyModulated(decay: decay(on: tape), times: t, shift: options.shift)
    }
    if options.normalization == .afterModulation { h = h.dividedByChannelNorm() }
    return length > rows ? h.padded(axis: 0, after: length - rows) : h
  }

  /// Visits `embedding`, `times`, `frequency`, `network`, `future_network` and `decay`.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    body("embedding", &embedding)
    body("times", &times)
    body("frequency", &frequency)
    visit("network", &network, body)
    visit("future_network", &futureNetwork, body)
    body("decay", &decay)
  }

  /// The names of safari's `HyenaFilter`, without its `bias`; ω has one name for each sine.
  public mutating func forEachReference(_ body: (ReferenceTensor, inout Parameter) -> Void) {
    let grid: [(String, WritableKeyPath<Self, Parameter>)] = [
      ("z", \.embedding), ("t", \.times),
    ]
    for (name, parameter) in grid {
      let shape = self[keyPath: parameter].value.shape
      body(
        ReferenceTensor("pos_emb.\(name)", shape: [1, shape[0], shape[1]], ours: shape),
        &self[keyPath: parameter])
    }
    network.forEachReference(frequency: &frequency) { body($0.under("implicit_filter"), &$1) }
    futureNetwork?.forEachReference(frequency: &frequency) {
      body($0.under("implicit_filter_rev"), &$1)
    }
    body(
      ReferenceTensor("modulation.deltas", shape: [1, 1, channels], ours: [channels]), &decay)
  }
}
