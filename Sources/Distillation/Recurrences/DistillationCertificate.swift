import LongConvolution

/// How far a recurrence is from the filter that it was made from, over the filter's taps.
///
/// Computed in double precision from the taps of the recurrence itself, whatever method it came
/// from.
public struct DistillationCertificate: Sendable, Hashable, Codable {
  /// ‖h - ĥ‖₂ / ‖h‖₂.
  public var relativeL2Error: Double
  /// max|h - ĥ| / max|h|.
  public var relativeMaximumError: Double
  /// Σ|h - ĥ| over the filter's taps: for sequences that are no longer than the filter no output is
  /// wrong by more than this times the largest magnitude of the input, and this is the least such
  /// number.
  public var outputErrorBound: Double
  /// The same for sequences of any length, of which the filter sees what its taps reach and the
  /// recurrence all: `outputErrorBound` and a bound of the taps of the recurrence beyond.
  public var unlimitedOutputErrorBound: Double
  /// max over frequencies of |H - Ĥ|, as sampled by an FFT of at least twice the taps: for
  /// sequences no longer than the filter ‖y - ŷ‖₂ is about this times ‖u‖₂ at most.
  public var frequencyError: Double
  /// Σ|residue| / max|h|: how much larger than the filter the modes are that it is the sum of.
  ///
  /// The rounding of a step in single precision grows with it.
  public var amplification: Double
  /// The radius of every pole, descending.
  public var poleRadii: [Double]
  /// The number of real states.
  public var order: Int
  /// The number of direct taps.
  public var headLength: Int

  /// Certifies a recurrence against the taps of a filter.
  public init(of recurrence: ModalRecurrence, against taps: [Double]) {
    let found = recurrence.taps(length: taps.count)
    let errors = zip(taps, found).map { $0 - $1 }
    func relative(_ error: Double, _ size: Double) -> Double {
      error == 0 ? 0 : error / size
    }
    let largest = taps.maximumMagnitude
    relativeL2Error = relative(errors.euclideanNorm, taps.euclideanNorm)
    relativeMaximumError = relative(errors.maximumMagnitude, largest)
    outputErrorBound = errors.reduce(0) { $0 + abs($1) }
    unlimitedOutputErrorBound = outputErrorBound + recurrence.tailBound(from: taps.count)
    frequencyError = UnitCircle(covering: taps.count).largestMagnitude(of: errors)
    amplification = relative(recurrence.residues.reduce(0) { $0 + $1.magnitude }, largest)
    poleRadii = recurrence.poleRadii.sorted(by: >)
    order = recurrence.order
    headLength = recurrence.head.count
  }
}

/// A recurrence with what is known of its error.
public struct DistilledRecurrence: Sendable, Hashable, Codable {
  /// The recurrence.
  public var recurrence: ModalRecurrence
  /// Its error.
  public var certificate: DistillationCertificate
  /// What made it.
  public var method: String

  /// Creates the pair for a recurrence made from taps.
  public init(_ recurrence: ModalRecurrence, taps: [Double], method: String) {
    self.recurrence = recurrence
    self.method = method
    certificate = DistillationCertificate(of: recurrence, against: taps)
  }
}
