/// How hard FFTW looks for the fastest way to compute a transform.
public enum PlanningEffort: String, Sendable, Hashable, CaseIterable, Codable {
  /// Chooses by FFTW's estimate; the same on every run of one machine, and planned in no time.
  case estimate
  /// Times several ways. Faster by some 10 to 20 % afterwards, but the choice, and with it the
  /// last bits of a result, may differ between runs unless the wisdom is kept (`FFTWWisdom`).
  case measure
  /// Times many ways; planning long transforms takes minutes.
  case patient
}
