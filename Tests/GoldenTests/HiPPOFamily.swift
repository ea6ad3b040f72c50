import Longwave
import Testing

/// `s4_hippo_init*`: HiPPO matrices and their normal forms, for every size that is stored.
///
/// An eigenvector has a phase of its own, and with it B and P; those of a state are turned to the
/// stored ones together.
func checkHiPPO(_ c: inout GoldenComparison) throws {
  let names = Set(c.golden.tensors.keys.map { String($0.prefix { $0 != "." }) })
  for name in names.sorted() {
    let parts = name.split(separator: "_").map(String.init)
    let size = Int(try #require(parts.last?.dropFirst(), "\(name)")) ?? 0
    switch parts[0] {
    case "nplr": try c.checkNormalForm(name, try HiPPO(named: parts[1]), size: size)
    case "dplr": try c.checkDiagonal(name, parts[1], size: size)
    default:
      let (state, input) = try HiPPO(named: parts[0]).transition(size: size)
      try c.expect("\(name).A", equals: Tensor(state.map { Float($0) }, shape: [size, size]))
      try c.expect("\(name).B", equals: Tensor(input.map { Float($0) }, shape: [size, 1]))
    }
  }
}

extension HiPPO {
  fileprivate init(named name: String) throws {
    switch name {
    case "legs": self = .legendreScaled
    case "legt": self = .legendreTranslated
    default:
      try #require(["fout", "fourier"].contains(name), "\(name)")
      self = .fourier
    }
  }
}

extension GoldenComparison {
  fileprivate mutating func checkNormalForm(_ name: String, _ kind: HiPPO, size: Int) throws {
    let stored = try file.shape(of: "\(name).P")
    let form = kind.normalForm(size: size, rank: stored[0])
    let half = form.poles.count
    try expect("\(name).A", equals: Tensor(form.poles, shape: [half, 2]))
    let vectors = [ComplexNumber](try tensor("\(name).V"))
    // The stored vector n is ours times this phase.
    let phases = (0..<half).map { n in
      (0..<size).reduce(ComplexNumber.zero) {
        $0 + vectors[$1 * half + n] * form.vectors[n][$1].conjugate
      }
    }
    for phase in phases { #expect(abs(phase.magnitude - 1) < 1e-4, "\(name): vectors") }
    let turned = (0..<size).flatMap { k in (0..<half).map { form.vectors[$0][k] * phases[$0] } }
    try expect("\(name).V", equals: Tensor(turned, shape: [size, half, 2]))
    let lowRank = form.lowRank.flatMap { row in
      row.indices.map { row[$0] * phases[$0].conjugate }
    }
    try expect("\(name).P", equals: Tensor(lowRank, shape: Shape(stored)))
    let input = form.input.indices.map { form.input[$0] * phases[$0].conjugate }
    try expect("\(name).B", equals: Tensor(input, shape: [half, 2]))
  }

  fileprivate mutating func checkDiagonal(_ name: String, _ kind: String, size: Int) throws {
    let initialization = try #require(StateSpaceInitialization(name: kind), "\(name)")
    var random = RandomSource(seed: 0)
    let system = initialization.systems(1, size: size, rank: 1, using: &random)[0]
    let shape: Shape = [1, system.poles.count, 2]
    try expect("\(name).A", equals: Tensor(system.poles, shape: shape))
    guard golden.tensors["\(name).B"] != nil else { return }
    // The stored vectors are unknown; they are real at the first element up to their sign.
    let stored = [ComplexNumber](try tensor("\(name).B"))
    let input = zip(system.input, stored).map { ours, theirs in
      (ours * theirs.conjugate).real < 0 ? -ours : ours
    }
    try expect("\(name).B", equals: Tensor(input, shape: shape))
  }
}
