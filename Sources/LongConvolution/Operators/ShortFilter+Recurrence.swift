import Differentiation
import LaneKernels
import SequenceTensor

extension ShortFilter {
  /// The inputs before the first position, `[batch, taps - 1, channels]`, oldest first: zeros; `nil` of
  /// a filter of one tap.
  func initialState(batch: Int) -> Tensor? {
    let (taps, channels) = (weight.value.shape[0], weight.value.shape[1])
    return taps > 1 ? Tensor(zeros: [batch, taps - 1, channels]) : nil
  }

  /// The outputs at the next positions, `[batch, length, channels]` to the same.
  func chunk(_ x: Tensor, _ recent: inout Tensor?) -> Tensor {
    let all = 0..<weight.value.shape[1]
    guard let before = recent else { return self(Variable(x), channels: all).value }
    if x.shape[1] == 1 { return step(x, before, &recent) }
    let (length, count) = (x.shape[1], before.shape[1])
    let z = Tensor.concatenated([before, x], axis: 1)
    recent = z.sliced(axis: 1, length..<length + count)
    return self(Variable(z), channels: all).value.sliced(axis: 1, count..<count + length)
  }

  /// One position, without the transforms and copies of a chunk.
  private func step(_ x: Tensor, _ before: Tensor, _ recent: inout Tensor?) -> Tensor {
    let (batch, count, channels) = (x.shape[0], before.shape[1], x.shape[2])
    let taps = weight.value.pointer
    recent = Tensor(uninitialized: before.shape) { next in
      for b in 0..<batch {
        let row = next + b * count * channels
        row.update(
          from: before.pointer + (b * count + 1) * channels, count: (count - 1) * channels)
        (row + (count - 1) * channels).update(from: x.pointer + b * channels, count: channels)
      }
    }
    return Tensor(uninitialized: x.shape) { y in
      for b in 0..<batch {
        let out = y + b * channels
        out.update(from: bias.value.pointer, count: channels)
        lanes.sum_products(out, taps, x.pointer + b * channels, 1, channels)
        for lag in 1...count {
          lanes.sum_products(
            out, taps + lag * channels, before.pointer + (b * count + count - lag) * channels, 1,
            channels)
        }
      }
    }
  }
}
