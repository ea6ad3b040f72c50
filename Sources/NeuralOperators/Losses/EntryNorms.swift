import SequenceTensor

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The loss of entries whose p-th powers are summed, and its derivatives by the sums.
///
/// With E the sum of an entry's error, T that of its target, w the weight of the reduction,
///
///     relative: w Σ E^(1/p) / (T^(1/p) + ε)        absolute: w Σ (h·E)^(1/p)
///
/// or the same without roots. Where a sum is zero the derivative of its root is taken as zero, the
/// only value that keeps training alive; PyTorch gives NaN.
struct EntryNorms {
  /// The loss.
  private(set) var value = 0.0
  /// ∂loss/∂E of each entry.
  private(set) var errorSlopes: [Double] = []
  /// ∂loss/∂T of each entry; zero for absolute norms.
  private(set) var targetSlopes: [Double] = []

  /// - Parameters:
  ///   - errors: E of each entry.
  ///   - targets: T of each entry; nil for absolute norms.
  ///   - power: p.
  ///   - takesRoot: whether the p-th root is taken.
  ///   - scale: h, the volume of a grid cell, of absolute norms.
  ///   - epsilon: ε.
  ///   - reduction: gives w.
  init(
    errors: [Double], targets: [Double]?, power: Double, takesRoot: Bool, scale: Double = 1,
    epsilon: Double, reduction: FieldReduction
  ) {
    let weight = reduction.weight(count: errors.count)
    let exponent = takesRoot ? 1 / power : 1
    func root(_ sum: Double) -> (value: Double, slope: Double) {
      guard exponent != 1 else { return (sum, 1) }
      let value = exponent == 0.5 ? sum.squareRoot() : pow(sum, exponent)
      return (value, sum > 0 ? exponent * value / sum : 0)
    }
    errorSlopes.reserveCapacity(errors.count)
    targetSlopes.reserveCapacity(errors.count)
    for (index, error) in errors.enumerated() {
      let above = root(targets == nil ? scale * error : error)
      guard let targets else {
        value += weight * above.value
        errorSlopes.append(weight * above.slope * scale)
        targetSlopes.append(0)
        continue
      }
      let below = root(targets[index])
      let divisor = below.value + epsilon
      value += weight * above.value / divisor
      errorSlopes.append(weight * above.slope / divisor)
      targetSlopes.append(-weight * above.value / (divisor * divisor) * below.slope)
    }
  }
}
