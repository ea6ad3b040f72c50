import CFFTW
import SequenceTensor

/// One row's transform for the yardstick, planned by measuring.
///
/// A row buffer is scratch of `rowFloats` floats: the N values of the row, and its spectrum behind
/// them or, in place, over them.
final class YardstickTransform: Sendable {
  let form: YardstickRows.Form
  /// N, the number of points.
  let length: Int
  /// Complex values of a spectrum: N/2 + 1 or N.
  let bins: Int
  /// Floats from one spectrum to the next: whole cache lines, and never a multiple of 4 KiB, so
  /// that buffers do not meet in the same cache sets.
  let spectrumFloats: Int
  let rowFloats: Int
  private let spectrumOffset: Int
  private let forwardPlan: FFTWPlan
  private let inversePlan: FFTWPlan

  private struct Key: Hashable {
    let form: YardstickRows.Form
    let minimum: Int
    let seconds: Double
  }

  private static let plans = PlanCache<Key, YardstickTransform>()
  /// Several lengths are tried up to here; beyond, the next fast one is taken.
  private static let longestTrial = 1 << 15
  /// Up to here FFTW plans patiently.
  private static let longestPatience = 1 << 13

  /// The fastest transform of at least so many points, kept for all that ask for it.
  ///
  /// - Parameter seconds: how long FFTW may look for one plan; then it takes the best so far.
  static func fastest(
    _ form: YardstickRows.Form, atLeast minimum: Int, seconds: Double
  ) -> YardstickTransform {
    plans.value(for: Key(form: form, minimum: minimum, seconds: seconds)) {
      // What is learned here must not change the plans of what is compared with it.
      let wisdom = FFTWWisdom.text
      defer {
        FFTWWisdom.forget()
        _ = FFTWWisdom.learn(wisdom)
      }
      func make(_ length: Int, _ effort: PlanningEffort, inPlace: Bool) -> YardstickTransform {
        YardstickTransform(form, length: length, effort, inPlace: inPlace, seconds: seconds)
      }
      let trials = lengths(atLeast: minimum).filter { $0 <= longestTrial }
      let length =
        trials.isEmpty
        ? lengths(atLeast: minimum)[0]
        : fastest(trials.map { make($0, .measure, inPlace: false) }).length
      let effort: PlanningEffort = length <= longestPatience ? .patient : .measure
      return fastest([false, true].map { make(length, effort, inPlace: $0) })
    }
  }

  private static func fastest(_ transforms: [YardstickTransform]) -> YardstickTransform {
    let times = transforms.map { $0.shortestTime() }
    let first = transforms.indices.min { times[$0] < times[$1] } ?? 0
    return transforms[first]
  }

  /// The next three even lengths whose factors FFTW has fast code for.
  static func lengths(atLeast minimum: Int) -> [Int] {
    let lengths = [1, 3, 5, 7, 9, 15].map { factor in
      var length = 2 * factor
      while length < minimum { length *= 2 }
      return length
    }
    return Array(lengths.sorted().prefix(3))
  }

  private init(
    _ form: YardstickRows.Form, length: Int, _ effort: PlanningEffort, inPlace: Bool,
    seconds: Double
  ) {
    self.form = form
    self.length = length
    bins = form == .realRows ? length / 2 + 1 : length
    spectrumFloats = (2 * bins + 15) / 16 * 16 + 16
    spectrumOffset = inPlace ? 0 : spectrumFloats
    rowFloats = spectrumOffset + spectrumFloats

    var scratch = Tensor(zeros: [rowFloats])
    let row = scratch.mutablePointer()
    let (values, spectrum) = (row.fftwComplex, (row + spectrumOffset).fftwComplex)
    let (n, flags) = (Int32(length), effort.flags | FFTW_DESTROY_INPUT)
    func plan(_ make: () -> OpaquePointer?) -> FFTWPlan {
      FFTWPlan {
        fftwf_set_timelimit(seconds)
        defer { fftwf_set_timelimit(-1) }
        return make()
      }
    }
    switch form {
    case .realRows:
      forwardPlan = plan { fftwf_plan_dft_r2c_1d(n, row, spectrum, flags) }
      inversePlan = plan { fftwf_plan_dft_c2r_1d(n, spectrum, row, flags) }
    case .complexPairs:
      forwardPlan = plan { fftwf_plan_dft_1d(n, values, spectrum, FFTW_FORWARD, flags) }
      inversePlan = plan { fftwf_plan_dft_1d(n, spectrum, values, FFTW_BACKWARD, flags) }
    }
  }

  /// For example `N = 2048 in place`.
  var description: String { "N = \(length)\(spectrumOffset == 0 ? " in place" : "")" }

  /// Where the spectrum lies in a row buffer.
  func spectrum(_ row: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<Float> {
    row + spectrumOffset
  }

  /// Values to spectrum; destroys the values.
  func forward(_ row: UnsafeMutablePointer<Float>) {
    switch form {
    case .realRows:
      fftwf_execute_dft_r2c(forwardPlan.handle, row, spectrum(row).fftwComplex)
    case .complexPairs:
      fftwf_execute_dft(forwardPlan.handle, row.fftwComplex, spectrum(row).fftwComplex)
    }
  }

  /// Spectrum to values, times N; destroys the spectrum.
  func inverse(_ row: UnsafeMutablePointer<Float>) {
    switch form {
    case .realRows:
      fftwf_execute_dft_c2r(inversePlan.handle, spectrum(row).fftwComplex, row)
    case .complexPairs:
      fftwf_execute_dft(inversePlan.handle, spectrum(row).fftwComplex, row.fftwComplex)
    }
  }

  /// The least time of both ways, of zeros, so that nothing overflows.
  private func shortestTime() -> Duration {
    var scratch = Tensor(zeros: [rowFloats])
    let row = scratch.mutablePointer()
    let clock = ContinuousClock()
    var shortest = Duration.seconds(1_000_000)
    let start = clock.now
    var repeats = 0
    while repeats < 3 || (repeats < 1000 && clock.now - start < .milliseconds(20)) {
      let time = clock.measure {
        forward(row)
        inverse(row)
      }
      shortest = min(shortest, time)
      repeats += 1
    }
    return shortest
  }
}

extension UnsafeMutablePointer<Float> {
  /// The same memory as FFTW's complex numbers.
  fileprivate var fftwComplex: UnsafeMutablePointer<fftwf_complex> {
    UnsafeMutableRawPointer(self).assumingMemoryBound(to: fftwf_complex.self)
  }
}
