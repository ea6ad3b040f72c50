import Differentiation
import SequenceTensor
import SpectralCore

extension Variable {
  /// The real transform along the length: `[batch, length/2 + 1, channels, 2]` from
  /// `[batch, length, channels]`.
  func realSpectrum(by transform: RealTransform) -> Variable {
    Self.primitive([self], value: transform.forward(value).values) { [grid = transform.gridShape] in
      [transform.forwardAdjoint(Spectrum(values: $0, gridShape: grid))]
    }
  }

  /// The inverse of `realSpectrum`: `[batch, length, channels]`.
  func sequence(by transform: RealTransform) -> Variable {
    let spectrum = Spectrum(values: value, gridShape: transform.gridShape)
    return Self.primitive([self], value: transform.inverse(spectrum)) {
      [transform.inverseAdjoint($0).values]
    }
  }

  /// What `body` makes of each sequence by itself, cut to its true length; zeros beyond it.
  ///
  /// For operators that see the whole of a sequence as one period, to which padding would belong.
  ///
  /// - Parameter body: from `[batch, length, channels]` to the same batch and length.
  func forEachTrueLength(_ mask: SequenceMask?, _ body: (Variable) -> Variable) -> Variable {
    guard let mask, !mask.isFull else { return body(self) }
    let parts = mask.lengths.enumerated().map { b, length -> Variable? in
      guard length > 0 else { return nil }
      let y = body(sliced(axis: 0, b..<b + 1).sliced(axis: 1, 0..<length))
      return y.padded(axis: 1, after: mask.length - length)
    }
    let width = parts.lazy.compactMap { $0?.shape[2] }.first ?? shape[2]
    let empty = Variable(Tensor(zeros: [1, mask.length, width]), on: tape)
    return .concatenated(parts.map { $0 ?? empty }, axis: 0)
  }
}
