/// Which lags a free filter has taps for.
public enum FreeFilterSupport: String, Sendable, Hashable, CaseIterable, Codable {
  /// Lags 0..<l_max.
  case causal
  /// Lags 0..<l_max, and with a second set of taps lags -1, -2, … -l_max ("bidirectional").
  case bidirectional
  /// One set of 2·l_max taps on a ring: row j is lag j, rows from l_max on are lags j - 2·l_max
  /// ("causal=False", and the standalone layer in spite of its comment).
  case circular
}

/// How the taps of a free filter start.
public enum FreeFilterInitialization: String, Sendable, Hashable, CaseIterable, Codable {
  /// 0.002·N(0, 1).
  case normal = "random"
  /// 0.02·N(0, 1)·exp(-(j/rows)·⌊H/2⌋^(i/H)) for row j and channel i of H.
  case doubleExponential = "double_exp"
}

/// How the taps of a free filter are smoothed before they are squashed.
public enum FreeFilterSmoothing: String, Sendable, Hashable, CaseIterable, Codable {
  /// Not at all.
  case none
  /// The mean over a window of neighbouring taps, zeros beyond the ends counted.
  case time
  /// The spectrum convolved with a Gaussian of deviation 1 and peak 1 over a window of bins.
  case frequency
}

/// The settings of a free filter, with the defaults of its authors' code.
public struct FreeFilterOptions: Sendable, Hashable, Codable {
  /// l_max, how many taps there are in one direction.
  public var maximumLength = 1024
  /// How many filters each input channel has ("channels").
  public var copies = 1
  /// Which lags there are.
  public var support: FreeFilterSupport = .causal
  /// Whether sequences of other lengths than l_max get the original's wrap-around.
  ///
  /// The original transforms with L + min(L, l_max) points and does not cut the filter to L taps.
  /// If L < l_max its taps from L on therefore act at negative lags, and those of the second set
  /// are displaced by l_max - L. For weights that were trained like that; `false` is what was
  /// meant, and the same for L = l_max.
  public var wrapsAround = false
  /// How the taps start.
  public var initialization: FreeFilterInitialization = .normal
  /// λ: taps are moved towards zero by this, and those below it are zero ("lam").
  public var squash: Float = 0.1
  /// How the taps are smoothed.
  public var smoothing: FreeFilterSmoothing = .none
  /// The taps or bins of a smoothing window ("ma_window_len").
  public var smoothingWindow = 7
  /// Dropout of single taps while training.
  public var dropout: Float = 0
  /// The learning rate of the taps; `nil` is the optimiser's.
  public var learningRate: Float?
  /// Their weight decay.
  public var weightDecay: Float? = 0

  /// The defaults.
  public init() {}

  /// How many taps each set has.
  public var rows: Int { support == .circular ? 2 * maximumLength : maximumLength }
}
