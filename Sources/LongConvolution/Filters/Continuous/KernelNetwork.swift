public import Differentiation
import Layers
import SequenceTensor

/// A perceptron from a position to the taps of all channels: SIREN, or with another nonlinearity,
/// or behind random Fourier features.
///
/// Hidden layers compute f(norm(W·x + b)), or for the sine sin(ω·(W·x + b)), where `nSIREN` leaves
/// b outside of the product; the last one is W·x + b. With an embedding the first layer sees cosines
/// and sines of V·x + c instead of x.
public struct KernelNetwork: Module {
  /// What an original calls the tensors of each part.
  struct Names {
    var embedding = ""
    var layers: [String] = []
    var normalizations: [String] = []
    /// Of ω, where it is a tensor there.
    var frequencies: [String] = []
  }

  /// V and c, of half as many units as the first layer sees.
  var embedding: KernelLayer?
  var layers: [KernelLayer]
  /// One for each hidden layer, or none.
  var normalizations: [KernelNormalization] = []
  /// ω of each hidden layer of a sine, `[1]`.
  var frequencies: [Parameter] = []
  let activation: KernelActivation
  /// Whether ω multiplies the bias too.
  var scalesBias = true
  let names: Names

  /// `[positions, outputs]`.
  func callAsFunction(_ positions: [Double], on tape: Tape?) -> Variable {
    var x =
      embedding.map { features(positions, $0, on: tape) } ?? Variable(column(positions), on: tape)
    for index in layers.indices.dropLast() {
      if activation == .sine {
        x = layers[index](
          x, scale: frequencies[index](on: tape), scalesBias: scalesBias, on: tape)
      } else {
        x = layers[index](x, on: tape)
      }
      if index < normalizations.count { x = normalizations[index](x) }
      x = activation(x)
    }
    return layers[layers.count - 1](x, on: tape)
  }

  /// Cosines, then sines, in double precision: their frequencies are high.
  private func features(
    _ positions: [Double], _ embedding: KernelLayer, on tape: Tape?
  ) -> Variable {
    let half = embedding.weight.value.shape[0]
    let none = Variable(Tensor(zeros: [half]))
    let frequency = embedding.weight(on: tape).reshaped(half)
    let phase = embedding.bias?(on: tape) ?? none
    func turned(by angle: Float) -> Variable {
      .gabor(
        positions, centre: none, width: none, frequency: frequency,
        phase: phase + Variable(Tensor(repeating: angle, shape: [half])))
    }
    return .concatenated([turned(by: .pi / 2), turned(by: 0)], axis: 1)
  }

  /// Lets the running statistics of batch normalisations count on a tape too.
  mutating func freezeStatistics() {
    for index in normalizations.indices { normalizations[index].freezeStatistics() }
  }

  /// Visits the embedding, the layers, their normalisations, and the frequencies of sines.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    visit("embedding", &embedding, body)
    for index in layers.indices {
      visit("layers.\(index)", &layers[index], body)
      if index < normalizations.count {
        visit("layers.\(index).norm", &normalizations[index], body)
      }
      if index < frequencies.count { body("layers.\(index).omega_0", &frequencies[index]) }
    }
  }

  mutating func forEachReference(_ body: (ReferenceTensor, inout Parameter) -> Void) {
    if var part = embedding {
      part.forEachReference("Kernel.\(names.embedding)", body)
      embedding = part
    }
    for index in layers.indices {
      layers[index].forEachReference("Kernel.\(names.layers[index])", body)
      if index < normalizations.count {
        normalizations[index].forEachReference("Kernel.\(names.normalizations[index])", body)
      }
      if index < names.frequencies.count {
        body(
          ReferenceTensor("Kernel.\(names.frequencies[index])", shape: [1], ours: [1]),
          &frequencies[index])
      }
    }
  }
}
