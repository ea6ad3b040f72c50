public import Differentiation
public import Layers
import SequenceTensor

/// A real layer, or two of them as one of complex values: (f·Re - g·Im) + i·(f·Im + g·Re).
///
/// Source: `ComplexValued` of neuraloperator 2.0 (`neuralop/layers/complex.py`). There f and g start
/// as copies of each other; here each starts with random numbers of its own.
public struct ComplexExtension<Part: ReferenceCompatible>: Module {
  /// The layer, or f.
  public var real: Part
  /// g; nil for real values.
  public var imaginary: Part?

  /// Creates the layer.
  init(isComplex: Bool, _ make: () -> Part) {
    real = make()
    imaginary = isComplex ? make() : nil
  }

  /// Applies the layer by `body`, which applies a part to real values.
  public func callAsFunction(_ x: Variable, _ body: (Part, Variable) -> Variable) -> Variable {
    guard let imaginary else { return body(real, x) }
    let (re, im) = x.complexParts
    return Variable.complex(
      body(real, re) - body(imaginary, im), body(real, im) + body(imaginary, re))
  }

  /// Visits the layer, or `fr` and `fi`.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    guard var part = imaginary else { return real.forEachParameter(body) }
    visit("fr", &real, body)
    visit("fi", &part, body)
    imaginary = part
  }
}

extension ComplexExtension: ReferenceCompatible {
  /// Visits the layer, or `fr` and `fi`.
  public mutating func forEachReference(_ body: (ReferenceTensor, inout Parameter) -> Void) {
    guard var part = imaginary else { return real.forEachReference(body) }
    visitReferences("fr", &real, body)
    visitReferences("fi", &part, body)
    imaginary = part
  }
}

extension Variable {
  /// The real and the imaginary parts `[…]` of complex values `[…, 2]`.
  var complexParts: (Variable, Variable) {
    let parts = Shape(Array(shape.sizes.dropLast()))
    return (
      sliced(axis: -1, 0..<1).reshaped(to: parts), sliced(axis: -1, 1..<2).reshaped(to: parts)
    )
  }

  /// Complex values `[…, 2]` of real and imaginary parts.
  static func complex(_ real: Variable, _ imaginary: Variable) -> Variable {
    let part = Shape(real.shape.sizes + [1])
    return concatenated([real.reshaped(to: part), imaginary.reshaped(to: part)], axis: -1)
  }
}
