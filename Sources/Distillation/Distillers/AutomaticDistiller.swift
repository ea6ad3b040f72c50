import LongConvolution
public import SequenceTensor

/// Chooses the method for an order, and the order for an error.
///
/// For an order every quick method is tried, the best few of them are optimised by modal
/// interpolation, and the least relative L2 error of the taps wins. For a wanted error the order
/// starts at the least that the lower bound of `HankelAnalysis` allows, grows until a recurrence is
/// good enough, and is then halved into place.
public struct AutomaticDistiller: Distiller {
  /// The quick methods.
  public var methods: [any Distiller]
  /// How many of the quick results are optimised.
  public var optimisedStarts: Int
  /// Steps of each optimisation at most; 0 leaves the quick results as they are.
  public var iterations: Int
  /// Exchanges of sections after the best optimisation; see `ModalInterpolation`.
  public var exchanges: Int
  /// What the parameters will be kept in: in single precision, modes that nearly cancel each other
  /// are worse than their error says, and fewer or milder ones are preferred.
  public var precision: StatePrecision

  /// Creates the method.
  public init(
    methods: [any Distiller] = [
      BalancedTruncation(), BalancedTruncation(window: .padded), PronyDistiller(),
      VectorFitting(),
    ], optimisedStarts: Int = 2, iterations: Int = 100, exchanges: Int = 8,
    precision: StatePrecision = .double
  ) {
    (self.methods, self.optimisedStarts) = (methods, optimisedStarts)
    (self.iterations, self.exchanges) = (iterations, exchanges)
    self.precision = precision
  }

  /// The relative L2 error of the taps, with that of rounding the residues.
  private func error(of found: DistilledRecurrence) -> Double {
    let certificate = found.certificate
    let rounding = precision == .single ? certificate.amplification * 0x1p-24 : 0
    return certificate.relativeL2Error + rounding
  }

  /// `automatic`.
  public var name: String { "automatic" }

  /// The best recurrence of an order.
  public func recurrence(_ taps: [Double], order: Int, headLength: Int)
    throws(DistillationError) -> ModalRecurrence
  {
    try best(taps, order: order, headLength: headLength).recurrence
  }

  /// The best recurrence of an order, and the name of the method that it came from.
  public func distilled(_ taps: [Double], order: Int, headLength: Int = 1)
    throws(DistillationError) -> DistilledRecurrence
  {
    try FilterCheck.check(taps, place: name)
    try FilterCheck.check(order: order, headLength: headLength, count: taps.count, place: name)
    return try best(taps, order: order, headLength: headLength)
  }

  private func best(_ taps: [Double], order: Int, headLength: Int) throws(DistillationError)
    -> DistilledRecurrence
  {
    var found: [DistilledRecurrence] = []
    var problem: DistillationError?
    for method in methods {
      do throws(DistillationError) {
        let recurrence = try method.recurrence(taps, order: order, headLength: headLength)
        let result = DistilledRecurrence(recurrence, taps: taps, method: method.name)
        if error(of: result).isFinite { found.append(result) }
      } catch {
        // One method may fail where another does not.
        problem = error
      }
    }
    found.sort { error(of: $0) < error(of: $1) }
    guard let quick = found.first else {
      throw problem
        ?? DistillationError(.notConverged, place: name, expected: "a method", got: "none")
    }
    guard iterations > 0, quick.certificate.relativeL2Error > 0 else { return quick }
    let interpolation = ModalInterpolation(
      starts: [], iterations: iterations, exchanges: exchanges)
    let recurrence = try interpolation.recurrence(
      taps, from: found.prefix(max(1, optimisedStarts)).map(\.recurrence), headLength: headLength)
    let optimised = DistilledRecurrence(
      recurrence, taps: taps, method: "\(interpolation.name) from \(quick.method)")
    return error(of: optimised) < error(of: quick) ? optimised : quick
  }

