import Longwave
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Measures of error against closed values.
@Suite struct MetricTests {
  /// A·cos(2π κ·x) on a grid, one sample and channel.
  private func wave(_ grid: [Int], _ frequency: [Int], amplitude: Double = 1) -> Tensor {
    var elements: [Float] = []
    for point in 0..<Shape(grid).count {
      var (rest, phase) = (point, 0.0)
      for (size, k) in zip(grid, frequency).reversed() {
        phase += Double(k * (rest % size)) / Double(size)
        rest /= size
      }
      elements.append(Float(amplitude * cos(2 * Double.pi * phase)))
    }
    return Tensor(elements, shape: Shape([1] + grid + [1]))
  }

  @Test func relativeErrorsPerSampleAndStep() {
    // Sample b at step t is off by a factor of 1 + (b + 1)·10^-t.
    var target = Tensor(repeating: 2, shape: [2, 3, 4, 2])
    var prediction = target
    for b in 0..<2 {
      for t in 0..<3 {
        for x in 0..<4 {
          for c in 0..<2 {
            prediction[b, t, x, c] = 2 * (1 + Float(b + 1) * Float(pow(10, -Double(t))))
          }
        }
      }
    }
    for (found, expected) in zip(RelativeL2.perStep(prediction, target), [1.5, 0.15, 0.015]) {
      #expect(abs(found / expected - 1) < 1e-5)
    }
    let one = ((1 + 0.01 + 0.0001) / 3).squareRoot()
    let samples = RelativeL2.perSample(prediction, target)
    #expect(abs(samples[0] / one - 1) < 1e-5 && abs(samples[1] / (2 * one) - 1) < 1e-5)
    #expect(abs(RelativeL2.overall(prediction, target) / (1.5 * one) - 1) < 1e-5)
    // The same with the steps in the channels.
    func stacked(_ field: Tensor) -> Tensor { field.transposed(1, 2).reshaped(2, 4, 6) }
    let steps = RelativeL2.perStep(
      stacked(prediction), stacked(target), layout: .channels(perStep: 2))
    for (found, expected) in zip(steps, [1.5, 0.15, 0.015]) {
      #expect(abs(found / expected - 1) < 1e-5)
    }
    #expect(steps.count == 3)
    target = Tensor(zeros: [1, 2, 1])
    #expect(RelativeL2.overall(target, target) == 0)
    #expect(RelativeL2.overall(target + 1, target) == .infinity)
  }

  @Test(arguments: [[32], [31], [32, 30], [30, 28, 26]], [2, 5, 13])
  func aWaveIsInTheBandOfItsFrequency(grid: [Int], along: Int) {
    // Along the first axis, so that signs of both kinds occur on all but the last.
    let frequency = [along] + grid.dropFirst().map { _ in 0 }
    let target = wave(grid, frequency, amplitude: 0)
    let errors = BenchmarkErrors(
      prediction: wave(grid, frequency, amplitude: 3), target: target + 2, hasTime: false)
    // e = 3 cos - 2: the mean is in the low band.
    let waveSize = 4.5.squareRoot()
    var bands = [0.0, 0, 0]
    bands[along < 4 ? 0 : along < 12 ? 1 : 2] = 4.5
    bands[0] += 4
    for (found, square) in zip([errors.low, errors.middle, errors.high], bands) {
      #expect(abs(found - square.squareRoot()) < 1e-5)
    }
    #expect(abs(errors.conserved - 2) < 1e-5)
    let lowest = -(-wave(grid, frequency)).maximum()
    #expect(abs(errors.maximum - Double(2 - 3 * lowest)) < 1e-5)
    #expect(abs(errors.rootMeanSquare - (waveSize * waveSize + 4).squareRoot()) < 1e-5)
    #expect(abs(errors.normalized - errors.rootMeanSquare / 2) < 1e-5)
  }

  @Test func obliqueWavesHaveTheLengthOfTheirVector() {
    // |(9, 8)| = 12.04 is high though neither component is, with both signs.
    for frequency in [[9, 8], [-9, 8]] {
      let errors = BenchmarkErrors(
        prediction: wave([30, 32], frequency), target: Tensor(zeros: [1, 30, 32, 1]),
        hasTime: false)
      #expect(abs(errors.high - 0.5.squareRoot()) < 1e-5)
      #expect(errors.low < 1e-6 && errors.middle < 1e-6)
    }
    let averaged = BenchmarkErrors(
      prediction: wave([64], [5]), target: Tensor(zeros: [1, 64, 1]), hasTime: false,
      bands: FourierBands(averagesWavenumbers: true))
    #expect(abs(averaged.middle - 0.5.squareRoot() / 8) < 1e-6)
  }

  @Test func bandsAddUpToTheMeanSquare() {
    var random = RandomSource(seed: 1)
    for grid in [[33], [40], [28, 27]] {
      let x = Tensor(normal: Shape([1] + grid + [1]), using: &random)
      let errors = BenchmarkErrors(
        prediction: x, target: Tensor(zeros: x.shape), hasTime: false)
      let sum = [errors.low, errors.middle, errors.high].reduce(0) { $0 + $1 * $1 }
      #expect(abs(sum / (errors.rootMeanSquare * errors.rootMeanSquare) - 1) < 1e-5)
    }
  }

  @Test func measuresAreAveragedAndInitialFramesLeftOut() {
    let target = Tensor(repeating: 1, shape: [2, 3, 4, 4, 2])
    var prediction = target
    for x in 0..<4 {
      for y in 0..<4 {
        prediction[0, 0, x, y, 0] = 100
        prediction[1, 2, x, y, 1] = 5
      }
    }
    // Of 2·2·2 scores after the first frame one is 4.
    let errors = BenchmarkErrors(
      prediction: prediction, target: target, hasTime: true, initialFrames: 1)
    for found in [
      errors.rootMeanSquare, errors.normalized, errors.conserved, errors.maximum, errors.boundary,
      errors.low,
    ] { #expect(abs(found - 0.5) < 1e-6) }
    #expect(errors.middle < 1e-6 && errors.high < 1e-6)
    let all = BenchmarkErrors(prediction: prediction, target: target, hasTime: true)
    #expect(all.maximum > 8)
  }

  @Test func boundaryCountsItsPointsOnce() {
    var x = Tensor(zeros: [1, 3, 5, 1])
    let zeros = x
    x[0, 0, 0, 0] = 6
    x[0, 1, 2, 0] = 7
    let errors = BenchmarkErrors(prediction: x, target: zeros, hasTime: false)
    #expect(abs(errors.boundary - (36.0 / 12).squareRoot()) < 1e-6)
    x[0, 1, 2, 0] = .nan
    #expect(BenchmarkErrors(prediction: x, target: zeros, hasTime: false).maximum.isNaN)
  }
}
