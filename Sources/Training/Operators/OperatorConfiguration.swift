public import NeuralOperators
public import SequenceTensor

/// The settings of one kind of neural operator, as they stand under `model` in a configuration.
///
/// An operator becomes trainable from the command line by one conformance and one entry in
/// `OperatorConfiguration.kinds`.
public protocol OperatorSettings: Sendable, Hashable, Codable {
  /// The name that `--model` takes.
  static var modelName: String { get }

  /// The defaults for training.
  init(forTraining: Void)

  /// These settings with what depends on the data filled in, such as lists with an entry for each
  /// axis of the grid.
  func resolved(for fields: FieldShapes) -> Self

  /// Checks what the types cannot.
  ///
  /// - Throws: `ConfigurationError` with the key under `model`.
  func validate() throws(ConfigurationError)

  /// A number of values that an operator of these settings has at least, so that a damaged file is
  /// refused before memory is asked for.
  func leastValues(_ fields: FieldShapes) -> Int

  /// An operator with random weights.
  ///
  /// - Precondition: the settings are resolved for these fields.
  func makeOperator(_ fields: FieldShapes, using random: inout RandomSource) -> any NeuralOperator
}

/// The channels of input and target, and the grid that an operator is trained on.
public struct FieldShapes: Sendable, Hashable, Codable {
  /// The channels of the input.
  public var inputs: Int
  /// The channels of the target.
  public var outputs: Int
  /// The sizes of the training grid, `[x, (y, (z))]`.
  public var grid: [Int]

  /// Creates the shapes.
  public init(inputs: Int, outputs: Int, grid: [Int]) {
    self.inputs = inputs
    self.outputs = outputs
    self.grid = grid
  }
}

/// The operator of a run: its kind with its settings.
public struct OperatorConfiguration: Sendable, Hashable {
  /// The kinds there are; the first is the default.
  public static let kinds: [any OperatorSettings.Type] = [
    FourierSettings.self, PublishedFourierSettings.self, TensorizedFourierSettings.self,
    UShapedSettings.self, FactorizedFourierSettings.self,
  ]

  /// The names of the kinds.
  public static var names: [String] { kinds.map { $0.modelName } }

  /// The settings of the operator.
  public var settings: any OperatorSettings

  /// The defaults of a kind; `nil` if there is none of that name.
  public init?(named name: String) {
    guard let kind = Self.kinds.first(where: { $0.modelName == name }) else { return nil }
    settings = kind.init(forTraining: ())
  }

  /// A configuration with given settings.
  public init(_ settings: any OperatorSettings) { self.settings = settings }

  init(_ kind: any OperatorSettings.Type, from decoder: any Decoder) throws {
    settings = try kind.init(from: decoder)
  }

  /// The name of the kind.
  public var name: String { type(of: settings).modelName }

  /// The configuration resolved for the fields of a data set.
  public func resolved(for fields: FieldShapes) -> OperatorConfiguration {
    func resolve(_ settings: some OperatorSettings) -> any OperatorSettings {
      settings.resolved(for: fields)
    }
    return OperatorConfiguration(resolve(settings))
  }

  /// Whether kinds and settings are the same.
  public static func == (a: OperatorConfiguration, b: OperatorConfiguration) -> Bool {
    AnyHashable(a.settings) == AnyHashable(b.settings)
  }

  /// Hashes the settings.
  public func hash(into hasher: inout Hasher) { hasher.combine(AnyHashable(settings)) }
}
