import CFFTW
package import SequenceTensor

/// The transform of one contiguous real grid in double precision, for oracles and reference
/// solvers; `RealTransform` has the definition.
package final class DoubleRealTransform: Sendable {
  /// The sizes of the grid.
  package let gridShape: Shape
  /// The number of kept modes of all axes together.
  package let modeCount: Int
  private let forwardPlan: FFTWDoublePlan
  private let inversePlan: FFTWDoublePlan

  private static let plans = PlanCache<Shape, DoubleRealTransform>()

  /// The transform of a grid of 1 to 3 axes, shared by all that ask for it.
  package static func plan(_ gridShape: Shape) -> DoubleRealTransform {
    plans.value(for: gridShape) { DoubleRealTransform(gridShape) }
  }

  private init(_ gridShape: Shape) {
    self.gridShape = gridShape
    modeCount = Spectrum.modeShape(of: gridShape).count
    let sizes = gridShape.sizes.map { Int32($0) }
    let rank = Int32(sizes.count)
    var real = [Double](repeating: 0, count: gridShape.count)
    var complex = [Double](repeating: 0, count: 2 * modeCount)
    // Arrays come as they are aligned, hence FFTW_UNALIGNED.
    let flags = FFTW_ESTIMATE | FFTW_UNALIGNED
    (forwardPlan, inversePlan) = real.withUnsafeMutableBufferPointer { real in
      complex.withFFTWComplex { complex in
        (
          FFTWDoublePlan { fftw_plan_dft_r2c(rank, sizes, real.baseAddress, complex, flags) },
          FFTWDoublePlan { fftw_plan_dft_c2r(rank, sizes, complex, real.baseAddress, flags) }
        )
      }
    }
  }

  /// The spectrum of a grid in row-major order, as interleaved complex values.
  package func forward(
    _ grid: [Double], normalization: Normalization = .backward
  ) -> [Double] {
    precondition(
      grid.count == gridShape.count,
      "DoubleRealTransform.forward: \(grid.count) values for grid \(gridShape)")
    var real = grid
    var result = [Double](repeating: 0, count: 2 * modeCount)
    real.withUnsafeMutableBufferPointer { real in
      result.withFFTWComplex { complex in
        fftw_execute_dft_r2c(forwardPlan.handle, real.baseAddress, complex)
      }
    }
    return Self.scaled(result, by: normalization.scales(count: gridShape.count).forward)
  }

  /// The grid of a spectrum.
  package func inverse(
    _ spectrum: [Double], normalization: Normalization = .backward
  ) -> [Double] {
    precondition(
      spectrum.count == 2 * modeCount,
      "DoubleRealTransform.inverse: \(spectrum.count / 2) modes for grid \(gridShape)")
    var copy = spectrum
    var result = [Double](repeating: 0, count: gridShape.count)
    result.withUnsafeMutableBufferPointer { real in
      copy.withFFTWComplex { complex in
        fftw_execute_dft_c2r(inversePlan.handle, complex, real.baseAddress)
      }
    }
    return Self.scaled(result, by: normalization.scales(count: gridShape.count).inverse)
  }

  /// The spectrum of a grid, unscaled, without taking memory.
  package func forward(
    from grid: UnsafePointer<Double>, to spectrum: UnsafeMutablePointer<Double>
  ) {
    fftw_execute_dft_r2c(forwardPlan.handle, grid.fftwInput, spectrum.fftwComplex)
  }

  /// The grid of a spectrum, unscaled, without taking memory; the spectrum is lost.
  package func inverse(
    destroying spectrum: UnsafeMutablePointer<Double>, to grid: UnsafeMutablePointer<Double>
  ) {
    fftw_execute_dft_c2r(inversePlan.handle, spectrum.fftwComplex, grid)
  }

  private static func scaled(_ values: [Double], by scale: Double) -> [Double] {
    scale == 1 ? values : values.map { $0 * scale }
  }
}

extension [Double] {
  /// Calls `body` with the elements as FFTW's complex numbers.
  fileprivate mutating func withFFTWComplex<Result>(
    _ body: (UnsafeMutablePointer<fftw_complex>?) -> Result
  ) -> Result {
    withUnsafeMutableBytes { bytes in
      body(bytes.baseAddress?.assumingMemoryBound(to: fftw_complex.self))
    }
  }
}
