public import Differentiation
public import Layers
import SequenceTensor

/// The weights of a spectral convolution as a product of complex factors.
///
/// With the axes c (inputs and outputs, or the channels of a separable convolution) and k (modes):
///
/// - Tucker: Σ core[r…]·Π U_a[index, r_a];
/// - canonical: Σ_r weights[r]·Π U_a[index, r];
/// - tensor train: the matrix product of U_a[:, index, :].
///
/// Names and shapes are those of tensorly-torch 0.5 (`ComplexTuckerTensor`, `ComplexCPTensor`,
/// `ComplexTTTensor`): `core` or `weights`, and `factors.factor_a`. Factors start normally
/// distributed so that a whole weight has the wanted deviation s: with ranks r and n axes
/// (s/√Πr)^(1/(n+1)) for a Tucker form, (s/√r)^(1/n) and weights 1 for a canonical one,
/// (s/Πr)^(1/n) for a train, as there.
public struct FactorizedWeight: Module {
  /// How they are factorised.
  public let factorization: WeightFactorization
  /// The core `[ranks…, 2]` of a Tucker form, the weights `[rank, 2]` of a canonical one.
  public var core: Parameter?
  /// For each axis `[size, rank, 2]`; of a train `[rank before, size, rank behind, 2]`.
  public var factors: [Parameter]
  private let channelAxes: Int

  init(
    channels: [Int], modes: [Int], factorization: WeightFactorization, deviation: Float,
    using random: inout RandomSource
  ) {
    let shape = channels + modes
    let ranks = factorization.ranks(of: shape)
    let (expected, order) = (
      factorization.form == .canonical
        ? 1 : shape.count + (factorization.form == .tucker ? 0 : 1), Double(shape.count)
    )
    require(
      ranks.count == expected && ranks.allSatisfy { $0 > 0 }
        && (factorization.form != .tensorTrain || (ranks.first == 1 && ranks.last == 1)),
      "FactorizedWeight: ranks \(ranks) of a \(factorization.form) form of \(shape)")
    let product = ranks.reduce(1) { $0 * Double($1) }
    func normal(_ sizes: [Int], _ base: Double, _ power: Double) -> Parameter {
      let deviation = Float(positivePower(base, power)) / Float(2).squareRoot()
      return Parameter(Tensor(normal: Shape(sizes + [2]), deviation: deviation, using: &random))
    }
    let s = Double(deviation)
    switch factorization.form {
    case .tucker:
      let (base, power) = (s / product.squareRoot(), 1 / (order + 1))
      core = normal(ranks, base, power)
      factors = zip(shape, ranks).map { normal([$0, $1], base, power) }
    case .canonical:
      let rank = ranks[0]
      core = Parameter(Tensor((0..<2 * rank).map { $0 % 2 == 0 ? 1 : 0 }, shape: [rank, 2]))
      factors = shape.map { normal([$0, rank], s / product.squareRoot(), 1 / order) }
    case .tensorTrain:
      core = nil
      factors = shape.indices.map {
        normal([ranks[$0], shape[$0], ranks[$0 + 1]], s / product, 1 / order)
      }
    }
    self.factorization = factorization
    channelAxes = channels.count
  }

  private var isSeparable: Bool { channelAxes == 1 }

  /// The product for the modes of a window.
  func applied(to spectrum: Variable, window: ModeWindow) -> Variable {
    if isSeparable || factorization.implementation == .reconstructed {
      return spectrum.modeProduct(
        weight: whole(window: window, on: spectrum.tape), isSeparable: isSeparable)
    }
    let channel = factors[..<2].map { $0(on: spectrum.tape) }
    let modes = modeFactors(window, on: spectrum.tape)
    switch factorization.form {
    case .tucker:
      let inner = spectrum.complexLinear(channel[0])
        .modeProduct(weight: tuckerCore(modes, window, on: spectrum.tape))
      return inner.complexLinear(channel[1].transposed(0, 1))
    case .canonical:
      return spectrum.complexLinear(channel[0])
        .modeProduct(weight: rankWeights(modes, window, on: spectrum.tape), isSeparable: true)
        .complexLinear(channel[1].transposed(0, 1))
    case .tensorTrain:
      let (first, second) = (channel[0], channel[1])
      let (inner, outputs) = (second.shape[0], second.shape[1])
      let weight = second.complexLinear(Self.chain(modes)).modesFirst(
        window.counts, [inner, outputs])
      return spectrum.complexLinear(first.reshaped(to: Shape(Array(first.shape.sizes.dropFirst()))))
        .modeProduct(weight: weight)
    }
  }

