/// How the weights of a spectral convolution are factorised, and how far.
///
/// Kossaifi et al., "Multi-grid tensorized Fourier neural operator for high-resolution PDEs"
/// (2024). The ranks follow the rules of tensorly 0.10 (`validate_tucker_rank`,
/// `validate_cp_rank`, `validate_tt_rank`) for the shape (inputs, outputs, modes…).
public struct WeightFactorization: Sendable, Hashable, Codable {
  /// The form of the factors.
  public enum Form: String, Sendable, Hashable, CaseIterable, Codable {
    /// A core and a matrix for each axis.
    case tucker
    /// A sum of products of vectors, one for each axis.
    case canonical
    /// A chain of arrays of three axes.
    case tensorTrain
  }

  /// How the product with the factors is computed; the results agree but for rounding.
  public enum Implementation: String, Sendable, Hashable, CaseIterable, Codable {
    /// The weights are made first, then multiplied as if they were not factorised.
    case reconstructed
    /// Values are multiplied by one factor after the other.
    case factorized
  }

  /// The ranks.
  public enum Rank: Sendable, Hashable, Codable {
    /// As many as leave about this part of the parameters.
    case fraction(Double)
    /// These: one for each axis of a Tucker form, one for a canonical form, those between
    /// neighbours and a 1 at each end for a tensor train.
    case exact([Int])
  }

  /// The form of the factors.
  public var form: Form
  /// The ranks.
  public var rank: Rank
  /// How the product is computed.
  public var implementation: Implementation
  /// Axes that a Tucker form leaves at full rank: 0 is the inputs, 1 the outputs.
  public var fixedAxes: [Int]

  /// Creates a factorisation.
  public init(
    _ form: Form, rank: Rank = .fraction(1), implementation: Implementation = .factorized,
    fixedAxes: [Int] = []
  ) {
    self.form = form
    self.rank = rank
    self.implementation = implementation
    self.fixedAxes = fixedAxes
  }

  /// The ranks for a shape.
  ///
  /// - Parameter shape: the sizes of the axes of the whole weights.
  /// - Returns: as for `Rank.exact`.
  public func ranks(of shape: [Int]) -> [Int] {
    if case .exact(let ranks) = rank {
      if ranks.count == 1 {
        switch form {
        case .canonical: return ranks
        case .tucker:
          return shape.indices.map { fixedAxes.contains($0) ? shape[$0] : ranks[0] }
        case .tensorTrain:
          return [1] + Array(repeating: ranks[0], count: shape.count - 1) + [1]
        }
      }
      return ranks
    }
    guard case .fraction(let fraction) = rank else { return [] }
    let count = shape.reduce(1) { $0 * Double($1) }
    switch form {
    case .canonical:
      let sum = Double(shape.reduce(0, +))
      return [max(1, Self.rounded(count * fraction / sum))]
    case .tucker: return tuckerRanks(of: shape, count: count, fraction: fraction)
    case .tensorTrain: return Self.trainRanks(of: shape, count: count, fraction: fraction)
    }
  }

  /// Ranks c·size with cᴺ·count + c·Σ size² + (fixed axes' part) = fraction·count.
  private func tuckerRanks(of shape: [Int], count: Double, fraction: Double) -> [Int] {
    let free = shape.indices.filter { !fixedAxes.contains($0) }
    let squares = free.reduce(0) { $0 + Double(shape[$1] * shape[$1]) }
    let fixed = fixedAxes.filter { shape.indices.contains($0) }
      .reduce(0) { $0 + Double(shape[$1] * shape[$1]) }
    func excess(_ c: Double) -> Double {
      var power = 1.0
      for _ in free { power *= c }
      return count * power + (squares + fixed) * c - fraction * count
    }
    // The excess grows with c, and is negative at 0.
    var (low, high) = (0.0, max(fraction, 1))
    for _ in 0..<200 {
      let middle = (low + high) / 2
      if excess(middle) < 0 { low = middle } else { high = middle }
    }
    return shape.indices.map {
      fixedAxes.contains($0) ? shape[$0] : max(1, Self.rounded(Double(shape[$0]) * high))
    }
  }

  /// Ranks proportional to the mean sizes of neighbours, the factor solving a quadratic equation.
  private static func trainRanks(of shape: [Int], count: Double, fraction: Double) -> [Int] {
    let sizes = shape.map(Double.init)
    let means = zip(sizes, sizes.dropFirst()).map { ($0 + $1) / 2 }
    guard let first = means.first, let last = means.last else { return [1, 1] }
    var a = 0.0
    for i in 1..<max(1, sizes.count - 1) { a += means[i - 1] * sizes[i] * means[i] }
    if means.count == 1 { a = first * first * sizes[0] }
    let b = sizes[0] * first + sizes[sizes.count - 1] * last
    let c = -count * fraction
    let factor = (-b + (b * b - 4 * a * c).squareRoot()) / (2 * a)
    return [1] + means.map { max(1, rounded($0 * factor)) } + [1]
  }

  private static func rounded(_ x: Double) -> Int { Int(x.rounded(.toNearestOrEven)) }
}
