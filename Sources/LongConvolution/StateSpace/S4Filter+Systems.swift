import Differentiation
import SequenceTensor

extension S4Filter {
  private var modes: Int { real.value.shape[1] }

  private var diagonal: DiagonalSystem {
    DiagonalSystem(
      options: options, channels: inputChannels, step: step.value, real: real.value,
      imaginary: imaginary.value, input: input.value, output: output.value)
  }

  /// The system of every channel.
  var systems: [LowRankSystem] {
    let diagonal = diagonal
    let (modes, rank) = (modes, lowRank.value.shape[0])
    let independent = real.value.shape[0]
    let rows = [ComplexNumber](lowRank.value)
    return (0..<inputChannels).map { h in
      LowRankSystem(
        steps: (0..<modes).map { diagonal.step(h, $0) },
        poles: (0..<modes).map { diagonal.pole(h, $0) },
        input: (0..<modes).map { diagonal.input(h, $0) },
        output: (0..<options.directions).map { c in
          let start = (c * inputChannels + h) * modes
          return Array(diagonal.outputs[start..<start + modes])
        },
        lowRank: (0..<rank).map { r in
          let start = (r * independent + h % independent) * modes
          return Array(rows[start..<start + modes])
        })
    }
  }

  /// The gradients of step, real, imaginary, B, C~ and P from those of every channel's system.
  func parameterGradients(_ systems: [LowRankSystem]) -> [Tensor] {
    let diagonal = diagonal
    let (modes, rank, independent) = (modes, lowRank.value.shape[0], real.value.shape[0])
    var ofLowRank = [ComplexNumber](repeating: .zero, count: rank * independent * modes)
    for (h, system) in systems.enumerated() {
      for (r, row) in system.lowRank.enumerated() {
        for n in 0..<modes { ofLowRank[(r * independent + h % independent) * modes + n] += row[n] }
      }
    }
    return diagonal.gradients(
      steps: systems.flatMap(\.steps), poles: systems.flatMap(\.poles),
      inputs: systems.flatMap(\.input),
      outputs: (0..<options.directions).flatMap { c in systems.flatMap { $0.output[c] } },
      shapes: [step, real, imaginary, input, output].map(\.value.shape))
      + [Tensor(ofLowRank, shape: lowRank.value.shape)]
  }
}
