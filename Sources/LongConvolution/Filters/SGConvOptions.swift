import SequenceTensor

/// How SGConv makes one long filter from pieces of several scales.
///
/// The authors name a mode by words joined with `_`, for example `cat_randn` or
/// `cat_cos_nearest_learnable_fixed`; this type reads and writes the same names.
public struct SGConvMode: Sendable, Hashable, Codable, CustomStringConvertible {
  /// How the pieces of the scales make one filter.
  public enum Arrangement: String, Sendable, Hashable {
    /// One after the other.
    case concatenated = "cat"
    /// On top of each other, all from lag 0.
    case summed = "sum"
  }
  /// How a piece starts.
  public enum Initialization: String, Sendable, Hashable {
    /// N(0, 1).
    case normal = "randn"
    /// cos over i turns for channel i, channels in random order.
    case cosine = "cos"
  }
  /// How a piece is stretched to its scale.
  public enum Interpolation: Sendable, Hashable {
    /// Between neighbouring taps, as PyTorch does with `align_corners=False`.
    case linear
    /// By repeating taps.
    case nearest
  }
  /// How the filter falls off.
  public enum Decay: Sendable, Hashable {
    /// Scale i of S gets a constant per channel to the power S - 1 - i.
    case multiplier
    /// Tap t gets (t + 1)^-rate with a trained rate per channel.
    case learnable
    /// Tap t gets (t + 1)^-rate with a constant rate per channel.
    case fixed
  }

  /// How the pieces of the scales make one filter.
  public var arrangement: Arrangement = .concatenated
  /// How a piece starts.
  public var initialization: Initialization = .normal
  /// How a piece is stretched to its scale.
  public var interpolation: Interpolation = .linear
  /// How the filter falls off.
  public var decay: Decay = .multiplier

  /// The mode `cat_randn`.
  public init() {}

  /// Reads a mode's name; `nil` if it has a word that no mode has, or lacks one it needs.
  public init?(_ name: String) {
    var words = name.split(separator: "_").map(String.init)
    func take(_ word: String) -> Bool {
      guard let index = words.firstIndex(of: word) else { return false }
      words.remove(at: index)
      return true
    }
    guard let first = words.first, let arrangement = Arrangement(rawValue: first) else {
      return nil
    }
    words.removeFirst()
    self.arrangement = arrangement
    if take("cos") { initialization = .cosine } else if !take("randn") { return nil }
    if take("nearest") { interpolation = .nearest }
    if take("learnable") { decay = take("fixed") ? .fixed : .learnable }
    guard words.isEmpty else { return nil }
  }

  /// The mode's name.
  public var description: String {
    [
      arrangement.rawValue, initialization.rawValue, interpolation == .nearest ? "nearest" : nil,
      decay == .multiplier ? nil : "learnable", decay == .fixed ? "fixed" : nil,
    ].compactMap { $0 }.joined(separator: "_")
  }

  /// Reads the mode's name.
  public init(from decoder: any Decoder) throws {
    let name = try decoder.singleValueContainer().decode(String.self)
    guard let mode = SGConvMode(name) else {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(
          codingPath: decoder.codingPath,
          debugDescription: "expected cat or sum, randn or cos, and any of nearest, learnable,"
            + " fixed, joined by _; got \(name)"))
    }
    self = mode
  }

  /// Writes the mode's name.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

/// The settings of an SGConv filter, with the defaults of its authors' code.
public struct SGConvOptions: Sendable, Hashable, Codable {
  /// How the filter is made.
  public var mode = SGConvMode()
  /// d, the number of taps of a piece ("kernel_dim").
  public var kernelSize = 64
  /// The length that the scales must reach ("l_max").
  public var maximumLength = 1024
  /// The number of scales; `nil` means as many as `maximumLength` needs ("n_scales").
  public var scales: Int?
  /// How many doublings the smallest scale is stretched by ("init_scale").
  public var initialScale = 0
  /// The decay of the first channel ("decay_min").
  public var minimumDecay: Float = 2
  /// The decay of the last channel ("decay_max").
  public var maximumDecay: Float = 2
  /// How many filters each input channel has ("channels").
  public var copies = 1
  /// Whether a second set of pieces looks into the future.
  public var isBidirectional = false
  /// The learning rate of the pieces and of learnable decays.
  public var learningRate: Float = 1e-3
  /// Their weight decay.
  ///
  /// The authors leave the optimiser's; zero, as S4 has it, is the default.
  public var weightDecay: Float? = 0

  /// The defaults.
  public init() {}

  /// S, the number of scales.
  ///
  /// 1 + ⌈log₂(maximumLength/kernelSize)⌉ - initialScale, and at least 1.
  public var scaleCount: Int {
    if let scales { return scales }
    var doublings = 0
    while kernelSize << doublings < maximumLength { doublings += 1 }
    return max(1, 1 + doublings - initialScale)
  }
}
