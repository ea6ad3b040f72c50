public import Differentiation
import SequenceTensor

/// A module that maps sequences to sequences, or vectors to vectors.
public protocol Layer: Module {
  /// Applies the layer; its randomness and its gradients are those of the input's tape.
  func callAsFunction(_ x: Variable) -> Variable
}

/// A module that maps sequences to sequences, of the same shape unless it says otherwise, and mixes
/// along the length.
public protocol SequenceMixer: Module {
  /// Applies the mixer.
  ///
  /// - Parameters:
  ///   - x: `[batch, length, channels]`.
  ///   - mask: the true lengths; what lies beyond must not reach what lies before.
  func callAsFunction(_ x: Variable, mask: SequenceMask?) -> Variable
}
