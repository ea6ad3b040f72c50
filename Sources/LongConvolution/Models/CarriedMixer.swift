import Layers
import SequenceTensor

/// A mixer with the state that it carries from one position to the next, whatever their types.
///
/// Both stand together so that the state is moved in place: taken out of a list of any values it would
/// be copied at every position.
protocol CarriedMixer: Sendable {
  /// The outputs at the next positions, `[batch, length, channels]` to the same.
  mutating func chunk(_ x: Tensor) -> Tensor

  /// The bytes of the state, if it knows.
  var byteCount: Int? { get }
}

/// A recurrent mixer and its state.
struct MixerRun<Mixer: RecurrentMixer>: CarriedMixer {
  let mixer: Mixer
  var state: Mixer.State

  init(_ mixer: Mixer, batch: Int) {
    self.mixer = mixer
    state = mixer.initialState(batch: batch)
  }

  mutating func chunk(_ x: Tensor) -> Tensor { mixer.chunk(x, &state) }

  var byteCount: Int? { (state as? any MeasuredState)?.byteCount }
}
