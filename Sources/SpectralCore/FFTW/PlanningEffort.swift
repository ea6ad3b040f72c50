/// How hard to look for the fastest way to compute a transform or a convolution.
public enum PlanningEffort: String, Sendable, Hashable, CaseIterable, Codable {
  /// Chooses by estimates; the same on every run of one machine, and planned in no time.
  case estimate
  /// Times several ways. Faster by some 10 to 20 % afterwards, but the choice, and with it the
  /// last bits of a result, may differ between runs unless the wisdom is kept (`ConvolutionWisdom`,
  /// `FFTWWisdom`).
  case measure
  /// Times more ways, and more often; planning long transforms takes minutes.
  case patient
}
