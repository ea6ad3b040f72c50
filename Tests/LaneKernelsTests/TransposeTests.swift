import LaneKernels
import SequenceTensor
import Testing

/// The ways from channels-last sequences to complex rows and back, with gates and skip terms.
@Suite struct TransposeTests {
  static let lengths = [0, 1, 7, 8, 9, 16, 27]
  static let channelCounts = [1, 2, 3, 8, 15, 16, 17, 34]

  /// Tensors in which the channels are a part of wider rows.
  private struct Case {
    let length: Int, channels: Int
    var stride: Int { channels + 3 }
    var pitch: Int { length + 5 }
    func sequence(_ stream: UInt64) -> Tensor {
      Tensor(normals(length * stride, stream), shape: [length, stride])
    }
    /// Rows of complex values, with room to see what is written beyond.
    func rows(_ value: Float = 42) -> Tensor {
      Tensor(repeating: value, shape: [channels + 1, pitch, 2])
    }
    func at(_ n: Int, _ c: Int) -> Int { n * stride + c }
  }

  private static func forEachCase(_ body: (Case, _ gated: Bool) -> Void) {
    for length in lengths {
      for channels in channelCounts {
        for gated in [false, true] {
          body(Case(length: length, channels: channels), gated)
        }
      }
    }
  }

  @Test(arguments: InstructionSet.all) func gathersBatchPairs(set: InstructionSet) {
    Self.forEachCase { c, gated in
      let (u0, u1, g0, g1) = (c.sequence(1), c.sequence(2), c.sequence(3), c.sequence(4))
      var z = c.rows()
      set.kernels.gather_batch_pair(
        z.mutablePointer(), c.pitch, u0.pointer, u1.pointer, gated ? g0.pointer : nil,
        gated ? g1.pointer : nil, c.length, c.stride, c.channels)
      var expected = c.rows()
      for n in 0..<c.length {
        for g in 0..<c.channels {
          let i = c.at(n, g)
          expected[g, n, 0] = u0.pointer[i] * (gated ? g0.pointer[i] : 1)
          expected[g, n, 1] = u1.pointer[i] * (gated ? g1.pointer[i] : 1)
        }
      }
      #expect(z == expected, "length \(c.length), channels \(c.channels), gated \(gated)")
    }
  }

  @Test(arguments: InstructionSet.all) func gathersChannelPairs(set: InstructionSet) {
    Self.forEachCase { c, gated in
      let (u, gate) = (c.sequence(1), c.sequence(2))
      var z = c.rows()
      set.kernels.gather_channel_pair(
        z.mutablePointer(), c.pitch, u.pointer, gated ? gate.pointer : nil, c.length, c.stride,
        c.channels)
      var expected = c.rows()
      for n in 0..<c.length {
        for channel in 0..<c.channels + c.channels % 2 {
          let i = c.at(n, channel)
          expected[channel / 2, n, channel % 2] =
            channel < c.channels ? u.pointer[i] * (gated ? gate.pointer[i] : 1) : 0
        }
      }
      #expect(z == expected, "length \(c.length), channels \(c.channels), gated \(gated)")
    }
  }

  /// What LaneFinish makes of a value, for every combination of its parts.
  private struct Finish {
    let m1, m2: Tensor
    let parts: Int

    init(_ c: Case, parts: Int, stream: UInt64) {
      (m1, m2) = (c.sequence(stream), c.sequence(stream + 1))
      self.parts = parts
    }

    func lane(_ y1: UnsafeMutablePointer<Float>, _ y2: UnsafeMutablePointer<Float>) -> LaneFinish {
      LaneFinish(
        y1: y1, m1: parts & 1 != 0 ? m1.pointer : nil, y2: parts & 2 != 0 ? y2 : nil,
        m2: parts & 2 != 0 ? m2.pointer : nil)
    }

    func values(_ value: Float, _ c: Case, _ n: Int, _ channel: Int) -> (Double, Double?) {
      let i = c.at(n, channel)
      let t = Double(value)
      return (
        parts & 1 != 0 ? t * Double(m1.pointer[i]) : t,
        parts & 2 != 0 ? t * Double(m2.pointer[i]) : nil
      )
    }
  }

  private func check(
    _ c: Case, _ finish: Finish, _ y1: Tensor, _ y2: Tensor, _ value: (Int, Int) -> Float
  ) -> Bool {
    (0..<c.length).allSatisfy { n in
      (0..<c.stride).allSatisfy { channel in
        let i = c.at(n, channel)
        guard channel < c.channels else { return y1.pointer[i] == 42 && y2.pointer[i] == 42 }
        let (first, second) = finish.values(value(n, channel), c, n, channel)
        return abs(Double(y1.pointer[i]) - first) <= 1e-6 * (1 + abs(first) * 4)
          && abs(Double(y2.pointer[i]) - (second ?? 42)) <= 1e-6 * (1 + abs(second ?? 0) * 4)
      }
    }
  }

  @Test(arguments: InstructionSet.all, 0..<4) func scatters(set: InstructionSet, parts: Int) {
    Self.forEachCase { c, _ in
      let rows = c.rows().shape
      let z = Tensor(normals(rows.count, 5), shape: rows)
      let blank = Tensor(repeating: 42, shape: [c.length, c.stride])
      var (y1, y2, w1, w2) = (blank, blank, blank, blank)
      let (f, s) = (Finish(c, parts: parts, stream: 20), Finish(c, parts: parts, stream: 30))
      var first = f.lane(y1.mutablePointer(), y2.mutablePointer())
      var second = s.lane(w1.mutablePointer(), w2.mutablePointer())
      set.kernels.scatter_batch_pair(
        &first, &second, z.pointer, c.pitch, c.length, c.stride, c.channels)
      #expect(check(c, f, y1, y2) { z[$1, $0, 0] }, "first, \(c)")
      #expect(check(c, s, w1, w2) { z[$1, $0, 1] }, "second, \(c)")

      (y1, y2) = (blank, blank)
      first = f.lane(y1.mutablePointer(), y2.mutablePointer())
      set.kernels.scatter_channel_pair(
        &first, z.pointer, c.pitch, c.length, c.stride, c.channels)
      #expect(check(c, f, y1, y2) { z[$1 / 2, $0, $1 % 2] }, "channels, \(c)")
    }
  }
}
