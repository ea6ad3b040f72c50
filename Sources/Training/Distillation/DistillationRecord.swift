import Distillation
public import LongConvolution
import SequenceTensor

/// What was distilled and how well, as it is kept in the folder of a distilled run.
public struct DistillationRecord: Sendable, Codable {
  /// One filter of a model.
  public struct Layer: Sendable, Codable {
    /// Its name, for example `block 1`.
    public var name: String
    /// The kind of filter.
    public var kind: String
    /// The number of channels.
    public var channels: Int
    /// The highest order of the channels.
    public var order: Int
    /// The mean order of the channels.
    public var meanOrder: Double
    /// The number of direct taps.
    public var headLength: Int
    /// The largest relative L2 error of the taps of a channel.
    public var relativeL2Error: Double
    /// The same of all channels together, ‖H - Ĥ‖/‖H‖.
    public var joinedRelativeL2Error: Double
    /// The largest relative maximum error of a channel.
    public var relativeMaximumError: Double
    /// The largest Σ|h - ĥ|: no output is wrong by more than this times the largest input.
    public var outputErrorBound: Double
    /// The largest radius of a pole.
    public var largestRadius: Double
    /// The largest amplification.
    public var amplification: Double
    /// How many channels each method made.
    public var methods: [String: Int]
    /// The poles of all channels, or of some of very many.
    public var poles: [ComplexNumber]
    /// The channels of the least, the middle and the largest error.
    public var examples: [Example]
  }

  /// A channel to look at.
  public struct Example: Sendable, Codable {
    /// The channel.
    public var channel: Int
    /// The order of its recurrence.
    public var order: Int
    /// Its relative L2 error.
    public var relativeL2Error: Double
    /// The taps of the filter.
    public var taps: [Float]
    /// Those of its recurrence.
    public var recurrence: [Float]
    /// The Hankel singular values of the filter.
    public var singularValues: [Double]
  }

  /// How answers changed.
  public struct Answers: Sendable, Codable {
    /// The largest difference of a logit.
    public var largest: Double
    /// The root of the mean of the squares of the differences.
    public var rootMeanSquare: Double
    /// How many sequences were compared.
    public var sequences: Int
    /// What logits of sequences that are drawn alike differ by at most: twice `largest`; one more
    /// sequence has a larger difference than all compared ones with a probability of
    /// 1/(sequences + 1).
    public var bound: Double { 2 * largest }

    /// Creates a comparison.
    public init(largest: Double, rootMeanSquare: Double, sequences: Int) {
      (self.largest, self.rootMeanSquare) = (largest, rootMeanSquare)
      self.sequences = sequences
    }
  }

  /// The run or checkpoint that was distilled.
  public var source: String
  /// The taps of sequences of this length were distilled.
  public var length: Int
  /// What was asked for.
  public var settings: DistillationSettings
  /// The filters.
  public var layers: [Layer]
  /// The validation loss before.
  public var originalLoss: Double
  /// The validation loss after.
  public var loss: Double
  /// How the answers on the validation part changed.
  public var answers: Answers?
  /// The speed of generation against context, of language models.
  public var speeds: [GenerationSpeed] = []

  /// The change of the validation loss, relative.
  public var lossChange: Double { originalLoss == 0 ? 0 : loss / originalLoss - 1 }

  /// Creates a record.
  public init(
    source: String, length: Int, settings: DistillationSettings, layers: [DistilledLayer],
    originalLoss: Double, loss: Double, answers: Answers?
  ) throws {
    (self.source, self.length, self.settings) = (source, length, settings)
    (self.originalLoss, self.loss, self.answers) = (originalLoss, loss, answers)
    self.layers = try layers.map { try Layer($0) }
  }
}

extension DistillationRecord.Layer {
  /// How many poles are kept for the picture.
  private static let mostPoles = 2000
  /// How many singular values are kept of an example.
  private static let singularValues = 64

  init(_ layer: DistilledLayer) throws {
    let certificates = layer.channels.map(\.certificate)
    name = layer.name
    kind = layer.kind
    channels = layer.channels.count
    order = certificates.map(\.order).max() ?? 0
    meanOrder = Double(certificates.reduce(0) { $0 + $1.order }) / Double(max(1, channels))
    headLength = layer.headLength
    relativeL2Error = certificates.map(\.relativeL2Error).max() ?? 0
    relativeMaximumError = certificates.map(\.relativeMaximumError).max() ?? 0
    outputErrorBound = certificates.map(\.outputErrorBound).max() ?? 0
    largestRadius = certificates.compactMap(\.poleRadii.first).max() ?? 0
    amplification = certificates.map(\.amplification).max() ?? 0
    methods = Dictionary(layer.channels.map { ($0.method, 1) }) { $0 + $1 }
    let all = layer.channels.flatMap(\.recurrence.poles)
    let step = max(1, (all.count + Self.mostPoles - 1) / Self.mostPoles)
    poles = stride(from: 0, to: all.count, by: step).map { all[$0] }
    let (length, width) = (layer.taps.shape[0], layer.taps.shape[1])
    func taps(_ channel: Int) -> [Float] {
      (0..<length).map { layer.taps.pointer[$0 * width + channel] }
    }
    var (error, whole) = (0.0, 0.0)
    for (channel, certificate) in certificates.enumerated() {
      let energy = taps(channel).reduce(0.0) { $0 + Double($1) * Double($1) }
      whole += energy
      error += energy * certificate.relativeL2Error * certificate.relativeL2Error
    }
    joinedRelativeL2Error = whole > 0 ? (error / whole).squareRoot() : 0
    let byError = certificates.indices.sorted {
      (certificates[$0].relativeL2Error, $0) < (certificates[$1].relativeL2Error, $1)
    }
    var shown: [Int] = []
    for place in [byError.count - 1, byError.count / 2, 0]
    where byError.indices.contains(place) && !shown.contains(byError[place]) {
      shown.append(byError[place])
    }
    examples = try shown.map { channel in
      let own = taps(channel)
      let values = try HankelAnalysis(
        taps: own.map { Double($0) }, count: Self.singularValues
      ).singularValues
      return DistillationRecord.Example(
        channel: channel, order: certificates[channel].order,
        relativeL2Error: certificates[channel].relativeL2Error, taps: own,
        recurrence: layer.channels[channel].recurrence.taps(length: length).map { Float($0) },
        singularValues: values)
    }
  }
}

/// The speed of a way to generate at a length of the context.
public struct GenerationSpeed: Sendable, Codable, Hashable {
  /// The way.
  public var method: GenerationMethod
  /// How many tokens have been read.
  public var context: Int
  /// Tokens a second.
  public var tokensPerSecond: Double
  /// The bytes that are carried from one token to the next.
  public var stateBytes: Int?

  /// Creates a measurement.
  public init(
    method: GenerationMethod, context: Int, tokensPerSecond: Double, stateBytes: Int?
  ) {
    (self.method, self.context) = (method, context)
    (self.tokensPerSecond, self.stateBytes) = (tokensPerSecond, stateBytes)
  }
}
