/// Lengths whose complex transforms are fast.
package enum TransformLength {
  /// The length of at least `minimum` points that is cheapest by estimate.
  ///
  /// Lengths are 2·4ˢ·M for the block lengths M of the table: FFTW's estimate finds fast
  /// algorithms for 16 times a small number, and is up to three times slower at smooth lengths in
  /// between (112, 168, 216, 288, 576, …).
  package static func best(atLeast minimum: Int) -> Int {
    var best = Int.max
    var lowest = Double.infinity
    for (block, cost) in blocks {
      var length = 2 * block
      var total = cost
      while length < minimum {
        // A block that could be split further is planned as its parts.
        guard 4 * block > BlockTransform.largestBlock else { break }
        length *= 4
        total += costOfStep
      }
      guard length >= minimum else { continue }
      total *= Double(length)
      if total < lowest || (total == lowest && length < best) { (best, lowest) = (length, total) }
    }
    return best
  }

  /// Block lengths and the nanoseconds that a value takes forward and back, measured with FFTW
  /// 3.3.10 (estimate, out of place) on one 2.5 GHz Cascade Lake core.
  private static let blocks: [(length: Int, cost: Double)] = [
    (48, 2.17), (64, 2.35), (80, 2.28), (96, 2.43), (128, 2.33), (144, 2.41), (160, 2.39),
    (192, 2.42), (240, 2.39), (256, 2.41), (320, 2.46), (384, 2.57), (400, 2.50), (512, 2.51),
    (640, 2.64), (1024, 2.67),
  ]

  /// What a step by four adds to each value, forward and back, in the same measure.
  private static let costOfStep = 0.5
}
