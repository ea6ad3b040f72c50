import Differentiation
public import LongConvolution
public import SequenceTensor

/// Distillation of the filters inside models.
public enum FilterDistillation {
  /// How many times the length of the taps a formula for all lags is looked at.
  private static let farthestLook = 16

  /// The taps of a filter for sequences of a length, fit to be distilled.
  ///
  /// - Throws: `DistillationError` for a filter that looks into the future, a length below 2, or one
  ///   whose formula for all lags does not fall off.
  public static func taps(of filter: any LongFilter, length: Int) throws(DistillationError)
    -> Tensor
  {
    let place = "\(type(of: filter))"
    guard !filter.isBidirectional else {
      throw DistillationError(
        .notCausal, place: place, expected: "a causal filter",
        got: "one that looks into the future, which no recurrence does")
    }
    guard length >= 2 else {
      throw DistillationError(.size, place: place, expected: "at least 2 taps", got: "\(length)")
    }
    // Networks of the lag are defined everywhere, but mean something only where they were trained.
    guard filter.lengthSemantics == .extrapolate, filter is any RecurrentFilter else {
      return filter.taps(length: length, on: nil).value
    }
    // Slow responses may still grow over the first lengths.
    let reach = farthestLook * length
    let taps = filter.taps(length: reach, on: nil).value
    let channels = taps.shape[1]
    for channel in 0..<channels {
      var (early, late) = (0.0, 0.0)
      for t in 0..<length {
        let (first, last) = (t * channels, (reach - length + t) * channels)
        early += Double(taps.pointer[first + channel]) * Double(taps.pointer[first + channel])
        late += Double(taps.pointer[last + channel]) * Double(taps.pointer[last + channel])
      }
      guard late.isFinite, late < early || late == 0 else {
        throw DistillationError(
          .notSummable, place: "\(place), channel \(channel)",
          expected: "a response that has fallen off after \(reach) taps",
          got: "energy \(early) in the first \(length), \(late) in the last")
      }
    }
    return taps.sliced(axis: 0, 0..<length)
  }

  /// A mixer with every long filter replaced by its distillation, to be run or fine-tuned.
  ///
  /// ```swift
  /// let distiller = AutomaticDistiller()
  /// let (mixer, channels) = try FilterDistillation.distilled(layer, length: 2048) {
  ///   taps throws(DistillationError) in try distiller.distilled(bank: taps, relativeError: 0.05)
  /// }
  /// ```
  ///
  /// - Parameters:
  ///   - mixer: around filters that are causal.
  ///   - length: how many taps are distilled.
  ///   - distil: makes a recurrence for every channel of a bank of taps, `[length, channels]`.
  /// - Returns: the mixer, and the recurrences of each filter in turn, with certificates.
  public static func distilled(
    _ mixer: any FilterReplaceable, length: Int,
    _ distil: (Tensor) throws(DistillationError) -> [DistilledRecurrence]
  ) throws(DistillationError) -> (
    mixer: any FilterReplaceable, channels: [[DistilledRecurrence]]
  ) {
    var channels: [[DistilledRecurrence]] = []
    let replaced = try mixer.replacingFilters { filter throws(DistillationError) -> ModalFilter in
      let found = try distil(try taps(of: filter, length: length))
      channels.append(found)
      return ModalFilter(found)
    }
    return (replaced, channels)
  }
}
