import SequenceTensor
import SpectralCore

/// The first `length` taps C·Āˡ·B̄ of one channel of S4, by its generating function at the roots of
/// unity.
///
/// With ω = exp(-2πik/length), s = 1 + ω and d = 2(1 - ω), C~ = C(1 - Ā^length) makes the sum of the
/// taps times powers of ω finite: K̂ = 2[r₀₀ - s·r₀₁(1 + s·r₁₁)⁻¹r₁₀], where r are sums over all
/// states of Δvₙ/(dₙ), dₙ = d - sΔaₙ, for v = B·C~, B·Q, P·C~ and P·Q. A pair of conjugate states
/// gives (2 Re(v)·d - 2 Re(v·conj Δa)·s)/(d² - 2 Re(Δa)·d·s + |Δa|²s²).
///
/// Gu, Goel and Ré, "Efficiently modeling long sequences with structured state spaces", 2022,
/// appendix C.3; `SSMKernelDPLR.forward` of `models/s4/s4.py` in state-spaces/s4. There the
/// quotient z = d/s stands for the two, which is infinite at ω = -1 for an even length; here that
/// node is as good as any. All is in double precision.
///
/// Cost: O(length·states) for each pair of a row of B, P and a row of C, Q.
struct GeneratingFunction {
  private let system: LowRankSystem
  private let length: Int
  private let copies: Int
  private let rank: Int
  /// Rows B, P and C~, Q.
  private let left: [[ComplexNumber]]
  private let right: [[ComplexNumber]]
  /// Δa.
  private let poles: [ComplexNumber]
  private let nodes: Int

  init(_ system: LowRankSystem, length: Int) {
    self.system = system
    self.length = length
    copies = system.output.count
    rank = system.lowRank.count
    left = [system.input] + system.lowRank
    right = system.output + system.lowRank.map { $0.map(\.conjugate) }
    poles = zip(system.poles, system.steps).map { $0 * $1 }
    nodes = length / 2 + 1
  }

  /// s and d at a node.
  private func node(_ k: Int) -> (sum: ComplexNumber, difference: ComplexNumber) {
    let root = unitRoot(k, of: length)
    let omega = ComplexNumber(root.cosine, root.sine)
    return (.one + omega, (.one - omega) * 2)
  }

  /// Δ·v for a row of each kind and a state.
  private func product(_ row: Int, _ column: Int, _ n: Int) -> ComplexNumber {
    left[row][n] * right[column][n] * system.steps[n]
  }

  private var columns: Int { copies + rank }

  /// 2 Re v and 2 Re(v·conj Δa), `[row, column, state]`.
  private func numerators() -> (direct: [Double], mixed: [Double]) {
    var (direct, mixed): ([Double], [Double]) = ([], [])
    for row in left.indices {
      for column in 0..<columns {
        for n in poles.indices {
          let v = product(row, column, n)
          direct.append(2 * v.real)
          mixed.append(2 * (v * poles[n].conjugate).real)
        }
      }
    }
    return (direct, mixed)
  }

  /// What is computed at a node, in memory that all nodes share.
  private struct Values {
    /// 1/(d² - 2 Re(Δa)·d·s + |Δa|²s²) of every state.
    var reciprocals: [ComplexNumber]
    /// r, `[row, column]`.
    var resolvents: [ComplexNumber]
  }

  private var values: Values {
    Values(
      reciprocals: Array(repeating: .zero, count: poles.count),
      resolvents: Array(repeating: .zero, count: left.count * columns))
  }

  private func evaluate(
    _ values: inout Values, _ sum: ComplexNumber, _ difference: ComplexNumber,
    _ direct: [Double], _ mixed: [Double]
  ) {
    let (dd, ds, ss) = (difference * difference, difference * sum, sum * sum)
    let states = poles.count
    for n in 0..<states {
      let pole = poles[n]
      values.reciprocals[n] =
        .one / (dd - ds * (2 * pole.real) + ss * pole.squaredMagnitude)
    }
    for pair in values.resolvents.indices {
      var (a, b) = (ComplexNumber.zero, ComplexNumber.zero)
      for n in 0..<states {
        a += values.reciprocals[n] * direct[pair * states + n]
        b += values.reciprocals[n] * mixed[pair * states + n]
      }
      values.resolvents[pair] = a * difference - b * sum
    }
  }

  /// (1 + s·r₁₁)⁻¹r₁₀ by copies and r₀₁(1 + s·r₁₁)⁻¹.
  private func corrections(
    _ sum: ComplexNumber, _ r: [ComplexNumber]
  ) -> (right: [[ComplexNumber]], left: [ComplexNumber]) {
    if rank == 1 {
      let inverse = .one / (.one + sum * r[columns + copies])
      return ((0..<copies).map { [inverse * r[columns + $0]] }, [inverse * r[copies]])
    }
    var inner = ComplexMatrix(size: rank, diagonal: .one)
    for k in 0..<rank {
      for j in 0..<rank { inner[k, j] += sum * r[(1 + k) * columns + copies + j] }
    }
    let right = inner.solve(
      (0..<copies).map { c in (0..<rank).map { r[(1 + $0) * columns + c] } })
    let left = inner.transposed.solve([(0..<rank).map { r[copies + $0] }])[0]
    return (right, left)
  }

