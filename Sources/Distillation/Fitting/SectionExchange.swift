import LongConvolution

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension VariableProjection {
  /// Looks for a better minimum by adding sections and taking others out.
  ///
  /// Each round adds 1, 2 or 4 sections where the residual asks for them, moves all poles, takes out
  /// the sections that are missed least, and moves the rest. A round that gains nothing is followed
  /// by one with more sections; after three such the search ends.
  func exchanged(
    _ start: Fit, taps: ArraySlice<Double>, rounds: Int, iterations: Int
  ) throws(DistillationError) -> Fit {
    var best = start
    var failures = 0
    for _ in 0..<rounds {
      let added = 1 << failures
      guard start.order + 2 * added < domain.rows / 2 else { break }
      var grown = best
      for _ in 0..<added {
        let rest = try timeResidual(grown, taps: taps)
        guard let next = try fit(grown.sections + [Self.section(matching: rest)]) else { break }
        grown = next
      }
      grown = try optimised(grown, iterations: 15)
      while grown.order > start.order {
        guard let smaller = try withoutLeast(grown) else { break }
        grown = smaller
      }
      guard grown.order <= start.order else { break }
      grown = try optimised(grown, iterations: iterations)
      if grown.error < best.error * (1 - 1e-5) {
        best = grown
        failures = 0
      } else {
        failures += 1
        if failures == 3 { break }
      }
    }
    return best
  }

  /// The best fit without one of the sections of two poles, which are what is added.
  private func withoutLeast(_ fit: Fit) throws(DistillationError) -> Fit? {
    var best: Fit?
    for index in fit.sections.indices where fit.sections[index].order == 2 {
      var rest = fit.sections
      rest.remove(at: index)
      guard let smaller = try self.fit(rest) else { continue }
      if smaller.error < best?.error ?? .infinity { best = smaller }
    }
    return best
  }

  /// What is left of the taps after a fit, by numerators of this domain.
  private func timeResidual(_ fit: Fit, taps: ArraySlice<Double>) throws(DistillationError)
    -> [Double]
  {
    if case .time = domain { return try residual(fit) }
    let time = VariableProjection(domain: .time(count: taps.count), target: Array(taps))
    guard let same = try time.fit(fit.sections) else { return Array(taps) }
    return try time.residual(same)
  }

  /// Radii of the oscillations that are tried, by how many steps they last.
  private static let lifetimes = [1.5, 2, 5, 10, 20, 40, 80, 160, 320, 1000, 4000]

  /// The pole pair whose oscillation has most in common with a residual:
  /// max |Σ r[t]·ρᵗ·e^(-iωt)|² / Σ ρ²ᵗ, over frequencies by an FFT for each radius.
  private static func section(matching rest: [Double]) -> PoleSection {
    let circle = UnitCircle(covering: rest.count)
    var best = (score: -1.0, radius: 0.0, angle: 0.0)
    for lifetime in lifetimes where lifetime < 4 * Double(rest.count) {
      let radius = exp(-1 / lifetime)
      var (power, energy) = (1.0, 0.0)
      let weighted = rest.map { value in
        defer { power *= radius }
        energy += power * power
        return value * power
      }
      let values = circle.response(of: weighted)
      for k in 1..<circle.count - 1 {
        let square = ComplexNumber(values[2 * k], values[2 * k + 1]).squaredMagnitude
        if square > best.score * energy {
          best = (square / energy, radius, 2 * .pi * Double(k) / Double(circle.length))
        }
      }
    }
    return PoleSection(
      linear: -2 * best.radius * cos(best.angle), constant: best.radius * best.radius)
  }
}