  /// The recurrence of the lowest order that was found for an error.
  ///
  /// - Parameters:
  ///   - taps: h[0], h[1], ….
  ///   - relativeError: what ‖h - ĥ‖₂/‖h‖₂ may be.
  ///   - headLength: the number of direct taps before the recurrence.
  ///   - largestOrder: where the search ends.
  /// - Throws: `DistillationError` of kind `bound` if no order up to `largestOrder` was found to be
  ///   enough: the message has the best error, and the lower bound that no recurrence of that order
  ///   can be better than.
  public func distilled(
    _ taps: [Double], relativeError: Double, headLength: Int = 1, largestOrder: Int = 64
  ) throws(DistillationError) -> DistilledRecurrence {
    try FilterCheck.check(taps, place: name)
    guard relativeError > 0, relativeError.isFinite else {
      throw DistillationError(
        .bound, place: name, expected: "a relative error above 0", got: "\(relativeError)")
    }
    let most = min(largestOrder, taps.count - headLength)
    try FilterCheck.check(order: most, headLength: headLength, count: taps.count, place: name)
    // A head of 0 or more only shifts which taps the recurrence has to make.
    let shifted = Array(taps.dropFirst(max(0, headLength - 1)))
    let bounds = try HankelAnalysis.bounds(
      shifted.dropFirst(), orders: most, norm: taps.euclideanNorm)
    func bound(_ order: Int) -> Double { headLength > 0 ? bounds[order] : 0 }
    var failed = max(1, (1...most).first { bound($0) <= relativeError } ?? most) - 1
    var order = failed + 1
    var success: DistilledRecurrence?
    while success == nil {
      let found = try best(taps, order: order, headLength: headLength)
      if error(of: found) <= relativeError {
        success = found
      } else if order == most {
        throw DistillationError(
          .bound, place: name, expected: "a relative error of \(relativeError) or less",
          got: "\(error(of: found)) at order \(most), where none is below"
            + " \(bound(most))")
      } else {
        failed = order
        order = min(most, max(order + 1, order * 3 / 2))
      }
    }
    guard var success else {
      throw DistillationError(.bound, place: name, expected: "a recurrence", got: "none")
    }
    var reached = order
    while reached - failed > 1 {
      let middle = (reached + failed) / 2
      let found = try best(taps, order: middle, headLength: headLength)
      if error(of: found) <= relativeError {
        (success, reached) = (found, middle)
      } else {
        failed = middle
      }
    }
    return success
  }

  /// How an order for an error is looked for.
  public enum OrderSearch: String, Sendable, Hashable, Codable {
    /// With an optimisation at every order that is tried.
    case thorough
    /// By the first two of the quick methods alone, and then with an optimisation at a lower order or
    /// two: for models of hundreds of filters.
    case economical
  }

  /// A recurrence of the lowest order for an error, for every channel of a bank of taps.
  public func distilled(
    bank taps: Tensor, relativeError: Double, headLength: Int = 1, largestOrder: Int = 64,
    search: OrderSearch = .thorough
  ) throws(DistillationError) -> [DistilledRecurrence] {
    try FilterBank.mapped(taps) { taps, _ throws(DistillationError) in
      switch search {
      case .thorough:
        try distilled(
          taps, relativeError: relativeError, headLength: headLength, largestOrder: largestOrder)
      case .economical:
        try distilledEconomically(
          taps, relativeError: relativeError, headLength: headLength, largestOrder: largestOrder)
      }
    }
  }

  private func distilledEconomically(
    _ taps: [Double], relativeError: Double, headLength: Int, largestOrder: Int
  ) throws(DistillationError) -> DistilledRecurrence {
    let quick = AutomaticDistiller(
      methods: Array(methods.prefix(2)), iterations: 0, precision: precision)
    let most = min(largestOrder, taps.count - headLength)
    let found: DistilledRecurrence?
    do throws(DistillationError) {
      found = try quick.distilled(
        taps, relativeError: relativeError, headLength: headLength, largestOrder: largestOrder)
    } catch  where error.kind == .bound && most > 0 && relativeError > 0 {
      found = nil
    }
    if let found, iterations == 0 { return found }
    // Optimised recurrences reach the same error with some tenths fewer states.
    let reached = found?.certificate.order ?? most
    let tries = found == nil ? [most] : [reached * 3 / 4, reached * 7 / 8]
    for order in tries where order > 0 && (found == nil || order < reached) {
      let result = try best(taps, order: order, headLength: headLength)
      if error(of: result) <= relativeError { return result }
      guard found == nil else { continue }
      throw DistillationError(
        .bound, place: name, expected: "a relative error of \(relativeError) or less",
        got: "\(error(of: result)) at order \(order), the largest that is tried")
    }
    if let found { return found }
    return try best(taps, order: most, headLength: headLength)
  }
}
