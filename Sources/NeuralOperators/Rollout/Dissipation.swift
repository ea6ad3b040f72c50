public import Differentiation
public import SequenceTensor

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Forces trajectories back that leave where the training data was.
///
/// With r the root mean square of a frame u, û the operator's prediction from it,
///
///     ρ(r) û + (1 - ρ(r)) λu,   ρ(r) = 1/(1 + exp(β(r - α))):
///
/// inside the radius α the operator speaks, outside the frame shrinks by λ < 1, with a transition as
/// wide as 1/β. ρ counts as a constant in gradients.
///
/// Source: Li et al., "Learning dissipative dynamics in chaotic systems" (2022): the
/// post-processing by a partition of unity, and the samples from a shell around the data that
/// the operator is to map to λ times themselves.
public struct Dissipation: Sendable, Hashable, Codable {
  /// α, in root mean square of a frame.
  public var radius: Double
  /// β.
  public var sharpness: Double
  /// λ.
  public var contraction: Double

  /// Creates a dissipation.
  ///
  /// - Precondition: `0 ≤ contraction < 1`; radius and sharpness are positive.
  public init(radius: Double, sharpness: Double = 1, contraction: Double = 0.5) {
    require(
      radius > 0 && sharpness > 0 && (0..<1).contains(contraction),
      "Dissipation: radius \(radius), sharpness \(sharpness), contraction \(contraction)")
    self.radius = radius
    self.sharpness = sharpness
    self.contraction = contraction
  }

  /// ρ of a root mean square.
  public func trust(_ size: Double) -> Double { 1 / (1 + exp(sharpness * (size - radius))) }

  /// The mixture of a prediction and the shrunken frame.
  ///
  /// - Precondition: both are `[batch, x, …, channels]` of one shape.
  public func applied(to prediction: Variable, frame: Variable) -> Variable {
    require(
      prediction.shape == frame.shape && frame.shape.rank >= 2,
      "Dissipation: prediction \(prediction.shape) from frame \(frame.shape)")
    let entries = FieldEntries(shape: frame.shape, scope: .sample)
    let trusts = entries.powerSums(frame.value, power: 2).map {
      trust(($0 / Double(max(1, entries.size))).squareRoot())
    }
    let shape = Shape([frame.shape[0]] + frame.shape.sizes.dropFirst().map { _ in 1 })
    let spoken = Tensor(trusts.map { Float($0) }, shape: shape)
    let shrunken = Tensor(trusts.map { Float((1 - $0) * contraction) }, shape: shape)
    return prediction * Variable(spoken) + frame * Variable(shrunken)
  }

  /// Frames around the data and what the operator is to make of them, λ times as much.
  ///
  /// White noise with a root mean square drawn uniformly from α to `outer`·α.
  ///
  /// - Parameter shape: `[batch, x, (y, (z,)) channels]`.
  public func shellSamples(
    _ shape: Shape, outer: Double = 2, using random: inout RandomSource
  ) -> (frames: Tensor, targets: Tensor) {
    require(
      shape.rank >= 2 && outer >= 1, "Dissipation.shellSamples: \(shape), outer radius \(outer)")
    let noise = Tensor(normal: shape, using: &random)
    let entries = FieldEntries(shape: shape, scope: .sample)
    let scales = entries.powerSums(noise, power: 2).map { square in
      radius * random.uniform(from: 1, to: outer)
        / max((square / Double(max(1, entries.size))).squareRoot(), .leastNormalMagnitude)
    }
    let factors = Tensor(
      scales.map { Float($0) }, shape: Shape([shape[0]] + shape.sizes.dropFirst().map { _ in 1 }))
    let frames = noise * factors
    return (frames, frames * Float(contraction))
  }
}
