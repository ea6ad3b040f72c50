/// Lengths whose complex transforms are fast.
package enum TransformLength {
  /// The length of at least `minimum` points that is cheapest by estimate.
  ///
  /// Candidates are 2·2ᵃ3ᵇ5ᶜ7ᵈ, at most a fifth above the minimum; the cost of a point grows with
  /// the weights of the prime factors (radix 3 costs more than the 1.58 steps of radix 2 that its
  /// logarithm would say, and so on; weights from timing FFTW on AVX machines).
  package static func best(atLeast minimum: Int) -> Int {
    let least = max(2, minimum)
    var best = 2
    while best < least { best *= 2 }
    var lowest = cost(best)
    for (three, five, seven) in oddParts {
      var length = 2 * three * five * seven
      while length < least { length *= 2 }
      guard length * 5 <= least * 6 + 20 else { continue }
      let candidate = cost(length)
      if candidate < lowest || (candidate == lowest && length < best) {
        (best, lowest) = (length, candidate)
      }
    }
    return best
  }

  private static let oddParts: [(Int, Int, Int)] = {
    let threes = [1, 3, 9, 27, 81]
    let fives = [1, 5, 25]
    return threes.flatMap { three in fives.map { (three, $0, 1) } } + [(1, 1, 7), (3, 1, 7)]
  }()

  private static func cost(_ length: Int) -> Double {
    var rest = length
    var steps = 3.0
    for (factor, weight) in [(2, 1.0), (3, 1.9), (5, 3.0), (7, 4.6)] {
      while rest % factor == 0 {
        rest /= factor
        steps += weight
      }
    }
    return Double(length) * steps
  }
}
