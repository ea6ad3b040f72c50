import SequenceTensor

/// The parameters of one channel of S4 in double precision: A = diag(a) - P*P, B, C and Δ, with
/// one of each pair of conjugate states.
struct LowRankSystem: Sendable {
  /// Δ of each state; all the same if steps are tied.
  var steps: [Double]
  /// a.
  var poles: [ComplexNumber]
  /// B.
  var input: [ComplexNumber]
  /// C~ of each copy.
  var output: [[ComplexNumber]]
  /// P, a row for each rank; Q is its conjugate.
  var lowRank: [[ComplexNumber]]

  var modes: Int { poles.count }
}

/// The bilinear recurrence of one channel, in time linear in its states.
///
/// (2/Δ - A)·s′ = (2/Δ + A)·s + 2B·u, with the inverse by Woodbury's identity;
/// `_step_state_linear` of `models/s4/s4.py` in state-spaces/s4.
struct LowRankStep: Sendable {
  /// 1/(2/Δ - a).
  let inverse: [ComplexNumber]
  /// 2/Δ + a.
  let forward: [ComplexNumber]
  /// P.
  let lowRank: [[ComplexNumber]]
  /// (1 + QDP)⁻¹QD.
  let correction: [[ComplexNumber]]
  /// 2B.
  let input: [ComplexNumber]

  init(_ system: LowRankSystem) {
    let inverse = zip(system.steps, system.poles).map {
      ComplexNumber.one / (ComplexNumber(2 / $0) - $1)
    }
    let lowRank = system.lowRank
    self.inverse = inverse
    self.lowRank = lowRank
    forward = zip(system.steps, system.poles).map { ComplexNumber(2 / $0) + $1 }
    input = system.input.map { $0 * 2 }
    let rank = lowRank.count
    var inner = ComplexMatrix(size: rank, diagonal: .one)
    for r in 0..<rank {
      for s in 0..<rank {
        inner[r, s].real += 2 * Self.realSum(lowRank[r].map(\.conjugate), inverse, lowRank[s])
      }
    }
    // Row r of the correction: Σ over s of inner⁻¹[r, s]·Q[s]·D.
    let columns = (0..<system.modes).map { n in
      lowRank.map { $0[n].conjugate * inverse[n] }
    }
    let solved = inner.solve(columns)
    correction = (0..<rank).map { r in solved.map { $0[r] } }
  }

  private static func realSum(
    _ a: [ComplexNumber], _ b: [ComplexNumber], _ c: [ComplexNumber]
  ) -> Double {
    a.indices.reduce(0) { $0 + (a[$1] * b[$1] * c[$1]).real }
  }

  /// 2 Re Σ a·b: the sum over both of each pair of conjugate states.
  private static func pairSum(_ a: [ComplexNumber], _ b: some Collection<ComplexNumber>) -> Double {
    2 * zip(a, b).reduce(0) { $0 + ($1.0 * $1.1).real }
  }

  /// s′ of s and u.
  func advance(_ state: inout [ComplexNumber], input u: Double) {
    var next = state.indices.map { forward[$0] * state[$0] + input[$0] * u }
    for p in lowRank {
      let overlap = Self.pairSum(p.map(\.conjugate), state)
      for n in next.indices { next[n] -= p[n] * overlap }
    }
    let overlaps = correction.map { Self.pairSum($0, next) }
    for n in next.indices {
      for r in lowRank.indices { next[n] -= lowRank[r][n] * overlaps[r] }
      state[n] = inverse[n] * next[n]
    }
  }

  /// C·Āˡ for a row C and a power l.
  func appliedFromTheLeft(to row: [ComplexNumber], power: Int) -> [ComplexNumber] {
    var row = row
    for _ in 0..<power {
      for n in row.indices { row[n] = row[n] * inverse[n] }
      let overlaps = lowRank.map { Self.pairSum($0, row) }
      for n in row.indices {
        for r in correction.indices { row[n] -= correction[r][n] * overlaps[r] }
      }
      let second = lowRank.map { Self.pairSum($0, row) }
      for n in row.indices {
        row[n] = row[n] * forward[n]
        for r in lowRank.indices { row[n] -= lowRank[r][n].conjugate * second[r] }
      }
    }
    return row
  }

  /// Ā with the conjugate states after the stored ones.
  var matrix: ComplexMatrix {
    func both(_ x: [ComplexNumber]) -> [ComplexNumber] { x + x.map(\.conjugate) }
    let (d, e) = (both(inverse), both(forward))
    let size = d.count
    var result = ComplexMatrix(size: size)
    for n in 0..<size { result[n, n] = e[n] }
    let p = lowRank.map(both)
    for row in p {
      for n in 0..<size {
        for m in 0..<size { result[n, m] -= row[n] * row[m].conjugate }
      }
    }
    let overlaps = correction.map(both).map { row in
      (0..<size).map { m in
        (0..<size).reduce(ComplexNumber.zero) { $0 + row[$1] * result[$1, m] }
      }
    }
    for n in 0..<size {
      for m in 0..<size {
        for r in p.indices { result[n, m] -= p[r][n] * overlaps[r][m] }
        result[n, m] = d[n] * result[n, m]
      }
    }
    return result
  }

  /// B̄ of the stored states.
  var discreteInput: [ComplexNumber] {
    var state = [ComplexNumber](repeating: .zero, count: input.count)
    advance(&state, input: 1)
    return state
  }
}
