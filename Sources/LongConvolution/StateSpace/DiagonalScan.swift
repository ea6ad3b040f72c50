import Differentiation
import SequenceTensor

/// The parameters of S5's states in double precision: poles, steps, and what they become.
struct DiagonalStates {
  let discretization: Discretization
  /// Δ of each state, with the scale of all.
  let steps: [Double]
  /// Λ of each state.
  let poles: [ComplexNumber]
  /// Whether the real part of the pole is the parameter's, and not the limit.
  let isFree: [Bool]
  /// log Λ̄.
  let exponents: [ComplexNumber]
  /// κ.
  let gains: [ComplexNumber]

  /// The largest real part of clipped poles.
  static let limit = -1e-4

  init(real: Tensor, imaginary: Tensor, logStep: Tensor, options: S5Options) {
    discretization = options.discretization
    steps = logStep.elements.map { options.stepScale * exponential(Double($0)) }
    let reals = real.elements.map { Double($0) }
    isFree = reals.map { !options.clipsPoles || $0 < Self.limit }
    poles = zip(zip(reals, isFree), imaginary.elements).map {
      ComplexNumber($0.1 ? $0.0 : Self.limit, Double($1))
    }
    let discrete = zip(steps, poles).map {
      options.discretization(step: $0, pole: $1, length: 1)
    }
    exponents = discrete.map(\.exponent)
    gains = discrete.map(\.gain)
  }

  /// Λ̄.
  var transition: [ComplexNumber] { exponents.map { .exponential($0) } }

  /// The gradients of real part, imaginary part and log Δ from those of log Λ̄ and κ.
  func gradients(exponents: [ComplexNumber], gains: [ComplexNumber]) -> [Tensor] {
    var (real, imaginary, logStep): ([Double], [Double], [Double]) = ([], [], [])
    for n in poles.indices {
      let (step, pole) = discretization.pullback(
        step: steps[n], pole: poles[n], length: 1, exponent: exponents[n], gain: gains[n])
      real.append(isFree[n] ? pole.real : 0)
      imaginary.append(pole.imaginary)
      logStep.append(step * steps[n])
    }
    return [real, imaginary, logStep].map { Tensor($0, shape: [poles.count]) }
  }
}

/// x[l] = Λ̄·x[l - 1] + v[l], in place over a sequence of states `[length, P, 2]`.
///
/// The length is cut into pieces that start at zero, whose last states are then joined and carried
/// into the pieces: the two levels of a scan, with work for every thread from one sequence. The
/// pieces depend on the length alone. Carried states are in double precision.
struct DiagonalScan {
  /// Λ̄.
  let transition: [ComplexNumber]
  /// The longest piece.
  private static let piece = 512

  /// Scans sequences `[batch, length, 2·P]`.
  ///
  /// - Parameters:
  ///   - values: v, replaced by x.
  ///   - isReversed: whether the recurrence runs from the last position to the first.
  ///   - state: x before the first position, `[batch, P]`; replaced by the last one.
  func callAsFunction(
    _ values: inout Tensor, isReversed: Bool = false, state: inout [ComplexNumber]
  ) {
    let (batch, length) = (values.shape[0], values.shape[1])
    let count = transition.count
    guard length > 0 else { return }
    let pieces = (length + Self.piece - 1) / Self.piece
    var ends = [ComplexNumber](repeating: .zero, count: batch * pieces * count)
    let out = values.mutablePointer()
    /// The position of step l of the recurrence.
    func row(_ b: Int, _ l: Int) -> UnsafeMutablePointer<Float> {
      out + (b * length + (isReversed ? length - 1 - l : l)) * 2 * count
    }
    func range(_ piece: Int) -> Range<Int> {
      piece * Self.piece..<min(length, (piece + 1) * Self.piece)
    }
    ends.withUnsafeMutableBufferPointer { ends in
      nonisolated(unsafe) let ends = ends
      Parallel.forEach(tasks: batch * pieces) { task, _ in
        let (b, piece) = task.quotientAndRemainder(dividingBy: pieces)
        for l in range(piece) {
          let at = row(b, l)
          for n in 0..<count {
            let next =
              transition[n] * ends[task * count + n]
              + ComplexNumber(Double(at[2 * n]), Double(at[2 * n + 1]))
            ends[task * count + n] = next
            at[2 * n] = Float(next.real)
            at[2 * n + 1] = Float(next.imaginary)
          }
        }
      }
    }
    // The state before each piece.
    var starts = [ComplexNumber](repeating: .zero, count: ends.count)
    let full = transition.map { power($0, Self.piece) }
    let last = transition.map { power($0, range(pieces - 1).count) }
    for b in 0..<batch {
      for piece in 0..<pieces {
        for n in 0..<count {
          let at = (b * pieces + piece) * count + n
          starts[at] = state[b * count + n]
          state[b * count + n] =
            (piece == pieces - 1 ? last[n] : full[n]) * state[b * count + n] + ends[at]
        }
      }
    }
    Parallel.forEach(tasks: batch * pieces) { task, _ in
      let (b, piece) = task.quotientAndRemainder(dividingBy: pieces)
      var carried = Array(starts[task * count..<(task + 1) * count])
      guard carried.contains(where: { $0 != .zero }) else { return }
      for l in range(piece) {
        let at = row(b, l)
        for n in 0..<count {
          carried[n] = transition[n] * carried[n]
          at[2 * n] += Float(carried[n].real)
          at[2 * n + 1] += Float(carried[n].imaginary)
        }
      }
    }
  }

  private func power(_ x: ComplexNumber, _ exponent: Int) -> ComplexNumber {
    var (result, square, rest) = (ComplexNumber.one, x, exponent)
    while rest > 0 {
      if rest % 2 == 1 { result = result * square }
      square = square * square
      rest /= 2
    }
    return result
  }

  /// The gradients of v and of log Λ̄ from that of the states x.
  func pullback(
    _ gradient: Tensor, states: Tensor, isReversed: Bool
  ) -> (values: Tensor, exponents: [ComplexNumber]) {
    let (batch, length) = (states.shape[0], states.shape[1])
    let count = transition.count
    var values = gradient
    var state = [ComplexNumber](repeating: .zero, count: batch * count)
    DiagonalScan(transition: transition.map(\.conjugate))(
      &values, isReversed: !isReversed, state: &state)
    // Σ gradient·conj(x before), in pieces whose order is fixed.
    let rows = max(0, length - 1)
    let sums = Tensor.reducingRows(rows: batch * rows, width: 2 * count) { sum, range in
      for index in range {
        let (b, l) = index.quotientAndRemainder(dividingBy: rows)
        let (before, after) = isReversed ? (l + 1, l) : (l, l + 1)
        let x = states.pointer + (b * length + before) * 2 * count
        let g = values.pointer + (b * length + after) * 2 * count
        for n in 0..<count {
          sum[2 * n] += g[2 * n] * x[2 * n] + g[2 * n + 1] * x[2 * n + 1]
          sum[2 * n + 1] += g[2 * n + 1] * x[2 * n] - g[2 * n] * x[2 * n + 1]
        }
      }
    }
    let ofTransition = [ComplexNumber](sums)
    return (values, zip(ofTransition, transition).map { $0 * $1.conjugate })
  }
}
