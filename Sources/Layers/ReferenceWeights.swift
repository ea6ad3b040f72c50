public import Differentiation
public import SequenceTensor

/// One tensor of an original implementation, and how its axes are ours.
///
/// Both maps only rearrange elements, so that what holds for values holds for gradients.
public struct ReferenceTensor {
  /// The original's name, for example `filter_fn.implicit_filter.0.weight`.
  public let name: String
  /// The shape there.
  public let shape: Shape
  /// From its shape to the parameter's.
  public let toOurs: (Tensor) -> Tensor
  /// From the parameter's shape to its own.
  public let toTheirs: (Tensor) -> Tensor

  /// A tensor whose elements lie in the same order as ours.
  public init(_ name: String, shape: Shape, ours: Shape) {
    self.init(
      name, shape: shape, toOurs: { $0.reshaped(to: ours) }, toTheirs: { $0.reshaped(to: shape) })
  }

  /// A tensor that needs a rearrangement.
  public init(
    _ name: String, shape: Shape, toOurs: @escaping (Tensor) -> Tensor,
    toTheirs: @escaping (Tensor) -> Tensor
  ) {
    self.name = name
    self.shape = shape
    self.toOurs = toOurs
    self.toTheirs = toTheirs
  }

  /// A tensor `[…, channels, rows]` for a parameter `[rows, channels]`, channels last as all of
  /// ours; axes of one element in front.
  public static func channelsFirst(_ name: String, shape: Shape) -> ReferenceTensor {
    let (channels, rows) = (shape[-2], shape[-1])
    return ReferenceTensor(
      name, shape: shape,
      toOurs: { $0.reshaped(to: [channels, rows]).transposed() },
      toTheirs: { $0.transposed().reshaped(to: shape) })
  }

  /// The same tensor as a part of something larger, under its name and a dot.
  public func under(_ prefix: String) -> ReferenceTensor {
    ReferenceTensor(
      prefix.isEmpty ? name : "\(prefix).\(name)", shape: shape, toOurs: toOurs,
      toTheirs: toTheirs)
  }
}

/// Weights as an original implementation saved them.
public struct ReferenceWeights: Sendable {
  /// The file, for messages.
  public let place: String
  /// The tensors by their names; complex ones have a last axis of real and imaginary part.
  public let tensors: [String: Tensor]

  /// Creates a set of weights.
  public init(_ tensors: [String: Tensor], place: String) {
    self.tensors = tensors
    self.place = place
  }

  /// A tensor.
  ///
  /// - Throws: `ReferenceError` if there is none of that name, or it has another rank.
  public func tensor(_ name: String, rank: Int? = nil) throws(ReferenceError) -> Tensor {
    guard let tensor = tensors[name] else {
      throw ReferenceError(place: "\(place): \(name)", expected: "a tensor", got: "nothing")
    }
    if let rank, tensor.shape.rank != rank {
      throw ReferenceError(
        place: "\(place): \(name)", expected: "\(rank) axes", got: "\(tensor.shape)")
    }
    return tensor
  }

  /// A tensor of a number of values, whatever its axes.
  ///
  /// - Throws: `ReferenceError` if there is none of that name, or it has another number of values.
  public func values(_ name: String, _ count: Int) throws(ReferenceError) -> Tensor {
    let tensor = try tensor(name)
    guard tensor.count == count else {
      throw ReferenceError(
        place: "\(place): \(name)", expected: "\(count) values", got: "\(tensor.shape)")
    }
    return tensor
  }

  /// The tensors whose names begin with `prefix` and a dot, without it.
  public func under(_ prefix: String) -> ReferenceWeights {
    let start = prefix + "."
    let part = tensors.filter { $0.key.hasPrefix(start) }
    return ReferenceWeights(
      Dictionary(
        uniqueKeysWithValues: part.map { (String($0.key.dropFirst(start.count)), $0.value) }),
      place: "\(place): \(prefix)")
  }
}

/// Weights that are not those of the module: where, what was expected, and what was there.
public struct ReferenceError: Error, CustomStringConvertible, Equatable, Sendable {
  /// The file and the tensor.
  public var place: String
  /// What the module needs.
  public var expected: String
  /// What was found instead.
  public var got: String

  /// Makes an error from its three parts.
  public init(place: String, expected: String, got: String) {
    self.place = place
    self.expected = expected
    self.got = got
  }

  /// One line: `place: expected …, got …`.
  public var description: String { "\(place): expected \(expected), got \(got)" }
}

/// A module that knows the names and the layouts of its original implementation.
public protocol ReferenceCompatible: Module {
  /// Calls `body` with each tensor of the original and the parameter that it is here.
  mutating func forEachReference(_ body: (ReferenceTensor, inout Parameter) -> Void)
}

extension ReferenceCompatible {
  /// Visits the tensors of a part under `name` and a dot; an empty name adds nothing.
  public func visitReferences(
    _ name: String, _ part: inout some ReferenceCompatible,
    _ body: (ReferenceTensor, inout Parameter) -> Void
  ) {
    part.forEachReference { body($0.under(name), &$1) }
  }

  /// Takes over weights of the original implementation.
  ///
  /// - Parameters:
  ///   - weights: all tensors of the original, under its names.
  ///   - ignored: names that may be there without being used, such as tables that are computed.
  /// - Throws: `ReferenceError` for a missing tensor, another shape, or a tensor that no parameter
  ///   takes; the module is then as it was.
  public mutating func load(
    _ weights: ReferenceWeights, ignoring ignored: (String) -> Bool = { _ in false }
  ) throws(ReferenceError) {
    var copy = self
    var unused = Set(weights.tensors.keys.filter { !ignored($0) })
    var problem: ReferenceError?
    copy.forEachReference { reference, parameter in
      guard problem == nil else { return }
      unused.remove(reference.name)
      guard let tensor = weights.tensors[reference.name], tensor.shape == reference.shape else {
        problem = ReferenceError(
          place: "\(weights.place): \(reference.name)", expected: "a tensor \(reference.shape)",
          got: weights.tensors[reference.name].map { "\($0.shape)" } ?? "nothing")
        return
      }
      parameter.value = reference.toOurs(tensor)
    }
    if let problem { throw problem }
    if let name = unused.min() {
      throw ReferenceError(
        place: "\(weights.place): \(name)", expected: "tensors of this module only",
        got: "a tensor that it does not have")
    }
    self = copy
  }

  /// The tensors of the original by their names: `value` of each parameter in the original's
  /// layout, for example its gradient; parameters without one are left out.
  public func referenceTensors(_ value: (Parameter) -> Tensor?) -> [String: Tensor] {
    var copy = self
    var result: [String: Tensor] = [:]
    copy.forEachReference { reference, parameter in
      if let tensor = value(parameter) { result[reference.name] = reference.toTheirs(tensor) }
    }
    return result
  }
}
