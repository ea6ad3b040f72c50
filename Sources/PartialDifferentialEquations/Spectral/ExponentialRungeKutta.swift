/// Exponential time differencing for y' = L·y + N(y) with a diagonal L.
///
/// Runge–Kutta forms of orders 1 to 4: Cox and Matthews, "Exponential time differencing for stiff
/// systems", 2002, section 2; the linear part is exact, so it sets no limit to the step.
final class ExponentialRungeKutta {
  typealias Nonlinearity = (UnsafePointer<Double>, UnsafeMutablePointer<Double>) -> Void

  let order: Int
  private let linear: Diagonal
  private let nonlinearity: Nonlinearity
  private var coefficients: ExponentialCoefficients?
  private var step = 0.0
  /// The stages and the nonlinear terms at them.
  private let stages: [DoubleBuffer]
  private let terms: [DoubleBuffer]

  /// - Precondition: the order is 1, 2, 3 or 4.
  init(order: Int, linear: Diagonal, nonlinearity: @escaping Nonlinearity) {
    (self.order, self.linear, self.nonlinearity) = (order, linear, nonlinearity)
    let count = linear.factors.count
    stages = (0..<2).map { _ in DoubleBuffer(count: count) }
    terms = (0..<4).map { _ in DoubleBuffer(count: count) }
  }

  /// Takes `steps` steps of one length.
  func advance(_ state: DoubleBuffer, steps: Int, step: Double) {
    let coefficients: ExponentialCoefficients
    if let known = self.coefficients, self.step == step {
      coefficients = known
    } else {
      coefficients = ExponentialCoefficients(linear: linear, step: step)
      (self.coefficients, self.step) = (coefficients, step)
    }
    for _ in 0..<steps {
      nonlinearity(state.pointer, terms[0].pointer)
      switch order {
      case 1: advanceFirst(state, coefficients)
      case 2: advanceSecond(state, coefficients)
      case 3: advanceThird(state, coefficients)
      default: advanceFourth(state, coefficients)
      }
    }
  }

  private func advanceFirst(_ state: DoubleBuffer, _ c: ExponentialCoefficients) {
    c.whole.multiply(state.pointer, into: state.pointer)
    c.first.multiplyAdd(terms[0].pointer, into: state.pointer)
  }

  private func advanceSecond(_ state: DoubleBuffer, _ c: ExponentialCoefficients) {
    advanceFirst(state, c)
    nonlinearity(state.pointer, terms[1].pointer)
    subtract(terms[0], from: terms[1])
    c.second.multiplyAdd(terms[1].pointer, into: state.pointer)
  }

  private func advanceThird(_ state: DoubleBuffer, _ c: ExponentialCoefficients) {
    let (a, b) = (stages[0], stages[1])
    c.half.multiply(state.pointer, into: a.pointer)
    c.halfFirst.multiplyAdd(terms[0].pointer, into: a.pointer)
    nonlinearity(a.pointer, terms[1].pointer)
    c.whole.multiply(state.pointer, into: b.pointer)
    doubleAndSubtract(terms[1], terms[0], into: terms[3])
    c.first.multiplyAdd(terms[3].pointer, into: b.pointer)
    nonlinearity(b.pointer, terms[2].pointer)
    c.whole.multiply(state.pointer, into: state.pointer)
    c.beginning.multiplyAdd(terms[0].pointer, into: state.pointer)
    doubledSum(terms[1], terms[1])
    c.middle.multiplyAdd(terms[1].pointer, into: state.pointer)
    c.end.multiplyAdd(terms[2].pointer, into: state.pointer)
  }

  private func advanceFourth(_ state: DoubleBuffer, _ c: ExponentialCoefficients) {
    let (a, b) = (stages[0], stages[1])
    c.half.multiply(state.pointer, into: a.pointer)
    c.half.multiply(state.pointer, into: b.pointer)
    c.halfFirst.multiplyAdd(terms[0].pointer, into: a.pointer)
    nonlinearity(a.pointer, terms[1].pointer)
    c.halfFirst.multiplyAdd(terms[1].pointer, into: b.pointer)
    nonlinearity(b.pointer, terms[2].pointer)
    // The fourth stage starts from the second: c = exp(z/2)·a + (h/2)·φ₁(z/2)·(2·N(b) - N(u)).
    c.half.multiply(a.pointer, into: a.pointer)
    doubleAndSubtract(terms[2], terms[0], into: terms[3])
    c.halfFirst.multiplyAdd(terms[3].pointer, into: a.pointer)
    nonlinearity(a.pointer, terms[3].pointer)
    c.whole.multiply(state.pointer, into: state.pointer)
    c.beginning.multiplyAdd(terms[0].pointer, into: state.pointer)
    doubledSum(terms[1], terms[2])
    c.middle.multiplyAdd(terms[1].pointer, into: state.pointer)
    c.end.multiplyAdd(terms[3].pointer, into: state.pointer)
  }

  private func subtract(_ x: DoubleBuffer, from y: DoubleBuffer) {
    let (x, y, count) = (x.pointer, y.pointer, x.count)
    for index in 0..<count { y[index] -= x[index] }
  }

  private func doubleAndSubtract(
    _ x: DoubleBuffer, _ y: DoubleBuffer, into result: DoubleBuffer
  ) {
    let (x, y, result, count) = (x.pointer, y.pointer, result.pointer, x.count)
    for index in 0..<count { result[index] = 2 * x[index] - y[index] }
  }

  /// `x = 2(x + y)`.
  private func doubledSum(_ x: DoubleBuffer, _ y: DoubleBuffer) {
    let (x, y, count) = (x.pointer, y.pointer, x.count)
    for index in 0..<count { x[index] = 2 * (x[index] + y[index]) }
  }
}
