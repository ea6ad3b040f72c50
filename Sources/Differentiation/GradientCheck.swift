public import SequenceTensor

/// Checks of hand-written gradients, for tests of primitives and layers.
///
/// Both checks need no tolerance of their own: they return an error relative to the size that the
/// compared quantity usually has, and the test compares it with what single precision allows.
public enum GradientCheck {
  /// How far a linear function's pullback is from being its adjoint.
  ///
  /// For random x and y the inner products ⟨Ax, y⟩ and ⟨x, Aᵀy⟩ are the same number if the
  /// pullback is the adjoint Aᵀ. Nothing is differenced, so a right one is off by rounding only,
  /// about 1e-7.
  ///
  /// ```swift
  /// let error = GradientCheck.adjointError(
  ///   of: { $0.padded(axis: 1, before: 2, after: 1) }, at: [2, 5, 3], using: &random)
  /// #expect(error < 1e-6)
  /// ```
  ///
  /// - Parameters:
  ///   - linear: A, a linear function without a constant term, of its argument on its tape.
  ///   - shape: the shape of x.
  ///   - random: where x and y come from.
  /// - Returns: |⟨Ax, y⟩ - ⟨x, Aᵀy⟩| relative to the larger of ‖Ax‖‖y‖ and ‖x‖‖Aᵀy‖, in double
  ///   precision; 0 if both are 0.
  public static func adjointError(
    of linear: (Variable) -> Variable, at shape: Shape, using random: inout RandomSource
  ) -> Double {
    adjointError(
      of: { linear($0[0]) }, at: [Tensor(normal: shape, using: &random)], using: &random)
  }

  /// How far the pullback of a function that is linear in all its inputs together, such as a sum
  /// or a concatenation, is from being its adjoint.
  ///
  /// - Parameters:
  ///   - linear: A, a linear function without a constant term, of its arguments on their tape.
  ///   - inputs: x, in parts.
  ///   - random: where y comes from.
  /// - Returns: as for one input.
  public static func adjointError(
    of linear: ([Variable]) -> Variable, at inputs: [Tensor], using random: inout RandomSource
  ) -> Double {
    let tape = Tape()
    let variables = inputs.map(tape.variable)
    let output = linear(variables)
    let y = Tensor(normal: output.shape, using: &random)
    let gradients = tape.gradients(of: output, seed: y)
    let pulledBack = variables.map { gradients[$0] ?? Tensor(zeros: $0.shape) }
    let forward = dot([output.value], [y])
    let backward = dot(inputs, pulledBack)
    let scale = max(
      norm([output.value]) * norm([y]), norm(inputs) * norm(pulledBack))
    return relative(abs(forward - backward), to: scale)
  }

  /// How far the gradients of a tape are from differences of the function's values.
  ///
  /// The output, of any shape, is reduced to a number with fixed random weights; its derivative
  /// along a random direction of all inputs together is compared with central differences. Too
  /// large a step differs by curvature, too small a one by rounding, so several are tried and the
  /// best counts. Differences of single-precision values are good to about 1e-3. With a
  /// `reference` in double precision they are exact to about 1e-8, and what remains is the
  /// rounding of the gradients themselves, about 1e-6.
  ///
  /// Every evaluation sees the same random numbers, so functions with dropout can be checked.
  ///
  /// - Parameters:
  ///   - function: the function, of its arguments on their tape.
  ///   - inputs: where the derivative is taken; away from kinks by more than the steps.
  ///   - reference: the same function in double precision, from the elements of each input to the
  ///     elements of the output, both in row-major order.
  ///   - directions: how many directions are tried; the worst counts.
  ///   - random: where directions and weights come from, and the randomness of the function.
  /// - Returns: the error relative to the larger of the norm of the gradient, which is the usual
  ///   size of a derivative along a random direction, and the difference quotient; infinite if
  ///   the derivative or every quotient is not a number.
  public static func directionalError(
    of function: ([Variable]) -> Variable, at inputs: [Tensor],
    reference: (([[Double]]) -> [Double])? = nil, directions: Int = 3,
    using random: inout RandomSource
  ) -> Double {
    let start = RandomSource(seed: random.next())
    let tape = Tape(random: start)
    let variables = inputs.map(tape.variable)
    let output = function(variables)
    let weights = Tensor(normal: output.shape, using: &random)
    let gradients = tape.gradients(of: output, seed: weights)
    let slopes = variables.map { gradients[$0] ?? Tensor(zeros: $0.shape) }

    /// The weighted output at `inputs + step·direction`.
    func value(_ direction: [Tensor], _ step: Double) -> Double {
      let moved = zip(inputs, direction).map { x, d in
        zip(x.elements, d.elements).map { Double($0) + step * Double($1) }
      }
      if let reference {
        return zip(reference(moved), weights.elements).reduce(0) { $0 + $1.0 * Double($1.1) }
      }
      // On a tape, because some functions behave otherwise without one, but as constants.
      let tape = Tape(random: start)
      let constants = zip(moved, inputs).map { elements, x in
        Variable(Tensor(elements.map { Float($0) }, shape: x.shape), on: tape)
      }
      return dot([function(constants).value], [weights])
    }

    let steps = reference == nil ? [1e-1, 3e-2, 1e-2, 3e-3, 1e-3] : [1e-3, 1e-4, 1e-5]
    var worst = 0.0
    for _ in 0..<directions {
      let direction = inputs.map { Tensor(normal: $0.shape, using: &random) }
      let slope = dot(slopes, direction)
      let errors = steps.map { step in
        let quotient = (value(direction, step) - value(direction, -step)) / (2 * step)
        return relative(abs(slope - quotient), to: max(norm(slopes), abs(quotient)))
      }
      worst = max(worst, errors.min() ?? .infinity)
    }
    return worst
  }

  /// The inner product of two tensors in parts, in double precision.
  private static func dot(_ a: [Tensor], _ b: [Tensor]) -> Double {
    zip(a, b).reduce(0) { sum, pair in
      zip(pair.0.elements, pair.1.elements).reduce(sum) { $0 + Double($1.0) * Double($1.1) }
    }
  }

  private static func norm(_ a: [Tensor]) -> Double {
    a.reduce(0) { $0 + $1.sumOfSquares() }.squareRoot()
  }

  /// NaN counts as infinite, so that it cannot pass for the smaller of two errors.
  private static func relative(_ difference: Double, to scale: Double) -> Double {
    guard difference.isFinite, scale.isFinite else { return .infinity }
    return difference == 0 ? 0 : difference / scale
  }
}
