public import Differentiation
import SequenceTensor

/// Any sequence mixer, for models whose mixer is chosen at run time.
///
/// The parameters are those of the mixer inside, under their own names.
public struct AnySequenceMixer: SequenceMixer {
  /// The mixer inside.
  public var mixer: any SequenceMixer

  /// Wraps a mixer.
  public init(_ mixer: any SequenceMixer) { self.mixer = mixer }

  /// Applies the mixer inside.
  public func callAsFunction(_ x: Variable, mask: SequenceMask?) -> Variable {
    mixer(x, mask: mask)
  }

  /// Visits the parameters of the mixer inside.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    mixer.forEachParameter(body)
  }
}
