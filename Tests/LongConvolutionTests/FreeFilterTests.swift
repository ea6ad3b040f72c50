import Differentiation
import Foundation
import LongConvolution
import SequenceTensor
import TestSupport
import Testing

/// The free filter: where its taps go, and what they go through before.
@Suite struct FreeFilterTests {
  static func filter(
    _ change: (inout FreeFilterOptions) -> Void = { _ in }
  ) -> FreeFilter {
    var options = FreeFilterOptions()
    (options.maximumLength, options.copies, options.squash) = (7, 2, 0.3)
    change(&options)
    var random = RandomSource(seed: 4)
    var filter = FreeFilter(channels: 2, options: options, using: &random)
    filter.kernel.value = Tensor(normal: filter.kernel.value.shape, using: &random)
    return filter
  }

  /// The tap that an option gives a lag: row and set of the kernel.
  func place(_ lag: Int, _ support: FreeFilterSupport) -> (row: Int, set: Int)? {
    if 0..<7 ~= lag { return (lag, 0) }
    guard -7..<0 ~= lag else { return nil }
    switch support {
    case .causal: return nil
    case .bidirectional: return (-lag - 1, 1)
    case .circular: return (14 + lag, 0)
    }
  }

  @Test(arguments: FreeFilterSupport.allCases) func lags(_ support: FreeFilterSupport) {
    let filter = Self.filter { $0.support = support }
    #expect(filter.channels == 4 && filter.isBidirectional == (support != .causal))
    let kernel = filter.kernel.value
    for length in [1, 2, 5, 7, 8, 19] {
      let taps = filter.taps(length: length, on: nil).value
      let reach = filter.isBidirectional ? length - 1 : 0
      #expect(taps.shape == [reach + length, 4])
      for lag in -reach..<length {
        for c in 0..<4 {
          let stored = place(lag, support).map { kernel[$0.row, $0.set * 4 + c] } ?? 0
          let expected = stored.magnitude > 0.3 ? stored - (stored > 0 ? 0.3 : -0.3) : 0
          #expect(taps[reach + lag, c] == expected, "length \(length), lag \(lag)")
        }
      }
    }
  }

