import CFFTW
package import SequenceTensor

/// The complex transform of one contiguous grid of 1 to 3 axes in double precision, unscaled.
package final class DoubleComplexTransform: Sendable {
  /// The sizes of the grid.
  package let gridShape: Shape
  private let forwardPlan: FFTWDoublePlan
  private let inversePlan: FFTWDoublePlan

  private static let plans = PlanCache<Shape, DoubleComplexTransform>()

  /// The transform of a grid, shared by all that ask for it.
  package static func plan(_ gridShape: Shape) -> DoubleComplexTransform {
    plans.value(for: gridShape) { DoubleComplexTransform(gridShape) }
  }

  private init(_ gridShape: Shape) {
    self.gridShape = gridShape
    let sizes = gridShape.sizes.map { Int32($0) }
    let memory = UnsafeMutablePointer<Double>.allocate(capacity: 4 * max(1, gridShape.count))
    defer { memory.deallocate() }
    let (from, to) = (memory.fftwComplex, memory.fftwComplex + gridShape.count)
    func plan(_ direction: TransformDirection) -> FFTWDoublePlan {
      FFTWDoublePlan {
        fftw_plan_dft(
          Int32(sizes.count), sizes, from, to, direction.rawValue,
          FFTW_ESTIMATE | FFTW_UNALIGNED | FFTW_PRESERVE_INPUT)
      }
    }
    forwardPlan = plan(.forward)
    inversePlan = plan(.inverse)
  }

  /// Transforms `input` to `output`, each of interleaved complex values in row-major order; they
  /// must not overlap.
  package func execute(
    _ direction: TransformDirection, from input: UnsafePointer<Double>,
    to output: UnsafeMutablePointer<Double>
  ) {
    let plan = direction == .forward ? forwardPlan : inversePlan
    fftw_execute_dft(plan.handle, input.fftwInput.fftwComplex, output.fftwComplex)
  }
}
