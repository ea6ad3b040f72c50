/// Conjugate gradients for a five-point stencil, with a multigrid cycle as preconditioner.
final class ConjugateGradients {
  struct Outcome {
    let iterations: Int
    let residual: Double
  }

  private let stencil: FivePointStencil
  private let preconditioner: MultigridCycle

  init(stencil: FivePointStencil) {
    self.stencil = stencil
    preconditioner = MultigridCycle(stencil.withPositiveConductances)
  }

  /// Solves `A·unknown = rightSide` from zero.
  ///
  /// The multigrid cycle is symmetric up to rounding; the step takes the difference of two
  /// residuals (Polak and Ribière), which also bears one that is not.
  func solve(
    _ rightSide: DoubleBuffer, into unknown: DoubleBuffer, tolerance: Double, limit: Int
  ) -> Outcome {
    let count = stencil.count
    let residual = DoubleBuffer(count: count)
    residual.pointer.update(from: rightSide.pointer, count: count)
    unknown.pointer.update(repeating: 0, count: count)
    let norm = Self.dot(residual.pointer, residual.pointer, count).squareRoot()
    guard norm > 0 else { return Outcome(iterations: 0, residual: 0) }
    let direction = PaddedField(stencil)
    let (image, previous) = (DoubleBuffer(count: count), DoubleBuffer(count: count))
    var product = 1.0
    var relative = 1.0
    for iteration in 0..<limit {
      let conditioned = preconditioner.apply(residual.pointer)
      let next = Self.dot(conditioned, residual.pointer, count)
      let overlap = iteration == 0 ? next : Self.dot(conditioned, previous.pointer, count)
      let weight = iteration == 0 ? 0 : (next - overlap) / product
      product = next
      let p = direction.start
      for index in 0..<count { p[index] = conditioned[index] + weight * p[index] }
      stencil.apply(direction, into: image.pointer)
      let curvature = Self.dot(p, image.pointer, count)
      // A curvature below zero, of an operator that is not quite definite, gives a step all the same.
      guard curvature != 0 else { return Outcome(iterations: iteration, residual: relative) }
      let length = product / curvature
      previous.pointer.update(from: residual.pointer, count: count)
      let (u, r, q) = (unknown.pointer, residual.pointer, image.pointer)
      for index in 0..<count {
        u[index] += length * p[index]
        r[index] -= length * q[index]
      }
      relative = Self.dot(r, r, count).squareRoot() / norm
      if relative <= tolerance { return Outcome(iterations: iteration + 1, residual: relative) }
    }
    return Outcome(iterations: limit, residual: relative)
  }

  /// A dot product in eight interleaved sums, always in the same order.
  private static func dot(
    _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ count: Int
  ) -> Double {
    var sums = SIMD8<Double>(repeating: 0)
    let whole = count & ~7
    for index in stride(from: 0, to: whole, by: 8) {
      let x = UnsafeRawPointer(a + index).loadUnaligned(as: SIMD8<Double>.self)
      let y = UnsafeRawPointer(b + index).loadUnaligned(as: SIMD8<Double>.self)
      sums += x * y
    }
    var sum = sums.sum()
    for index in whole..<count { sum += a[index] * b[index] }
    return sum
  }
}
