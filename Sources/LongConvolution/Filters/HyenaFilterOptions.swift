/// When the taps of a Hyena filter are divided by their norm over the channels.
public enum HyenaNormalization: String, Sendable, Hashable, CaseIterable, Codable {
  /// Never, the default ("normalized=False").
  case none
  /// After the modulation, as on the main branch of the authors' code.
  case afterModulation
  /// Before the modulation, as on their branch for FlashFFTConv; the taps keep their decay.
  case beforeModulation
}

/// The settings of a Hyena filter, with the defaults and in brackets the names of its authors' code.
public struct HyenaFilterOptions: Sendable, Hashable, Codable {
  /// l_max, the length of the grid of positions ("seq_len").
  public var maximumLength = 1024
  /// The channels of the positional embedding: odd, at least 3 ("emb_dim").
  public var embeddingChannels = 3
  /// The width of the network between embedding and taps ("order").
  public var width = 16
  /// Linear maps between the network's first and its last one ("num_inner_mlps").
  public var innerLayers = 2
  /// ω of the sines at the start ("w").
  public var frequency: Float = 1
  /// A constant factor of ω that is not trained ("w_mod" of Monarch Mixer).
  public var frequencyFactor: Float = 1
  /// The learning rate of network and ω ("lr").
  public var learningRate: Float? = 1e-3
  /// Their weight decay ("wd"; Monarch Mixer takes 0.1).
  public var weightDecay: Float? = 0
  /// The learning rate of the positional embedding; 0 makes it a buffer ("lr_pos_emb").
  public var embeddingLearningRate: Float = 1e-5
  /// Whether taps fall off exponentially at all ("modulate").
  public var isModulated = true
  /// The fraction of l_max where the fastest channel has fallen to the target ("fast_decay_pct").
  public var fastDecay: Float = 0.3
  /// The same of the slowest channel ("slow_decay_pct").
  public var slowDecay: Float = 1.5
  /// What the decay falls to there ("target").
  public var decayTarget: Float = 1e-2
  /// Added to the decay, so that far taps do not vanish ("shift").
  public var shift: Float = 0
  /// The learning rate of the decays; 0 makes them a buffer ("modulation_lr").
  public var modulationLearningRate: Float = 0
  /// Whether and when taps are divided by their norm over the channels ("normalized").
  public var normalization: HyenaNormalization = .none
  /// Whether a second network makes taps for the future, as in Monarch Mixer ("bidirectional").
  public var isBidirectional = false

  /// The defaults.
  public init() {}
}
