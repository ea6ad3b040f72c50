import CFFTW
import Synchronization

/// Which way a complex transform goes; neither way is scaled.
package enum TransformDirection: Int32, Sendable, Hashable {
  /// Σ x[n]·exp(-2πi·kn/N).
  case forward = -1
  /// Σ X[k]·exp(+2πi·kn/N).
  case inverse = 1
}

/// FFTW's planner is not thread-safe; everything but executing a plan happens under this lock.
enum FFTWPlanner {
  private static let lock = Mutex(())

  static func locked<Result>(_ body: () throws -> Result) rethrows -> Result {
    try lock.withLock { _ in try body() }
  }
}

extension PlanningEffort {
  var flags: UInt32 {
    switch self {
    case .estimate: FFTW_ESTIMATE
    case .measure: FFTW_MEASURE
    case .patient: FFTW_PATIENT
    }
  }
}

/// An FFTW plan in single precision, destroyed with its last owner.
///
/// `@unchecked Sendable` is sound because a plan never changes after it is made, and FFTW's
/// new-array execution of one plan is safe from many threads at once ("Thread safety" in its
/// manual); planning and destroying take the planner's lock.
final class FFTWPlan: @unchecked Sendable {
  let handle: OpaquePointer

  /// - Precondition: FFTW can make the plan (it can for every length that fits in memory).
  init(_ make: () -> OpaquePointer?) {
    guard let handle = FFTWPlanner.locked(make) else {
      preconditionFailure("FFTW: no plan for this transform")
    }
    self.handle = handle
  }

  deinit { FFTWPlanner.locked { fftwf_destroy_plan(handle) } }
}

/// The contiguous complex transform of one length, out of place, for arrays of 64-byte alignment
/// or any other.
package final class ComplexTransform: Sendable {
  /// The number of complex values.
  package let length: Int
  private let forwardPlan: FFTWPlan
  private let inversePlan: FFTWPlan

  init(length: Int, effort: PlanningEffort) {
    self.length = length
    // Blocks of odd lengths are not all aligned alike, hence FFTW_UNALIGNED for them.
    let flags = effort.flags | (length % 8 == 0 ? 0 : FFTW_UNALIGNED)
    // Measuring overwrites the arrays it is given, so it gets its own.
    let aligned = FFTWScratch(count: 4 * max(1, length))
    defer { aligned.free() }
    let from = aligned.complex
    let to = from + length
    func plan(_ direction: TransformDirection) -> FFTWPlan {
      FFTWPlan {
        fftwf_plan_dft_1d(
          Int32(length), from, to, direction.rawValue, flags | FFTW_PRESERVE_INPUT)
      }
    }
    forwardPlan = plan(.forward)
    inversePlan = plan(.inverse)
  }

  /// Transforms `input` to `output`; both hold `length` interleaved complex values.
  package func execute(
    _ direction: TransformDirection, from input: UnsafePointer<Float>,
    to output: UnsafeMutablePointer<Float>
  ) {
    let plan = direction == .forward ? forwardPlan : inversePlan
    let source = UnsafeMutableRawPointer(mutating: input)
      .assumingMemoryBound(to: fftwf_complex.self)
    let target = UnsafeMutableRawPointer(output).assumingMemoryBound(to: fftwf_complex.self)
    fftwf_execute_dft(plan.handle, source, target)
  }
}

/// Aligned memory for planning only.
struct FFTWScratch {
  private let base: UnsafeMutableRawPointer

  init(count: Int) { base = .allocate(byteCount: count * 4, alignment: 64) }

  var complex: UnsafeMutablePointer<fftwf_complex> {
    base.assumingMemoryBound(to: fftwf_complex.self)
  }

  var real: UnsafeMutablePointer<Float> { base.assumingMemoryBound(to: Float.self) }

  func free() { base.deallocate() }
}
