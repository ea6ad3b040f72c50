public import Differentiation

/// Where a residual block normalises.
public enum NormalizationPlacement: String, Sendable, Hashable, CaseIterable, Codable {
  /// x + f(norm(x)).
  case pre
  /// norm(x + f(x)).
  case post
}

/// A mixer with normalisation, dropout and a residual connection.
public struct ResidualBlock<Mixer: SequenceMixer>: SequenceMixer {
  /// What is added to the input.
  public var mixer: Mixer
  /// The normalisation.
  public var normalization: Normalization
  /// Applied to the mixer's output.
  public let dropout: Dropout
  /// Where the normalisation stands.
  public let placement: NormalizationPlacement

  /// Creates a block.
  public init(
    _ mixer: Mixer, normalization: Normalization, placement: NormalizationPlacement = .pre,
    dropout: Dropout = Dropout(0)
  ) {
    self.mixer = mixer
    self.normalization = normalization
    self.placement = placement
    self.dropout = dropout
  }

  /// Applies the block to `[batch, length, channels]`.
  public func callAsFunction(_ x: Variable, mask: SequenceMask?) -> Variable {
    switch placement {
    case .pre: x + dropout(mixer(normalization(x, mask: mask), mask: mask))
    case .post: normalization(x + dropout(mixer(x, mask: mask)), mask: mask)
    }
  }

  /// Visits `norm`, then `mixer`.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    visit("norm", &normalization, body)
    visit("mixer", &mixer, body)
  }
}
