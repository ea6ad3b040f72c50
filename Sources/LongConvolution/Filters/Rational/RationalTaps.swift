package import Differentiation
import SequenceTensor
import SpectralCore

extension Variable {
  /// The taps of (b_1·z⁻¹ + … + b_N·z⁻ᴺ)/(1 + a_1·z⁻¹ + … + a_N·z⁻ᴺ) + h_0, with what lies beyond the
  /// transform wrapped around: irfft(rfft([0, b])/rfft([1, a])) + h_0·δ.
  ///
  /// Transforms and quotients are in double precision.
  ///
  /// - Parameters:
  ///   - denominator: a, `[N, channels/copies]`; neighbouring channels share one.
  ///   - numerator: b, `[N, channels]`.
  ///   - constant: h_0, `[channels]`.
  ///   - points: the size of the transform, even and above N.
  ///   - rows: how many taps are wanted, at most `points`.
  /// - Returns: `[rows, channels]`.
  /// - Complexity: O(channels·points·log(points)).
  package static func rationalTaps(
    denominator: Variable, numerator: Variable, constant: Variable, points: Int, rows: Int
  ) -> Variable {
    let (order, channels) = (numerator.shape[0], numerator.shape[1])
    require(
      denominator.shape.rank == 2 && denominator.shape[0] == order
        && channels % denominator.shape[1] == 0 && constant.shape == [channels]
        && points.isMultiple(of: 2) && points > order && rows <= points,
      "Variable.rationalTaps: denominator \(denominator.shape), numerator \(numerator.shape)"
        + " [order, channels], constant \(constant.shape), \(rows) rows of \(points)")
    let rational = RationalResponse(
      denominator: denominator.value, numerator: numerator.value, points: points, rows: rows)
    return primitive(
      [denominator, numerator, constant], value: rational.taps(constant: constant.value)
    ) { rational.gradients($0) }
  }
}

/// The work of `Variable.rationalTaps`, a channel at a time.
private struct RationalResponse {
  let denominator: Tensor
  let numerator: Tensor
  let points: Int
  let rows: Int

  private var order: Int { numerator.shape[0] }
  private var channels: Int { numerator.shape[1] }
  private var copies: Int { channels / denominator.shape[1] }
  private var transform: DoubleRealTransform { .plan([points]) }

  /// The spectrum of a leading coefficient and a column of others, as complex pairs.
  private func spectrum(_ leading: Double, _ tensor: Tensor, _ column: Int) -> [Double] {
    var values = [Double](repeating: 0, count: points)
    values[0] = leading
    for j in 0..<order { values[j + 1] = Double(tensor.pointer[j * tensor.shape[1] + column]) }
    return transform.forward(values)
  }

  /// 1/A of a channel.
  private func inverse(_ channel: Int) -> [Double] {
    var result = spectrum(1, denominator, channel / copies)
    for k in stride(from: 0, to: result.count, by: 2) {
      let size = result[k] * result[k] + result[k + 1] * result[k + 1]
      (result[k], result[k + 1]) = (result[k] / size, -result[k + 1] / size)
    }
    return result
  }

  private static func product(_ a: [Double], _ b: [Double], conjugate: Bool) -> [Double] {
    var result = a
    let sign: Double = conjugate ? -1 : 1
    for k in stride(from: 0, to: a.count, by: 2) {
      result[k] = a[k] * b[k] - sign * a[k + 1] * b[k + 1]
      result[k + 1] = a[k + 1] * b[k] + sign * a[k] * b[k + 1]
    }
    return result
  }

  func taps(constant: Tensor) -> Tensor {
    var result = Tensor(uninitialized: [rows, channels]) { _ in }
    let out = result.mutablePointer()
    Parallel.forEach(tasks: channels) { c, _ in
      let response = transform.inverse(
        Self.product(inverse(c), spectrum(0, numerator, c), conjugate: false))
      for n in 0..<rows {
        out[n * channels + c] = Float(response[n] + (n == 0 ? Double(constant.pointer[c]) : 0))
      }
    }
    return result
  }

  func gradients(_ dy: Tensor) -> [Tensor?] {
    // Of each channel its own denominator first, so that sums over copies have an order.
    var perChannel = Tensor(zeros: [order, channels])
    var dNumerator = Tensor(zeros: [order, channels])
    var dConstant = Tensor(zeros: [channels])
    let (toA, toB, toConstant) = (
      perChannel.mutablePointer(), dNumerator.mutablePointer(), dConstant.mutablePointer()
    )
    Parallel.forEach(tasks: channels) { c, _ in
      var up = [Double](repeating: 0, count: points)
      for n in 0..<rows { up[n] = Double(dy.pointer[n * channels + c]) }
      if rows > 0 { toConstant[c] = Float(up[0]) }
      // d(B/A) = dB/A - (B/A)/A·dA.
      let inverse = inverse(c)
      let toNumerator = Self.product(transform.forward(up), inverse, conjugate: true)
      let quotient = Self.product(inverse, spectrum(0, numerator, c), conjugate: false)
      let dB = transform.inverse(toNumerator)
      let dA = transform.inverse(Self.product(toNumerator, quotient, conjugate: true))
      for j in 0..<order {
        toB[j * channels + c] = Float(dB[j + 1])
        toA[j * channels + c] = Float(-dA[j + 1])
      }
    }
    let dDenominator = perChannel.reshaped(order, denominator.shape[1], copies).sum(axis: 2)
    return [dDenominator, dNumerator, dConstant]
  }
}
