import LaneKernels
import SequenceTensor
import Testing

/// The kernels of convolution as it comes in against their sums.
@Suite struct OnlineKernelTests {
  @Test(arguments: InstructionSet.all, [1, 2, 3, 7, 8])
  func output(set: InstructionSet, taps: Int) {
    for (channels, stride) in [(1, 16), (3, 32), (16, 16), (17, 32), (48, 48)] {
      let (x, h, pending) = (normals(taps * stride, 1), normals(taps * stride, 2), normals(stride))
      let expected = (0..<channels + 1).map { c in
        c == channels
          ? 42
          : (0..<taps).reduce(Double(pending[c])) { sum, j in
            sum + Double(h[j * stride + c]) * Double(x[(taps - 1 - j) * stride + c])
          }
      }
      var found = [Float](repeating: 42, count: channels + 1)
      x.withUnsafeBufferPointer { x in
        guard let newest = x.baseAddress else { return }
        set.kernels.online_output(
          &found, pending, newest + (taps - 1) * stride, h, stride, taps, channels)
      }
      #expect(largestError(found, expected) < 1e-5, "channels \(channels)")
    }
  }

  @Test(arguments: InstructionSet.all, [0, 4, 8, 12, 40])
  func tile(set: InstructionSet, inputs: Int) {
    for (channels, stride) in [(16, 16), (16, 48), (48, 48)] {
      let (x, h) = (normals(inputs * stride, 1), normals((inputs + 8) * stride, 2))
      let base = normals(8 * stride, 3)
      var expected = base.map(Double.init)
      for t in 0..<8 {
        for c in 0..<channels {
          for s in 0..<inputs {
            expected[t * stride + c] +=
              Double(h[(s + 1 + t) * stride + c]) * Double(x[(inputs - 1 - s) * stride + c])
          }
        }
      }
      var found = base
      x.withUnsafeBufferPointer { x in
        guard let oldest = x.baseAddress else { return }
        set.kernels.online_tile(&found, oldest + inputs * stride, h, stride, inputs, channels)
      }
      #expect(largestError(found, expected) < 3e-5, "channels \(channels) of \(stride)")
    }
  }

  @Test(arguments: InstructionSet.all, [8, 24])
  func partition(set: InstructionSet, side: Int) {
    let bins = side + 8
    for (slots, newest) in [(1, 0), (3, 0), (3, 1), (3, 2)] {
      var (x, h) = (normals(4 * slots * bins, 1), normals(4 * slots * bins, 2))
      // The first and the last bin of a real sequence are real.
      for row in 0..<2 * slots {
        for at in [2 * row * bins + 1, 2 * (row * bins + side) + 1] { (x[at], h[at]) = (0, 0) }
      }
      func value(_ p: [Float], _ slot: Int, _ channel: Int, _ k: Int) -> Complex {
        let at = 2 * ((2 * slot + channel) * bins + k)
        return Complex(Double(p[at]), Double(p[at + 1]))
      }
      var expected = [Double](repeating: 0, count: 4 * side)
      for k in 0...side {
        let sums = (0..<2).map { channel in
          (0..<slots).reduce(Complex(0, 0)) { sum, t in
            sum + value(x, (newest - t + slots) % slots, channel, k) * value(h, t, channel, k)
          }
        }
        let (a, b) = (sums[0], sums[1])
        (expected[2 * k], expected[2 * k + 1]) = (a.re - b.im, a.im + b.re)
        if k > 0 && k < side {
          let mirror = 2 * (2 * side - k)
          (expected[mirror], expected[mirror + 1]) = (a.re + b.im, b.re - a.im)
        }
      }
      var found = [Float](repeating: 0, count: 4 * side + 2)
      set.kernels.partition_sum(&found, x, h, slots, newest, side, bins)
      #expect(largestError(Array(found.dropLast(2)), expected) < 1e-4, "newest \(newest)")
    }
  }
}
