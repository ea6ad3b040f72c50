import Differentiation
public import SequenceTensor

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// eˣ, where the mathematics library is not imported.
func exponential(_ x: Double) -> Double { exp(x) }

extension S5 {
  /// Creates a state space with random weights.
  ///
  /// - Precondition: sizes are positive; the number of blocks divides the number of states, an even
  ///   number for each block if states are stored without their conjugates; the discretisation is
  ///   not that of DSS.
  public init(
    channels: Int, options: S5Options = S5Options(), using random: inout RandomSource
  ) {
    let (size, blocks) = (options.stateSize, options.blocks)
    require(
      channels > 0 && size > 0 && blocks > 0 && size % blocks == 0
        && (!options.isConjugateSymmetric || size / blocks % 2 == 0)
        && options.minimumStep > 0 && options.minimumStep <= options.maximumStep
        && options.discretization != .softmax && options.stepScale > 0,
      "S5: \(channels) channels, \(options)")
    self.options = options
    self.channels = channels
    let trained = ParameterOptions(
      learningRate: options.learningRate, weightDecay: 0, isTrainable: options.learningRate != 0)
    let block = HiPPO.legendreScaled.normalMatrix(size: size / blocks)
    let kept = size / blocks / (options.isConjugateSymmetric ? 2 : 1)
    let poles = (0..<blocks).flatMap { _ in block.values[..<kept] }
    real = Parameter(Tensor(poles.map(\.real), shape: [poles.count]), trained)
    imaginary = Parameter(Tensor(poles.map(\.imaginary), shape: [poles.count]), trained)
    let vectors = block.vectors.prefix(kept)
    let whole = size / blocks
    // V*B₀, a block of states at a time.
    let plain = Self.truncatedNormal(size * channels, variance: 1 / Double(size), &random)
    let mapped = (0..<blocks).flatMap { first in
      vectors.flatMap { vector in
        (0..<channels).map { h in
          (0..<whole).reduce(ComplexNumber.zero) {
            $0 + vector[$1].conjugate * plain[(first * whole + $1) * channels + h]
          }
        }
      }
    }
    input = Parameter(Tensor(mapped, shape: [poles.count, channels, 2]), trained)
    let directions = options.isBidirectional ? 2 : 1
    let rows = (0..<directions).map { _ in
      Self.outputs(channels, options, Array(vectors), &random)
    }
    output = Parameter(
      .concatenated(rows.map { Tensor($0, shape: [channels, poles.count, 2]) }, axis: 1))
    skip = Parameter(Tensor(normal: [channels], using: &random))
    let (low, high) = (log(options.minimumStep), log(options.maximumStep))
    logStep = Parameter(
      Tensor(
        poles.map { _ in random.uniform(from: low, to: high) }, shape: [poles.count]),
      options.usesGlobalStepRate ? ParameterOptions(weightDecay: 0) : trained)
  }

  /// One C, `[H, P]`.
  private static func outputs(
    _ channels: Int, _ options: S5Options, _ vectors: [[ComplexNumber]],
    _ random: inout RandomSource
  ) -> [ComplexNumber] {
    let (size, blocks) = (options.stateSize, options.blocks)
    if options.outputInitialization == .complexNormal {
      return (0..<channels * options.storedStates).map { _ in
        ComplexNumber(random.normal(), random.normal()) * 0.5.squareRoot()
      }
    }
    let inputs = size * (options.outputInitialization == .lecunNormal ? channels : 1)
    let parts = truncatedNormal(
      2 * channels * size, variance: 1 / Double(inputs), &random)
    let whole = size / blocks
    return (0..<channels).flatMap { h in
      (0..<blocks).flatMap { block in
        vectors.map { vector in
          (0..<whole).reduce(ComplexNumber.zero) { sum, k in
            let at = 2 * (h * size + block * whole + k)
            return sum + ComplexNumber(parts[at], parts[at + 1]) * vector[k]
          }
        }
      }
    }
  }

  /// Normal numbers within two deviations, of a variance.
  ///
  /// The deviation of such numbers is 0.8796… of the untruncated one.
  private static func truncatedNormal(
    _ count: Int, variance: Double, _ random: inout RandomSource
  ) -> [Double] {
    let deviation = variance.squareRoot() / 0.87962566103423978
    return (0..<count).map { _ in
      while true {
        let x = random.normal()
        if abs(x) <= 2 { return x * deviation }
      }
    }
  }
}
