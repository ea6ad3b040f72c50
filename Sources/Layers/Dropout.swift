public import Differentiation
import SequenceTensor

/// Sets values or whole channels to zero while training; nothing without a tape.
public struct Dropout: Layer {
  /// The probability of zero.
  public let rate: Float
  /// What is set to zero together.
  public let kind: DropoutKind

  /// Creates the layer.
  ///
  /// - Precondition: `0 ≤ rate < 1`.
  public init(_ rate: Float, _ kind: DropoutKind = .elementwise) {
    require(rate >= 0 && rate < 1, "Dropout: rate \(rate) outside 0..<1")
    self.rate = rate
    self.kind = kind
  }

  /// Applies dropout.
  public func callAsFunction(_ x: Variable) -> Variable { x.dropout(rate, kind) }

  /// There are no parameters.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {}
}
