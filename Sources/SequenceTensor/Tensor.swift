/// A dense array of `Float` values with value semantics.
///
/// Sequences are `[batch, length, channels]`, filters `[length, channels]`, grids
/// `[batch, x, (y, (z,)) channels]`; elements are contiguous, the last axis fastest. A copy shares
/// its storage until one of the two is written to. Storage is 64-byte aligned and comes from a
/// caching allocator (see `TensorMemory`).
public struct Tensor: Sendable {
  /// The sizes of the axes.
  public private(set) var shape: Shape
  private var storage: Storage

  /// Creates a tensor whose elements `initialize` must all write.
  package init(uninitialized shape: Shape, _ initialize: (UnsafeMutablePointer<Float>) -> Void) {
    self.shape = shape
    storage = Storage(count: shape.count)
    initialize(storage.pointer)
  }

  /// Creates a tensor filled with one value.
  public init(repeating value: Float, shape: Shape) {
    self.init(uninitialized: shape) { $0.initialize(repeating: value, count: shape.count) }
  }

  /// Creates a tensor of zeros.
  public init(zeros shape: Shape) { self.init(repeating: 0, shape: shape) }

  /// Creates a tensor from its elements in row-major order.
  ///
  /// - Precondition: there are as many elements as the shape has.
  public init(_ elements: some Collection<Float>, shape: Shape) {
    require(
      elements.count == shape.count,
      "Tensor: \(elements.count) elements do not fill shape \(shape)")
    self.init(uninitialized: shape) { pointer in
      _ = UnsafeMutableBufferPointer(start: pointer, count: shape.count).initialize(from: elements)
    }
  }

  /// Creates a vector from its elements.
  public init(_ elements: [Float]) { self.init(elements, shape: [elements.count]) }

  /// Creates a tensor of shape `[]` that holds one number.
  public init(scalar: Float) { self.init(repeating: scalar, shape: []) }

  /// The number of elements.
  public var count: Int { shape.count }

  /// The elements in row-major order, copied.
  public var elements: [Float] { Array(UnsafeBufferPointer(start: pointer, count: count)) }

  /// The one element of a tensor that has one.
  ///
  /// - Precondition: `count == 1`.
  public var scalar: Float {
    require(count == 1, "Tensor.scalar: shape \(shape) has \(count) elements")
    return pointer[0]
  }

  /// The element at an index for each axis.
  ///
  /// - Precondition: as many indices as axes, each within its axis.
  public subscript(indices: Int...) -> Float {
    get { pointer[offset(indices)] }
    set {
      let offset = offset(indices)
      mutablePointer()[offset] = newValue
    }
  }

  private func offset(_ indices: [Int]) -> Int {
    require(
      indices.count == shape.rank, "Tensor: \(indices.count) indices for shape \(shape)")
    var offset = 0
    for (index, size) in zip(indices, shape.sizes) {
      require(index >= 0 && index < size, "Tensor: index \(indices) outside \(shape)")
      offset = offset * size + index
    }
    return offset
  }

  /// Calls `body` with the elements in row-major order.
  public func withSpan<Result, Failure: Error>(
    _ body: (Span<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(Span(_unsafeStart: pointer, count: count))
  }

  /// Calls `body` with the elements for writing; copies them first if they are shared.
  public mutating func withMutableSpan<Result, Failure: Error>(
    _ body: (inout MutableSpan<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    var span = MutableSpan(_unsafeStart: mutablePointer(), count: count)
    return try body(&span)
  }

  /// The elements for reading, valid while this tensor (or a copy of it) lives.
  ///
  /// Kernels use it on their parameters, which live until they return.
  package var pointer: UnsafePointer<Float> { UnsafePointer(storage.pointer) }

  /// The elements for writing, valid while this tensor lives and is not copied.
  package mutating func mutablePointer() -> UnsafeMutablePointer<Float> {
    if !isKnownUniquelyReferenced(&storage) {
      let copy = Storage(count: count)
      copy.pointer.update(from: storage.pointer, count: count)
      storage = copy
    }
    return storage.pointer
  }

  /// Whether writing would copy.
  package mutating func isUnique() -> Bool { isKnownUniquelyReferenced(&storage) }

  /// Whether two tensors have the same shape and are stored in the same place.
  ///
  /// If so they have the same elements. While one of the two is kept, writing to the other moves it
  /// elsewhere.
  ///
  /// - Complexity: O(1).
  package func isIdentical(to other: Tensor) -> Bool {
    shape == other.shape && storage === other.storage
  }

  /// The same elements in row-major order under other axes; one size may be -1 and is inferred.
  ///
  /// - Precondition: the number of elements stays the same.
  /// - Complexity: O(1), storage is shared.
  public func reshaped(_ sizes: Int...) -> Tensor {
    guard let hole = sizes.firstIndex(of: -1) else { return reshaped(to: Shape(sizes)) }
    var sizes = sizes
    sizes[hole] = 1
    let known = Shape(sizes).count
    require(
      known > 0 && count % known == 0, "Tensor.reshaped: \(shape) does not divide into \(sizes)")
    sizes[hole] = count / known
    return reshaped(to: Shape(sizes))
  }

  /// The same elements in row-major order under another shape.
  public func reshaped(to shape: Shape) -> Tensor {
    require(
      shape.count == count, "Tensor.reshaped: \(self.shape) cannot become \(shape)")
    var result = self
    result.shape = shape
    return result
  }
}

extension Tensor: Equatable {
  /// Whether two tensors have the same shape and equal elements (NaN equals nothing).
  public static func == (a: Tensor, b: Tensor) -> Bool {
    a.shape == b.shape && (0..<a.count).allSatisfy { a.pointer[$0] == b.pointer[$0] }
  }
}

extension Tensor: CustomStringConvertible {
  /// The shape and the first few elements.
  public var description: String {
    let shown = (0..<min(count, 8)).map { "\(pointer[$0])" }.joined(separator: ", ")
    return "Tensor \(shape) [\(shown)\(count > 8 ? ", …" : "")]"
  }
}

extension Tensor {
  /// A tensor of numbers drawn uniformly from `[lower, upper)`.
  public init(
    uniform shape: Shape, from lower: Float = 0, to upper: Float = 1,
    using random: inout RandomSource
  ) {
    self.init(
      (0..<shape.count).map { _ in Float(random.uniform(from: Double(lower), to: Double(upper))) },
      shape: shape)
  }

  /// A tensor of numbers drawn from the normal distribution.
  public init(
    normal shape: Shape, mean: Float = 0, deviation: Float = 1, using random: inout RandomSource
  ) {
    self.init(
      (0..<shape.count).map { _ in mean + deviation * Float(random.normal()) }, shape: shape)
  }
}
