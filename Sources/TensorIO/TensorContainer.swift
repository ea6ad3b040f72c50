/// What a file says of a tensor before it is read.
public struct TensorEntry: Hashable, Sendable, CustomStringConvertible {
  /// The name, with the groups or keys it lies in.
  public let name: String
  /// How the elements are stored and will be given.
  public let elementType: ElementType
  /// The shape that reading gives, outermost axis first.
  public let shape: [Int]
  /// Whether the last axis is of two: the real and the imaginary parts of complex numbers.
  public let isComplex: Bool

  /// Makes an entry.
  public init(name: String, elementType: ElementType, shape: [Int], isComplex: Bool = false) {
    self.name = name
    self.elementType = elementType
    self.shape = shape
    self.isComplex = isComplex
  }

  /// One line, such as `x F32 [1000, 16, 16]`.
  public var description: String {
    "\(name) \(elementType.rawValue) \(shape)\(isComplex ? " complex" : "")"
  }
}

/// Something in a file that is no tensor of numbers, and why.
public struct SkippedEntry: Hashable, Sendable {
  /// The name, with the groups or keys it lies in.
  public let name: String
  /// What it is, or what is wrong with it.
  public let reason: String

  /// Makes an entry.
  public init(name: String, reason: String) {
    self.name = name
    self.reason = reason
  }
}

/// A small value that a file has beside its tensors.
public enum TensorAttribute: Hashable, Sendable, CustomStringConvertible {
  /// A number.
  case number(Double)
  /// Several numbers.
  case numbers([Double])
  /// Text.
  case text(String)
  /// Several texts.
  case texts([String])

  /// The value on one line, text in quotes and shortened.
  public var description: String {
    switch self {
    case .number(let number): "\(number)"
    case .numbers(let numbers):
      "[\(numbers.prefix(8).map { "\($0)" }.joined(separator: ", "))"
        + (numbers.count > 8 ? ", … \(numbers.count)]" : "]")
    case .text(let text): text.quotedForMessage
    case .texts(let texts):
      "[\(texts.prefix(8).map(\.quotedForMessage).joined(separator: ", "))"
        + (texts.count > 8 ? ", … \(texts.count)]" : "]")
    }
  }
}

/// An open file of named tensors, of which nothing is read before it is asked for.
public protocol TensorContainer: Sendable {
  /// The name of the format, for messages.
  var formatName: String { get }
  /// The tensors, in the order of the file where it has one.
  var entries: [TensorEntry] { get }
  /// What else there is.
  var skipped: [SkippedEntry] { get }
  /// The attributes of the file as a whole, by key.
  var attributes: [String: TensorAttribute] { get }

  /// Reads a tensor, or a part of it.
  ///
  /// - Parameter entry: One of `entries`.
  /// - Throws: `TensorFileError` when the file is damaged, or the selection leaves the tensor.
  func read(
    _ entry: TensorEntry, _ selection: TensorSelection
  ) throws(TensorFileError) -> RawTensor
}

/// The part of a row-major tensor in a file that a selection needs, in whole rows of axis 0.
struct RowSelection {
  /// The bytes to read, counted from the start of the tensor.
  let bytes: Range<Int>
  private let shape: [Int]
  private let ranges: [StridedRange]

  init(
    _ selection: TensorSelection, of entry: TensorEntry, place: @autoclosure () -> String
  ) throws(TensorFileError) {
    var ranges = try selection.resolved(for: entry.shape, place: place())
    var shape = entry.shape
    let rowBytes = entry.shape.dropFirst().reduce(entry.elementType.byteWidth, *)
    if let first = ranges.first {
      bytes = first.bounds.lowerBound * rowBytes..<first.bounds.upperBound * rowBytes
      shape[0] = first.bounds.count
      ranges[0].start = 0
    } else {
      bytes = 0..<rowBytes
    }
    self.shape = shape
    self.ranges = ranges
  }

  /// The selected elements of the bytes that were read.
  func tensor(_ data: ArraySlice<UInt8>, _ elementType: ElementType) -> RawTensor {
    RawTensor(bytes: data, elementType: elementType, shape: shape).selecting(ranges)
  }
}
