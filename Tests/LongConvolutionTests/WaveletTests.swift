import Foundation
import Longwave
import Testing

/// Wavelet filters against what defines them and what is published.
@Suite struct WaveletTests {
  static let names =
    ["haar"] + (1...20).map { "db\($0)" } + (2...20).map { "sym\($0)" }
    + (1...5).map { "coif\($0)" }

  @Test(arguments: names) func orthonormal(name: String) throws {
    let wavelet = try #require(Wavelet(name))
    #expect(wavelet.description == name)
    let (low, high) = (wavelet.lowPass, wavelet.highPass)
    func product(_ a: [Double], _ b: [Double], _ shift: Int) -> Double {
      a.indices.reduce(0) { $0 + ($1 >= shift ? a[$1] * b[$1 - shift] : 0) }
    }
    // A published symlet is good to ten digits.
    for shift in stride(from: 0, to: low.count, by: 2) {
      #expect(abs(product(low, low, shift) - (shift == 0 ? 1 : 0)) < 1e-9)
      #expect(abs(product(high, high, shift) - (shift == 0 ? 1 : 0)) < 1e-9)
      #expect(abs(product(low, high, shift)) < 1e-9 && abs(product(high, low, shift)) < 1e-9)
    }
    #expect(abs(low.reduce(0, +) - 2.0.squareRoot()) < 1e-12)
    #expect(abs(high.reduce(0, +)) < 1e-9)
  }

  @Test(arguments: ["db3", "db10", "sym8", "coif2"]) func vanishingMoments(name: String) throws {
    let high = try #require(Wavelet(name)).highPass
    let moments = name.hasPrefix("coif") ? high.count / 3 : high.count / 2
    for power in 0..<moments {
      let terms = high.enumerated().map { pow(Double($0.offset), Double(power)) * $0.element }
      let scale = terms.reduce(0) { $0 + abs($1) }
      #expect(abs(terms.reduce(0, +)) < 1e-9 * scale, "moment \(power)")
    }
  }

  /// PyWavelets' `dec_lo` and `dec_hi`.
  @Test func publishedCoefficients() throws {
    let published: [(String, [Double])] = [
      ("haar", [0.7071067811865476, 0.7071067811865476]),
      ("db2", [-0.1294095225512604, 0.2241438680420134, 0.8365163037378079, 0.4829629131445341]),
      (
        "sym4",
        [
          -0.07576571478927333, -0.02963552764599851, 0.49761866763201545, 0.8037387518059161,
          0.29785779560527736, -0.09921954357684722, -0.012603967262037833, 0.0322231006040427,
        ]
      ),
      (
        "coif1",
        [
          -0.01565572813546454, -0.0727326195128539, 0.38486484686420286, 0.8525720202122554,
          0.3378976624578092, -0.0727326195128539,
        ]
      ),
    ]
    for (name, expected) in published {
      let found = try #require(Wavelet(name)).lowPass
      #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-10 }, "\(name): \(found)")
    }
    let high = try #require(Wavelet("db2")).highPass
    let expected = [
      -0.4829629131445341, 0.8365163037378079, -0.2241438680420134, -0.1294095225512604,
    ]
    #expect(zip(high, expected).allSatisfy { abs($0 - $1) < 1e-10 })
  }

  @Test func otherNamesAndCoding() throws {
    for name in ["", "db", "db0", "db21", "sym1", "coif6", "db02", "dmey", "haar2", "db+2"] {
      #expect(Wavelet(name) == nil, "\(name)")
    }
    let data = try JSONEncoder().encode([Wavelet("sym5")])
    #expect(try JSONDecoder().decode([Wavelet].self, from: data) == [try #require(Wavelet("sym5"))])
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode([Wavelet].self, from: Data("[\"db99\"]".utf8))
    }
  }
}
