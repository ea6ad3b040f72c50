public import Differentiation
public import Layers
public import SequenceTensor

/// The settings of an `SMPConvFilter`.
public struct SMPConvOptions: Sendable, Hashable, Codable {
  /// The points of each output channel ("kernel_n_points", 30 in the authors' sequence experiments).
  public var points = 30
  /// Their radius at the start ("kernel_radius").
  public var radius: Float = 0.002
  /// The deviation of their coordinates at the start, before they are spread to -1...1
  /// ("kernel_coord_std").
  public var coordinateDeviation: Float = 0.1
  /// How many taps stand for the positions -1...1 ("horizon": an odd number, or "same").
  public var kernelLength = 1024

  /// The defaults.
  public init() {}
}

/// A kernel interpolated between points that move.
///
/// Kim and Park, "SMPConv: Self-moving point representations for continuous convolution", 2023,
/// section 3.1, as in `smp/ckconv/nn/ck/smpkernel.py` of the authors' code (its one-dimensional part):
/// the tap of output o and input i at position x is Σ_p w[o, i, p]·max(0, 1 - |c[o, p] - x|/r[o, p])
/// divided by how many points reach x, plus 1e-6. Causal, with lag 0 at position 1.
///
/// Coordinates start as 2t + 1 with t ~ N(0, deviation²) within -1...0, weights as N(0, 0.02²). After
/// every step of training the authors keep radii in 0.0001...1: `clipRadii()`.
public struct SMPConvFilter: ContinuousFilter, ReferenceCompatible {
  /// The settings.
  public let options: SMPConvOptions
  /// The input channels that share the points of an output channel.
  public let inputs: Int
  /// c, `[outputs, points]`.
  public var coordinates: Parameter
  /// r, `[outputs, points]`.
  public var radii: Parameter
  /// w, `[outputs, inputs, points]`.
  public var weights: Parameter

  /// Creates a filter of outputs·inputs channels, channel o·inputs + i from input i to output o;
  /// depthwise for one input.
  ///
  /// - Precondition: sizes are positive.
  public init(
    outputs: Int, inputs: Int = 1, options: SMPConvOptions = SMPConvOptions(),
    using random: inout RandomSource
  ) {
    require(
      outputs > 0 && inputs > 0 && options.points > 0 && options.kernelLength > 0
        && options.radius > 0,
      "SMPConvFilter: \(outputs) outputs, \(inputs) inputs, \(options)")
    self.options = options
    self.inputs = inputs
    let count = outputs * options.points
    let starts = (0..<count).map { _ in
      let t = random.truncatedNormal(deviation: Double(options.coordinateDeviation), in: -1...0)
      return Float(2 * t + 1)
    }
    coordinates = Parameter(Tensor(starts, shape: [outputs, options.points]))
    radii = Parameter(Tensor(repeating: options.radius, shape: [outputs, options.points]))
    let values = (0..<count * inputs).map { _ in
      Float(random.truncatedNormal(deviation: 0.02, in: -2...2))
    }
    weights = Parameter(Tensor(values, shape: [outputs, inputs, options.points]))
  }

  /// The number of channels of the taps.
  public var channels: Int { weights.value.shape[0] * inputs }

  /// The past only.
  public var isBidirectional: Bool { false }

  /// A fixed number of taps.
  public var lengthSemantics: LengthSemantics { .crop }

  /// All taps.
  public func kernel(length: Int, on tape: Tape?) -> Variable {
    .movingPoints(
      evenlySpaced(from: -1, to: 1, count: options.kernelLength).reversed(),
      centres: coordinates(on: tape), radii: radii(on: tape), weights: weights(on: tape))
  }

  /// Brings the radii back into a range, to be called after each step of an optimiser.
  public mutating func clipRadii(to range: ClosedRange<Float> = 1e-4...1) {
    radii.value = Tensor(
      radii.value.elements.map { min(max($0, range.lowerBound), range.upperBound) },
      shape: radii.value.shape)
  }

  /// Visits `coordinates`, `radii`, `weights`.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    body("coordinates", &coordinates)
    body("radii", &radii)
    body("weights", &weights)
  }

  /// The authors' `Kernel.weight_coord`, `Kernel.radius`, `Kernel.weights`.
  public mutating func forEachReference(_ body: (ReferenceTensor, inout Parameter) -> Void) {
    let points = coordinates.value.shape
    let theirs = Shape(points.sizes + [1])
    body(ReferenceTensor("Kernel.weight_coord", shape: theirs, ours: points), &coordinates)
    body(ReferenceTensor("Kernel.radius", shape: theirs, ours: points), &radii)
    let shape = weights.value.shape
    body(ReferenceTensor("Kernel.weights", shape: shape, ours: shape), &weights)
  }
}

extension RandomSource {
  /// A normal number of mean 0, drawn again until it lies in a range.
  fileprivate mutating func truncatedNormal(
    deviation: Double, in range: ClosedRange<Double>
  ) -> Double {
    while true {
      let value = deviation * normal()
      if range.contains(value) { return value }
    }
  }
}
