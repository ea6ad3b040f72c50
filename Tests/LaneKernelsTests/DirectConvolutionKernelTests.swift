import LaneKernels
import SequenceTensor
import Testing

/// The kernels of direct convolutions against their sums in double precision, over ragged sizes.
@Suite struct DirectConvolutionKernelTests {
  static let channels = [1, 3, 16, 17, 33]

  @Test(arguments: InstructionSet.all, channels)
  func gathersRows(set: InstructionSet, channels: Int) {
    let (length, first, rows) = (5, -3, 14)
    let (groups, stride) = ((channels + 15) / 16, channels + 2)
    let x = normals(length * stride, 1)
    let gate = normals(length * stride, 2)
    for (wraps, gated) in [(false, false), (true, false), (false, true), (true, true)] {
      // Row by row, and group by group.
      for (zgroup, zrow) in [(16, groups * 16), (rows * 16, 16)] {
        var expected = [Float](repeating: 0, count: groups * rows * 16)
        for r in 0..<rows {
          var n = first + r
          // Once around: positions 2·length and later are beyond the end.
          if wraps { n += n < 0 ? length : n >= length ? -length : 0 }
          guard (0..<length).contains(n) else { continue }
          for c in 0..<channels {
            let at = n * stride + c
            expected[c / 16 * zgroup + r * zrow + c % 16] = gated ? x[at] * gate[at] : x[at]
          }
        }
        var found = [Float](repeating: 42, count: expected.count)
        gate.withUnsafeBufferPointer { gate in
          set.kernels.direct_gather(
            &found, zgroup, zrow, x, gated ? gate.baseAddress : nil, length, stride, channels,
            first, rows, wraps)
        }
        #expect(found == expected, "wraps \(wraps), gated \(gated), group \(zgroup)")
      }
    }
  }

  @Test(arguments: InstructionSet.all, channels)
  func sumsMatchTheDefinition(set: InstructionSet, channels: Int) {
    let groups = (channels + 15) / 16
    let (zrow, stride) = (groups * 16, channels + 3)
    for rows in [1, 7, 8, 9, 30] {
      for taps in [1, 2, 3, 4, 5, 6, 7, 8, 9, 33] {
        let z = normals((rows + taps + 7) * zrow, 1)
        let g = normals(rows * zrow, 2)
        let h = normals(groups * taps * 16, 3)
        let m = [normals(rows * stride, 4), normals(rows * stride, 5)]
        var y = [Double](repeating: 42, count: rows * stride)
        var gated = [y, y]
        let base = normals(taps * stride, 6)
        var dh = base.map(Double.init)
        for c in 0..<channels {
          for n in 0..<rows {
            let at = n * stride + c
            y[at] = 0
            for b in 0..<taps {
              let value = Double(z[(n + b) * zrow + c])
              y[at] += Double(h[(c / 16 * taps + b) * 16 + c % 16]) * value
              dh[(taps - 1 - b) * stride + c] += Double(g[n * zrow + c]) * value
            }
            for i in 0...1 { gated[i][at] = y[at] * Double(m[i][at]) }
          }
        }
        let context = "rows \(rows), taps \(taps)"
        var (y1, y2) = (
          [Float](repeating: 42, count: y.count), [Float](repeating: 42, count: y.count)
        )
        convolve(set, &y1, nil, &y2, m[1], h, z, zrow, stride, channels, rows, taps)
        #expect(largestError(y1, y, scale: 10) < 1e-6, "\(context)")
        #expect(largestError(y2, gated[1], scale: 30) < 1e-6, "\(context)")
        convolve(set, &y1, m[0], &y2, nil, h, z, zrow, stride, channels, rows, taps)
        #expect(largestError(y1, gated[0], scale: 30) < 1e-6, "\(context)")
        #expect(largestError(y2, y, scale: 10) < 1e-6, "\(context)")
        // The taps last first, as the convolution sums them.
        var gradient = base
        gradient.withUnsafeMutableBufferPointer { gradient in
          guard let start = gradient.baseAddress else { return }
          set.kernels.direct_filter_gradient(
            start + (taps - 1) * stride, -stride, g, zrow, z, zrow, channels, rows, taps)
        }
        #expect(largestError(gradient, dh, scale: 10) < 1e-6, "\(context)")
      }
    }
  }

  private func convolve(
    _ set: InstructionSet, _ y1: inout [Float], _ m1: [Float]?, _ y2: inout [Float],
    _ m2: [Float]?, _ h: [Float], _ z: [Float], _ zrow: Int, _ stride: Int, _ channels: Int,
    _ rows: Int, _ taps: Int
  ) {
    let ones = [Float](repeating: 1, count: y1.count)
    y1.withUnsafeMutableBufferPointer { y1 in
      y2.withUnsafeMutableBufferPointer { y2 in
        (m1 ?? ones).withUnsafeBufferPointer { a in
          (m2 ?? ones).withUnsafeBufferPointer { b in
            guard let first = y1.baseAddress else { return }
            var finish = LaneFinish(
              y1: first, m1: m1 == nil ? nil : a.baseAddress, y2: y2.baseAddress,
              m2: m2 == nil ? nil : b.baseAddress)
            set.kernels.direct_convolution(&finish, h, z, zrow, stride, channels, rows, taps)
          }
        }
      }
    }
  }
}
