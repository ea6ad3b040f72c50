import LaneKernels
import SequenceTensor

extension Activation {
  /// y = f(x) for rows of `width` results.
  package func apply(
    _ y: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>, rows: Int, width: Int
  ) {
    switch self {
    case .identity: y.update(from: x, count: rows * width)
    case .gelu: lanes.gelu(y, x, rows * width)
    case .silu: lanes.silu(y, x, rows * width)
    case .relu: lanes.relu(y, x, rows * width)
    case .squaredReLU: lanes.squared_relu(y, x, rows * width)
    case .tanh: lanes.tanh(y, x, rows * width)
    case .sigmoid: lanes.sigmoid(y, x, rows * width)
    case .elu: lanes.elu(y, x, rows * width)
    case .softplus: lanes.softplus(y, x, rows * width)
    case .glu: lanes.glu(y, x, rows, width)
    }
  }

  /// y = f(x + bias) for rows of `width` results; x becomes x + bias.
  package func apply(
    _ y: UnsafeMutablePointer<Float>, _ x: UnsafeMutablePointer<Float>,
    adding bias: UnsafePointer<Float>, rows: Int, width: Int
  ) {
    if self == .gelu {
      lanes.gelu_adding(y, x, bias, rows, width)
    } else {
      lanes.add_row(x, x, bias, rows, width * inputFactor)
      apply(y, x, rows: rows, width: width)
    }
  }

  /// dx = f'(x)·dy for rows of `width` results.
  package func pullback(
    _ dx: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    rows: Int, width: Int
  ) {
    switch self {
    case .identity: dx.update(from: dy, count: rows * width)
    case .gelu: lanes.gelu_pullback(dx, x, dy, rows * width)
    case .silu: lanes.silu_pullback(dx, x, dy, rows * width)
    case .relu: lanes.relu_pullback(dx, x, dy, rows * width)
    case .squaredReLU: lanes.squared_relu_pullback(dx, x, dy, rows * width)
    case .tanh: lanes.tanh_pullback(dx, x, dy, rows * width)
    case .sigmoid: lanes.sigmoid_pullback(dx, x, dy, rows * width)
    case .elu: lanes.elu_pullback(dx, x, dy, rows * width)
    case .softplus: lanes.softplus_pullback(dx, x, dy, rows * width)
    case .glu: lanes.glu_pullback(dx, x, dy, rows, width)
    }
  }
}

extension Variable {
  /// g(f(x)·Wᵀ + b): a linear map between two nonlinearities, a piece of rows at a time, so that
  /// what lies between the three never leaves the cache.
  ///
  /// The same values as `activation(input(x).linear(weight:bias:))`; the gradients' sums over rows
  /// run in pieces of 512.
  ///
  /// - Parameters:
  ///   - weight: W, `[outputs, inputs]`.
  ///   - bias: b, `[outputs]`.
  ///   - inputActivation: f, elementwise.
  ///   - activation: g; `.glu` halves the outputs.
  /// - Returns: `[…, outputs]`, or half of that.
  /// - Precondition: the last axis has `inputs` channels; f is not `.glu`.
  public func projected(
    weight: Variable, bias: Variable, inputActivation: Activation, activation: Activation
  ) -> Variable {
    require(
      weight.shape.rank == 2 && weight.shape[1] == shape.last
        && bias.shape == [weight.shape[0]] && inputActivation != .glu
        && weight.shape[0] % activation.inputFactor == 0,
      "Variable.projected: weight \(weight.shape) [outputs, inputs], bias \(bias.shape),"
        + " \(activation) for input \(shape)")
    // The pieces' own weight gradients are kept until they are added up, which large weights
    // make too costly.
    guard weight.value.count <= Projection.largestWeight else {
      return inputActivation(self).linearThenActivated(
        weight: weight, bias: bias, activation: activation)
    }
    let projection = Projection(
      x: value, weight: weight.value, inputActivation: inputActivation, activation: activation)
    let (y, inner, z) = projection.forward(bias: bias.value)
    return Self.primitive(
      [self, weight, bias], value: y,
      arithmetic: 2 * Double(value.count) * Double(weight.shape[0])
    ) { dy in
      projection.gradients(dy, inner: inner, z: z)
    }
  }
}

