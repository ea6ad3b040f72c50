/// Where a transform and its inverse put the factor 1/N, N being the number of grid points; the
/// names are those of `norm` in `torch.fft`.
public enum Normalization: String, Sendable, Hashable, CaseIterable, Codable {
  /// The inverse is scaled by 1/N.
  case backward
  /// Both are scaled by 1/√N; the full complex transform keeps the L2 norm.
  case orthonormal
  /// The transform is scaled by 1/N, so that mode 0 is the mean and values do not grow with N.
  case forward

  /// What the sums of a transform of `count` points, and of its inverse, are multiplied by.
  package func scales(count: Int) -> (forward: Double, inverse: Double) {
    switch self {
    case .backward: (1, 1 / Double(count))
    case .orthonormal: (1 / Double(count).squareRoot(), 1 / Double(count).squareRoot())
    case .forward: (1 / Double(count), 1)
    }
  }
}