  /// The taps of each copy.
  func taps() -> [[Double]] {
    let (direct, mixed) = numerators()
    var values = values
    var spectra = Array(repeating: [Double](repeating: 0, count: 2 * nodes), count: copies)
    for k in 0..<nodes {
      let (sum, difference) = node(k)
      evaluate(&values, sum, difference, direct, mixed)
      let r = values.resolvents
      let right = corrections(sum, r).right
      // The transform takes no imaginary part at the ends.
      let isReal = k == 0 || 2 * k == length
      for c in 0..<copies {
        var value = r[c]
        for j in 0..<rank { value -= sum * r[copies + j] * right[c][j] }
        spectra[c][2 * k] = 2 * value.real
        spectra[c][2 * k + 1] = isReal ? 0 : 2 * value.imaginary
      }
    }
    let transform = DoubleRealTransform.plan([length])
    return spectra.map { transform.inverse($0) }
  }

  /// The gradients of the system from those of the taps of each copy, `length` each.
  func pullback(_ upstream: [[Double]]) -> LowRankSystem {
    let transform = DoubleRealTransform.plan([length])
    let spectra = upstream.map { transform.forward($0) }
    let (direct, mixed) = numerators()
    let states = poles.count
    var ofDirect = [Double](repeating: 0, count: direct.count)
    var ofMixed = ofDirect
    // Of 2 Re Δa and of |Δa|².
    var ofSum = [Double](repeating: 0, count: states)
    var ofSquare = ofSum
    var values = values
    for k in 0..<nodes {
      let (sum, difference) = node(k)
      evaluate(&values, sum, difference, direct, mixed)
      let scale = (k == 0 || 2 * k == length ? 1 : 2) / Double(length)
      let up = spectra.map { ComplexNumber($0[2 * k], $0[2 * k + 1]) * scale }
      let ofResolvents = resolventGradients(sum, values.resolvents, up)
      for n in 0..<states {
        let f = values.reciprocals[n]
        var ofReciprocal = ComplexNumber.zero
        for pair in ofResolvents.indices {
          let g = ofResolvents[pair]
          let at = pair * states + n
          ofDirect[at] += (g.conjugate * difference * f).real
          ofMixed[at] -= (g.conjugate * sum * f).real
          ofReciprocal += g * (difference * direct[at] - sum * mixed[at]).conjugate
        }
        let ofDenominator = -(ofReciprocal * (f * f).conjugate)
        ofSum[n] -= (ofDenominator.conjugate * difference * sum).real
        ofSquare[n] += (ofDenominator.conjugate * sum * sum).real
      }
    }
    return gradients(ofDirect, ofMixed, ofSum, ofSquare)
  }

  /// The gradients of r at a node, `[row, column]`.
  private func resolventGradients(
    _ sum: ComplexNumber, _ r: [ComplexNumber], _ up: [ComplexNumber]
  ) -> [ComplexNumber] {
    let (right, left) = corrections(sum, r)
    var result = [ComplexNumber](repeating: .zero, count: r.count)
    for c in 0..<copies {
      result[c] = up[c] * 2
      for j in 0..<rank {
        let through = -2 * (up[c] * (sum * right[c][j]).conjugate)
        result[copies + j] += through
        for k in 0..<rank {
          result[(1 + k) * columns + copies + j] -= through * (sum * left[k]).conjugate
        }
        result[(1 + j) * columns + c] = -2 * (up[c] * (sum * left[j]).conjugate)
      }
    }
    return result
  }

  /// From the gradients of numerators and denominators to those of the parameters.
  private func gradients(
    _ ofDirect: [Double], _ ofMixed: [Double], _ ofSum: [Double], _ ofSquare: [Double]
  ) -> LowRankSystem {
    let states = poles.count
    let zeros = [ComplexNumber](repeating: .zero, count: states)
    var ofLeft = Array(repeating: zeros, count: left.count)
    var ofRight = Array(repeating: zeros, count: columns)
    var ofSteps = [Double](repeating: 0, count: states)
    var ofPoles = zeros
    for n in 0..<states {
      let step = system.steps[n]
      var ofPole = poles[n] * (2 * ofSquare[n]) + ComplexNumber(2 * ofSum[n])
      for row in left.indices {
        for column in 0..<columns {
          let at = (row * columns + column) * states + n
          let ofProduct = ComplexNumber(2 * ofDirect[at]) + poles[n] * (2 * ofMixed[at])
          ofPole += product(row, column, n) * (2 * ofMixed[at])
          ofLeft[row][n] += ofProduct * right[column][n].conjugate * step
          ofRight[column][n] += ofProduct * left[row][n].conjugate * step
          ofSteps[n] += (ofProduct * (left[row][n] * right[column][n]).conjugate).real
        }
      }
      ofSteps[n] += (ofPole * system.poles[n].conjugate).real
      ofPoles[n] = ofPole * step
    }
    return LowRankSystem(
      steps: ofSteps, poles: ofPoles, input: ofLeft[0], output: Array(ofRight[..<copies]),
      lowRank: (0..<rank).map { k in
        zip(ofLeft[1 + k], ofRight[copies + k]).map { $0 + $1.conjugate }
      })
  }
}
