/// A wavelet, known by the name that it has in the literature and in PyWavelets.
///
/// Daubechies' extremal-phase wavelets `db1` (or `haar`) to `db20`, her least asymmetric ones, the
/// symlets `sym2` to `sym20`, the coiflets `coif1` to `coif5` (Daubechies, "Ten lectures on
/// wavelets", 1992, sections 6.4, 8.1.1 and 8.2), and the symmetric biorthogonal wavelets of Cohen,
/// Daubechies and Feauveau, `bior1.1` to `bior6.8` and, with analysis and synthesis exchanged, `rbio…`
/// (section 8.3.4). PyWavelets' longer filters, whose coefficients are tables, are not here.
public struct Wavelet: Sendable, Hashable, CustomStringConvertible {
  /// A family of orthogonal wavelets, and how many there are.
  private enum Family: String, CaseIterable {
    case haar, daubechies = "db", symlet = "sym", coiflet = "coif"

    var orders: ClosedRange<Int> {
      switch self {
      case .haar: 1...1
      case .daubechies: 1...20
      case .symlet: 2...20
      case .coiflet: 1...Coiflets.filters.count
      }
    }
  }

  /// The name, for example `db2`.
  public let description: String
  /// The low-pass filter of the analysis, its first tap for the current sample; its sum is √2.
  ///
  /// PyWavelets' `dec_lo`.
  public let lowPass: [Double]
  /// The low-pass filter of the synthesis, PyWavelets' `rec_lo`; of an orthogonal wavelet that of the
  /// analysis backwards.
  public let synthesis: [Double]

  /// Finds a wavelet by its name; `nil` if there is none.
  public init?(_ name: String) {
    if let filters = BiorthogonalFilters.named(name) {
      (description, lowPass, synthesis) = (name, filters.analysis, filters.synthesis)
      return
    }
    if name == Family.haar.rawValue {
      description = name
      synthesis = DaubechiesFilter.taps(moments: 1, outside: 0)
      lowPass = synthesis.reversed()
      return
    }
    guard
      let family = Family.allCases.dropFirst().first(where: { name.hasPrefix($0.rawValue) }),
      let order = Int(name.dropFirst(family.rawValue.count)), family.orders.contains(order),
      name == "\(family.rawValue)\(order)"
    else { return nil }
    description = name
    synthesis =
      switch family {
      case .haar, .daubechies: DaubechiesFilter.taps(moments: order, outside: 0)
      case .symlet: DaubechiesFilter.taps(moments: order, outside: Symlets.outside[order - 2])
      case .coiflet: Coiflets.filters[order - 1].map { $0 * 2.0.squareRoot() }
      }
    lowPass = synthesis.reversed()
  }

  /// The high-pass filter of the analysis, orthogonal to the low-pass filter of the synthesis and all
  /// its even shifts.
  ///
  /// PyWavelets' `dec_hi`: tap k is -(-1)^k times tap k of the synthesis' low-pass filter.
  public var highPass: [Double] {
    synthesis.indices.map { ($0.isMultiple(of: 2) ? -1 : 1) * synthesis[$0] }
  }
}

extension Wavelet: Codable {
  /// Reads the wavelet's name.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let name = try container.decode(String.self)
    guard let wavelet = Wavelet(name) else {
      throw DecodingError.dataCorruptedError(
        in: container,
        debugDescription: "expected haar, db1 to db20, sym2 to sym20, coif1 to coif5, bior or rbio"
          + " 1.1 to 6.8; got \(name)")
    }
    self = wavelet
  }

  /// Writes the wavelet's name.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
