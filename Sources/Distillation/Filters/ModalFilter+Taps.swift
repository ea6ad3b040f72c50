public import Differentiation
public import Layers
import LongConvolution
import SequenceTensor

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension ModalFilter {
  /// The modes of all channels, `[channels, modes]`, in double precision.
  struct System: Sendable {
    /// The logarithms of the poles.
    let exponents: [ComplexNumber]
    let residues: [ComplexNumber]
  }

  /// The modes that the parameters make.
  var system: System {
    switch parameterization {
    case .decay:
      return System(
        exponents: [ComplexNumber](poles.value).map { ComplexNumber(-exp($0.real), $0.imaginary) },
        residues: [ComplexNumber](residues.value))
    case .cartesian:
      return System(
        // A pole of zero has no logarithm; this one is zero after a step all the same.
        exponents: [ComplexNumber](poles.value).map {
          $0.squaredMagnitude > 0 ? .logarithm($0) : ComplexNumber(-700)
        }, residues: [ComplexNumber](residues.value))
    case .realExponent:
      return System(
        exponents: poles.value.elements.map { ComplexNumber(Double($0)) },
        residues: residues.value.elements.map { ComplexNumber(Double($0)) })
    }
  }

  /// The taps for a sequence of a length, `[length, channels]`.
  ///
  /// With a tape by `ModalSum`, in O(√length) exponentials a mode; without one in double precision
  /// throughout, since taps are then kept and modes that all but cancel stay exact.
  public func taps(length: Int, on tape: Tape?) -> Variable {
    let direct = min(length, headLength)
    let parts =
      [head.map { $0(on: tape).sliced(axis: 0, 0..<direct) }].compactMap { $0 }
      + (length > direct ? [modalTaps(length: length - direct, on: tape)] : [])
    return parts.count == 1 ? parts[0] : .concatenated(parts, axis: 0)
  }

  /// The taps after the head.
  func modalTaps(length: Int, on tape: Tape?) -> Variable {
    let system = system
    guard tape != nil else { return Variable(exactTaps(system, length: length)) }
    let sums = ModalSum(length: length, groups: channels, modes: modes)
    let value = sums(exponents: system.exponents, weights: system.residues)
    let inputs = [poles(on: tape), residues(on: tape)]
    let shape = poles.value.shape
    return .primitive(inputs, value: value) { [parameterization, poles] gradient in
      let (zeroth, first) = sums.moments(exponents: system.exponents, of: gradient)
      // Gradients of the logarithms of the poles.
      let ofExponents = zip(system.residues, first).map { ($0 * $1).conjugate }
      let ofResidues = zeroth.map(\.conjugate)
      switch parameterization {
      case .decay:
        let ofPoles = zip(ofExponents, system.exponents).map { gradient, exponent in
          ComplexNumber(gradient.real * exponent.real, gradient.imaginary)
        }
        return [Tensor(ofPoles, shape: shape), Tensor(ofResidues, shape: shape)]
      case .cartesian:
        let ofPoles = zip(ofExponents, [ComplexNumber](poles.value)).map { gradient, pole in
          pole.squaredMagnitude > 0 ? gradient / pole.conjugate : .zero
        }
        return [Tensor(ofPoles, shape: shape), Tensor(ofResidues, shape: shape)]
      case .realExponent:
        return [
          Tensor(ofExponents.map(\.real), shape: shape),
          Tensor(ofResidues.map(\.real), shape: shape),
        ]
      }
    }
  }

  private func exactTaps(_ system: System, length: Int) -> Tensor {
    let modes = modes
    return Tensor(uninitialized: [channels, length]) { taps in
      Parallel.forEach(tasks: channels) { channel, _ in
        let own = channel * modes..<(channel + 1) * modes
        let recurrence = ModalRecurrence(
          head: [], poles: own.map { .exponential(system.exponents[$0]) },
          residues: Array(system.residues[own]))
        for (t, value) in recurrence.tail(length: length).enumerated() {
          taps[channel * length + t] = Float(value)
        }
      }
    }.transposed()
  }
}

extension ModalFilter: ReferenceCompatible {
  /// The names and shapes of StripedHyena (`poles`, `residues`, `[D, S, 1, 2]`) and of vortex
  /// (`log_poles`, `[D, S, 1]`, `residues`, `[D, S]`); of filters of our own those of the parameters.
  public mutating func forEachReference(_ body: (ReferenceTensor, inout Parameter) -> Void) {
    let ours = poles.value.shape
    switch parameterization {
    case .decay:
      forEachParameter { name, parameter in
        body(
          ReferenceTensor(name, shape: parameter.value.shape, ours: parameter.value.shape),
          &parameter)
      }
    case .cartesian:
      let shape: Shape = [ours[0], ours[1], 1, 2]
      body(ReferenceTensor("poles", shape: shape, ours: ours), &poles)
      body(ReferenceTensor("residues", shape: shape, ours: ours), &residues)
    case .realExponent:
      body(ReferenceTensor("log_poles", shape: [ours[0], ours[1], 1], ours: ours), &poles)
      body(ReferenceTensor("residues", shape: ours, ours: ours), &residues)
    }
  }
}
