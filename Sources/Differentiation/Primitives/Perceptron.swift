import LaneKernels
import SequenceTensor

extension Variable {
  /// f(W₂·g(W₁·x + b₁) + b₂ + v·s) at every position, in one primitive that keeps nothing but its
  /// inputs.
  ///
  /// What lies between the maps is computed for a piece of positions at a time while it is in the
  /// cache, and again in the backward pass: two more products instead of tensors that are
  /// written and read again.
  ///
  /// - Parameters:
  ///   - weight: W₁, `[width, inputs]`.
  ///   - bias: b₁, `[width]`.
  ///   - activation: g, elementwise.
  ///   - outputWeight: W₂, `[outputs, width]`.
  ///   - outputBias: b₂, `[outputs]`.
  ///   - gated: v, of the result's shape, and s, `[outputs]`; nothing is added without them.
  ///   - outputActivation: f, elementwise.
  /// - Returns: `[…, outputs]`.
  /// - Precondition: the last axis has `inputs` channels; g and f keep the number of channels.
  /// - Complexity: 2·positions·width·(inputs + outputs) operations forward, four times as many
  ///   backward at most.
  public func perceptron(
    weight: Variable, bias: Variable, activation: Activation, outputWeight: Variable,
    outputBias: Variable, gated: (x: Variable, gate: Variable)? = nil,
    outputActivation: Activation = .identity
  ) -> Variable {
    require(
      weight.shape.rank == 2 && weight.shape[1] == shape.last
        && bias.shape == [weight.shape[0]] && outputWeight.shape.rank == 2
        && outputWeight.shape[1] == weight.shape[0]
        && outputBias.shape == [outputWeight.shape[0]] && activation.inputFactor == 1
        && outputActivation.inputFactor == 1,
      "Variable.perceptron: weights \(weight.shape) [width, inputs], \(outputWeight.shape)"
        + " [outputs, width], biases \(bias.shape), \(outputBias.shape), \(activation) and"
        + " \(outputActivation) for input \(shape)")
    let outputShape = shape.replacing(axis: -1, with: outputWeight.shape[0])
    if let gated {
      require(
        gated.x.shape == outputShape && gated.gate.shape == outputBias.shape,
        "Variable.perceptron: \(gated.x.shape) and gate \(gated.gate.shape) for a result"
          + " \(outputShape)")
    }
    // The pieces' own weight gradients are kept until they are added up, which large weights
    // make too costly.
    guard weight.value.count + outputWeight.value.count <= Perceptron.largestWeights else {
      let y = projected(
        weight: weight, bias: bias, inputActivation: .identity, activation: activation
      ).linear(weight: outputWeight, bias: outputBias)
      guard let gated else { return outputActivation(y) }
      return y.gatedSum(gated.x, gate: gated.gate, activation: outputActivation)
    }
    let perceptron = Perceptron(
      x: value, weight: weight.value, bias: bias.value, activation: activation,
      outputWeight: outputWeight.value, outputBias: outputBias.value, gated: gated?.x.value,
      gate: gated?.gate.value, outputActivation: outputActivation)
    let needsInput = needsGradient
    return Self.primitive(
      [self, weight, bias, outputWeight, outputBias] + (gated.map { [$0.x, $0.gate] } ?? []),
      value: perceptron.forward(),
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
  let outputBias: Tensor
  let gated: Tensor?
  let gate: Tensor?
  let outputActivation: Activation

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
      a: x.pointer + rows.lowerBound * inputs, lda: inputs, b: weight.pointer, ldb: inputs, c: z)
    activation.apply(inner, z, adding: bias.pointer, rows: rows.count, width: width)
  }

  /// W₂·g(z) + b₂ + v·s of a piece.
  private func sum(
    _ rows: Range<Int>, of inner: UnsafePointer<Float>, into sum: UnsafeMutablePointer<Float>
  ) {
    Tensor.gemm(
      .stored, .transposed, m: rows.count, n: outputs, k: width, a: inner, lda: width,
      b: outputWeight.pointer, ldb: width, c: sum)
    if let gated, let gate {
      lanes.add_gated_rows(
        sum, gated.pointer + rows.lowerBound * outputs, gate.pointer, outputBias.pointer,
        rows.count, outputs)
    } else {
      lanes.add_row(sum, sum, outputBias.pointer, rows.count, outputs)
    }
  }