  /// The original's ring of length + min(length, l_max) points.
  @Test(arguments: FreeFilterSupport.allCases) func wrapAround(_ support: FreeFilterSupport) {
    let wrapped = Self.filter { ($0.support, $0.wrapsAround, $0.squash) = (support, true, 0) }
    let meant = Self.filter { ($0.support, $0.squash) = (support, 0) }
    let same = wrapped.taps(length: 7, on: nil).value
    let plain = meant.taps(length: 7, on: nil).value
    #expect(
      same.sliced(axis: 0, same.shape[0] - 7..<same.shape[0]).elements.suffix(28)
        == plain.elements.suffix(28))
    #expect(support == .causal || same == plain)
    let kernel = wrapped.kernel.value
    for length in [1, 3, 4, 5, 10] {
      let size = length + min(length, 7)
      /// Row p of what the original hands to its transform.
      func padded(_ p: Int, _ c: Int) -> Float {
        guard support == .bidirectional else { return p < kernel.shape[0] ? kernel[p, c] : 0 }
        let past = p < 7 ? kernel[p, c] : 0
        return past + (length..<length + 7 ~= p ? kernel[6 - (p - length), 4 + c] : 0)
      }
      let taps = wrapped.taps(length: length, on: nil).value
      #expect(taps.shape == [2 * length - 1, 4])
      for lag in 1 - length..<length {
        for c in 0..<4 {
          #expect(taps[lag + length - 1, c] == padded(lag < 0 ? size + lag : lag, c))
        }
      }
    }
  }

  @Test func smoothingInTime() {
    let filter = Self.filter { ($0.smoothing, $0.smoothingWindow, $0.squash) = (.time, 3, 0) }
    let (kernel, smooth) = (filter.kernel.value, filter.regularizedKernel(on: nil).value)
    for row in 0..<7 {
      for c in 0..<4 {
        let sum = (row - 1...row + 1).reduce(Float(0)) { $0 + (0..<7 ~= $1 ? kernel[$1, c] : 0) }
        #expect(abs(smooth[row, c] - sum / 3) < 1e-6)
      }
    }
  }

  /// Against sums in double precision; an odd number of rows loses one, as in the original.
  @Test(arguments: [6, 7, 16], [1, 2, 3, 6, 7]) func smoothingInFrequency(rows: Int, window: Int) {
    let filter = Self.filter {
      ($0.maximumLength, $0.smoothing, $0.smoothingWindow) = (rows, .frequency, window)
      $0.squash = 0
    }
    let (kernel, smooth) = (filter.kernel.value, filter.regularizedKernel(on: nil).value)
    let modes = rows / 2 + 1
    let size = 2 * (modes - 1)
    #expect(smooth.shape == [size, 4])
    for c in 0..<4 {
      let spectrum = (0..<modes).map { k in
        (0..<rows).reduce((0.0, 0.0)) { sum, n in
          let angle = -2 * Double.pi * Double(k * n) / Double(rows)
          let x = Double(kernel[n, c])
          return (sum.0 + x * cos(angle), sum.1 + x * sin(angle))
        }
      }
      let convolved = (0..<modes).map { k in
        (0..<window).reduce((0.0, 0.0)) { sum, i in
          let bin = k + i - (window - 1) / 2
          guard 0..<modes ~= bin else { return sum }
          let weight = exp(-0.5 * Double((i - window / 2) * (i - window / 2)))
          return (sum.0 + weight * spectrum[bin].0, sum.1 + weight * spectrum[bin].1)
        }
      }
      for n in 0..<size {
        let sum = (0..<modes).reduce(0.0) { sum, k in
          let angle = 2 * Double.pi * Double(k * n) / Double(size)
          let isEnd = k == 0 || 2 * k == size
          let (re, im) = (convolved[k].0, isEnd ? 0 : convolved[k].1)
          return sum + (isEnd ? 1 : 2) * (re * cos(angle) - im * sin(angle))
        }
        #expect(abs(Double(smooth[n, c]) - sum / Double(size)) < 2e-6)
      }
    }
  }

  @Test(arguments: FreeFilterSupport.allCases, FreeFilterSmoothing.allCases)
  func gradients(support: FreeFilterSupport, smoothing: FreeFilterSmoothing) {
    for wraps in [false, true] {
      let filter = Self.filter {
        ($0.support, $0.smoothing, $0.smoothingWindow) = (support, smoothing, 3)
        // Linear, so that differences are exact.
        ($0.squash, $0.wrapsAround) = (0, wraps)
      }
      expectEveryParameterVisited(filter)
      for length in [1, 4, 7, 9] {
        expectParameterGradients(of: filter, tolerance: 1e-4) { $0.taps(length: length, on: $1) }
      }
    }
  }

  /// No gradient where a tap is squashed to zero.
  @Test func squashHasADeadZone() {
    var filter = Self.filter { ($0.maximumLength, $0.copies) = (2, 1) }
    filter.kernel.value = Tensor([1, -1, 0.3, -0.2], shape: [2, 2])
    let tape = Tape()
    let taps = filter.taps(length: 2, on: tape)
    #expect(taps.value.elements == [0.7, -0.7, 0, 0])
    let gradients = tape.gradients(of: taps, seed: Tensor([1, 2, 3, 4], shape: [2, 2]))
    #expect(gradients[filter.kernel.id]?.elements == [1, 2, 0, 0])
  }

  @Test func dropoutWhileTraining() {
    let filter = Self.filter { ($0.maximumLength, $0.dropout, $0.squash) = (200, 0.25, 0) }
    #expect(filter.taps(length: 200, on: nil).value == filter.kernel.value)
    let taps = filter.taps(length: 200, on: Tape(random: RandomSource(seed: 2))).value
    let zeros = taps.elements.count { $0 == 0 }
    #expect((130..<270).contains(zeros), "\(zeros) of 800")
    for (found, stored) in zip(taps.elements, filter.kernel.value.elements) where found != 0 {
      #expect(abs(found - stored / 0.75) <= 1e-6 * abs(found))
    }
  }

  @Test func initialization() {
    var options = FreeFilterOptions()
    options.maximumLength = 4000
    var random = RandomSource(seed: 1)
    let normal = FreeFilter(channels: 6, options: options, using: &random).kernel.value
    let deviation = (normal.sumOfSquares() / 24000).squareRoot()
    #expect(abs(deviation - 0.002) < 1e-4)
    options.initialization = .doubleExponential
    let fallen = FreeFilter(channels: 6, options: options, using: &random).kernel.value
    // Channel 3 of 6: exp(-(j/rows)·√3) at j around 3 quarters.
    let late = (2800..<3200).reduce(0.0) { $0 + pow(Double(fallen[$1, 3]), 2) } / 400
    #expect(abs(late.squareRoot() / (0.02 * exp(-0.75 * 3.0.squareRoot())) - 1) < 0.15)
    // The first falls as exp(-j/rows), whatever the number of channels.
    let first = (2800..<3200).reduce(0.0) { $0 + pow(Double(fallen[$1, 0]), 2) } / 400
    #expect(abs(first.squareRoot() / (0.02 * exp(-0.75)) - 1) < 0.15)
  }
}
