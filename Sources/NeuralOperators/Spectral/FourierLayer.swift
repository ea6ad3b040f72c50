import Differentiation
import LaneKernels
import SequenceTensor
import SpectralCore

/// The work of one Fourier layer, g(F⁻¹(R·F(x)) + W·x + b), forward and backward.
///
/// One primitive for all of it: what the inverse transform leaves is completed in place, a piece of
/// rows at a time while it is in the cache, and so is the gradient of the input.
private struct FourierLayer {
  let x: Tensor
  let linear: Tensor
  let transform: TruncatedTransform
  let product: ModeProduct
  let activation: Activation

  /// Rows in a piece: pieces, not threads, fix the order of sums.
  private static let grain = 512
  private var rows: Int { x.shape.rows }
  private var inputs: Int { linear.shape[1] }
  private var outputs: Int { linear.shape[0] }

  /// The kept modes of the input, the sum before g, and the result.
  ///
  /// - Parameter keepsSum: whether the sum is asked for; else g is applied in its place.
  func forward(bias: Tensor?, keepsSum: Bool) -> (modes: Tensor, sum: Tensor, result: Tensor) {
    let modes = transform.forward(x).values
    var spectrum = product.forward(modes)
    if let bias { addMean(bias, to: &spectrum) }
    var sum = transform.inverse(TruncatedSpectrum(values: spectrum))
    let z = sum.mutablePointer()
    let add = { (range: Range<Int>) in
      Tensor.gemm(
        .stored, .transposed, m: range.count, n: outputs, k: inputs,
        a: x.pointer + range.lowerBound * inputs, lda: inputs, b: linear.pointer, ldb: inputs,
        c: z + range.lowerBound * outputs, accumulates: true)
    }
    guard keepsSum && activation != .identity else {
      Parallel.forEachRange(rows, grain: Self.grain) { range in
        add(range)
        if activation != .identity {
          let at = z + range.lowerBound * outputs
          activation.apply(at, at, rows: range.count, width: outputs)
        }
      }
      return (modes, sum, sum)
    }
    let result = Tensor(uninitialized: sum.shape) { y in
      Parallel.forEachRange(rows, grain: Self.grain) { range in
        add(range)
        let at = range.lowerBound * outputs
        activation.apply(y + at, z + at, rows: range.count, width: outputs)
      }
    }
    return (modes, sum, result)
  }

  /// Adds to each channel what its mode of frequency 0 makes everywhere on the grid: a bias that
  /// costs no pass over the points.
  private func addMean(_ bias: Tensor, to spectrum: inout Tensor) {
    let sizes = transform.modeShape.sizes
    let mode = sizes.enumerated().reduce(0) { place, axis in
      place * axis.element + (axis.offset == sizes.count - 1 ? 0 : axis.element / 2)
    }
    let scale = Float(
      1 / transform.normalization.scales(count: transform.gridShape.count).inverse)
    let values = spectrum.mutablePointer()
    for sample in 0..<spectrum.shape[0] {
      let place = values + 2 * outputs * (sample * transform.modeShape.count + mode)
      for channel in 0..<outputs { place[2 * channel] += scale * bias.pointer[channel] }
    }
  }

  /// The gradients of input, weights of modes, linear weight and bias.
  func gradients(
    _ dy: Tensor, modes: Tensor, sum: Tensor, needsInput: Bool
  ) -> (input: Tensor?, spectral: Tensor, linear: Tensor, bias: Tensor) {
    let size = outputs * inputs + outputs
    var dz = dy
    if activation != .identity { dz = Tensor(uninitialized: dy.shape) { _ in } }
    let gradient = activation == .identity ? nil : dz.mutablePointer()
    let (dzPointer, total) = (dz.pointer, outputs * inputs)
    let sums = Tensor.reducing(pieces: (rows + Self.grain - 1) / Self.grain, width: size) {
      piece, _, sums in
      let range = piece * Self.grain..<min(rows, (piece + 1) * Self.grain)
      let at = range.lowerBound * outputs
      if let gradient {
        activation.pullback(
          gradient + at, sum.pointer + at, dy.pointer + at, rows: range.count, width: outputs)
      }
      Tensor.gemm(
        .transposed, .stored, m: outputs, n: inputs, k: range.count, a: dzPointer + at,
        lda: outputs, b: x.pointer + range.lowerBound * inputs, ldb: inputs, c: sums)
      (sums + total).update(repeating: 0, count: outputs)
      lanes.sum_rows(sums + total, dzPointer + at, range.count, outputs)
    }
    let dmodes = product.gradients(modes, transform.inverseAdjoint(dz).values)
    var dx: Tensor?
    if needsInput {
      var input = transform.forwardAdjoint(TruncatedSpectrum(values: dmodes.input))
      let pointer = input.mutablePointer()
      Parallel.forEachRange(rows, grain: Self.grain) { range in
        Tensor.gemm(
          .stored, .stored, m: range.count, n: inputs, k: outputs,
          a: dzPointer + range.lowerBound * outputs, lda: outputs, b: linear.pointer, ldb: inputs,
          c: pointer + range.lowerBound * inputs, accumulates: true)
      }
      dx = input
    }
    return (
      dx, dmodes.weight, sums.sliced(axis: 0, 0..<total).reshaped(to: linear.shape),
      sums.sliced(axis: 0, total..<size)
    )
  }
}

extension Variable {
  /// g(F⁻¹(R·F(x)) + W·x + b) on one grid.
  ///
  /// - Parameters:
  ///   - spectral: R, `[modes…, inputs, outputs, 2]`, or `[modes…, channels, 2]` if separable.
  ///   - rows: the weights' mode for each kept mode; nil if they are the same.
  ///   - isSeparable: whether R does not mix channels.
  ///   - transform: F.
  ///   - linear: W, `[outputs, inputs]`.
  ///   - bias: b, `[outputs]`.
  ///   - activation: g, elementwise.
  /// - Returns: `[batch, x, (y, (z,)) outputs]`.
  /// - Precondition: `self` is `[batch, x, (y, (z,)) inputs]` on the transform's grid.
  func fourierLayer(
    spectral: Variable, rows: [Int]?, isSeparable: Bool, transform: TruncatedTransform,
    linear: Variable, bias: Variable?, activation: Activation
  ) -> Variable {
    require(
      linear.shape.rank == 2 && linear.shape[1] == shape.last && activation != .glu,
      "Variable.fourierLayer: linear weight \(linear.shape) [outputs, inputs] for \(shape)")
    let layer = FourierLayer(
      x: value, linear: linear.value, transform: transform,
      product: ModeProduct(weight: spectral.value, rows: rows, isSeparable: isSeparable),
      activation: activation)
    let needsInput = needsGradient
    let hasBias = bias != nil
    let isDifferentiated =
      needsInput || spectral.needsGradient || linear.needsGradient || bias?.needsGradient ?? false
    let (modes, sum, result) = layer.forward(bias: bias?.value, keepsSum: isDifferentiated)
    return Self.primitive(
      [self, spectral, linear] + (bias.map { [$0] } ?? []), value: result,
      arithmetic: 2 * Double(value.count) * Double(linear.shape[0])
    ) { dy in
      let gradients = layer.gradients(dy, modes: modes, sum: sum, needsInput: needsInput)
      return [gradients.input, gradients.spectral, gradients.linear]
        + (hasBias ? [gradients.bias] : [])
    }
  }
}
