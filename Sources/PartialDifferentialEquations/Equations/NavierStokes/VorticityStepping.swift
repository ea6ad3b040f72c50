internal import SequenceTensor

/// A way of stepping the spectrum of vorticity; the workspace of one solution.
protocol VorticityStepping: AnyObject {
  var transport: VorticityTransport { get }

  /// The longest step towards a frame that is `interval` away.
  func automaticStep(_ state: DoubleBuffer, interval: Double) -> Double

  /// Takes `steps` steps of one length.
  func advance(_ state: DoubleBuffer, steps: Int, step: Double)
}

/// Exponential time differencing.
final class ExponentialVorticitySteps: VorticityStepping {
  let transport: VorticityTransport
  private let integrator: ExponentialRungeKutta
  private let acceleration: Double
  private var lastStep: Double?

  init(_ equation: NavierStokesEquation, order: Int, grid: SpatialGrid, forcing: [Double]) {
    let transport = VorticityTransport(grid, masksFactors: true, keepsLimit: false)
    self.transport = transport
    let transform = transport.transform
    let linear = transform.diagonal(
      transport.squares.map { -equation.viscosity * $0 - equation.drag })
    let source = DoubleBuffer(count: transform.coefficientCount)
    transform.analyse(forcing, into: source.pointer)
    for index in 0..<source.count { source.pointer[index] *= transform.scale }
    integrator = ExponentialRungeKutta(order: order, linear: linear) { state, result in
      transport.spectrum(of: state, into: result)
      for index in 0..<source.count { result[index] = source.pointer[index] - result[index] }
    }
    acceleration = transport.crossings(of: source.pointer)
  }

  func automaticStep(_ state: DoubleBuffer, interval: Double) -> Double {
    // The forcing speeds the flow up on the way to the frame; at rest it is all there is.
    let crossings = transport.crossings(of: state.pointer) + acceleration * min(interval, 1)
    guard crossings > 0 else { return interval }
    // A power of two of steps, so that the coefficients seldom have to be found anew.
    var steps = 1.0
    while interval / steps * crossings > 0.4 { steps *= 2 }
    return interval / steps
  }

  func advance(_ state: DoubleBuffer, steps: Int, step: Double) {
    // Equal intervals differ in their last bits; a step's coefficients are then kept.
    var step = step
    if let lastStep, abs(step - lastStep) <= 1e-12 * step { step = lastStep }
    lastStep = step
    integrator.advance(state, steps: steps, step: step)
  }
}

/// Crank–Nicolson for viscosity, explicit Euler for transport and forcing.
///
/// Source: `data_generation/navier_stokes/ns_2d.py` of neuraloperator, of June 2022.
final class CrankNicolsonVorticitySteps: VorticityStepping {
  let transport: VorticityTransport
  private let decay: [Double]
  private let source: DoubleBuffer
  private let convection: DoubleBuffer

  init(_ equation: NavierStokesEquation, grid: SpatialGrid, forcing: [Double]) {
    transport = VorticityTransport(grid, masksFactors: false, keepsLimit: true)
    let transform = transport.transform
    // The original sets |k|² of the mean to 1 to be able to divide by it, and lets it decay so.
    decay = transport.squares.map {
      equation.viscosity * ($0 == 0 ? 1 : $0) + equation.drag
    }
    source = DoubleBuffer(count: transform.coefficientCount)
    convection = DoubleBuffer(count: transform.coefficientCount)
    transform.analyse(forcing, into: source.pointer)
    for index in 0..<source.count { source.pointer[index] *= transform.scale }
  }

  func automaticStep(_ state: DoubleBuffer, interval: Double) -> Double { 1e-4 }

  func advance(_ state: DoubleBuffer, steps: Int, step: Double) {
    let kept = decay.flatMap { rate -> [Double] in
      let factor = (1 - 0.5 * step * rate) / (1 + 0.5 * step * rate)
      return [factor, factor]
    }
    let gained = decay.flatMap { rate -> [Double] in
      let factor = step / (1 + 0.5 * step * rate)
      return [factor, factor]
    }
    let (w, source, convection) = (state.pointer, source.pointer, convection.pointer)
    kept.withUnsafeBufferPointer { kept in
      gained.withUnsafeBufferPointer { gained in
        for _ in 0..<steps {
          transport.spectrum(of: w, into: convection)
          for index in kept.indices {
            w[index] = kept[index] * w[index] + gained[index] * (source[index] - convection[index])
          }
        }
      }
    }
  }
}
