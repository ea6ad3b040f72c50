import Foundation
import Longwave

/// Short depthwise convolutions, and what bounds them measured in the same run: copies of as many
/// points (8 bytes each), and multiply-adds at the rate of a large matrix product.
func measureShortConvolutions(_ measurement: Measurement) {
  let isQuick = measurement.settings.isQuick
  let size = isQuick ? 64 : 1024
  var random = RandomSource(seed: 0)
  let matrix = Tensor(uniform: [size, size], using: &random)
  measurement.time(
    "short matmul of \(size)", work: 2 * pow(Double(size), 3), unit: "GFLOP/s"
  ) { _ = Tensor.matmul(matrix, matrix) }
  let shapes: [Shape] =
    isQuick ? [[1, 256, 17]] : [[8, 4096, 256], [8, 1024, 64], [1, 65536, 64], [8, 4096, 17]]
  for shape in shapes {
    let name = shape.sizes.map(String.init).joined(separator: "x")
    let points = Double(shape.count)
    let input = Tensor(uniform: shape, using: &random)
    let gradient = Tensor(uniform: shape, using: &random)
    let copy = Copy(bytes: 4 * shape.count)
    measurement.time("short copy \(name)", work: points, unit: "points/ns") { copy.run() }
    for taps in isQuick ? [4] : [3, 4, 7, 16, 32, 64, 128] {
      let plan = ConvolutionPlanner.plan(
        ConvolutionProblem(length: shape[1], taps: taps, boundary: .causal))
      let spectrum = plan.spectrum(of: Tensor(uniform: [taps, shape[2]], using: &random))
      let operands = ConvolutionOperands(input: input)
      measurement.time("short \(name), \(taps) taps forward", work: points, unit: "points/ns") {
        _ = plan(operands, spectrum)
      }
      measurement.time("short \(name), \(taps) taps backward", work: points, unit: "points/ns") {
        _ = plan.gradients(of: gradient, operands, spectrum)
      }
    }
  }
}

/// A copy of memory by as many threads as the library uses.
private final class Copy {
  private static let page = 2 << 20
  private let from: UnsafeMutableRawPointer
  private let to: UnsafeMutableRawPointer
  private let bytes: Int

  init(bytes: Int) {
    self.bytes = bytes
    from = .allocate(byteCount: bytes, alignment: Self.page)
    to = .allocate(byteCount: bytes, alignment: Self.page)
    for block in [from, to] {
      #if canImport(Glibc)
        // Huge pages, as tensors have.
        madvise(block, bytes, 14)
      #endif
      memset(block, 1, bytes)
    }
  }

  deinit {
    from.deallocate()
    to.deallocate()
  }

  func run() {
    let threads = Parallel.threadCount
    let part = (bytes / threads + 63) / 64 * 64
    let bytes = bytes
    nonisolated(unsafe) let (from, to) = (from, to)
    DispatchQueue.concurrentPerform(iterations: threads) { thread in
      let first = min(bytes, thread * part)
      memcpy(to + first, from + first, min(part, bytes - first))
    }
  }
}
