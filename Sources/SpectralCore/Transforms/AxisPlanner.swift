import SequenceTensor

/// Chooses how an axis is computed.
enum AxisPlanner {
  /// The faster method.
  ///
  /// The cost of a product grows with the number of different |k| and hardly with the number of
  /// points; that of the transform by FFTW depends little on either. Where they meet is measured by
  /// the benchmark `axis-crossover`, with 64 to 1024 points and for each instruction set.
  static func method(for modes: AxisModes) -> AxisMethod {
    modes.magnitudes <= mostMagnitudes ? .matrix : .fft
  }

  private static let mostMagnitudes =
    switch Parallel.instructionSet {
    case "avx512": 64
    case "avx2": 33
    default: 10
    }

  /// An axis with a given method.
  static func axis(
    _ modes: AxisModes, method: AxisMethod, effort: PlanningEffort
  ) -> any AxisTransform {
    switch method {
    case .matrix: MatrixAxis(modes: modes)
    case .fft where modes.isHalved: RealFFTAxis(modes: modes, effort: effort)
    case .fft: ComplexFFTAxis(modes: modes, effort: effort)
    }
  }
}
