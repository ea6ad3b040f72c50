import Longwave
import TestSupport
import Testing

/// Strides and ways of padding, against sums over the padded sequence.
@Suite struct LearnableSpacingTests {
  /// The position of a sequence that a padded one shows; `nil` for zero.
  static func source(_ position: Int, length: Int, _ mode: PaddingMode) -> Int? {
    guard position < 0 || position >= length else { return position }
    switch mode {
    case .zeros: return nil
    case .reflect: return position < 0 ? -position : 2 * (length - 1) - position
    case .replicate: return position < 0 ? 0 : length - 1
    case .circular: return (position + length) % length
    }
  }

  @Test(arguments: PaddingMode.allCases, [1, 2, 3]) func paddedAndStrided(
    mode: PaddingMode, stride: Int
  ) {
    var random = RandomSource(seed: 4)
    for (size, padding, length) in [(5, 2, 11), (4, 3, 10), (3, 0, 7), (6, 5, 6)] {
      var options = LearnableSpacingOptions()
      (options.kernelLength, options.padding, options.groups) = (size, padding, 2)
      (options.paddingMode, options.stride, options.interpolation) = (mode, stride, .linear)
      let layer = LearnableSpacingConvolution(
        inputs: 4, outputs: 6, options: options, using: &random)
      #expect(length >= layer.shortestLength)
      let x = Tensor(normal: [2, length, 4], using: &random)
      let y = layer(Variable(x), mask: nil).value
      let count = (length + 2 * padding - size) / stride + 1
      #expect(y.shape == [2, count, 6])
      let kernel = layer.kernel(on: nil).value
      let bias = layer.bias?.value.elements ?? []
      for b in 0..<2 {
        for n in 0..<count {
          for o in 0..<6 {
            var sum = Double(bias[o])
            for t in 0..<size {
              let position = n * stride - padding + t
              guard let row = Self.source(position, length: length, mode) else { continue }
              for i in 0..<2 {
                sum += Double(kernel[t, o, i]) * Double(x[b, row, o / 3 * 2 + i])
              }
            }
            #expect(abs(Double(y[b, n, o]) - sum) < 3e-6, "\(size), \(n)")
          }
        }
      }
      let error = GradientCheck.directionalError(
        of: { layer($0[0], mask: nil) }, at: [x], using: &random)
      #expect(error < 5e-3)
    }
  }
}
