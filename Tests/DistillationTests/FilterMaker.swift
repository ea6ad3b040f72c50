import Longwave

/// Filters to distil, from a seed.
enum FilterMaker {
  /// Taps of a random stable recurrence.
  static func recurrence(
    pairs: Int, realPoles: Int = 0, radii: ClosedRange<Double> = 0.7...0.98, seed: UInt64
  ) -> ModalRecurrence {
    var random = RandomSource(seed: seed)
    var poles: [ComplexNumber] = []
    for pair in 0..<pairs {
      let radius = random.uniform(from: radii.lowerBound, to: radii.upperBound)
      let angle = Double.pi * (Double(pair) + random.uniform(from: 0.2, to: 0.8)) / Double(pairs)
      poles.append(.exponential(ComplexNumber(ComplexNumber.logarithm(.init(radius)).real, angle)))
    }
    for _ in 0..<realPoles {
      poles.append(ComplexNumber(random.uniform(from: radii.lowerBound, to: radii.upperBound)))
    }
    return ModalRecurrence(
      head: [random.normal()], poles: poles,
      residues: poles.map {
        ComplexNumber(random.normal(), $0.imaginary == 0 ? 0 : random.normal())
      })
  }

  /// Noise that falls off to e^-4 over the taps.
  static func noise(count: Int, seed: UInt64) -> [Double] {
    var random = RandomSource(seed: seed)
    return (0..<count).map {
      ComplexNumber.exponential(ComplexNumber(-4 * Double($0) / Double(count))).real
        * random.normal()
    }
  }

  /// A bank of filters as a tensor, `[length, channels]`.
  static func bank(_ filters: [[Double]]) -> Tensor {
    Tensor(
      filters[0].indices.flatMap { t in filters.map { Float($0[t]) } },
      shape: [filters[0].count, filters.count])
  }
}
