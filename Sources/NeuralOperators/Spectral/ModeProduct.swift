import Differentiation
import LaneKernels
import SequenceTensor

/// The product of channels for each mode: y[b, k] = x[b, k]·W[k] with complex matrices W[k].
///
/// One small product of matrices `[batch, inputs]` and `[inputs, outputs]` for each mode, outputs
/// in the lanes of vectors, modes in parallel. A separable weight multiplies each channel.
struct ModeProduct: Sendable {
  /// `[modes…, inputs, outputs, 2]`, or `[modes…, channels, 2]` if separable.
  let weight: Tensor
  /// The weights' mode for each mode of the data; nil if they are the same.
  let rows: [Int]?
  let isSeparable: Bool

  init(weight: Tensor, rows: [Int]?, isSeparable: Bool) {
    self.weight = weight
    self.rows = rows
    self.isSeparable = isSeparable
  }

  private var inputs: Int { isSeparable ? weight.shape[-2] : weight.shape[-3] }
  private var outputs: Int { weight.shape[-2] }
  /// Floats of the weights of one mode.
  private var weightSize: Int { isSeparable ? 2 * outputs : 2 * inputs * outputs }

  /// The sizes of the data.
  private func sizes(_ data: Shape, channels: Int) -> (batch: Int, modes: Int) {
    let modes = data.sizes[1..<data.rank - 2].reduce(1, *)
    require(
      data.last == 2 && data[-2] == channels
        && modes == rows?.count ?? (weight.count / max(1, weightSize)),
      "ModeProduct: \(data) is not [batch, modes, \(channels), 2] for weights \(weight.shape)")
    return (data[0], modes)
  }

  /// Calls `body` in parallel for every mode with the place of its weights.
  private func forEachMode(
    _ modes: Int, batch: Int, workers: Int,
    _ body: (_ mode: Int, _ weights: Int, _ worker: Int) -> Void
  ) {
    let grain = Self.grain(products: batch * inputs * (isSeparable ? 1 : outputs))
    Parallel.forEach(tasks: (modes + grain - 1) / grain, workers: workers) { task, worker in
      for mode in task * grain..<min(modes, (task + 1) * grain) {
        body(mode, (rows?[mode] ?? mode) * weightSize, worker)
      }
    }
  }

  /// Modes in a task: some 30 µs of work.
  private static func grain(products: Int) -> Int { max(1, (1 << 17) / max(1, products)) }

  /// The result.
  ///
  /// - Parameter x: `[batch, modes…, inputs, 2]`.
  /// - Returns: `[batch, modes…, outputs, 2]`.
  func forward(_ x: Tensor) -> Tensor {
    let (batch, modes) = sizes(x.shape, channels: inputs)
    let (input, output) = (2 * inputs, 2 * outputs)
    return Tensor(uninitialized: x.shape.replacing(axis: -2, with: outputs)) { y in
      forEachMode(modes, batch: batch, workers: Parallel.workerCount(tasks: modes)) {
        mode, at, _ in
        let w = weight.pointer + at
        guard !isSeparable else {
          for b in 0..<batch {
            let place = (b * modes + mode) * output
            (y + place).update(from: x.pointer + place, count: output)
            lanes.spectral_multiply(y + place, w, 0, false, outputs)
          }
          return
        }
        lanes.complex_product(
          y + mode * output, modes * output, x.pointer + mode * input, modes * input, 2, w, output,
          batch, outputs, inputs, LANE_CONJUGATE_NONE)
      }
    }
  }

  /// The gradients of the input and of the weights.
  func gradients(_ x: Tensor, _ dy: Tensor) -> (input: Tensor, weight: Tensor) {
    let (batch, modes) = sizes(x.shape, channels: inputs)
    let (input, output) = (2 * inputs, 2 * outputs)
    let workers = Parallel.workerCount(tasks: modes)
    // The weights transposed, and the rows of one mode next to each other.
    let scratchSize = isSeparable ? 0 : weightSize + batch * (input + output)
    var scratch = Tensor(uninitialized: [workers, scratchSize]) { _ in }
    let base = scratch.mutablePointer()
    var dw =
      rows == nil && !isSeparable
      ? Tensor(uninitialized: weight.shape) { _ in } : Tensor(zeros: weight.shape)
    let weights = dw.mutablePointer()
    let dx = Tensor(uninitialized: x.shape) { dx in
      forEachMode(modes, batch: batch, workers: workers) { mode, at, worker in
        let w = weight.pointer + at
        guard !isSeparable else {
          for b in 0..<batch {
            let place = (b * modes + mode) * output
            (dx + place).update(from: dy.pointer + place, count: output)
            lanes.spectral_multiply(dx + place, w, 0, true, outputs)
            lanes.spectral_correlate(
              weights + at, x.pointer + place, dy.pointer + place, outputs)
          }
          return
        }
        let transposed = base + worker * scratchSize
        let (xs, dys) = (transposed + weightSize, transposed + weightSize + batch * input)
        for b in 0..<batch {
          (xs + b * input).update(
            from: x.pointer + (b * modes + mode) * input, count: input)
          (dys + b * output).update(
            from: dy.pointer + (b * modes + mode) * output, count: output)
        }
        lanes.gather_channel_pair(transposed, inputs, w, nil, inputs, output, output)
        lanes.complex_product(
          dx + mode * input, modes * input, dys, output, 2, transposed, input, batch, inputs,
          outputs, LANE_CONJUGATE_RIGHT)
        lanes.complex_product(
          weights + at, output, xs, 2, input, dys, output, inputs, outputs, batch,
          LANE_CONJUGATE_LEFT)
      }
    }
    return (dx, dw)
  }
}

extension Variable {
  /// The product of channels for each mode.
  ///
  /// - Parameters:
  ///   - weight: `[modes…, inputs, outputs, 2]`, or `[modes…, channels, 2]` if separable.
  ///   - rows: the weights' mode for each mode of the data; nil if they are the same.
  ///   - isSeparable: whether channels are not mixed.
  /// - Returns: `[batch, modes…, outputs, 2]`.
  /// - Precondition: `self` is `[batch, modes…, inputs, 2]`.
  func modeProduct(weight: Variable, rows: [Int]? = nil, isSeparable: Bool = false) -> Variable {
    let product = ModeProduct(weight: weight.value, rows: rows, isSeparable: isSeparable)
    let x = value
    let y = product.forward(x)
    return Self.primitive(
      [self, weight], value: y,
      arithmetic: 4 * Double(x.count) * Double(isSeparable ? 1 : y.shape[-2])
    ) { dy in
      let gradients = product.gradients(x, dy)
      return [gradients.input, gradients.weight]
    }
  }
}
