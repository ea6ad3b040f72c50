import Foundation
import Longwave
import TestSupport
import Testing

/// Gated convolutions and frequency filters against their definitions.
@Suite struct GatedConvolutionTests {
  static func perturbed<M: Module>(_ module: M, seed: UInt64) -> M {
    var (copy, random) = (module, RandomSource(seed: seed))
    copy.forEachParameter { _, parameter in
      parameter.value = Tensor(normal: parameter.value.shape, deviation: 0.5, using: &random)
    }
    return copy
  }

  /// W·x + b of one position.
  static func map(_ layer: Linear, _ x: [Double]) -> [Double] {
    (0..<layer.weight.value.shape[0]).map { o in
      x.indices.reduce(Double(layer.bias?.value[o] ?? 0)) {
        $0 + Double(layer.weight.value[o, $1]) * x[$1]
      }
    }
  }

  @Test(arguments: [(1, true), (3, true), (3, false), (2, false)])
  func depthwise(order: Int, isCausal: Bool) throws {
    var random = RandomSource(seed: 1)
    var options = GatedConvolutionOptions()
    (options.order, options.isCausal, options.mixing) = (order, isCausal, .depthwise(taps: 5))
    let mixer = Self.perturbed(
      GatedConvolution(channels: 8, options: options, using: &random), seed: 2)
    expectEveryParameterVisited(mixer)
    let x = Tensor(normal: [1, 11, 8], using: &random)
    let y = mixer(Variable(x), mask: nil).value
    let widths = (0..<order).reversed().map { 8 >> $0 }
    let total = widths.reduce(0, +)
    let fused = (0..<11).map { n in Self.map(mixer.input, (0..<8).map { Double(x[0, n, $0]) }) }
    let (taps, bias) = (try #require(mixer.taps).value, try #require(mixer.tapsBias).value)
    for n in 0..<11 {
      let mixed = (0..<total).map { c in
        (0..<5).reduce(Double(bias[c])) { sum, j in
          let row = n - j + (isCausal ? 0 : 2)
          return row < 0 || row >= 11 ? sum : sum + Double(taps[j, c]) * fused[row][widths[0] + c]
        } / 3
      }
      var (p, start) = (Array(fused[n][0..<widths[0]]), 0)
      for (k, width) in widths.enumerated() {
        let inner = k == 0 ? p : Self.map(mixer.projections[k - 1], p)
        p = zip(inner, mixed[start..<start + width]).map { $0 * $1 }
        start += width
      }
      for (c, value) in Self.map(mixer.output, p).enumerated() {
        #expect(abs(Double(y[0, n, c]) - value) < 1e-4 * max(1, abs(value)), "\(n), \(c)")
      }
    }
  }

  @Test(arguments: [1, 2, 9, 10]) func adaptiveFrequencies(length: Int) {
    var random = RandomSource(seed: 3)
    var options = AdaptiveFrequencyOptions()
    (options.blocks, options.expansion, options.threshold) = (2, 2, 0.1)
    let mixer = Self.perturbed(
      AdaptiveFrequencyFilter(channels: 6, options: options, using: &random), seed: 4)
    expectEveryParameterVisited(mixer)
    let x = Tensor(normal: [1, length, 6], using: &random)
    let y = mixer(Variable(x), mask: nil).value
    // Two-sided sums: mode k and length - k are conjugates, as the filters of a real sequence are.
    func angle(_ k: Int, _ n: Int) -> Double { 2 * .pi * Double(k * n % length) / Double(length) }
    let scale = 1 / Double(length).squareRoot()
    var expected = x.elements.map(Double.init)
    for k in 0...length / 2 {
      let spectrum = (0..<6).map { c in
        (0..<length).reduce(SIMD2(0.0, 0)) {
          $0 + SIMD2(cos(angle(k, $1)), -sin(angle(k, $1))) * (scale * Double(x[0, $1, c]))
        }
      }
      func layer(
        _ v: [SIMD2<Double>], _ w: Tensor, _ b: Tensor, _ block: Int
      ) -> [SIMD2<Double>] {
        (0..<w.shape[3]).map { o in
          v.indices.reduce(SIMD2(Double(b[0, block, o]), Double(b[1, block, o]))) { sum, i in
            let (re, im) = (Double(w[0, block, i, o]), Double(w[1, block, i, o]))
            return sum + SIMD2(re * v[i].x - im * v[i].y, re * v[i].y + im * v[i].x)
          }
        }
      }
      for block in 0..<2 {
        let hidden = layer(
          Array(spectrum[3 * block..<3 * block + 3]), mixer.inner.value, mixer.innerBias.value,
          block
        ).map { SIMD2(max(0, $0.x), max(0, $0.y)) }
        let filter = layer(hidden, mixer.outer.value, mixer.outerBias.value, block)
        for i in 0..<3 {
          func soft(_ v: Double) -> Double { v > 0.1 ? v - 0.1 : v < -0.1 ? v + 0.1 : 0 }
          let (f, s) = (SIMD2(soft(filter[i].x), soft(filter[i].y)), spectrum[3 * block + i])
          let z = SIMD2(f.x * s.x - f.y * s.y, f.x * s.y + f.y * s.x)
          let weight = k == 0 || 2 * k == length ? scale : 2 * scale
          for n in 0..<length {
            expected[n * 6 + 3 * block + i] +=
              weight * (z.x * cos(angle(k, n)) - z.y * sin(angle(k, n)))
          }
        }
      }
    }
    let error = zip(y.elements, expected).reduce(0) { max($0, abs(Double($1.0) - $1.1)) }
    #expect(error < 2e-5, "\(error)")
  }

  @Test func paddingStaysOut() {
    var random = RandomSource(seed: 5)
    var options = GatedConvolutionOptions()
    (options.order, options.mixing) = (2, .global(length: 12))
    let global = Self.perturbed(
      GatedConvolution(channels: 4, options: options, using: &random), seed: 6)
    expectEveryParameterVisited(global)
    options.mixing = .depthwise(taps: 7)
    let depthwise = Self.perturbed(
      GatedConvolution(channels: 4, options: options, using: &random), seed: 7)
    var frequencies = AdaptiveFrequencyOptions()
    frequencies.blocks = 2
    let adaptive = Self.perturbed(
      AdaptiveFrequencyFilter(channels: 4, options: frequencies, using: &random), seed: 8)
    let x = Tensor(normal: [3, 12, 4], using: &random)
    let mask = SequenceMask(lengths: [12, 7, 0], length: 12)
    for mixer in [global, depthwise, adaptive] as [any SequenceMixer] {
      let masked = mixer(Variable(x), mask: mask).value
      let short = mixer(
        Variable(x.sliced(axis: 0, 1..<2).sliced(axis: 1, 0..<7)), mask: nil
      ).value
      let found = masked.sliced(axis: 0, 1..<2).sliced(axis: 1, 0..<7)
      #expect((found - short).maximumMagnitude() < 1e-5, "\(type(of: mixer))")
      let tape = Tape()
      let u = tape.variable(x)
      #expect(tape.gradients(of: mixer(u, mask: mask))[u]?.isFinite == true)
    }
  }

  @Test func gradientsOfGlobalMixing() {
    var random = RandomSource(seed: 9)
    let filter = Self.perturbed(GlobalLocalFilter(channels: 4, length: 8, using: &random), seed: 10)
    for length in [8, 5] {
      let error = GradientCheck.directionalError(
        of: { filter($0[0], mask: nil) }, at: [Tensor(normal: [1, length, 4], using: &random)],
        using: &random)
      #expect(error < 3e-3, "\(length): \(error)")
    }
  }
}