  /// The whole weights of a window: `[modes…, inputs, outputs, 2]` or `[modes…, channels, 2]`.
  func whole(window: ModeWindow, on tape: Tape?) -> Variable {
    let channel = factors[..<channelAxes].map { $0(on: tape) }
    let modes = modeFactors(window, on: tape)
    let sizes = channel.map { $0.shape[factorization.form == .tensorTrain ? 1 : 0] }
    switch factorization.form {
    case .tucker:
      var weight = tuckerCore(modes, window, on: tape)
      for axis in 0..<channelAxes {
        weight = weight.contracted(axis: window.counts.count + axis, with: channel[axis])
      }
      return weight
    case .canonical:
      let ranks = rankWeights(modes, window, on: tape)
      let rows = ranks.reshaped(-1, ranks.shape[-2], 2)
      let shape = Shape(window.counts + sizes + [2])
      if isSeparable { return rows.complexLinear(channel[0].transposed(0, 1)).reshaped(to: shape) }
      return rows.columnwiseProduct(channel[0]).complexLinear(channel[1].transposed(0, 1))
        .reshaped(to: shape)
    case .tensorTrain:
      return Self.chain(channel + modes)
        .reshaped(to: Shape(sizes + window.counts + [2])).modesFirst(window.counts, sizes)
    }
  }

  /// The rows of the factors of the modes that a window uses.
  private func modeFactors(_ window: ModeWindow, on tape: Tape?) -> [Variable] {
    let axis = factorization.form == .tensorTrain ? 1 : 0
    return window.counts.indices.map { mode in
      let factor = factors[channelAxes + mode](on: tape)
      let (first, count) = (window.offsets[mode], window.counts[mode])
      return count == factor.shape[axis]
        ? factor : factor.sliced(axis: axis, first..<first + count)
    }
  }

  /// The core times the factors of the modes: `[modes…, ranks of channels…, 2]`.
  private func tuckerCore(_ modes: [Variable], _ window: ModeWindow, on tape: Tape?) -> Variable {
    guard let core else { preconditionFailure("FactorizedWeight: a Tucker form has a core") }
    var result = core(on: tape)
    for (index, factor) in modes.enumerated() {
      result = result.contracted(axis: channelAxes + index, with: factor)
    }
    return result.modesFirst(window.counts, Array(core.value.shape.sizes[..<channelAxes]))
  }

  /// The weights of the ranks times the factors of the modes: `[modes…, rank, 2]`.
  private func rankWeights(_ modes: [Variable], _ window: ModeWindow, on tape: Tape?) -> Variable {
    guard let core else { preconditionFailure("FactorizedWeight: a canonical form has weights") }
    let weights = core(on: tape)
    let rank = weights.shape[0]
    var result = weights.reshaped(1, rank, 2)
    for factor in modes { result = result.columnwiseProduct(factor) }
    return result.reshaped(to: Shape(window.counts + [rank, 2]))
  }

  /// The product of the factors of a train: `[rank before, sizes together · rank behind, 2]`.
  private static func chain(_ factors: [Variable]) -> Variable {
    var result = factors[0]
    let before = result.shape[0]
    for factor in factors.dropFirst() {
      let (inner, size, behind) = (factor.shape[0], factor.shape[1], factor.shape[2])
      result = result.reshaped(-1, inner, 2)
        .complexLinear(factor.reshaped(inner, size * behind, 2))
    }
    return result.reshaped(before, -1, 2)
  }

  /// Visits `core` or `weights`, then the factors.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    core.forEachValue { body(factorization.form == .tucker ? "core" : "weights", &$0) }
    for index in factors.indices { body("factors.factor_\(index)", &factors[index]) }
  }
}

extension FactorizedWeight: ReferenceCompatible {
  /// Visits the same tensors, which are laid out as there.
  public mutating func forEachReference(_ body: (ReferenceTensor, inout Parameter) -> Void) {
    forEachParameter { name, parameter in
      body(
        ReferenceTensor(name, shape: parameter.value.shape, ours: parameter.value.shape), &parameter
      )
    }
  }
}

extension Variable {
  /// One axis of a complex array replaced by its product with a matrix `[size, rank, 2]`.
  fileprivate func contracted(axis: Int, with matrix: Variable) -> Variable {
    transposed(axis, -2).complexLinear(matrix.transposed(0, 1)).transposed(axis, -2)
  }

  /// An array (channels…, modes…) with its modes in front.
  fileprivate func modesFirst(_ modes: [Int], _ channels: [Int]) -> Variable {
    reshaped(channels.reduce(1, *), modes.reduce(1, *), 2).transposed(0, 1)
      .reshaped(to: Shape(modes + channels + [2]))
  }
}

/// base to a power, for positive numbers.
private func positivePower(_ base: Double, _ power: Double) -> Double {
  exponential(power * RandomSource.naturalLogarithm(base))
}

/// eˣ by its series after halving the argument, so that initial values are the same everywhere.
private func exponential(_ x: Double) -> Double {
  var (halvings, small) = (0, x)
  while abs(small) > 0.5 {
    small /= 2
    halvings += 1
  }
  var (sum, term) = (1.0, 1.0)
  for n in 1...18 {
    term *= small / Double(n)
    sum += term
  }
  for _ in 0..<halvings { sum *= sum }
  return sum
}
