public import SequenceTensor

/// Over which values of a data set statistics are taken: one number for each what is left.
public enum NormalizerScope: String, Sendable, Hashable, CaseIterable, Codable {
  /// Over samples and grid points: a number for each channel, good at any resolution.
  case channel
  /// Over samples: a number for each grid point and channel, good at one resolution.
  case point
  /// Over everything: one number.
  case field

  /// The shape of the statistics of fields `[batch, x, (y, (z,)) channels]`.
  func shape(of field: Shape) -> Shape {
    switch self {
    case .channel: [field.last]
    case .point: Shape(Array(field.sizes.dropFirst()))
    case .field: []
    }
  }
}

/// Means, variances and extremes of fields that come in parts.
///
/// Each part is reduced in double precision and joined by the update of Chan, Golub and LeVeque
/// ("Updating formulae and a pairwise algorithm for computing sample variances", 1979), which does
/// not subtract large sums. Statistics of parts are those of the whole up to rounding in double
/// precision.
public struct FieldStatistics: Sendable {
  /// Over which values.
  public let scope: NormalizerScope
  /// The number of values behind each number so far.
  public private(set) var count = 0
  /// The shape of the statistics; nil before the first part.
  public private(set) var shape: Shape?
  private var means: [Double] = []
  private var squares: [Double] = []
  private var smallest: [Float] = []
  private var largest: [Float] = []

  /// Creates empty statistics.
  public init(scope: NormalizerScope) { self.scope = scope }

  /// Takes in a part of the data.
  ///
  /// - Parameter fields: `[batch, x, (y, (z,)) channels]`; with `.channel` and `.field` parts may have
  ///   different grids.
  /// - Precondition: the shape of the statistics is that of earlier parts.
  public mutating func add(_ fields: Tensor) {
    require(
      fields.shape.rank >= 3,
      "FieldStatistics.add: \(fields.shape) is not [batch, x, (y, (z,)) channels]")
    guard fields.count > 0 else { return }
    let found = scope.shape(of: fields.shape)
    require(
      shape == nil || shape == found,
      "FieldStatistics.add: \(fields.shape) after parts with statistics \(shape ?? [])")
    if shape == nil {
      shape = found
      means = [Double](repeating: 0, count: found.count)
      squares = means
      smallest = [Float](repeating: .infinity, count: found.count)
      largest = [Float](repeating: -.infinity, count: found.count)
    }
    let added = fields.count / found.count
    let part = PeriodicSums(period: found.count)
    let sums = part.sums(fields) { value, _ in Double(value) }
    let centres = sums.map { $0 / Double(added) }
    let deviations = part.sums(fields) { value, index in
      let difference = Double(value) - centres[index]
      return difference * difference
    }
    let total = count + added
    for index in 0..<found.count {
      let difference = centres[index] - means[index]
      means[index] += difference * Double(added) / Double(total)
      squares[index] +=
        deviations[index] + difference * difference * Double(count) * Double(added) / Double(total)
    }
    fields.withSpan { values in
      for index in 0..<values.count {
        let slot = index % found.count
        smallest[slot] = min(smallest[slot], values[index])
        largest[slot] = max(largest[slot], values[index])
      }
    }
    count = total
  }

  /// The means.
  ///
  /// - Precondition: there is a value.
  public var mean: Tensor { Tensor(means.map { Float($0) }, shape: known("mean")) }

  /// The square roots of the unbiased variances, Σ(x - mean)²/(count - 1); 0 of a single value.
  ///
  /// - Precondition: there is a value.
  public var deviation: Tensor {
    let divisor = Double(max(1, count - 1))
    return Tensor(
      squares.map { Float(($0 / divisor).squareRoot()) }, shape: known("deviation"))
  }

  /// The smallest values.
  ///
  /// - Precondition: there is a value.
  public var minimum: Tensor { Tensor(smallest, shape: known("minimum")) }

  /// The largest values.
  ///
  /// - Precondition: there is a value.
  public var maximum: Tensor { Tensor(largest, shape: known("maximum")) }

  private func known(_ what: String) -> Shape {
    require(count > 0, "FieldStatistics.\(what): no values")
    return shape ?? []
  }
}

/// Sums of elements that go round `period` numbers, in the order of the elements.
private struct PeriodicSums {
  let period: Int

  func sums(_ fields: Tensor, _ term: (Float, Int) -> Double) -> [Double] {
    var sums = [Double](repeating: 0, count: period)
    fields.withSpan { values in
      var slot = 0
      for index in 0..<values.count {
        sums[slot] += term(values[index], slot)
        slot = slot + 1 == period ? 0 : slot + 1
      }
    }
    return sums
  }
}
