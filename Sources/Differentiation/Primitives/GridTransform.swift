import SequenceTensor
public import SpectralCore

extension Variable {
  /// The kept modes of a grid.
  ///
  /// - Returns: `[batch, modes…, channels, 2]`, the values of a `TruncatedSpectrum`; the gradient
  ///   of a complex value is that with respect to its real and to its imaginary part.
  /// - Precondition: `self` is `[batch, x, (y, (z,)) channels]` with the transform's grid.
  public func spectrum(by transform: TruncatedTransform) -> Variable {
    Self.primitive([self], value: transform.forward(value).values) { dy in
      [transform.forwardAdjoint(TruncatedSpectrum(values: dy))]
    }
  }

  /// The grid of some modes; its transform may be of another resolution than theirs was.
  ///
  /// - Returns: `[batch, x, (y, (z,)) channels]`.
  /// - Precondition: `self` is `[batch, modes…, channels, 2]` with the transform's modes.
  public func grid(by transform: TruncatedTransform) -> Variable {
    let spectrum = TruncatedSpectrum(values: value)
    return Self.primitive([self], value: transform.inverse(spectrum)) { dy in
      [transform.inverseAdjoint(dy).values]
    }
  }

  /// The kept modes of a complex grid.
  ///
  /// - Returns: `[batch, modes…, channels, 2]`.
  /// - Precondition: `self` is `[batch, x, (y, (z,)) channels, 2]` with the transform's grid.
  public func spectrum(by transform: ComplexTruncatedTransform) -> Variable {
    Self.primitive([self], value: transform.forward(value)) { dy in
      [transform.inverse(dy, adjoint: true)]
    }
  }

  /// The complex grid of some modes.
  ///
  /// - Returns: `[batch, x, (y, (z,)) channels, 2]`.
  /// - Precondition: `self` is `[batch, modes…, channels, 2]` with the transform's modes.
  public func grid(by transform: ComplexTruncatedTransform) -> Variable {
    Self.primitive([self], value: transform.inverse(value)) { dy in
      [transform.forward(dy, adjoint: true)]
    }
  }
}
