public import Differentiation
public import Layers
public import SequenceTensor
import SpectralCore

/// A causal convolution by a tree of two short filters, dilated and shared by all levels.
///
/// Shi, Wang and Fox, "Sequence modeling with multiresolution convolutional memory", 2023, as in
/// `layers/multireslayer.py` of its authors' code. With a_0 = x, and *_d a causal depthwise
/// convolution whose taps lie d apart, level j computes
///
///     a_j = h0 *_d a_{j-1},  b_j = h1 *_d a_{j-1},  d = 2^(j-1),
///
/// and the layer returns dropout(GELU(w_0·a_J + Σ w·b_j + w_m·x)), where a fading tree weights the
/// newest coefficient of each b_j and a uniform one the newest few of the coarsest (see
/// `MultiresolutionTree`). The parameters start as h ~ U(±√(1/K)), w ~ U(±√(1/(m + 1))), or h as the
/// filters of a wavelet and w_m ~ U(±1) on request.
///
/// Any length will do: the filters do not depend on it, and positions before the first are zero.
public struct MultiresolutionConvolution: RecurrentMixer, ReferenceCompatible {
  /// The settings.
  public let options: MultiresolutionOptions
  /// Which weight belongs to which coefficient.
  public let tree: MultiresolutionTree
  /// h0, `[taps, channels]`, row k for lag k·d.
  public var lowPass: Parameter
  /// h1, `[taps, channels]`.
  public var highPass: Parameter
  /// w, `[m + 1, channels]`: of a_J, of the details, of the input.
  public var weights: Parameter
  /// Spectra for calls without a tape; copies of a layer share them while their filters are equal.
  private let spectra = FilterSpectrumCache()

  /// Creates a layer with random or wavelet filters.
  ///
  /// - Precondition: the options give a depth, and a memory size if the tree is uniform.
  public init(
    channels: Int, options: MultiresolutionOptions = MultiresolutionOptions(),
    using random: inout RandomSource
  ) {
    require(channels > 0, "MultiresolutionConvolution: \(channels) channels")
    self.options = options
    tree = MultiresolutionTree(
      selection: options.selection, depth: options.resolvedDepth ?? -1, taps: options.taps,
      memorySize: options.memorySize)
    if let wavelet = options.wavelet {
      func tiled(_ filter: [Double]) -> Parameter {
        let column = Tensor(filter.map { Float($0) }, shape: [filter.count, 1])
        return Parameter(column + Tensor(zeros: [1, channels]))
      }
      lowPass = tiled(wavelet.lowPass)
      highPass = tiled(wavelet.highPass)
    } else {
      let bound = (1 / Float(options.taps)).squareRoot()
      func uniform(_ random: inout RandomSource) -> Parameter {
        Parameter(
          Tensor(uniform: [options.taps, channels], from: -bound, to: bound, using: &random))
      }
      lowPass = uniform(&random)
      highPass = uniform(&random)
    }
    let last = tree.weightCount - 1
    let bound = (1 / Float(last + 1)).squareRoot()
    var w = Tensor(uniform: [last + 1, channels], from: -bound, to: bound, using: &random)
    if options.hasIndependentResidual {
      for c in 0..<channels { w[last, c] = Float(random.uniform(from: -1, to: 1)) }
    }
    weights = Parameter(w)
  }

  /// The number of channels of input and output.
  public var channels: Int { lowPass.value.shape[1] }

  /// Applies the layer to `[batch, length, channels]`.
  ///
  /// The mask is not needed: padding lies in the future of what counts.
  public func callAsFunction(_ x: Variable, mask: SequenceMask?) -> Variable {
    filtered(x).gelu().dropout(options.dropout, .channel)
  }

  /// The sum before the nonlinearity, which is linear in x.
  ///
  /// From three long sequences on their one impulse response and a Fourier convolution take less time
  /// than the tree for each of them; without a tape the response's spectrum is kept for the next call.
  public func filtered(_ x: Variable) -> Variable {
    let (batch, length) = (x.shape[0], x.shape[1])
    if x.tape != nil { spectra.removeAll() }
    guard batch >= Self.smallestSharingBatch, length >= Self.shortestTransformed else {
      return bank(x)
    }
    guard x.tape == nil else { return x.convolved(with: taps(length: length, on: x.tape)) }
    let convolution = spectra.convolution(
      length: length, channels: channels, boundary: .causal,
      madeFrom: parameters.map(\.parameter.value)
    ) { taps(length: length, on: nil).value }
    return Variable(convolution(ConvolutionOperands(input: x.value)))
  }

  private static let smallestSharingBatch = 3
  private static let shortestTransformed = 128

  /// The response to an impulse, `[length, channels]`.
  public func taps(length: Int, on tape: Tape?) -> Variable {
    var impulse = Tensor(zeros: [1, length, channels])
    if length > 0 { impulse.mutablePointer().update(repeating: 1, count: channels) }
    return bank(Variable(impulse, on: tape)).reshaped(length, channels)
  }

  private func bank(_ x: Variable) -> Variable {
    x.multiresolution(
      low: lowPass(on: x.tape), high: highPass(on: x.tape), weights: weights(on: x.tape),
      tree: tree)
  }

  /// Visits `h0`, `h1`, `w`.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    body("h0", &lowPass)
    body("h1", &highPass)
    body("w", &weights)
  }

  /// The authors' `h0`, `h1` (correlation taps, the newest last) and `w`.
  public mutating func forEachReference(_ body: (ReferenceTensor, inout Parameter) -> Void) {
    let (taps, channels) = (options.taps, self.channels)
    func correlation(_ name: String) -> ReferenceTensor {
      ReferenceTensor(
        name, shape: [channels, 1, taps],
        toOurs: { $0.reshaped(channels, taps).transposed().flipped(axis: 0) },
        toTheirs: { $0.flipped(axis: 0).transposed().reshaped(channels, 1, taps) })
    }
    body(correlation("h0"), &lowPass)
    body(correlation("h1"), &highPass)
    body(.channelsFirst("w", shape: [channels, tree.weightCount]), &weights)
  }
}
