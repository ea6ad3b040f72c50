public import LongConvolution

/// A filter as a few direct taps and a linear recurrence in modal form.
///
///     h[t] = head[t]                       for t < K,
///     h[t] = Re Σₙ residueₙ·poleₙ^(t - K)  from there on
///
/// A pole with an imaginary part stands for itself and its conjugate, and its residue for the sum
/// of both terms, as in StripedHyena's `ParallelHyenaFilter` (where K is 0); it counts twice in the
/// order. K = 1 keeps the first tap apart, as a state space with feed-through does.
public struct ModalRecurrence: Sendable, Hashable, Codable {
  /// The first K taps.
  public var head: [Double]
  /// The poles, with no negative imaginary part.
  public var poles: [ComplexNumber]
  /// A residue for each pole.
  public var residues: [ComplexNumber]

  /// Creates a recurrence.
  ///
  /// - Precondition: as many residues as poles.
  public init(head: [Double], poles: [ComplexNumber], residues: [ComplexNumber]) {
    precondition(
      poles.count == residues.count,
      "ModalRecurrence: \(poles.count) poles, \(residues.count) residues")
    (self.head, self.poles, self.residues) = (head, poles, residues)
  }

  /// The number of real states.
  public var order: Int { poles.reduce(0) { $0 + ($1.imaginary == 0 ? 1 : 2) } }

  /// |pole| for each pole.
  public var poleRadii: [Double] { poles.map(\.magnitude) }

  /// The taps h[0] … h[length - 1]: of any length.
  public func taps(length: Int) -> [Double] {
    var taps = Array(head.prefix(length))
    taps.append(contentsOf: tail(length: length - taps.count))
    return taps
  }

  /// The taps after the head.
  func tail(length: Int) -> [Double] {
    var taps = [Double](repeating: 0, count: Swift.max(0, length))
    for (pole, residue) in zip(poles, residues) {
      var term = residue
      for t in taps.indices {
        taps[t] += term.real
        term = term * pole
      }
    }
    return taps
  }

  /// Σ|h[t]| over t ≥ length is at most this.
  ///
  /// The sum of |residue|·radius^(length - K)/(1 - radius), infinite for a pole that is not inside the
  /// unit circle.
  public func tailBound(from length: Int) -> Double {
    zip(poles, residues).reduce(0) { sum, mode in
      let radius = mode.0.magnitude
      guard mode.1.magnitude > 0 else { return sum }
      guard radius < 1 else { return .infinity }
      var power = 1.0
      for _ in 0..<Swift.max(0, length - head.count) { power *= radius }
      return sum + mode.1.magnitude * power / (1 - radius)
    }
  }
}
