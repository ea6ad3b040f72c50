import SequenceTensor

/// Arrays by index arithmetic alone, slow and plain, to compare tensors with.
struct NaiveTensor {
  let sizes: [Int]
  let elements: [Float]

  init(_ tensor: Tensor) { (sizes, elements) = (tensor.shape.sizes, tensor.elements) }

  /// The elements that `element` gives for each index.
  init(_ sizes: [Int], _ element: ([Int]) -> Float) {
    self.sizes = sizes
    elements = Self.indices(sizes).map(element)
  }

  /// Every index of a shape in row-major order.
  static func indices(_ sizes: [Int]) -> [[Int]] {
    sizes.reduce([[]]) { prefixes, size in
      prefixes.flatMap { prefix in (0..<size).map { prefix + [$0] } }
    }
  }

  subscript(index: [Int]) -> Float {
    elements[zip(index, sizes).reduce(0) { $0 * $1.1 + $1.0 }]
  }

  /// The element that NumPy's broadcasting puts at an index of a result of higher rank.
  func broadcast(_ index: [Int]) -> Float {
    self[zip(index.suffix(sizes.count), sizes).map { $1 == 1 ? 0 : $0 }]
  }

  static func == (a: Tensor, b: NaiveTensor) -> Bool {
    a.shape.sizes == b.sizes && a.elements == b.elements
  }
}

extension Tensor {
  /// Values that tell positions apart and are exact under a few operations.
  static func numbered(_ sizes: [Int], from first: Int = 1) -> Tensor {
    let shape = Shape(sizes)
    return Tensor((0..<shape.count).map { Float($0 + first) }, shape: shape)
  }
}