extension Variable {
  /// g(x·Wᵀ + b), g piece by piece after the product; the gradient of the product in whole.
  private func linearThenActivated(
    weight: Variable, bias: Variable, activation: Activation
  ) -> Variable {
    guard activation != .identity else { return linear(weight: weight, bias: bias) }
    let (rows, outputs) = (shape.rows, weight.shape[0])
    let width = outputs / activation.inputFactor
    let grain = max(1, Parallel.elementGrain / outputs)
    let (x, w) = (value, weight.value)
    var y = Tensor(uninitialized: shape.replacing(axis: -1, with: width)) { _ in }
    let result = y.mutablePointer()
    let z = Tensor.product(x, .stored, w, .transposed, adding: bias.value) { rows, z in
      activation.apply(
        result + rows.lowerBound * width, z + rows.lowerBound * outputs, rows: rows.count,
        width: width)
    }
    let needsInput = needsGradient
    return Self.primitive([self, weight, bias], value: y) { dy in
      let dz = Tensor(uninitialized: [rows, outputs]) { dz in
        Parallel.forEachRange(rows, grain: grain) { range in
          let at = range.lowerBound
          activation.pullback(
            dz + at * outputs, z.pointer + at * outputs, dy.pointer + at * width,
            rows: range.count, width: width)
        }
      }
      let dx = needsInput ? Tensor.product(dz, .stored, w, .stored).reshaped(to: x.shape) : nil
      return [dx, Tensor.product(dz, .transposed, x, .stored), dz.summedRows()]
    }
  }
}

/// The work of `Variable.projected`, piece by piece.
private struct Projection {
  let x: Tensor
  let weight: Tensor
  let inputActivation: Activation
  let activation: Activation

  static let largestWeight = 1 << 16
  private static let grain = 512

  private var rows: Int { x.shape.rows }
  private var inputs: Int { weight.shape[1] }
  private var outputs: Int { weight.shape[0] }
  private var width: Int { outputs / activation.inputFactor }
  private var pieces: Int { (rows + Self.grain - 1) / Self.grain }

  private func range(_ piece: Int) -> Range<Int> {
    piece * Self.grain..<min(rows, (piece + 1) * Self.grain)
  }

  /// The result, f(x) and the linear map's output with bias.
  func forward(bias: Tensor) -> (y: Tensor, inner: Tensor, z: Tensor) {
    var y = Tensor(uninitialized: x.shape.replacing(axis: -1, with: width)) { _ in }
    var z = Tensor(uninitialized: [rows, outputs]) { _ in }
    let (result, linear) = (y.mutablePointer(), z.mutablePointer())
    let body = { (inner: UnsafePointer<Float>, rows: Range<Int>) in
      let at = linear + rows.lowerBound * outputs
      Tensor.gemm(
        .stored, .transposed, m: rows.count, n: outputs, k: inputs, a: inner, lda: inputs,
        b: weight.pointer, ldb: inputs, c: at)
      activation.apply(
        result + rows.lowerBound * width, at, adding: bias.pointer, rows: rows.count, width: width)
    }
    if inputActivation == .identity {
      Parallel.forEach(tasks: pieces) { piece, _ in
        body(x.pointer + range(piece).lowerBound * inputs, range(piece))
      }
      return (y, x, z)
    }
    let inner = Tensor(uninitialized: x.shape) { inner in
      Parallel.forEach(tasks: pieces) { piece, _ in
        let (rows, at) = (range(piece), range(piece).lowerBound * inputs)
        inputActivation.apply(inner + at, x.pointer + at, rows: rows.count, width: inputs)
        body(inner + at, rows)
      }
    }
    return (y, inner, z)
  }

  /// The gradients of input, weight and bias.
  func gradients(_ dy: Tensor, inner: Tensor, z: Tensor) -> [Tensor?] {
    let workers = Parallel.workerCount(tasks: pieces)
    var scratch = Tensor(uninitialized: [workers, Self.grain * (outputs + inputs)]) { _ in }
    let base = scratch.mutablePointer()
    // A piece's gradients of the weight, then of the bias.
    let size = outputs * inputs + outputs
    var dx = Tensor(uninitialized: x.shape) { _ in }
    let input = dx.mutablePointer()
    let total = Tensor.reducing(pieces: pieces, width: size, workers: workers) {
      piece, worker, sum in
      let rows = range(piece)
      let dz = base + worker * Self.grain * (outputs + inputs)
      let dinner = dz + Self.grain * outputs
      let at = rows.lowerBound * inputs
      activation.pullback(
        dz, z.pointer + rows.lowerBound * outputs, dy.pointer + rows.lowerBound * width,
        rows: rows.count, width: width)
      Tensor.gemm(
        .transposed, .stored, m: outputs, n: inputs, k: rows.count, a: dz, lda: outputs,
        b: inner.pointer + at, ldb: inputs, c: sum)
      (sum + outputs * inputs).update(repeating: 0, count: outputs)
      lanes.sum_rows(sum + outputs * inputs, dz, rows.count, outputs)
      Tensor.gemm(
        .stored, .stored, m: rows.count, n: inputs, k: outputs, a: dz, lda: outputs,
        b: weight.pointer, ldb: inputs, c: inputActivation == .identity ? input + at : dinner)
      if inputActivation != .identity {
        inputActivation.pullback(
          input + at, x.pointer + at, dinner, rows: rows.count, width: inputs)
      }
    }
    let split = outputs * inputs
    return [
      dx, total.sliced(axis: 0, 0..<split).reshaped(to: weight.shape),
      total.sliced(axis: 0, split..<size),
    ]
  }
}
