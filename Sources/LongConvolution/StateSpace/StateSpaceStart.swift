import Differentiation
import SequenceTensor

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The parameters that diagonal and normal-plus-low-rank filters start with.
struct StateSpaceStart {
  let step: Parameter
  let real: Parameter
  let imaginary: Parameter
  let input: Parameter
  let output: Parameter
  /// P, `[rank, S, N, 2]`.
  let lowRank: Parameter

  init(
    channels: Int, options: StateSpaceOptions, rank: Int, using random: inout RandomSource
  ) {
    let systems = options.independentSystems ?? channels
    let modes = options.storedStates
    require(
      channels > 0 && modes > 0 && options.copies > 0 && systems > 0 && channels % systems == 0
        && options.minimumStep > 0 && options.minimumStep <= options.maximumStep
        && (options.maximumLength ?? 1) > 0 && rank > 0,
      "State-space filter: \(channels) channels, \(systems) independent systems, \(options)")
    let trained = ParameterOptions(
      learningRate: options.learningRate, weightDecay: options.weightDecay,
      isTrainable: options.learningRate != 0)
    let (low, high) = (log(options.minimumStep), log(options.maximumStep))
    step = Parameter(
      Tensor(
        (0..<channels * (options.tiesSteps ? 1 : modes)).map { _ in
          let logarithm = random.uniform(from: low, to: high)
          // As the original, without the floor of 10⁻⁴ that other transforms have.
          let p =
            options.stepTransform == .exponential
            ? logarithm : options.stepTransform.parameter(of: exp(logarithm))
          return options.usesFastSteps ? asinh(p) : p
        }, shape: [channels, options.tiesSteps ? 1 : modes]), trained)
    let start = options.initialization.systems(
      systems, size: options.isReal ? 2 * options.stateSize : options.stateSize, rank: rank,
      using: &random)
    let poles = start.flatMap(\.poles)
    real = Parameter(
      Tensor(poles.map { options.realTransform.parameter(of: -$0.real) }, shape: [systems, modes]),
      trained)
    imaginary = Parameter(
      Tensor(
        poles.map { pole in
          options.parameterization == .stateSpaces
            ? options.imaginaryTransform.parameter(of: -pole.imaginary) : -pole.imaginary
        }, shape: [systems, modes]), trained)
    let inputs = start.flatMap(\.input)
    input = Parameter(
      options.isReal
        ? Tensor(inputs.map(\.real), shape: [systems, modes])
        : Tensor(inputs, shape: [systems, modes, 2]), trained)
    let rows: Shape = [options.directions, channels, modes]
    // Real and imaginary part have a variance of ½ each.
    let deviation = Float(0.5.squareRoot())
    output = Parameter(
      Tensor(
        normal: options.isReal ? rows : Shape(rows.sizes + [2]), deviation: deviation,
        using: &random),
      options.parameterization == .stateSpaces
        ? ParameterOptions(
          learningRate: options.learningRate, isTrainable: options.learningRate != 0)
        : ParameterOptions())
    lowRank = Parameter(
      Tensor(
        (0..<rank).flatMap { row in start.flatMap { $0.lowRank[row] } },
        shape: [rank, systems, modes, 2]), trained)
  }
}
