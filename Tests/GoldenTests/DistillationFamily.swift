import Foundation
import Longwave
import Testing

/// `distill_*`: filters with their Hankel singular values and two balanced truncations by NumPy.
///
/// Realisations that have unstable poles are left out of the comparison of taps: ours are stable.
func checkDistillation(_ c: inout GoldenComparison) throws {
  let shape = try c.file.shape(of: "h")
  let values = try c.file.doubles("h")
  let singular = try c.file.doubles("hankel_singular_values")
  let count = try c.file.shape(of: "hankel_singular_values")[1]
  let isTrained = c.golden.name.contains("trained")
  for index in 0..<shape[0] {
    let taps = Array(values[index * shape[1]..<(index + 1) * shape[1]])
    let analysis = try HankelAnalysis(taps: taps, count: count)
    let expected = singular[index * count..<(index + 1) * count]
    let error = zip(analysis.singularValues, expected).reduce(0) { max($0, abs($1.0 - $1.1)) }
    #expect(analysis.singularValues.count == count)
    #expect(
      error <= 1e-6 * (expected.first ?? 0), "\(c.golden.name) \(index): singular values \(error)")
    let columns = try c.file.shape(of: "era_rel_l2")[1]
    for (column, order) in [4, 8, 16, 32].prefix(columns).enumerated() {
      let place = "\(c.golden.name) filter \(index) order \(order)"
      try c.expectRealisations(taps, filter: index, order: order, place)
      let era = try c.file.doubles("era_rel_l2")[index * columns + column]
      let hoKalman = try c.file.doubles("hk_rel_l2")[index * columns + column]
      let golden = min(era, hoKalman)
      let found = try AutomaticDistiller().distilled(taps, order: order)
      let certified = found.certificate.relativeL2Error
      #expect(certified <= golden, "\(place): \(certified) > \(golden), \(found.method)")
      #expect(found.certificate.order <= order && found.certificate.poleRadii[0] < 1, "\(place)")
      if order < analysis.relativeErrorBounds.count {
        #expect(certified >= analysis.relativeErrorBounds[order], "\(place): below the bound")
      }
      guard isTrained else { continue }
      // No recurrence alone comes so far: see Docs/Design/Distillation.md.
      let headed = try AutomaticDistiller(exchanges: 2).distilled(
        taps, order: order, headLength: 128)
      let reached = headed.certificate.relativeL2Error
      #expect(reached <= 0.8 * golden, "\(place) with a head: \(reached / golden)")
    }
  }
}

extension GoldenComparison {
  /// Expects the taps of both balanced truncations of an order.
  fileprivate func expectRealisations(
    _ taps: [Double], filter: Int, order: Int, _ place: String
  ) throws {
    let notes = try JSONDecoder().decode(
      [String: [String: Double]].self, from: Data((file.metadata["notes"] ?? "{}").utf8))
    for (name, window) in [("era", BalancedTruncation.Window.padded), ("hk", .half)] {
      let tensor = "\(name)\(order).h.\(filter)"
      let note = notes[name == "era" ? "\(order).\(filter)" : "hk\(order).\(filter)"]
      guard golden.tensors[tensor] != nil, let radius = note?["max_pole"], radius < 1 else {
        continue
      }
      let expected = try file.doubles(tensor)
      let found = try BalancedTruncation(window: window, refitsResidues: false)
        .distilled(taps, order: order).recurrence.taps(length: taps.count)
      let largest = expected.reduce(0) { max($0, abs($1)) }
      let error = zip(found, expected).reduce(0) { max($0, abs($1.0 - $1.1)) }
      #expect(error <= (golden.tolerance.output ?? 1e-5) * largest, "\(place) \(name): \(error)")
    }
  }
}
