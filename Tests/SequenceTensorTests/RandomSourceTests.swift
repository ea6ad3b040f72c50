import Foundation
import SequenceTensor
import Testing

/// The random source against values computed elsewhere, and its statistics.
@Suite struct RandomSourceTests {
  /// Of xoshiro256++ from the state 1, 2, 3, 4, by a program of its own; the same numbers are
  /// the test of the crate `rand_xoshiro`.
  @Test func firstValues() throws {
    var random = try #require(RandomSource(state: [1, 2, 3, 4]))
    let expected: [UInt64] = [
      41_943_041, 58_720_359, 3_588_806_011_781_223, 3_591_011_842_654_386,
      9_228_616_714_210_784_205, 9_973_669_472_204_895_162,
    ]
    #expect(expected.map { _ in random.next() } == expected)
  }

  /// Seeds go through SplitMix64.
  @Test func seeding() {
    let state: [UInt64] = [
      0xbdd7_3226_2feb_6e95, 0x28ef_e333_b266_f103, 0x4752_6757_130f_9f52, 0x581c_e1ff_0e4a_e394,
    ]
    #expect(RandomSource(seed: 42).state == state)
    #expect(RandomSource(state: [0, 0, 0, 0]) == nil)
    #expect(RandomSource(state: [1, 2, 3]) == nil)
  }

  @Test func streamsAndSeedsDiffer() {
    var first = (0..<40).map { RandomSource(seed: 5, stream: UInt64($0)) }
    first += (6..<46).map { RandomSource(seed: UInt64($0)) }
    var seen = Set<UInt64>()
    for var random in first { for _ in 0..<10 { seen.insert(random.next()) } }
    #expect(seen.count == 800)
  }

  /// Quantiles by Newton's method on 50 digits.
  @Test(arguments: [
    (0.5, 0), (0.1, -1.2815515655446004353), (0.925, 1.43953147093845622906),
    (0.92499999, 1.43953140029475092317), (0.975, 1.95996398454005385560),
    (0.001, -3.0902323061678135353), (0.0751, -1.4388253927525399824),
    (1e-05, -4.2648907939228246102), (1e-10, -6.3613409024040561991),
    (1.3e-11, -6.6676114565107408346), (1e-20, -9.2623400897984075795),
    (1e-100, -21.273453560965324294), (1e-300, -37.047096299361199236),
    (0.9999, 3.71901648545570838672),
  ])
  func normalQuantile(p: Double, quantile: Double) {
    let found = RandomSource.normalQuantile(p)
    #expect(abs(found - quantile) <= 1e-12 * max(1e-3, abs(quantile)))
  }

  @Test func naturalLogarithm() {
    for x in [1e-308, 1e-20, 0.3, 0.9999999, 1, 1.4142135, 1.4142136, 2, 3.7, 1e300] {
      #expect(abs(RandomSource.naturalLogarithm(x) - log(x)) <= 4e-16 * max(1, abs(log(x))))
    }
  }

  @Test func uniformMomentsAndCells() {
    var random = RandomSource(seed: 1)
    let count = 100_000
    var (sum, squares, cells) = (0.0, 0.0, [Int](repeating: 0, count: 20))
    var inside = true
    for _ in 0..<count {
      let u = random.uniform()
      inside = inside && u >= 0 && u < 1
      sum += u
      squares += u * u
      cells[Int(u * 20)] += 1
    }
    #expect(inside)
    #expect(abs(sum / Double(count) - 0.5) < 4 * 0.289 / Double(count).squareRoot())
    #expect(abs(squares / Double(count) - 1 / 3.0) < 0.005)
    // Chi squared of 19 degrees of freedom stays below 43.8 with probability 0.999.
    let expected = Double(count) / 20
    let chi = cells.reduce(0.0) { $0 + pow(Double($1) - expected, 2) / expected }
    #expect(chi < 43.8)
    let scaled = (0..<1000).map { _ in random.uniform(from: -3, to: -1) }
    #expect(scaled.allSatisfy { $0 >= -3 && $0 < -1 })
  }

  @Test func normalMoments() {
    var random = RandomSource(seed: 2)
    let draws = (0..<100_000).map { _ in random.normal() }
    func moment(_ power: Double) -> Double {
      draws.reduce(0) { $0 + pow($1, power) } / Double(draws.count)
    }
    #expect(abs(moment(1)) < 0.013)
    #expect(abs(moment(2) - 1) < 0.02)
    #expect(abs(moment(3)) < 0.05)
    #expect(abs(moment(4) - 3) < 0.15)
    #expect(draws.allSatisfy { $0.isFinite })
  }

  /// A range that does not divide 2⁶⁴: taking the remainder or the high bits without rejection
  /// would draw a third of the numbers twice as often.
  @Test func integersAreUnbiased() {
    var random = RandomSource(seed: 3)
    let bound = (Int.max / 2 + 1) / 2 * 3  // three quarters of 2⁶³
    let draws = (0..<60_000).map { _ in random.integer(below: bound) }
    #expect(draws.allSatisfy { $0 >= 0 && $0 < bound })
    let thirds = draws.reduce(into: [0, 0, 0]) { $0[min(2, $1 / (bound / 3))] += 1 }
    #expect(thirds.allSatisfy { abs($0 - 20_000) < 500 })
    let modulo = draws.reduce(into: [0, 0, 0]) { $0[$1 % 3] += 1 }
    #expect(modulo.allSatisfy { abs($0 - 20_000) < 500 })
    let small = (0..<70_000).reduce(into: [Int](repeating: 0, count: 7)) { counts, _ in
      counts[random.integer(below: 7)] += 1
    }
    #expect(small.allSatisfy { abs($0 - 10_000) < 400 })
    #expect((0..<100).allSatisfy { _ in random.integer(below: 1) == 0 })
    #expect((0..<1000).allSatisfy { _ in (-2...2).contains(random.integer(in: -2...2)) })
    #expect(Set((0..<100).map { _ in random.integer(in: -2...2) }).count == 5)
  }

  @Test func codableKeepsThePlace() throws {
    var random = RandomSource(seed: 4)
    for _ in 0..<17 { _ = random.next() }
    let data = try JSONEncoder().encode(random)
    var restored = try JSONDecoder().decode(RandomSource.self, from: data)
    #expect(restored == random)
    #expect((0..<10).allSatisfy { _ in restored.next() == random.next() })
  }

  /// A state that would yield zeros for ever, or trap, is not accepted from outside.
  @Test(arguments: ["[0,0,0,0]", "[1,2,3]", "[]"]) func decodingChecksTheState(words: String) {
    #expect(throws: DecodingError.self) {
      _ = try JSONDecoder().decode(RandomSource.self, from: Data("{\"state\":\(words)}".utf8))
    }
  }

  @Test func shufflesAllOrders() {
    var random = RandomSource(seed: 5)
    var counts: [[Int]: Int] = [:]
    for _ in 0..<24_000 {
      var elements = [0, 1, 2, 3]
      random.shuffle(&elements)
      counts[elements, default: 0] += 1
    }
    #expect(counts.count == 24)
    #expect(counts.values.allSatisfy { abs($0 - 1000) < 160 })
  }
}