  func forward() -> Tensor {
    let workers = Parallel.workerCount(tasks: pieces)
    let size = Self.grain * (2 * width + outputs)
    var scratch = Tensor(uninitialized: [workers, size]) { _ in }
    let base = scratch.mutablePointer()
    return Tensor(uninitialized: x.shape.replacing(axis: -1, with: outputs)) { y in
      Parallel.forEach(tasks: pieces, workers: workers) { piece, worker in
        let rows = range(piece)
        let z = base + worker * size
        let (inner, total) = (z + Self.grain * width, z + 2 * Self.grain * width)
        let result = y + rows.lowerBound * outputs
        between(rows, z: z, inner: inner)
        guard outputActivation != .identity else { return sum(rows, of: inner, into: result) }
        sum(rows, of: inner, into: total)
        outputActivation.apply(result, total, rows: rows.count, width: outputs)
      }
    }
  }

  /// The gradients of input, weight, bias, output weight, output bias and, if there are such, of
  /// what is added and its gate.
  func gradients(_ dy: Tensor, needsInput: Bool) -> [Tensor?] {
    let workers = Parallel.workerCount(tasks: pieces)
    let (inside, outside) = (Self.grain * width, Self.grain * outputs)
    let size = 3 * inside + 2 * outside
    var scratch = Tensor(uninitialized: [workers, size]) { _ in }
    let base = scratch.mutablePointer()
    // A piece's gradients, one behind the other.
    let ends = [width * inputs, width, outputs * width, outputs, outputs].reduce(into: [0]) {
      $0.append($0[$0.count - 1] + $1)
    }
    var dx = needsInput ? Tensor(uninitialized: x.shape) { _ in } : nil
    let input = dx?.mutablePointer()
    var dgated = gated.map { Tensor(uninitialized: $0.shape) { _ in } }
    let added = dgated?.mutablePointer()
    let total = Tensor.reducing(pieces: pieces, width: ends[5], workers: workers) {
      piece, worker, sums in
      let rows = range(piece)
      let z = base + worker * size
      let (inner, dinner) = (z + inside, z + 2 * inside)
      let (before, dbefore) = (z + 3 * inside, z + 3 * inside + outside)
      between(rows, z: z, inner: inner)
      var up = dy.pointer + rows.lowerBound * outputs
      if outputActivation != .identity {
        sum(rows, of: inner, into: before)
        outputActivation.pullback(dbefore, before, up, rows: rows.count, width: outputs)
        up = UnsafePointer(dbefore)
      }
      if let gated, let gate, let added {
        let at = rows.lowerBound * outputs
        lanes.multiply_row(added + at, up, gate.pointer, rows.count, outputs)
        (sums + ends[4]).update(repeating: 0, count: outputs)
        lanes.sum_products(sums + ends[4], up, gated.pointer + at, rows.count, outputs)
      }
      Tensor.gemm(
        .transposed, .stored, m: outputs, n: width, k: rows.count, a: up, lda: outputs, b: inner,
        ldb: width, c: sums + ends[2])
      Tensor.gemm(
        .stored, .stored, m: rows.count, n: width, k: outputs, a: up, lda: outputs,
        b: outputWeight.pointer, ldb: width, c: dinner)
      // In place of g(z), which has been used.
      activation.pullback(inner, z, dinner, rows: rows.count, width: width)
      let at = rows.lowerBound * inputs
      Tensor.gemm(
        .transposed, .stored, m: width, n: inputs, k: rows.count, a: inner, lda: width,
        b: x.pointer + at, ldb: inputs, c: sums)
      for (offset, from, count) in [(ends[1], UnsafePointer(inner), width), (ends[3], up, outputs)]
      {
        (sums + offset).update(repeating: 0, count: count)
        lanes.sum_rows(sums + offset, from, rows.count, count)
      }
      if let input {
        Tensor.gemm(
          .stored, .stored, m: rows.count, n: inputs, k: width, a: inner, lda: width,
          b: weight.pointer, ldb: inputs, c: input + at)
      }
    }
    func part(_ index: Int, _ shape: Shape) -> Tensor {
      total.sliced(axis: 0, ends[index]..<ends[index + 1]).reshaped(to: shape)
    }
    let gradients = [
      dx, part(0, weight.shape), part(1, [width]), part(2, outputWeight.shape),
      part(3, [outputs]),
    ]
    return gated == nil ? gradients : gradients + [dgated, part(4, [outputs])]
  }
}
