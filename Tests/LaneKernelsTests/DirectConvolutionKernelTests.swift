import LaneKernels
import SequenceTensor
import Testing

/// The direct convolution kernels against their sums, over ragged sizes and every centre.
@Suite struct DirectConvolutionKernelTests {
  @Test(arguments: InstructionSet.all, [1, 2, 7, 8, 9, 30])
  func matchesTheDefinition(set: InstructionSet, length: Int) {
    for (channels, extra) in [(1, 0), (3, 2), (16, 0), (17, 1), (32, 5)] {
      let stride = channels + extra
      let x = normals(length * stride, 1)
      let g = normals(length * stride, 2)
      for taps in Set([1, 2, 3, 5, 6, 9, length, length + 4]) {
        for centre in Set([0, taps / 2, taps - 1]) {
          let h = normals(taps * stride, 3)
          var y = [Double](repeating: 42, count: length * stride)
          let base = normals(taps * stride, 4)
          var dh = base.map(Double.init)
          for c in 0..<channels {
            for n in 0..<length {
              y[n * stride + c] = 0
              for j in 0..<taps {
                let m = n - j + centre
                guard m >= 0, m < length else { continue }
                let input = Double(x[m * stride + c])
                y[n * stride + c] += Double(h[j * stride + c]) * input
                dh[j * stride + c] += Double(g[n * stride + c]) * input
              }
            }
          }
          var found = [Float](repeating: 42, count: length * stride)
          // In two parts, as two tasks would.
          let cut = length / 3
          set.kernels.direct_convolution(
            &found, x, h, length, stride, channels, taps, centre, 0, cut)
          set.kernels.direct_convolution(
            &found, x, h, length, stride, channels, taps, centre, cut, length)
          let context = "channels \(channels), taps \(taps), centre \(centre)"
          #expect(largestError(found, y) < 1e-5, "\(context)")
          var gradient = base
          set.kernels.direct_filter_gradient(
            &gradient, g, x, length, stride, channels, taps, centre)
          #expect(largestError(gradient, dh) < 1e-5, "\(context)")
        }
      }
    }
  }
}
