public import Differentiation
public import SequenceTensor

/// An affine map of fields, fitted to data, with its inverse.
///
/// Its statistics are buffers with names: a checkpoint of a model that contains a normaliser holds
/// them. A normaliser by channel can be used at any resolution, one by point at the resolution of
/// its data; `accepts` tells.
public protocol FieldNormalizer: Module {
  /// Over which values the statistics were taken.
  var scope: NormalizerScope { get }
  /// What it does to a value.
  var affine: FieldAffine { get }
}

extension FieldNormalizer {
  /// Whether fields of a shape `[batch, x, (y, (z,)) channels]` can be normalised.
  public func accepts(_ shape: Shape) -> Bool { affine.accepts(shape) }

  /// Normalises `[batch, x, (y, (z,)) channels]`.
  ///
  /// - Precondition: the shape is accepted.
  public func normalized(_ field: Variable) -> Variable {
    let affine = affine
    return Variable.primitive([field], value: affine.applied(to: field.value)) { dy in
      [affine.scaled(dy, isInverse: true)]
    }
  }

  /// Undoes `normalized`.
  ///
  /// - Precondition: the shape is accepted.
  public func denormalized(_ field: Variable) -> Variable {
    let affine = affine
    return Variable.primitive([field], value: affine.undone(field.value)) { dy in
      [affine.scaled(dy, isInverse: false)]
    }
  }

  /// Normalises values.
  public func normalized(_ field: Tensor) -> Tensor { affine.applied(to: field) }

  /// Undoes `normalized` of values.
  public func denormalized(_ field: Tensor) -> Tensor { affine.undone(field) }
}

/// y = (x - offset)/scale, with numbers for each channel, for each point or for everything.
public struct FieldAffine: Sendable {
  /// What is subtracted: `[channels]`, `[x, (y, (z,)) channels]` or `[]`.
  public let offset: Tensor
  /// What is divided by, of the same shape.
  public let scale: Tensor
  /// Which of the three.
  public let scope: NormalizerScope

  /// Creates a map.
  public init(offset: Tensor, scale: Tensor, scope: NormalizerScope) {
    (self.offset, self.scale, self.scope) = (offset, scale, scope)
  }

  /// Whether fields of a shape can be mapped.
  public func accepts(_ shape: Shape) -> Bool {
    shape.rank >= 3 && scope.shape(of: shape) == offset.shape
  }

  /// (x - offset)/scale.
  func applied(to x: Tensor) -> Tensor {
    mapped(x, "normalized") { ($0 - $1) / $2 }
  }

  /// y·scale + offset.
  func undone(_ y: Tensor) -> Tensor {
    mapped(y, "denormalized") { $0 * $2 + $1 }
  }

  /// x·scale or x/scale.
  func scaled(_ x: Tensor, isInverse: Bool) -> Tensor {
    isInverse
      ? mapped(x, "normalized") { value, _, scale in value / scale }
      : mapped(x, "denormalized") { value, _, scale in value * scale }
  }

  /// Calls `value` with each element and its two numbers.
  ///
  /// The numbers are laid out for a block of neighbouring elements, so that the loop is one over
  /// contiguous memory also for few channels.
  @inline(__always)
  private func mapped(
    _ x: Tensor, _ operation: String, _ value: (Float, Float, Float) -> Float
  ) -> Tensor {
    require(
      accepts(x.shape),
      "FieldNormalizer.\(operation): field \(x.shape) for statistics \(offset.shape) by \(scope)")
    let period = max(1, offset.count)
    let repeats = max(1, (256 + period - 1) / period)
    let width = period * repeats
    let offsets = (0..<repeats).flatMap { _ in offset.elements }
    let scales = (0..<repeats).flatMap { _ in scale.elements }
    return Tensor(uninitialized: x.shape) { y in
      offsets.withUnsafeBufferPointer { offsets in
        scales.withUnsafeBufferPointer { scales in
          guard let offset = offsets.baseAddress, let scale = scales.baseAddress else { return }
          let blocks = (x.count + width - 1) / width
          Parallel.forEachRange(blocks, grain: max(1, Parallel.elementGrain / width)) { range in
            for block in range {
              let first = block * width
              for lane in 0..<min(width, x.count - first) {
                y[first + lane] = value(x.pointer[first + lane], offset[lane], scale[lane])
              }
            }
          }
        }
      }
    }
  }
}
