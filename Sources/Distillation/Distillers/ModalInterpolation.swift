import LongConvolution

/// Modal interpolation: the poles move along the gradient until the error of the taps, or that of the
/// frequency response, has a minimum.
///
/// Massaroli and others, "Laughing Hyena distillery", 2023, section 3, minimise the same two
/// objectives, ‖h - ĥ‖₂ and the error on the unit circle (H₂), by steps of AdamW over poles and
/// residues in polar form. Here residues are eliminated and the poles take steps of Levenberg and
/// Marquardt (`VariableProjection`), with the poles inside the unit circle by construction
/// (`PoleSection`): tens of steps instead of tens of thousands.
///
/// Exchanges look for better minima: sections are added where the residual has most in common with a
/// decaying oscillation, all are moved, and those that are missed least are taken out again.
public struct ModalInterpolation: Distiller {
  /// What is minimised.
  public enum Objective: Sendable, Hashable, Codable {
    /// ‖h - ĥ‖₂ over the taps there are.
    case time
    /// The weighted error of the frequency response, and so, with equal weights, of the taps over all
    /// times: the recurrence beyond the last tap counts too. Weights are for equal steps from
    /// frequency 0 to the highest, and are interpolated.
    case frequency(weights: [Double]?)
  }

  /// What is minimised.
  public var objective: Objective
  /// Where the poles start: the best end counts.
  public var starts: [any Distiller]
  /// Steps from each start at most.
  public var iterations: Int
  /// Exchanges after the best end.
  public var exchanges: Int

  /// Creates the method.
  public init(
    objective: Objective = .time,
    starts: [any Distiller] = [BalancedTruncation(), BalancedTruncation(window: .padded)],
    iterations: Int = 100, exchanges: Int = 0
  ) {
    (self.objective, self.starts) = (objective, starts)
    (self.iterations, self.exchanges) = (iterations, exchanges)
  }

  /// `modal interpolation`, with the domain.
  public var name: String {
    switch objective {
    case .time: "modal interpolation (time)"
    case .frequency: "modal interpolation (frequency)"
    }
  }

  /// The recurrence at the best minimum found.
  ///
  /// - Throws: `DistillationError` also for weights that are negative or not finite.
  public func recurrence(_ taps: [Double], order: Int, headLength: Int)
    throws(DistillationError) -> ModalRecurrence
  {
    let starting = try startingPoints(taps, order: order, headLength: headLength)
    return try recurrence(taps, from: starting, headLength: headLength)
  }

  /// The recurrences of all starts.
  func startingPoints(_ taps: [Double], order: Int, headLength: Int)
    throws(DistillationError) -> [ModalRecurrence]
  {
    var found: [ModalRecurrence] = []
    for start in starts {
      found.append(try start.recurrence(taps, order: order, headLength: headLength))
    }
    return found
  }

  /// The best of several recurrences and of what their poles become by moving.
  func recurrence(_ taps: [Double], from starting: [ModalRecurrence], headLength: Int)
    throws(DistillationError) -> ModalRecurrence
  {
    let late = taps[headLength...]
    if case .frequency(let weights?) = objective {
      guard weights.allSatisfy({ $0 >= 0 && $0.isFinite }), weights.contains(where: { $0 > 0 })
      else {
        throw DistillationError(
          .size, place: name, expected: "weights that are finite, not negative and not all 0",
          got: "\(weights)")
      }
    }
    let domain: FitDomain =
      switch objective {
      case .time: .time(count: late.count)
      case .frequency(let weights): .frequency(count: late.count, weights: weights)
      }
    let problem = VariableProjection(domain: domain, target: domain.target(late))
    var best: VariableProjection.Fit?
    for start in starting {
      let poles = start.poles.flatMap { $0.imaginary == 0 ? [$0] : [$0, $0.conjugate] }
      guard !poles.isEmpty, let fit = try problem.fit(PoleSection.sections(of: poles)) else {
        continue
      }
      let end = try problem.optimised(fit, iterations: iterations)
      if end.error < best?.error ?? .infinity { best = end }
    }
    if let fit = best, exchanges > 0 {
      best = try problem.exchanged(fit, taps: late, rounds: exchanges, iterations: iterations)
    }
    var candidates = starting
    if let best {
      candidates.append(
        try ResidueFit.recurrence(
          sections: best.sections, taps: taps, headLength: headLength))
    }
    // Residues fitted to the taps, or the start itself, may be better still where rounding is all.
    let target = domain.target(late)
    var chosen: (recurrence: ModalRecurrence, error: Double)?
    for candidate in candidates.reversed() {
      let response = domain.target(candidate.tail(length: late.count)[...])
      let error = zip(target, response).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      if error < chosen?.error ?? .infinity { chosen = (candidate, error) }
    }
    guard let chosen else {
      throw DistillationError(.notConverged, place: name, expected: "a recurrence", got: "none")
    }
    return chosen.recurrence
  }
}
