/// Chooses how an axis is computed.
enum AxisPlanner {
  /// The faster method.
  static func method(for modes: AxisModes) -> AxisMethod {
    modes.magnitudes <= 64 ? .matrix : .fft
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
