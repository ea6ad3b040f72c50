import SequenceTensor

/// A complex matrix between channels for each mode of one axis, as products of real matrices.
///
/// A complex number of the weight is the block (re, im; -im, re) between interleaved real and
/// imaginary parts, so that each mode is one real product of twice the size.
struct ModeMatrices: Sendable {
  /// `[modes, 2·inputs, 2·outputs]`.
  private let blocks: Tensor
  private let modes: Int
  private let inputs: Int
  private let outputs: Int

  /// - Parameter weight: `[modes, inputs, outputs, 2]`.
  init(weight: Tensor) {
    let (modes, inputs, outputs) = (weight.shape[0], weight.shape[1], weight.shape[2])
    blocks = Tensor(uninitialized: [modes, 2 * inputs, 2 * outputs]) { y in
      for row in 0..<modes * inputs {
        let (source, target) = (weight.pointer + row * 2 * outputs, y + row * 4 * outputs)
        for o in 0..<outputs {
          let (real, imaginary) = (source[2 * o], source[2 * o + 1])
          (target[2 * o], target[2 * o + 1]) = (real, imaginary)
          (target[2 * outputs + 2 * o], target[2 * outputs + 2 * o + 1]) = (-imaginary, real)
        }
      }
    }
    (self.modes, self.inputs, self.outputs) = (modes, inputs, outputs)
  }

  /// `[outer, modes, inner·inputs, 2]` to `[outer, modes, inner·outputs, 2]`.
  func applied(to spectrum: Tensor, inner: Int) -> Tensor {
    let outer = spectrum.shape[0]
    let rows = outer * inner
    let x = byMode(spectrum)
    let y = Tensor(uninitialized: [modes, outer, inner * outputs * 2]) { y in
      Parallel.forEach(tasks: modes) { mode, _ in
        Tensor.gemm(
          .stored, .stored, m: rows, n: 2 * outputs, k: 2 * inputs,
          a: x.pointer + mode * rows * 2 * inputs, lda: 2 * inputs,
          b: blocks.pointer + mode * 4 * inputs * outputs, ldb: 2 * outputs,
          c: y + mode * rows * 2 * outputs)
      }
    }
    return byBatch(y, channels: inner * outputs)
  }

  /// The transpose of `applied`.
  func pulledBack(_ slopes: Tensor, inner: Int) -> Tensor {
    let outer = slopes.shape[0]
    let rows = outer * inner
    let dy = byMode(slopes)
    let dx = Tensor(uninitialized: [modes, outer, inner * inputs * 2]) { dx in
      Parallel.forEach(tasks: modes) { mode, _ in
        Tensor.gemm(
          .stored, .transposed, m: rows, n: 2 * inputs, k: 2 * outputs,
          a: dy.pointer + mode * rows * 2 * outputs, lda: 2 * outputs,
          b: blocks.pointer + mode * 4 * inputs * outputs, ldb: 2 * outputs,
          c: dx + mode * rows * 2 * inputs)
      }
    }
    return byBatch(dx, channels: inner * inputs)
  }

  /// The gradient by the weight: `[modes, inputs, outputs, 2]`.
  func weightGradient(_ spectrum: Tensor, _ slopes: Tensor, inner: Int) -> Tensor {
    let rows = spectrum.shape[0] * inner
    let (x, dy) = (byMode(spectrum), byMode(slopes))
    let products = Tensor(uninitialized: [modes, 2 * inputs, 2 * outputs]) { c in
      Parallel.forEach(tasks: modes) { mode, _ in
        Tensor.gemm(
          .transposed, .stored, m: 2 * inputs, n: 2 * outputs, k: rows,
          a: x.pointer + mode * rows * 2 * inputs, lda: 2 * inputs,
          b: dy.pointer + mode * rows * 2 * outputs, ldb: 2 * outputs,
          c: c + mode * 4 * inputs * outputs)
      }
    }
    return Tensor(uninitialized: [modes, inputs, outputs, 2]) { y in
      for row in 0..<modes * inputs {
        let (source, target) = (products.pointer + row * 4 * outputs, y + row * 2 * outputs)
        for o in 0..<outputs {
          let (above, below) = (2 * o, 2 * outputs + 2 * o)
          target[2 * o] = source[above] + source[below + 1]
          target[2 * o + 1] = source[above + 1] - source[below]
        }
      }
    }
  }

  /// `[outer, modes, channels, 2]` to `[modes, outer, 2·channels]`, so that the rows of a mode are
  /// together.
  private func byMode(_ spectrum: Tensor) -> Tensor {
    let flat = spectrum.reshaped(spectrum.shape[0], spectrum.shape[1], -1)
    return flat.shape[0] == 1 ? flat.reshaped(modes, 1, -1) : flat.transposed(0, 1)
  }

  private func byBatch(_ spectrum: Tensor, channels: Int) -> Tensor {
    let outer = spectrum.shape[1]
    let back = outer == 1 ? spectrum : spectrum.transposed(0, 1)
    return back.reshaped(outer, modes, channels, 2)
  }
}
