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

  static let biorthogonal = [
    "1.1", "1.3", "1.5", "2.2", "2.4", "2.6", "2.8", "3.1", "3.3", "3.5", "3.7", "3.9", "4.4",
    "5.5",
    "6.8",
  ]

  /// What the analysis takes apart the synthesis puts together.
  @Test(arguments: ["bior", "rbio"], biorthogonal) func perfectReconstruction(
    family: String, order: String
  ) throws {
    let wavelet = try #require(Wavelet(family + order))
    #expect(wavelet.description == family + order)
    let (low, high, back) = (wavelet.lowPass, wavelet.highPass, wavelet.synthesis)
    let length = low.count
    #expect(length.isMultiple(of: 2) && high.count == length && back.count == length)
    // The synthesis' high-pass filter, by the analysis' low-pass one as the other by the other.
    let highBack = low.indices.map { ($0.isMultiple(of: 2) ? 1 : -1) * low[$0] }
    func product(_ analysis: [Double], _ synthesis: [Double], _ shift: Int) -> Double {
      (0..<length).reduce(0) { sum, n in
        let other = length - 1 - n - shift
        return sum + (other >= 0 && other < length ? analysis[other] * synthesis[n] : 0)
      }
    }
    for shift in stride(from: -length, through: length, by: 2) {
      let one = shift == 0 ? 1.0 : 0
      #expect(abs(product(low, back, shift) - one) < 1e-11, "shift \(shift)")
      #expect(abs(product(high, highBack, shift) - one) < 1e-11, "shift \(shift)")
      #expect(abs(product(low, highBack, shift)) < 1e-11, "shift \(shift)")
      #expect(abs(product(high, back, shift)) < 1e-11, "shift \(shift)")
    }
    #expect(abs(low.reduce(0, +) - 2.0.squareRoot()) < 1e-12)
    #expect(abs(high.reduce(0, +)) < 1e-11)
  }

  /// PyWavelets' `dec_lo` and `dec_hi`, spare zeros where it has them.
  @Test func publishedBiorthogonalCoefficients() throws {
    let published: [(String, low: [Double], high: [Double])] = [
      (
        "bior2.2",
        [
          0, -0.1767766952966369, 0.3535533905932738, 1.0606601717798212, 0.3535533905932738,
          -0.1767766952966369,
        ], [0, 0.3535533905932738, -0.7071067811865476, 0.3535533905932738, 0, 0]
      ),
      (
        "bior1.3",
        [
          -0.08838834764831845, 0.08838834764831845, 0.7071067811865476, 0.7071067811865476,
          0.08838834764831845, -0.08838834764831845,
        ], [0, 0, -0.7071067811865476, 0.7071067811865476, 0, 0]
      ),
      (
        "bior4.4",
        [
          0, 0.03782845550726404, -0.023849465019556843, -0.11062440441843718, 0.37740285561283066,
          0.85269867900889385, 0.37740285561283066, -0.11062440441843718, -0.023849465019556843,
          0.03782845550726404,
        ],
        [
          0, -0.064538882628697058, 0.040689417609164058, 0.41809227322161724,
          -0.7884856164055829, 0.41809227322161724, 0.040689417609164058, -0.064538882628697058,
          0, 0,
        ]
      ),
    ]
    for (name, low, high) in published {
      let wavelet = try #require(Wavelet(name))
      #expect(zip(wavelet.lowPass, low).allSatisfy { abs($0 - $1) < 1e-10 }, "\(name)")
      #expect(zip(wavelet.highPass, high).allSatisfy { abs($0 - $1) < 1e-10 }, "\(name)")
    }
    let longest = try #require(Wavelet("bior6.8"))
    #expect(abs(longest.lowPass[1] - 0.0019088317364812906) < 1e-10 && longest.lowPass[0] == 0)
    #expect(abs(longest.synthesis[3] - 0.014426282505624435) < 1e-10 && longest.synthesis[2] == 0)
    let fifth = try #require(Wavelet("bior5.5"))
    #expect(abs(fifth.lowPass[2] - 0.03968708834740544) < 1e-10 && fifth.lowPass[1] == 0)
    #expect(abs(fifth.synthesis[0] - 0.013456709459118716) < 1e-10)
    // Analysis and synthesis exchanged, both backwards.
    let reversed = try #require(Wavelet("rbio4.4"))
    let forward = try #require(Wavelet("bior4.4"))
    #expect(reversed.lowPass == forward.synthesis.reversed())
    #expect(reversed.synthesis == forward.lowPass.reversed())
  }

  @Test func otherNamesAndCoding() throws {
    for name in [
      "", "db", "db0", "db21", "sym1", "coif6", "db02", "dmey", "haar2", "db+2", "bior1.2", "bior",
    ] {
      #expect(Wavelet(name) == nil, "\(name)")
    }
    let data = try JSONEncoder().encode([Wavelet("sym5")])
    #expect(try JSONDecoder().decode([Wavelet].self, from: data) == [try #require(Wavelet("sym5"))])
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode([Wavelet].self, from: Data("[\"db99\"]".utf8))
    }
  }
}
