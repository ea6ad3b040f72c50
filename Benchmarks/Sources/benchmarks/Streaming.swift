import HistoryProduct
import Longwave

/// One sample at a time: the online convolution, and the sum over all taps for every output.
///
/// Both take a tensor and return one. The times are of one step, on average over a number of steps
/// in which every block of the online convolution comes round.
func measureStreaming(_ measurement: Measurement) {
  for (batch, channels) in [(1, 64), (1, 256), (8, 64)] {
    for taps in measurement.settings.isQuick ? [64] : [64, 256, 1024, 4096, 16384] {
      measureSteps(measurement, batch: batch, channels: channels, taps: taps)
    }
  }
  // From samples to whole sequences: ways change on the way, the time of a point should not jump.
  let taps = measurement.settings.isQuick ? 256 : 4096
  for block in [1, 16, 64, 256, 1024, 4096, 16384, 65536] where block <= 16 * taps {
    measureBlocks(measurement, channels: 64, taps: taps, block: block)
  }
}

private func measureSteps(_ measurement: Measurement, batch: Int, channels: Int, taps: Int) {
  var random = RandomSource(seed: 0)
  let filter = Tensor(normal: [taps, channels], deviation: 0.01, using: &random)
  let input = Tensor(normal: [batch, channels], using: &random)
  var online = OnlineConvolution(filter: filter, batch: batch)
  var recomputed = RecomputedConvolution(filter: filter, batch: batch)
  measurement.compare(
    "online \(batch)x\(channels), \(taps) taps", work: Double(input.count), unit: "points/ns",
    ("online", steps: 4096, { _ = online.step(input) }),
    ("recomputed", steps: max(64, (1 << 22) / taps / channels), { _ = recomputed.step(input) }))
}

private func measureBlocks(_ measurement: Measurement, channels: Int, taps: Int, block: Int) {
  var random = RandomSource(seed: 0)
  let filter = Tensor(normal: [taps, channels], deviation: 0.01, using: &random)
  let input = Tensor(normal: [1, block, channels], using: &random)
  var stream = StreamingConvolution(filter: filter)
  let blocks = max(1, 4096 / block)
  measurement.time(
    "stream 1x\(channels), \(taps) taps, blocks of \(block)", work: Double(blocks * input.count),
    unit: "points/ns"
  ) {
    for _ in 0..<blocks { _ = stream(input) }
  }
}

/// Causal convolution that sums over all taps for every output.
struct RecomputedConvolution {
  private let filter: [Float]
  private let taps: Int
  private let channels: Int
  /// Twice `taps` rows a sequence: each input is written twice, so that the last inputs always lie
  /// in a row.
  private var history: [Float]
  private var position = 0

  init(filter: Tensor, batch: Int) {
    self.filter = filter.elements
    (taps, channels) = (filter.shape[0], filter.shape[1])
    history = [Float](repeating: 0, count: 2 * batch * filter.count)
  }

  mutating func step(_ input: Tensor) -> Tensor {
    var output = Tensor(zeros: input.shape)
    let (batch, row, rows) = (input.shape[0], position % taps, 2 * taps)
    position += 1
    history.withUnsafeMutableBufferPointer { history in
      input.withSpan { input in
        output.withMutableSpan { output in
          input.withUnsafeBufferPointer { u in
            output.withUnsafeMutableBufferPointer { y in
              guard let u = u.baseAddress, let y = y.baseAddress, let x = history.baseAddress
              else { return }
              for item in 0..<batch {
                let first = x + (item * rows + row) * channels
                let newest = first + taps * channels
                first.update(from: u + item * channels, count: channels)
                newest.update(from: u + item * channels, count: channels)
                history_product(y + item * channels, newest, filter, taps, channels)
              }
            }
          }
        }
      }
    }
    return output
  }
}
