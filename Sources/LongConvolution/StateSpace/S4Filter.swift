public import Differentiation
public import Layers
public import SequenceTensor

/// The filter of S4: a state matrix that is normal plus of low rank, discretised bilinearly.
///
/// Tap l of channel h is Re C·Āˡ·B̄ over all states, with A = diag(a) - P*P, Ā = (1 - ΔA/2)⁻¹(1 + ΔA/2)
/// and B̄ = (1 - ΔA/2)⁻¹ΔB. What is trained is C~ = C(1 - Ā^T), with which the taps up to T follow
/// from the generating function; see `GeneratingFunction`. T is `tunedLength`: the maximum length
/// from the start, or, without one, the length of the first sequence, and twice that as often as
/// a longer one needs.
///
/// Gu, Goel and Ré, "Efficiently modeling long sequences with structured state spaces", 2022;
/// `SSMKernelDPLR` of `models/s4/s4.py` in state-spaces/s4. The same quantities in double precision.
///
/// Initial values: Δ log-uniform in [0.001, 0.1]; a, B and P of a HiPPO matrix, LegS by default; C
/// complex normal with E|C|² = 1.
///
/// Cost: O(T·N·(1 + rank)·(copies + rank)) for each channel.
public struct S4Filter: RecurrentFilter, ReferenceLayerFilter {
  /// The settings.
  public let options: StateSpaceOptions
  /// H, the number of input channels.
  public let inputChannels: Int
  /// What Δ is made from, `[H, 1]` or, with steps of their own for states, `[H, N/2]`.
  public var step: Parameter
  /// What -Re a is made from, `[S, N/2]`.
  public var real: Parameter
  /// What -Im a is made from, `[S, N/2]`.
  public var imaginary: Parameter
  /// B, `[S, N/2, 2]`.
  public var input: Parameter
  /// C~, `[copies, H, N/2, 2]`; as many copies again for the future if the filter is bidirectional.
  public var output: Parameter
  /// P, `[rank, S, N/2, 2]`.
  public var lowRank: Parameter
  /// T, the length for which C~ holds, a buffer of shape `[]`; 0 if `output` is C itself.
  public var tunedLength: Parameter

  /// Creates a filter with random steps and output weights.
  ///
  /// - Precondition: sizes are positive, and the number of independent systems divides the number
  ///   of channels.
  public init(
    channels: Int, options: StateSpaceOptions = StateSpaceOptions(),
    using random: inout RandomSource
  ) {
    require(
      options.parameterization == .stateSpaces && !options.isReal,
      "S4Filter: complex parameters of state-spaces, not \(options)")
    self.options = options
    inputChannels = channels
    let start = StateSpaceStart(
      channels: channels, options: options, rank: options.rank, using: &random)
    step = start.step
    real = start.real
    imaginary = start.imaginary
    input = start.input
    output = start.output
    lowRank = start.lowRank
    tunedLength = Parameter(Tensor(scalar: 0), .buffer)
    if let length = options.maximumLength { tune(toLength: length) }
  }

  /// H·copies.
  public var channels: Int { inputChannels * options.copies }

  /// Whether there are output weights for the future.
  public var isBidirectional: Bool { options.isBidirectional }

  /// The formula for all lags, or its beginning if there is a maximum length.
  public var lengthSemantics: LengthSemantics {
    options.maximumLength == nil ? .extrapolate : .crop
  }

  /// Makes C~ hold for sequences up to a length, so that it can be trained for them.
  ///
  /// From C itself at once, otherwise by doublings, C~ ← C~(1 + Ā^T). The taps up to the former
  /// length stay the same.
  public mutating func tune(toLength length: Int) {
    var tuned = Int(tunedLength.value.scalar)
    guard length > tuned else { return }
    let systems = systems
    let steps = systems.map { LowRankStep($0) }
    var rows = systems.map(\.output)
    while tuned < length {
      // 1 - Ā^T of C, 1 + Ā^T of C~.
      let (power, sign) = tuned == 0 ? (length, -1.0) : (tuned, 1.0)
      rows.withUnsafeMutableBufferPointer { rows in
        nonisolated(unsafe) let rows = rows
        Parallel.forEach(tasks: rows.count) { h, _ in
          rows[h] = rows[h].map { row in
            let moved = steps[h].appliedFromTheLeft(to: row, power: power)
            return zip(row, moved).map { $0 + $1 * sign }
          }
        }
      }
      tuned += power
    }
    output.value = Tensor(
      (0..<options.directions).flatMap { c in rows.flatMap { $0[c] } }, shape: output.value.shape)
    tunedLength.value = Tensor(scalar: Float(tuned))
  }

  /// The taps for a sequence of a length.
  ///
  /// Where C~ does not reach, the taps are those of a tuned copy. On a tape that copy's C~ is handed
  /// on as the parameter's next value, and takes its gradient, as in the original; tune the filter
  /// first where that matters.
  public func taps(length: Int, on tape: Tape?) -> Variable {
    let kept = min(length, options.maximumLength ?? length)
    var tuned = self
    tuned.tune(toLength: kept)
    if tuned.tunedLength.value != tunedLength.value {
      tape?.update(output, to: tuned.output.value)
      tape?.update(tunedLength, to: tuned.tunedLength.value)
    }
    let variables = [step, real, imaginary, input, output, lowRank].map { $0(on: tape) }
    return tuned.directions(length: kept, variables).filter(length: length, options)
  }

  /// The taps of all copies and directions, `[length, copies·H]`.
  private func directions(length: Int, _ variables: [Variable]) -> Variable {
    let tuned = Int(tunedLength.value.scalar)
    let systems = systems
    let (width, copies) = (inputChannels, options.directions)
    let rows = width * copies
    let taps = Tensor(uninitialized: [length, rows]) { taps in
      Parallel.forEach(tasks: width) { h, _ in
        let own = GeneratingFunction(systems[h], length: tuned).taps()
        for c in 0..<copies {
          for l in 0..<length { taps[l * rows + c * width + h] = Float(own[c][l]) }
        }
      }
    }
    return .primitive(variables, value: taps) { dy in
      var gradients = systems
      gradients.withUnsafeMutableBufferPointer { gradients in
        nonisolated(unsafe) let gradients = gradients
        Parallel.forEach(tasks: width) { h, _ in
          let own = (0..<copies).map { c in
            (0..<tuned).map { l in
              l < length ? Double(dy.pointer[l * rows + c * width + h]) : 0
            }
          }
          gradients[h] = GeneratingFunction(systems[h], length: tuned).pullback(own)
        }
      }
      return parameterGradients(gradients)
    }
  }

  /// Visits the parameters under the original's names, `l_kernel` last.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    body("inv_dt", &step)
    body("A_real", &real)
    body("A_imag", &imaginary)
    body("B", &input)
    body("C", &output)
    body("P", &lowRank)
    body("l_kernel", &tunedLength)
  }

  /// Visits the tensors as the original stores them.
  public mutating func forEachReference(_ body: (ReferenceTensor, inout Parameter) -> Void) {
    forEachParameter { name, parameter in
      let ours = parameter.value.shape
      let theirs = name == "B" ? Shape([1] + ours.sizes) : ours
      body(ReferenceTensor(name, shape: theirs, ours: ours), &parameter)
    }
  }

  /// The shape of the original's `D`.
  public var referenceSkipShape: Shape { [options.copies, inputChannels] }
}
