public import SequenceTensor
import Synchronization

/// The identity of a parameter: copies of a model share it, separately made ones do not.
public struct ParameterID: Hashable, Sendable {
  private let number: UInt64
  private static let counter = Atomic<UInt64>(0)

  init() { number = Self.counter.wrappingAdd(1, ordering: .relaxed).newValue }
}

/// How the optimiser treats one parameter; what is `nil` follows the optimiser's setting.
public struct ParameterOptions: Sendable, Equatable {
  /// The learning rate before the schedule's factor.
  public var learningRate: Float?
  /// The decoupled weight decay.
  public var weightDecay: Float?
  /// False for buffers: running statistics, captured norms, fixed tables.
  public var isTrainable: Bool

  /// Creates options.
  public init(
    learningRate: Float? = nil, weightDecay: Float? = nil, isTrainable: Bool = true
  ) {
    self.learningRate = learningRate
    self.weightDecay = weightDecay
    self.isTrainable = isTrainable
  }

  /// A value that belongs to the state of a model but is not trained.
  public static let buffer = ParameterOptions(weightDecay: 0, isTrainable: false)
}

/// A tensor that belongs to a model: trained, or a buffer of its state.
public struct Parameter: Sendable {
  /// What gradients and optimiser states are filed under.
  public let id = ParameterID()
  /// The current value.
  public var value: Tensor
  /// How the optimiser treats it.
  public var options: ParameterOptions

  /// Creates a parameter with an identity of its own.
  public init(_ value: Tensor, _ options: ParameterOptions = ParameterOptions()) {
    self.value = value
    self.options = options
  }

  /// The parameter's value as a variable; on a recording tape its gradient is collected.
  ///
  /// Reading a parameter several times on one tape gives the same variable, so that the gradients
  /// of tied weights add up.
  public func callAsFunction(on tape: Tape?) -> Variable {
    tape?.variable(for: self) ?? Variable(value)
  }
}

/// Anything made of parameters.
///
/// The order of the visit is the order of a checkpoint; names are paths such as
/// `blocks.0.mixer.output.weight`. Visit every stored parameter and module, each once.
public protocol Module: Sendable {
  /// Calls `body` with the name and the place of every parameter, in a fixed order.
  mutating func forEachParameter(_ body: (_ name: String, _ parameter: inout Parameter) -> Void)
}

extension Module {
  /// Visits the parameters of a part under `name` and a dot.
  public func visit(
    _ name: String, _ part: inout some Module, _ body: (String, inout Parameter) -> Void
  ) {
    part.forEachParameter { body("\(name).\($0)", &$1) }
  }

  /// The names and parameters in order.
  public var parameters: [(name: String, parameter: Parameter)] {
    var copy = self
    var result: [(name: String, parameter: Parameter)] = []
    copy.forEachParameter { result.append(($0, $1)) }
    return result
  }

  /// The number of trained values.
  public var parameterCount: Int {
    parameters.reduce(0) { $0 + ($1.parameter.options.isTrainable ? $1.parameter.value.count : 0) }
  }

  /// Replaces the values that a forward pass on a recording tape wants to carry on: running
  /// statistics and norms captured at first use.
  public mutating func apply(_ updates: [ParameterID: Tensor]) {
    guard !updates.isEmpty else { return }
    forEachParameter { _, parameter in
      if let value = updates[parameter.id] { parameter.value = value }
    }
  }
}

extension Array: Module where Element: Module {
  /// Visits the elements in order under their indices.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    for index in indices { self[index].forEachParameter { body("\(index).\($0)", &$1) } }
  }
}

extension Optional: Module where Wrapped: Module {
  /// Visits the wrapped module, if there is one, under its own names.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    self?.forEachParameter(body)
  }
}
