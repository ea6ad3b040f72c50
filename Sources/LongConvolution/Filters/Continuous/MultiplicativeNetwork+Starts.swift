import Differentiation
import SequenceTensor

extension MultiplicativeNetwork {
  /// Creates a network of `layers` hidden layers and one function more.
  ///
  /// γ ~ Gamma(6/(l + 1), 1) of layer l, or Gamma(6/(layers + 1), 1) of isotropic functions, 1 in w
  /// without a window. FlexConv: μ ~ U(±s), w ~ U(±1)·scale·γ/√(layers + 1), v ~ U(±π), hidden weights
  /// U(±1/√n), the rest U(±1/√n) as PyTorch has it. CCNN: μ ~ U(1 - s, 1) if causal (or isotropic)
  /// and s ≠ 1, else U(±s), w ~ U(±1)·2πω·γ, v = 0, weights U(±√(3/n)), hidden biases 1, the last 0;
  /// FourierNet's hidden weights are orthogonal matrices times √2 and its biases the row sums of
  /// their product so far, divided by n·2^l.
  ///
  /// - Parameters:
  ///   - functions: what the hidden channels are multiplied with.
  ///   - hidden: n.
  ///   - outputs: the channels of the taps.
  ///   - count: the hidden layers.
  ///   - extent: s.
  ///   - bias: whether the maps have biases; the functions always do.
  ///   - style: whose code.
  init(
    _ functions: Functions, hidden: Int, outputs: Int, layers count: Int, extent: Float,
    bias: Bool, style: Style, using random: inout RandomSource
  ) {
    require(
      hidden > 0 && outputs > 0 && count >= 0,
      "MultiplicativeNetwork: \(count) layers of \(hidden) for \(outputs) outputs")
    filters = (0...count).map { layer in
      Self.filter(
        functions, hidden: hidden, layer: layer, of: count, extent: extent, style: style,
        using: &random)
    }
    switch style {
    case .flexconv:
      layersName = "linear"
      layers = (0..<count).map { _ in .standard(hidden, hidden, bias: bias, using: &random) }
      output = .standard(outputs, hidden, bias: bias, using: &random)
    case .ccnn:
      layersName = "linears"
      let bound = (3 / Float(hidden)).squareRoot()
      func layer(_ width: Int, _ value: Float, _ random: inout RandomSource) -> KernelLayer {
        KernelLayer(
          weight: Tensor(uniform: [width, hidden], from: -bound, to: bound, using: &random),
          bias: bias ? Tensor(repeating: value, shape: [width]) : nil, isNormalized: false)
      }
      layers =
        functions == .sine
        ? Self.orthogonalLayers(count, hidden: hidden, bias: bias, using: &random)
        : (0..<count).map { _ in layer(hidden, 1, &random) }
      output = layer(outputs, 0, &random)
    }
  }

  private static func filter(
    _ functions: Functions, hidden: Int, layer: Int, of count: Int, extent: Float, style: Style,
    using random: inout RandomSource
  ) -> Filter {
    let shape = 6 / Double(functions == .isotropicGabor ? count + 1 : layer + 1)
    let width =
      functions == .sine
      ? Tensor(repeating: 1, shape: [hidden])
      : Tensor((0..<hidden).map { _ in Float(random.gamma(shape: shape)) })
    let weight = Tensor(uniform: [hidden], from: -1, to: 1, using: &random) * width
    let (low, factor, turn): (Float, Float, Float) =
      switch style {
      case .flexconv(let scale): (-extent, scale / Float(count + 1).squareRoot(), .pi)
      case .ccnn(let frequency, let isCausal):
        (
          (isCausal || functions == .isotropicGabor) && extent != 1 ? 1 - extent : -extent,
          2 * .pi * frequency, 0
        )
      }
    let high = low == 1 - extent ? 1 : extent
    let centre = Tensor(uniform: [hidden], from: low, to: high, using: &random)
    let hasWindow = functions != .sine
    return Filter(
      centre: hasWindow ? Parameter(centre) : nil, width: hasWindow ? Parameter(width) : nil,
      frequency: Parameter(weight * factor),
      phase: Parameter(Tensor(uniform: [hidden], from: -turn, to: turn, using: &random)))
  }

  private static func orthogonalLayers(
    _ count: Int, hidden: Int, bias: Bool, using random: inout RandomSource
  ) -> [KernelLayer] {
    var product: Tensor?
    return (0..<count).map { index in
      let weight =
        Tensor(orthogonal: hidden, using: &random) * Float(2).squareRoot()
      let all = product.map { Tensor.matmul(weight, $0) } ?? weight
      product = all
      let divisor = Float(hidden) * Float(sign: .plus, exponent: index + 1, significand: 1)
      let sums = (0..<hidden).map { row in
        (0..<hidden).reduce(Float(0)) { $0 + all[row, $1] } / divisor
      }
      return KernelLayer(weight: weight, bias: bias ? Tensor(sums) : nil, isNormalized: false)
    }
  }
}

extension Tensor {
  /// A random orthogonal matrix: rows of normal numbers, each without its parts along those before.
  fileprivate init(orthogonal size: Int, using random: inout RandomSource) {
    var rows: [[Double]] = []
    while rows.count < size {
      var row = (0..<size).map { _ in random.normal() }
      // Twice, since the first time leaves parts of the size of rounding errors.
      for _ in 0..<2 {
        for other in rows {
          let along = zip(row, other).reduce(0) { $0 + $1.0 * $1.1 }
          for i in row.indices { row[i] -= along * other[i] }
        }
      }
      let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
      guard length > 1e-6 else { continue }
      rows.append(row.map { $0 / length })
    }
    self.init(rows.flatMap { $0 }.map { Float($0) }, shape: [size, size])
  }
}
