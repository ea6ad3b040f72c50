import LongConvolution
public import SequenceTensor

/// A method that makes a linear recurrence of a wanted order from the taps of a causal filter.
///
/// All compute in double precision, and yield poles inside the unit circle and real taps. The order
/// counts real states: a conjugate pair is two. A recurrence may come out with a lower order where
/// the filter needs no more.
public protocol Distiller: Sendable {
  /// The name for reports.
  var name: String { get }

  /// The recurrence for checked taps.
  ///
  /// Callers use `distilled(_:order:headLength:)`, which checks and certifies.
  ///
  /// - Parameters:
  ///   - taps: finite, more than `headLength`.
  ///   - order: from 1 to the number of taps after the head.
  ///   - headLength: K, how many taps are kept as they are before the recurrence sets in.
  func recurrence(_ taps: [Double], order: Int, headLength: Int)
    throws(DistillationError) -> ModalRecurrence
}

extension Distiller {
  /// A recurrence of at most a wanted order, with its certificate.
  ///
  /// - Parameters:
  ///   - taps: h[0], h[1], ….
  ///   - order: the number of real states.
  ///   - headLength: the number of direct taps before the recurrence; with 1 the first tap is
  ///     exact, with 0 the recurrence begins with it.
  /// - Throws: `DistillationError` for taps that are not finite or never fall off, a head or an
  ///   order above the length.
  public func distilled(_ taps: [Double], order: Int, headLength: Int = 1)
    throws(DistillationError) -> DistilledRecurrence
  {
    try FilterCheck.check(taps, place: name)
    try FilterCheck.check(order: order, headLength: headLength, count: taps.count, place: name)
    let found = try recurrence(taps, order: order, headLength: headLength)
    return DistilledRecurrence(found, taps: taps, method: name)
  }

  /// A recurrence for every channel of a bank of taps, `[length, channels]`.
  public func distilled(bank taps: Tensor, order: Int, headLength: Int = 1)
    throws(DistillationError) -> [DistilledRecurrence]
  {
    try FilterBank.mapped(taps) { taps, _ throws(DistillationError) in
      try distilled(taps, order: order, headLength: headLength)
    }
  }

  /// Poles inside the unit circle for a method that finds poles alone: those outside are mirrored,
  /// none lies closer to the circle than 10⁻⁹.
  func stable(_ poles: [ComplexNumber]) -> [ComplexNumber] {
    PoleSection.sections(of: poles).flatMap(\.poles)
  }
}
