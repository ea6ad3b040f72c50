package import SequenceTensor

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Where the poles of a state-space filter start.
///
/// N is the state size and n counts its N/2 stored states. Diagonal ones have Re a = -½ and B = 1
/// unless they say otherwise. `dplr` and `combinations` of `models/s4/s4.py` in state-spaces/s4;
/// Gu, Gupta, Goel and Ré, 2022, section 4.
public enum StateSpaceInitialization: String, Sendable, Hashable, Codable, CaseIterable {
  /// S4D-Lin: Im a = πn.
  case linear = "diag-lin"
  /// S4D-Inv: Im a = (N/π)(N/(2n + 1) - 1).
  case inverse = "diag-inv"
  /// Im a = (N/π)(N/(n + 1) - 1).
  case secondInverse = "diag-inv2"
  /// S4D-Quad: Im a = (2n + 1)²/π.
  case quadratic = "diag-quad"
  /// S4D-Real: a = -(n + 1).
  case real = "diag-real"
  /// S4D-LegS: Im a and B of HiPPO-LegS without its low-rank part.
  case diagonalLegendre = "diag-legs"
  /// log Im a normal.
  case random = "diag-rand"
  /// HiPPO-LegS: normal plus rank 1.
  case legendreScaled = "legs"
  /// HiPPO-LegT: normal plus rank 2.
  case legendreTranslated = "legt"
  /// HiPPO-FouT: normal plus rank 1.
  case fourier = "fout"
  /// The first half of the independent systems `inverse`, the second `linear`.
  case inverseAndLinear = "diag"
  /// Halves of `legendreScaled` and `fourier`.
  case legendreAndFourier = "hippo"
  /// Quarters of `legendreScaled`, `fourier`, `inverse` and `linear`.
  case all

  /// Reads one of the originals' names, long and short: `diag-lin`, `diag-linear`, `fourier`, ….
  public init?(name: String) {
    let synonyms = [
      "diag-linear": "diag-lin", "diag-inverse": "diag-inv", "diag-inverse2": "diag-inv2",
      "diag-quadratic": "diag-quad", "diag-hippo": "diag-legs", "diag-random": "diag-rand",
      "fourier": "fout",
    ]
    self.init(rawValue: synonyms[name] ?? name)
  }

  /// The kinds that share the independent systems.
  private var parts: [StateSpaceInitialization] {
    switch self {
    case .inverseAndLinear: [.inverse, .linear]
    case .legendreAndFourier: [.legendreScaled, .fourier]
    case .all: [.legendreScaled, .fourier, .inverse, .linear]
    default: [self]
    }
  }

  /// How many kinds share the independent systems, whose number is a multiple of it.
  package var kindCount: Int { parts.count }

  /// The starting values of independent systems, one after the other.
  ///
  /// - Parameters:
  ///   - systems: S, a multiple of the number of kinds that this one combines.
  ///   - size: N, the state size; N/2 states are stored.
  ///   - rank: rows of P, at least what the measure needs.
  ///   - random: for `random`.
  package func systems(
    _ systems: Int, size: Int, rank: Int, using random: inout RandomSource
  ) -> [NormalPlusLowRank] {
    require(
      systems % parts.count == 0,
      "StateSpaceInitialization: \(systems) independent systems for the \(parts.count) kinds of"
        + " \(rawValue)")
    return parts.flatMap { part in
      let first = part.system(size: size, rank: rank, using: &random)
      let count = systems / parts.count
      return [first]
        + (1..<max(1, count)).map { _ in
          part == .random ? part.system(size: size, rank: rank, using: &random) : first
        }
    }
  }

  private func system(
    size: Int, rank: Int, using random: inout RandomSource
  ) -> NormalPlusLowRank {
    let total = Double(size)
    let hippo: HiPPO? =
      switch self {
      case .legendreScaled, .diagonalLegendre: .legendreScaled
      case .legendreTranslated: .legendreTranslated
      case .fourier: .fourier
      default: nil
      }
    if let hippo {
      var system = hippo.normalForm(size: size, rank: max(1, rank))
      if self == .diagonalLegendre {
        system.poles = system.poles.map { ComplexNumber(-0.5, $0.imaginary) }
        system.lowRank = system.lowRank.map { $0.map { _ in .zero } }
      }
      return system
    }
    let poles = (0..<size / 2).map { n in
      let n = Double(n)
      switch self {
      case .inverse: return ComplexNumber(-0.5, -total / .pi * (total / (2 * n + 1) - 1))
      case .secondInverse: return ComplexNumber(-0.5, -total / .pi * (total / (n + 1) - 1))
      case .quadratic: return ComplexNumber(-0.5, -(2 * n + 1) * (2 * n + 1) / .pi)
      case .real: return ComplexNumber(-(n + 1))
      case .random: return ComplexNumber(-0.5, -exp(random.normal()))
      default: return ComplexNumber(-0.5, -.pi * n)
      }
    }
    return NormalPlusLowRank(
      poles: poles,
      lowRank: Array(repeating: poles.map { _ in .zero }, count: max(1, rank)),
      input: poles.map { _ in .one }, vectors: [])
  }
}
