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

extension SequenceMixer {
  /// Puts another mixer in the place of this one, or of the one that this wraps.
  ///
  /// - Parameter replacement: a mixer of the same type, or any if this is an `AnySequenceMixer`; one
  ///   of another type leaves this as it is.
  public mutating func replace<Failure: Error>(
    _ replacement: (any SequenceMixer) throws(Failure) -> any SequenceMixer
  ) throws(Failure) {
    if let wrapped = self as? AnySequenceMixer {
      let new = AnySequenceMixer(try replacement(wrapped.mixer))
      if let new = new as? Self { self = new }
    } else if let new = try replacement(self) as? Self {
      self = new
    }
  }
}
