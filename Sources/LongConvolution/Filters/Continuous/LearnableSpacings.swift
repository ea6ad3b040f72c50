package import Differentiation
import SequenceTensor

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How the weight of a point between two positions is shared out.
public enum SpacingInterpolation: String, Sendable, Hashable, CaseIterable, Codable {
  /// Linearly between the two positions next to it.
  case linear = "v0"
  /// The same by a triangle of width 1, divided by what falls on the kernel.
  case triangle = "v1"
  /// By a triangle of learned width |σ| + 1, divided by what falls on the kernel.
  case wideTriangle = "max"
  /// By a Gaussian of learned width |σ| + 0.27, divided by what falls on the kernel.
  case gaussian = "gauss"

  /// Whether there is a σ.
  public var hasWidth: Bool { self == .wideTriangle || self == .gaussian }

  /// What is added to |σ|.
  var narrowest: Double { self == .gaussian ? 0.27 : 1 }
}

extension Variable {
  /// A kernel of few weights at learned places: k[t] = Σ_p w_p·s(t - P_p - size/2), where s interpolates.
  ///
  /// - Parameters:
  ///   - weights: w, `[outputs, inputs, points]`.
  ///   - places: P, of the same shape.
  ///   - widths: σ, of the same shape, where the interpolation has one.
  ///   - size: the number of taps.
  ///   - interpolation: s.
  /// - Returns: `[size, outputs·inputs]`, row t; computed in double precision.
  package static func spacedKernel(
    weights: Variable, places: Variable, widths: Variable?, size: Int,
    interpolation: SpacingInterpolation
  ) -> Variable {
    let shape = weights.shape
    require(
      shape.rank == 3 && places.shape == shape && interpolation.hasWidth == (widths != nil)
        && (widths.map { $0.shape == shape } ?? true),
      "Variable.spacedKernel: weights \(shape), places \(places.shape),"
        + " widths \(widths.map { "\($0.shape)" } ?? "none") for \(interpolation)")
    let kernel = SpacedKernel(
      weights: weights.value, places: places.value, widths: widths?.value, size: size,
      interpolation: interpolation)
    return primitive([weights, places] + (widths.map { [$0] } ?? []), value: kernel.taps()) {
      kernel.gradients($0)
    }
  }
}

/// The work of `Variable.spacedKernel`, a pair of channels at a time.
private struct SpacedKernel {
  let weights: Tensor
  let places: Tensor
  let widths: Tensor?
  let size: Int
  let interpolation: SpacingInterpolation

  private var pairs: Int { weights.shape[0] * weights.shape[1] }
  private var points: Int { weights.shape[2] }

  /// What a point gives to tap t, not yet divided, and its derivatives by place and by |σ|.
  private func share(_ t: Int, _ index: Int) -> SIMD3<Double> {
    let place = Double(places.pointer[index]) + Double(size / 2)
    let distance = Double(t) - place
    let sign: Double = distance > 0 ? 1 : distance < 0 ? -1 : 0
    let width =
      widths.map { abs(Double($0.pointer[index])) + interpolation.narrowest } ?? 1
    switch interpolation {
    case .linear:
      // At the position below the point the rest of its fraction, above it the fraction; a point on
      // a position gives everything to it, and moves to the next.
      let floor = place.rounded(.down)
      if Double(t) == floor { return SIMD3(1 - (place - floor), -1, 0) }
      return Double(t) == floor + 1 ? SIMD3(place - floor, 1, 0) : .zero
    case .triangle, .wideTriangle:
      let height = width - abs(distance)
      return height > 0 ? SIMD3(height, sign, 1) : .zero
    case .gaussian:
      let height = exp(-0.5 * distance * distance / (width * width))
      return SIMD3(
        height, height * distance / (width * width),
        height * distance * distance / (width * width * width))
    }
  }

  /// What the shares of a point are divided by.
  private func total(_ index: Int) -> Double {
    guard interpolation != .linear else { return 1 }
    return (0..<size).reduce(1e-7) { $0 + share($1, index).x }
  }

  func taps() -> Tensor {
    var result = Tensor(zeros: [size, pairs])
    let out = result.mutablePointer()
    Parallel.forEach(tasks: pairs) { pair, _ in
      var sums = [Double](repeating: 0, count: size)
      for index in pair * points..<(pair + 1) * points {
        let factor = Double(weights.pointer[index]) / total(index)
        for t in 0..<size { sums[t] += factor * share(t, index).x }
      }
      for t in 0..<size { out[t * pairs + pair] = Float(sums[t]) }
    }
    return result
  }

  func gradients(_ dk: Tensor) -> [Tensor?] {
    var dWeights = Tensor(zeros: weights.shape)
    var dPlaces = Tensor(zeros: weights.shape)
    var dWidths = Tensor(zeros: weights.shape)
    let (toWeights, toPlaces, toWidths) = (
      dWeights.mutablePointer(), dPlaces.mutablePointer(), dWidths.mutablePointer()
    )
    Parallel.forEach(tasks: pairs) { pair, _ in
      for index in pair * points..<(pair + 1) * points {
        let total = total(index)
        let weight = Double(weights.pointer[index])
        let up = (0..<size).map { Double(dk.pointer[$0 * pairs + pair]) }
        // Σ_t dk·share/total; a share that grows also makes the others' part smaller.
        let mean = (0..<size).reduce(0) { $0 + up[$1] * share($1, index).x } / total
        let others = interpolation == .linear ? 0 : mean
        var slopes = SIMD3<Double>()
        for t in 0..<size { slopes += share(t, index) * (up[t] - others) }
        slopes *= weight / total
        toWeights[index] = Float(mean)
        toPlaces[index] = Float(slopes.y)
        if let widths {
          let sigma = widths.pointer[index]
          toWidths[index] = sigma > 0 ? Float(slopes.z) : sigma < 0 ? -Float(slopes.z) : 0
        }
      }
    }
    return [dWeights, dPlaces] + (widths == nil ? [] : [dWidths])
  }
}
