import LaneKernels
import SequenceTensor
import Testing

/// The dilated sums of each instruction set against their definition.
@Suite struct DilatedConvolutionTests {
  static let lane = Int(LANE_GROUP)
  static let sizes = [
    (1, 1, 1), (2, 1, 9), (2, 4, 9), (3, 2, 3), (4, 3, 40), (4, 16, 17), (5, 1, 30), (9, 2, 70),
    (7, 5, 11), (2, 100, 7),
  ]

  /// Σ_k h[k]·x[n + k·step] for each row n and lane.
  static func sums(
    _ x: [Float], _ h: [Float], taps: Int, step: Int, length: Int
  ) -> [Double] {
    (0..<length * lane).map { index in
      let (n, i) = (index / lane, index % lane)
      return (0..<taps).reduce(0) { sum, k in
        let row = n + k * step
        guard row >= 0 && row < length else { return sum }
        return sum + Double(h[k * lane + i]) * Double(x[row * lane + i])
      }
    }
  }

  @Test(arguments: InstructionSet.all) func filterAndPair(set: InstructionSet) {
    for (taps, dilation, length) in Self.sizes {
      let x = normals(length * Self.lane, 1)
      let (h, g) = (normals(taps * Self.lane, 2), normals(taps * Self.lane, 3))
      for step in [-dilation, dilation] {
        let expected = Self.sums(x, h, taps: taps, step: step, length: length)
        let base = normals(length * Self.lane, 4)
        var (fresh, added) = ([Float](repeating: .nan, count: base.count), base)
        set.kernels.dilated_filter(&fresh, x, h, taps, step, length, false)
        set.kernels.dilated_filter(&added, x, h, taps, step, length, true)
        #expect(largestError(fresh, expected) < 1e-5, "\(taps), \(step), \(length)")
        let sum = zip(base, expected).map { Double($0) + $1 }
        #expect(largestError(added, sum) < 1e-5, "\(taps), \(step), \(length)")
      }
      let base = normals(length * Self.lane, 5)
      var (low, sum) = ([Float](repeating: .nan, count: base.count), base)
      set.kernels.dilated_pair(&low, &sum, x, h, g, taps, dilation, length)
      let details = Self.sums(x, g, taps: taps, step: -dilation, length: length)
      #expect(
        largestError(low, Self.sums(x, h, taps: taps, step: -dilation, length: length)) < 1e-5)
      #expect(largestError(sum, zip(base, details).map { Double($0) + $1 }) < 1e-5)
    }
  }

  @Test(arguments: InstructionSet.all) func adjointAndGradients(set: InstructionSet) {
    for (taps, dilation, length) in Self.sizes {
      let (p, q) = (normals(length * Self.lane, 1), normals(length * Self.lane, 2))
      let (h, g) = (normals(taps * Self.lane, 3), normals(taps * Self.lane, 4))
      let x = normals(length * Self.lane, 5)
      var dx = [Float](repeating: .nan, count: x.count)
      set.kernels.dilated_pair_adjoint(&dx, p, q, h, g, taps, dilation, length)
      let expected = zip(
        Self.sums(p, h, taps: taps, step: dilation, length: length),
        Self.sums(q, g, taps: taps, step: dilation, length: length)
      ).map { $0 + $1 }
      #expect(largestError(dx, expected) < 1e-5, "\(taps), \(dilation), \(length)")

      func correlation(_ u: [Float], _ start: [Float]) -> [Double] {
        (0..<taps * Self.lane).map { index in
          let (k, i) = (index / Self.lane, index % Self.lane)
          return (0..<length).reduce(Double(start[index])) { sum, n in
            let row = n - k * dilation
            return row < 0
              ? sum : sum + Double(u[n * Self.lane + i]) * Double(x[row * Self.lane + i])
          }
        }
      }
      let starts = (normals(taps * Self.lane, 6), normals(taps * Self.lane, 7))
      var (dh, dg, alone) = (starts.0, starts.1, starts.0)
      set.kernels.dilated_gradients(&dh, &dg, x, p, q, taps, dilation, length)
      set.kernels.dilated_gradients(&alone, nil, x, p, nil, taps, dilation, length)
      #expect(largestError(dh, correlation(p, starts.0)) < 3e-5, "\(taps), \(dilation), \(length)")
      #expect(largestError(dg, correlation(q, starts.1)) < 3e-5)
      #expect(alone == dh)
    }
  }

  @Test(arguments: InstructionSet.all, [1, 5, 16]) func scatter(set: InstructionSet, channels: Int)
  {
    let z = normals(3 * Self.lane)
    let stride = 20
    var y = [Float](repeating: 42, count: 3 * stride)
    set.kernels.group_scatter(&y, z, stride, channels, 3)
    for r in 0..<3 {
      for c in 0..<stride {
        #expect(y[r * stride + c] == (c < channels ? z[r * Self.lane + c] : 42))
      }
    }
  }
}
