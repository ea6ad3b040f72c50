/// The sizes of a tensor's axes, outermost first.
public struct Shape: Sendable, Hashable, ExpressibleByArrayLiteral, CustomStringConvertible {
  /// The size of each axis.
  public let sizes: [Int]

  /// The number of elements: the product of all sizes, 1 for a scalar.
  public let count: Int

  /// Creates a shape from sizes.
  ///
  /// - Precondition: no size is negative and the product fits in an `Int`.
  public init(_ sizes: [Int]) {
    var count = 1
    for size in sizes {
      require(size >= 0, "Shape: negative size in \(sizes)")
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      require(!overflow, "Shape: too many elements in \(sizes)")
      count = product
    }
    self.sizes = sizes
    self.count = count
  }

  /// Creates a shape from a list of sizes.
  public init(arrayLiteral sizes: Int...) { self.init(sizes) }

  /// The number of axes.
  public var rank: Int { sizes.count }

  /// The size of an axis; a negative index counts from the last axis.
  public subscript(axis: Int) -> Int { sizes[resolved(axis)] }

  /// The size of the last axis, 1 for a scalar.
  public var last: Int { sizes.last ?? 1 }

  /// The number of rows of the last axis: the product of all sizes but the last.
  public var rows: Int { sizes.dropLast().reduce(1, *) }

  /// The sizes in brackets, as in `[8, 1024, 256]`.
  public var description: String { "\(sizes)" }

  /// The index of an axis, counted from the first; a negative index counts from the last.
  ///
  /// - Precondition: the axis exists.
  package func resolved(_ axis: Int) -> Int {
    let index = axis < 0 ? axis + rank : axis
    require(index >= 0 && index < rank, "Shape: no axis \(axis) in \(self)")
    return index
  }

  /// The shape with one axis replaced.
  package func replacing(axis: Int, with size: Int) -> Shape {
    var sizes = sizes
    sizes[resolved(axis)] = size
    return Shape(sizes)
  }
}
