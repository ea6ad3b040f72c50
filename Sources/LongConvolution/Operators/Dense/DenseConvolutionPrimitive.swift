package import Differentiation
import SequenceTensor
import SpectralCore

extension Variable {
  /// y[b, n, o] = Σ_j Σ_i k[j, o, i]·x[b, n - firstLag - j, i]: every output channel sees every input
  /// channel.
  ///
  /// Short kernels are matrix products of rows that are laid out tap by tap, a piece at a time; long
  /// ones of the input's length are depthwise convolutions of copies of the input, summed.
  ///
  /// - Parameters:
  ///   - kernel: k, `[taps, outputs, inputs]`.
  ///   - firstLag: the lag of tap 0; negative if the kernel looks into the future.
  ///   - outputLength: the number of positions n; the input's unless given.
  /// - Returns: `[batch, outputLength, outputs]`.
  /// - Complexity: O(batch·length·taps·outputs·inputs), or with Fourier transforms
  ///   O(batch·length·log(length)·outputs·inputs).
  package func convolvedDensely(
    with kernel: Variable, firstLag: Int = 0, outputLength: Int? = nil
  ) -> Variable {
    require(
      shape.rank == 3 && kernel.shape.rank == 3 && kernel.shape[2] == shape[2],
      "Variable.convolvedDensely: kernel \(kernel.shape) [taps, outputs, inputs] for \(shape)")
    let length = outputLength ?? shape[1]
    let lastLag = firstLag + kernel.shape[0] - 1
    if length == shape[1],
      kernel.shape[0] > Self.largestDirectKernel(kernel.shape[1] * kernel.shape[2]),
      firstLag == 0 || firstLag == -lastLag
    {
      return convolvedByChannels(with: kernel, boundary: firstLag == 0 ? .causal : .twoSided)
    }
    let (x, k) = (value, kernel.value)
    // Tap by tap the rows of x, channels of inputs inside: [taps·inputs, outputs].
    let forward = k.transposed(1, 2)
    let y = x.unfoldedProduct(forward, offset: -firstLag, step: -1, length: length)
    return Self.primitive([self, kernel], value: y) {
      [needsInput = needsGradient, needsKernel = kernel.needsGradient] dy in
      [
        needsInput
          ? dy.unfoldedProduct(k, offset: firstLag, step: 1, length: x.shape[1]) : nil,
        needsKernel ? dy.kernelGradient(x, taps: k.shape[0], firstLag: firstLag) : nil,
      ]
    }
  }

  /// Above this many taps Fourier transforms of every pair of channels cost less than the products.
  ///
  /// Measured on two cores with AVX-512: for a position transforms take 4 ns a pair, products 8 ns a
  /// tap and 1/40 ns for each of its pairs.
  private static func largestDirectKernel(_ pairs: Int) -> Int { 160 * pairs / (320 + pairs) }
  /// Channels of one depthwise convolution of copies.
  private static let widestCopies = 256

  private func convolvedByChannels(with kernel: Variable, boundary: Boundary) -> Variable {
    let (taps, outputs, inputs) = (kernel.shape[0], kernel.shape[1], kernel.shape[2])
    let width = max(1, Self.widestCopies / inputs)
    let parts = stride(from: 0, to: outputs, by: width).map { first -> Variable in
      let count = min(width, outputs - first)
      let filter = kernel.sliced(axis: 1, first..<first + count).reshaped(taps, count * inputs)
      let copies = Variable.concatenated(Array(repeating: self, count: count), axis: -1)
      return copies.convolved(with: filter, boundary: boundary)
        .reshaped(shape[0], shape[1], count, inputs).sum(axis: -1)
    }
    return parts.count == 1 ? parts[0] : .concatenated(parts, axis: -1)
  }
}

extension Tensor {
  /// y[b, n] = Σ_j x[b, n + offset + step·j]·m[j], rows outside of x being zero.
  ///
  /// - Parameter matrices: m, `[taps, channels, outputs]`.
  fileprivate func unfoldedProduct(
    _ matrices: Tensor, offset: Int, step: Int, length: Int
  ) -> Tensor {
    let (batch, rows, channels) = (shape[0], shape[1], shape[2])
    let (taps, outputs) = (matrices.shape[0], matrices.shape[2])
    let width = taps * channels
    // A piece of unfolded rows stays in the cache.
    let grain = max(4, min(256, (1 << 15) / max(1, width)))
    let pieces = (length + grain - 1) / grain
    let workers = Parallel.workerCount(tasks: batch * pieces)
    var scratch = Tensor(uninitialized: [workers, grain * width]) { _ in }
    let base = scratch.mutablePointer()
    return Tensor(uninitialized: [batch, length, outputs]) { y in
      Parallel.forEach(tasks: batch * pieces, workers: workers) { task, worker in
        let (b, first) = (task / pieces, task % pieces * grain)
        let count = min(grain, length - first)
        let unfolded = base + worker * grain * width
        for r in 0..<count {
          for j in 0..<taps {
            let row = first + r + offset + step * j
            let to = unfolded + r * width + j * channels
            if row < 0 || row >= rows {
              to.update(repeating: 0, count: channels)
            } else {
              to.update(from: pointer + (b * rows + row) * channels, count: channels)
            }
          }
        }
        Tensor.gemm(
          .stored, .stored, m: count, n: outputs, k: width, a: unfolded, lda: width,
          b: matrices.pointer, ldb: outputs, c: y + (b * length + first) * outputs)
      }
    }
  }

  /// dk[j, o, i] = Σ_b Σ_n dy[b, n, o]·x[b, n - firstLag - j, i], the batch in order.
  fileprivate func kernelGradient(_ x: Tensor, taps: Int, firstLag: Int) -> Tensor {
    let (batch, length, outputs) = (shape[0], shape[1], shape[2])
    let (rows, inputs) = (x.shape[1], x.shape[2])
    let size = outputs * inputs
    let workers = Parallel.workerCount(tasks: taps)
    var scratch = Tensor(uninitialized: [workers, size]) { _ in }
    let base = scratch.mutablePointer()
    var result = Tensor(zeros: [taps, outputs, inputs])
    let out = result.mutablePointer()
    Parallel.forEach(tasks: taps, workers: workers) { j, worker in
      let lag = firstLag + j
      let (first, end) = (max(0, lag), min(length, rows + lag))
      guard first < end else { return }
      for b in 0..<batch {
        let product = base + worker * size
        Tensor.gemm(
          .transposed, .stored, m: outputs, n: inputs, k: end - first,
          a: pointer + (b * length + first) * outputs, lda: outputs,
          b: x.pointer + (b * rows + first - lag) * inputs, ldb: inputs, c: product)
        for i in 0..<size { out[j * size + i] += product[i] }
      }
    }
    return result
  }
}
