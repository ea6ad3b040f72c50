public import Differentiation
import Layers
public import LongConvolution
public import SequenceTensor

/// A long filter that is a linear recurrence, with trainable poles and residues: what a distilled
/// filter becomes in a model, and the filter of StripedHyena and Evo 2.
///
///     h[t] = head[t]                          for t < K,
///     h[t] = Re Σₙ residueₙ·poleₙ^(t - K)     from there on
///
/// for every channel; see `ModalRecurrence`. `RecurrentFilter` gives it a state of fixed size, so that
/// a position costs O(modes + K) for each channel, whatever came before.
///
/// A filter takes the place of any other `LongFilter` in `LongConvolution` or `HyenaOperator`, for
/// inference or for fine-tuning. Its formula holds for all lags.
public struct ModalFilter: RecurrentFilter {
  /// What the poles are made from.
  public enum Parameterization: String, Sendable, Hashable, Codable, CaseIterable {
    /// pole = exp(-exp(ν) + iθ) from (ν, θ): inside the unit circle whatever the values, as in the
    /// linear recurrent units of Orvieto and others, 2023. What distilled filters have.
    case decay
    /// pole = a + ib from (a, b), as `poles` of StripedHyena's `ParallelHyenaFilter`.
    case cartesian
    /// pole = exp(ν), with real residues, as `log_poles` of vortex's `HyenaCascade`.
    case realExponent
  }

  /// What the poles are made from.
  public let parameterization: Parameterization
  /// What the poles are made from, `[channels, modes, 2]`, or `[channels, modes]` for `realExponent`.
  public var poles: Parameter
  /// The residues, of the same shape.
  public var residues: Parameter
  /// The first K taps, `[K, channels]`; none if K is 0.
  public var head: Parameter?
  /// The number of channels.
  public let channels: Int

  /// The number of modes of a channel.
  public var modes: Int { residues.value.shape[1] }

  /// K, the number of direct taps.
  public var headLength: Int { head?.value.shape[0] ?? 0 }

  /// Creates a filter from its parameters.
  ///
  /// - Precondition: shapes are those of the properties.
  public init(
    poles: Tensor, residues: Tensor, head: Tensor? = nil, parameterization: Parameterization
  ) {
    let rank = parameterization == .realExponent ? 2 : 3
    require(
      poles.shape.rank == rank && poles.shape == residues.shape
        && (rank == 2 || poles.shape[2] == 2)
        && (head.map { $0.shape.rank == 2 && $0.shape[1] == poles.shape[0] } ?? true),
      "ModalFilter: poles \(poles.shape), residues \(residues.shape),"
        + " head \(head.map { "\($0.shape)" } ?? "none"), \(parameterization.rawValue)")
    self.parameterization = parameterization
    channels = poles.shape[0]
    // As in the originals and in S4, what makes poles is not pulled to zero.
    let options = ParameterOptions(weightDecay: 0)
    self.poles = Parameter(poles, options)
    self.residues = Parameter(residues, options)
    self.head = head.map { Parameter($0, options) }
  }

  /// Creates a filter from a recurrence for each channel.
  ///
  /// Channels with fewer modes than others get modes of residue zero; shorter heads go on with taps
  /// of their recurrence.
  ///
  /// - Precondition: there is a channel.
  public init(_ recurrences: [ModalRecurrence]) {
    require(!recurrences.isEmpty, "ModalFilter: no recurrences")
    let head = recurrences.map(\.head.count).max() ?? 0
    let aligned = recurrences.map { $0.withHead(of: head) }
    let modes = max(1, aligned.map(\.poles.count).max() ?? 1)
    func tensor(_ values: (ModalRecurrence, Int) -> ComplexNumber) -> Tensor {
      Tensor(
        aligned.flatMap { recurrence in (0..<modes).map { values(recurrence, $0) } },
        shape: [recurrences.count, modes, 2])
    }
    self.init(
      poles: tensor { recurrence, mode in
        mode < recurrence.poles.count
          ? Self.decay(of: recurrence.poles[mode]) : ComplexNumber(0, 0)
      },
      residues: tensor { recurrence, mode in
        mode < recurrence.poles.count ? recurrence.residues[mode] : .zero
      },
      head: head == 0
        ? nil
        : Tensor(
          (0..<head).flatMap { t in aligned.map { Float($0.head[t]) } },
          shape: [head, recurrences.count]), parameterization: .decay)
  }

  /// Creates a filter from distilled channels.
  public init(_ distilled: [DistilledRecurrence]) { self.init(distilled.map(\.recurrence)) }

  /// (ν, θ) of a pole; one of radius 0 gets a radius of 10⁻²².
  private static func decay(of pole: ComplexNumber) -> ComplexNumber {
    let logarithm = ComplexNumber.logarithm(pole)
    let rate = min(max(-logarithm.real, 1e-9), 50)
    return ComplexNumber(ComplexNumber.logarithm(ComplexNumber(rate)).real, logarithm.imaginary)
  }

  /// Causal.
  public var isBidirectional: Bool { false }

  /// The formula for all lags.
  public var lengthSemantics: LengthSemantics { .extrapolate }

  /// Visits `poles`, `residues`, `head`.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    body("poles", &poles)
    body("residues", &residues)
    head.forEachValue { body("head", &$0) }
  }

  /// The recurrence of a channel, as the parameters are now.
  public func recurrence(channel: Int) -> ModalRecurrence {
    let system = system
    let own = channel * modes..<(channel + 1) * modes
    return ModalRecurrence(
      head: head.map { head in (0..<headLength).map { Double(head.value[$0, channel]) } } ?? [],
      poles: own.map { .exponential(system.exponents[$0]) },
      residues: Array(system.residues[own]))
  }
}

extension ModalRecurrence {
  /// The same taps with a head of at least as many of them.
  func withHead(of length: Int) -> ModalRecurrence {
    guard length > head.count else { return self }
    var result = self
    result.head = taps(length: length)
    for _ in head.count..<length {
      result.residues = zip(result.residues, poles).map { $0 * $1 }
    }
    return result
  }
}
