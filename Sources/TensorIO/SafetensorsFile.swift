/// The contents of a safetensors file: named tensors in order, and string metadata.
///
/// A value: reading and writing are `init(readingFrom:)` and `write(to:)`, everything between is
/// in memory. Source of the format: <https://github.com/huggingface/safetensors#format>.
///
/// Two names that Unicode calls canonically equivalent are one name here.
public struct SafetensorsFile: Sendable {
  /// Free text by key, stored under `__metadata__`.
  public var metadata: [String: String]
  /// The names of the tensors, in the order of the header.
  public private(set) var names: [String]
  /// What errors call this file.
  let source: String
  private var tensors: [String: RawTensor]

  /// Makes a file without tensors.
  public init(metadata: [String: String] = [:]) {
    self.init(metadata: metadata, source: "safetensors data")
  }

  init(metadata: [String: String], source: String) {
    self.metadata = metadata
    self.source = source
    names = []
    tensors = [:]
  }

  /// Whether there is a tensor of this name.
  public func contains(_ name: String) -> Bool { tensors[name] != nil }

  /// A tensor as it is stored, or nil where there is none of this name.
  public subscript(name: String) -> RawTensor? { tensors[name] }

  /// A tensor as it is stored.
  ///
  /// - Throws: `TensorFileError` when there is none of this name.
  public func tensor(_ name: String) throws(TensorFileError) -> RawTensor {
    guard let tensor = tensors[name] else {
      throw TensorFileError(
        place: place(of: name), expected: "a tensor of this name", got: "none among \(names.count)")
    }
    return tensor
  }

  /// The shape of a tensor, outermost axis first; empty for a scalar.
  ///
  /// - Throws: `TensorFileError` when there is none of this name.
  public func shape(of name: String) throws(TensorFileError) -> [Int] {
    try tensor(name).shape
  }

  /// The element type of a tensor.
  ///
  /// - Throws: `TensorFileError` when there is none of this name.
  public func elementType(of name: String) throws(TensorFileError) -> ElementType {
    try tensor(name).elementType
  }

  /// A tensor's elements, converted as by `RawTensor.floats()`.
  ///
  /// - Throws: `TensorFileError` when there is none of this name, or a BOOL is not 0 or 1.
  /// - Complexity: one copy.
  public func floats(_ name: String) throws(TensorFileError) -> [Float] {
    try tensor(name).floatingElements(place: place(of: name))
  }

  /// A tensor's elements, converted as by `RawTensor.doubles()`.
  ///
  /// - Throws: `TensorFileError` when there is none of this name, or a BOOL is not 0 or 1.
  /// - Complexity: one copy.
  public func doubles(_ name: String) throws(TensorFileError) -> [Double] {
    try tensor(name).floatingElements(place: place(of: name))
  }

  /// The elements of an integer or BOOL tensor; always exact.
  ///
  /// - Throws: `TensorFileError` when there is none of this name, its elements are floating
  ///   point, or one has no `Int`.
  /// - Complexity: one copy.
  public func integers(_ name: String) throws(TensorFileError) -> [Int] {
    try tensor(name).integers(place: place(of: name))
  }

  /// Adds a tensor at the end, or replaces the one of this name in its place.
  ///
  /// - Precondition: `name` is not `__metadata__`, which the format reserves.
  public mutating func set(_ name: String, _ tensor: RawTensor) {
    precondition(name != Self.metadataKey, "SafetensorsFile: '\(name)' is reserved")
    if tensors.updateValue(tensor, forKey: name) == nil { names.append(name) }
  }

  /// Adds or replaces an F32 tensor.
  ///
  /// - Precondition: `floats.count` is the product of `shape`; `name` is not `__metadata__`.
  public mutating func set(_ name: String, floats: [Float], shape: [Int]) {
    set(name, RawTensor(floats: floats.span, shape: shape))
  }

  /// Adds or replaces an F64 tensor.
  ///
  /// - Precondition: `doubles.count` is the product of `shape`; `name` is not `__metadata__`.
  public mutating func set(_ name: String, doubles: [Double], shape: [Int]) {
    set(name, RawTensor(doubles: doubles.span, shape: shape))
  }

  /// Adds or replaces an I64 tensor.
  ///
  /// - Precondition: `int64s.count` is the product of `shape`; `name` is not `__metadata__`.
  public mutating func set(_ name: String, int64s: [Int64], shape: [Int]) {
    set(name, RawTensor(int64s: int64s.span, shape: shape))
  }

  /// Adds or replaces a tensor of any element type, given by its little-endian bytes.
  ///
  /// - Precondition: `bytes.count` is the product of `shape` times the element width; `name` is
  ///   not `__metadata__`.
  public mutating func set(
    _ name: String, bytes: [UInt8], elementType: ElementType, shape: [Int]
  ) {
    set(name, RawTensor(bytes: bytes[...], elementType: elementType, shape: shape))
  }

  /// Removes a tensor; does nothing where there is none of this name.
  public mutating func remove(_ name: String) {
    if tensors.removeValue(forKey: name) != nil { names.removeAll { $0 == name } }
  }

  static let metadataKey = "__metadata__"
  /// The limit of the original implementation, and so of every file in circulation.
  static let maximumHeaderLength = 100_000_000

  func place(of name: String) -> String { "\(source), tensor \(name.quotedForMessage)" }
}
