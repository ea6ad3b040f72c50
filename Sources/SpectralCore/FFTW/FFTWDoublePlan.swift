import CFFTW

/// An FFTW plan in double precision; `@unchecked Sendable` for the reasons of `FFTWPlan`.
final class FFTWDoublePlan: @unchecked Sendable {
  let handle: OpaquePointer

  init(_ make: () -> OpaquePointer?) {
    guard let handle = FFTWPlanner.locked(make) else {
      preconditionFailure("FFTW: no plan for this transform in double precision")
    }
    self.handle = handle
  }

  deinit { FFTWPlanner.locked { fftw_destroy_plan(handle) } }
}

extension UnsafeMutablePointer<Double> {
  /// The memory as FFTW's complex numbers, which are interleaved.
  var fftwComplex: UnsafeMutablePointer<fftw_complex> {
    UnsafeMutableRawPointer(self).assumingMemoryBound(to: fftw_complex.self)
  }
}

extension UnsafePointer<Double> {
  /// The pointer that FFTW's interface wants for an input it does not change.
  var fftwInput: UnsafeMutablePointer<Double> { UnsafeMutablePointer(mutating: self) }
}
