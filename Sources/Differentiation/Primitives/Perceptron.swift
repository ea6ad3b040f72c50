import LaneKernels
import SequenceTensor

extension Variable {
  /// W₂·g(W₁·x + b₁) + b₂ at every position, in one primitive that keeps nothing but its input.
  ///
  /// What lies between the maps is computed for a piece of positions at a time while it is in the
  /// cache, and again in the backward pass: one more product instead of two tensors that are
  /// written and read again.
  ///
  /// - Parameters:
  ///   - weight: W₁, `[width, inputs]`.
  ///   - bias: b₁, `[width]`.
  ///   - activation: g, elementwise.
  ///   - outputWeight: W₂, `[outputs, width]`.
  ///   - outputBias: b₂, `[outputs]`.
  /// - Returns: `[…, outputs]`.
  /// - Precondition: the last axis has `inputs` channels; g keeps the number of channels.
  /// - Complexity: 2·positions·width·(inputs + outputs) operations forward, three and a half times
  ///   as many backward at most.
  public func perceptron(
    weight: Variable, bias: Variable, activation: Activation, outputWeight: Variable,
    outputBias: Variable
  ) -> Variable {
    require(
      weight.shape.rank == 2 && weight.shape[1] == shape.last
        && bias.shape == [weight.shape[0]] && outputWeight.shape.rank == 2
        && outputWeight.shape[1] == weight.shape[0]
        && outputBias.shape == [outputWeight.shape[0]] && activation.inputFactor == 1,
      "Variable.perceptron: weights \(weight.shape) [width, inputs], \(outputWeight.shape)"
        + " [outputs, width], biases \(bias.shape), \(outputBias.shape), \(activation)"
        + " for input \(shape)")
    // The pieces' own weight gradients are kept until they are added up, which large weights
    // make too costly.
    guard weight.value.count + outputWeight.value.count <= Perceptron.largestWeights else {
      return projected(
        weight: weight, bias: bias, inputActivation: .identity, activation: activation
      ).linear(weight: outputWeight, bias: outputBias)
    }
    let perceptron = Perceptron(
      x: value, weight: weight.value, bias: bias.value, activation: activation,
      outputWeight: outputWeight.value)
    let needsInput = needsGradient
    return Self.primitive(
      [self, weight, bias, outputWeight, outputBias],
      value: perceptron.forward(outputBias: outputBias.value),
      arithmetic: 2 * Double(shape.rows) * Double(weight.value.count + outputWeight.value.count)
    ) { dy in
      perceptron.gradients(dy, needsInput: needsInput)
    }
  }
}

/// The work of `Variable.perceptron`, piece by piece.
private struct Perceptron {
  let x: Tensor
  let weight: Tensor
  let bias: Tensor
  let activation: Activation
  let outputWeight: Tensor

  static let largestWeights = 1 << 16
  /// Rows in a piece: pieces, not threads, fix the order of sums.
  private static let grain = 256

  private var rows: Int { x.shape.rows }
  private var inputs: Int { weight.shape[1] }
  private var width: Int { weight.shape[0] }
  private var outputs: Int { outputWeight.shape[0] }
  private var pieces: Int { (rows + Self.grain - 1) / Self.grain }

  private func range(_ piece: Int) -> Range<Int> {
    piece * Self.grain..<min(rows, (piece + 1) * Self.grain)
  }

  /// z = W₁·x + b₁ and g(z) of a piece.
  private func between(
    _ rows: Range<Int>, z: UnsafeMutablePointer<Float>, inner: UnsafeMutablePointer<Float>
  ) {
    Tensor.gemm(
      .stored, .transposed, m: rows.count, n: width, k: inputs,
      a: x.pointer + rows.lowerBound * inputs, lda: inputs, b: weight.pointer, ldb: inputs, c: z,
      adding: bias.pointer)
    activation.apply(inner, z, rows: rows.count, width: width)
  }

  func forward(outputBias: Tensor) -> Tensor {
    let workers = Parallel.workerCount(tasks: pieces)
    var scratch = Tensor(uninitialized: [workers, 2 * Self.grain * width]) { _ in }
    let base = scratch.mutablePointer()
    return Tensor(uninitialized: x.shape.replacing(axis: -1, with: outputs)) { y in
      Parallel.forEach(tasks: pieces, workers: workers) { piece, worker in
        let rows = range(piece)
        let z = base + worker * 2 * Self.grain * width
        let inner = z + Self.grain * width
        between(rows, z: z, inner: inner)
        Tensor.gemm(
          .stored, .transposed, m: rows.count, n: outputs, k: width, a: inner, lda: width,
          b: outputWeight.pointer, ldb: width, c: y + rows.lowerBound * outputs,
          adding: outputBias.pointer)
      }
    }
  }

  /// The gradients of input, weight, bias, output weight and output bias.
  func gradients(_ dy: Tensor, needsInput: Bool) -> [Tensor?] {
    let workers = Parallel.workerCount(tasks: pieces)
    let half = Self.grain * width
    var scratch = Tensor(uninitialized: [workers, 3 * half]) { _ in }
    let base = scratch.mutablePointer()
    // A piece's gradients, one behind the other.
    let ends = [width * inputs, width, outputs * width, outputs].reduce(into: [0]) {
      $0.append($0[$0.count - 1] + $1)
    }
    let size = ends[4]
    var partial = Tensor(uninitialized: [pieces, size]) { _ in }
    let sums = partial.mutablePointer()
    var dx = needsInput ? Tensor(uninitialized: x.shape) { _ in } : nil
    let input = dx?.mutablePointer()
    Parallel.forEach(tasks: pieces, workers: workers) { piece, worker in
      let rows = range(piece)
      let (z, inner) = (base + worker * 3 * half, base + worker * 3 * half + half)
      let dinner = inner + half
      let sum = sums + piece * size
      let up = dy.pointer + rows.lowerBound * outputs
      let at = rows.lowerBound * inputs
      between(rows, z: z, inner: inner)
      Tensor.gemm(
        .transposed, .stored, m: outputs, n: width, k: rows.count, a: up, lda: outputs, b: inner,
        ldb: width, c: sum + ends[2])
      Tensor.gemm(
        .stored, .stored, m: rows.count, n: width, k: outputs, a: up, lda: outputs,
        b: outputWeight.pointer, ldb: width, c: dinner)
      // In place of g(z), which has been used.
      activation.pullback(inner, z, dinner, rows: rows.count, width: width)
      Tensor.gemm(
        .transposed, .stored, m: width, n: inputs, k: rows.count, a: inner, lda: width,
        b: x.pointer + at, ldb: inputs, c: sum)
      for (offset, from, count) in [(ends[1], UnsafePointer(inner), width), (ends[3], up, outputs)]
      {
        (sum + offset).update(repeating: 0, count: count)
        lanes.sum_rows(sum + offset, from, rows.count, count)
      }
      if let input {
        Tensor.gemm(
          .stored, .stored, m: rows.count, n: inputs, k: width, a: inner, lda: width,
          b: weight.pointer, ldb: inputs, c: input + at)
      }
    }
    let total = partial.sum(axis: 0)
    func part(_ index: Int, _ shape: Shape) -> Tensor {
      total.sliced(axis: 0, ends[index]..<ends[index + 1]).reshaped(to: shape)
    }
    return [
      dx, part(0, weight.shape), part(1, [width]), part(2, outputWeight.shape),
      part(3, [outputs]),
    ]
  }
}
