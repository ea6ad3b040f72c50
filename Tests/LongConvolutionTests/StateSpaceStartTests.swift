import Foundation
import Longwave
import Testing

/// Where state spaces start: HiPPO matrices, diagonal approximations, positive transforms.
@Suite struct StateSpaceStartTests {
  /// A = V(Λ - P*P)V* and B = V·B over both of each pair of conjugate states, where B is not clipped.
  @Test(arguments: [HiPPO.legendreScaled, .legendreTranslated, .fourier])
  func normalFormIsTheMatrix(_ kind: HiPPO) {
    for size in [2, 4, 10] {
      let (state, input) = kind.transition(size: size)
      let form = kind.normalForm(size: size, rank: 2)
      #expect(form.lowRank.count == 2 && form.poles.count == size / 2)
      let half = form.poles.count
      // Σ over n of V[k, n]·x[n] with conjugates, for real results.
      func back(_ x: [ComplexNumber], _ k: Int) -> Double {
        (0..<half).reduce(0) { $0 + 2 * (form.vectors[$1][k] * x[$1]).real }
      }
      let lowRank = form.lowRank.map { row in (0..<size).map { back(row, $0) } }
      for k in 0..<size {
        for j in 0..<size {
          let normal = back(
            (0..<half).map { form.poles[$0] * form.vectors[$0][j].conjugate }, k)
          let value = lowRank.reduce(normal) { $0 - $1[k] * $1[j] }
          #expect(abs(value - state[k * size + j]) < 1e-9 * Double(size), "\(size): \(k), \(j)")
        }
      }
      let isClipped = form.input.contains { abs($0.imaginary) == 2 }
      if !isClipped {
        for k in 0..<size { #expect(abs(back(form.input, k) - input[k]) < 1e-9) }
      }
    }
  }

  @Test func diagonalPoles() {
    var random = RandomSource(seed: 1)
    func poles(_ kind: StateSpaceInitialization) -> [ComplexNumber] {
      kind.systems(1, size: 6, rank: 1, using: &random)[0].poles
    }
    func expect(_ kind: StateSpaceInitialization, _ real: [Double], _ imaginary: [Double]) {
      let found = poles(kind)
      for n in 0..<3 {
        #expect(abs(found[n].real - real[n]) < 1e-12, "\(kind) \(n)")
        #expect(abs(found[n].imaginary - imaginary[n]) < 1e-12, "\(kind) \(n)")
      }
    }
    let half = [-0.5, -0.5, -0.5]
    expect(.linear, half, [0, -Double.pi, -2 * Double.pi])
    expect(.inverse, half, [-30 / Double.pi, -6 / Double.pi, -1.2 / Double.pi])
    expect(.secondInverse, half, [-30 / Double.pi, -12 / Double.pi, -6 / Double.pi])
    expect(.quadratic, half, [-1 / Double.pi, -9 / Double.pi, -25 / Double.pi])
    expect(.real, [-1, -2, -3], [0, 0, 0])
    let legendre = poles(.legendreScaled)
    let diagonal = poles(.diagonalLegendre)
    for n in 0..<3 { #expect(legendre[n].imaginary == diagonal[n].imaginary) }
    #expect(poles(.random).allSatisfy { $0.imaginary < 0 && $0.real == -0.5 })
  }

  @Test func combinationsShareTheSystems() {
    var random = RandomSource(seed: 1)
    let systems = StateSpaceInitialization.inverseAndLinear.systems(
      4, size: 4, rank: 1, using: &random)
    let inverse = StateSpaceInitialization.inverse.systems(1, size: 4, rank: 1, using: &random)
    let linear = StateSpaceInitialization.linear.systems(1, size: 4, rank: 1, using: &random)
    #expect(systems.map(\.poles) == [inverse, inverse, linear, linear].map { $0[0].poles })
    #expect(StateSpaceInitialization(name: "fourier") == .fourier)
    #expect(StateSpaceInitialization(name: "diag-cubic") == nil)
  }

  @Test(arguments: PositiveTransform.allCases) func transforms(_ transform: PositiveTransform) {
    for value in [1e-3, 0.1, 0.7] {
      let p = transform.parameter(of: value)
      let floor = transform == .relu ? 1e-4 : 0
      #expect(abs(transform.value(p) - value - floor) < 1e-12)
    }
    for p in [-3, -0.4, 0.2, 2.5] {
      let quotient = (transform.value(p + 1e-6) - transform.value(p - 1e-6)) / 2e-6
      #expect(abs(transform.slope(p) - quotient) < 1e-8)
    }
  }
}
