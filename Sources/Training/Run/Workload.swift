public import Differentiation

/// What a run trains: a model by its recipe, the data, the loss, and what counts as better.
///
/// `Trainer` runs any workload: it plans epochs, takes steps, keeps records and checkpoints, and
/// goes on where it was left.
public protocol Workload: Sendable {
  /// Everything but the weights that the model is made from.
  associatedtype Recipe: ModelRecipe
  /// The examples of each batch of an epoch.
  associatedtype Plan: EpochPlan
  /// How the model does on a data set.
  associatedtype Result: EvaluationResult

  /// Everything but the weights that the model is made from.
  var recipe: Recipe { get }

  /// A number that changes when anything of the training data does.
  var fingerprint: UInt64 { get }

  /// The batches of an epoch; they depend on the seed and the epoch only.
  ///
  /// - Throws: `DataError` if there is no training data.
  func plan(epoch: Int) throws -> Plan

  /// The loss of one batch.
  ///
  /// - Parameters:
  ///   - model: the model.
  ///   - index: which batch of the plan.
  ///   - plan: the epoch's batches.
  ///   - tape: what records the computation; its random numbers are all that may be used.
  func loss(of model: Recipe.Model, batch index: Int, of plan: Plan, on tape: Tape) -> BatchLoss

  /// How the model does on the data that decides which checkpoint is best.
  ///
  /// - Throws: `DataError` if there is none.
  func validate(_ model: Recipe.Model) throws -> Result

  /// How the model does on the test data.
  ///
  /// - Throws: `DataError` if there is none.
  func test(_ model: Recipe.Model) throws -> Result

  /// What of the model is worth a line of the records, as JSON behind `"step":…,`.
  func snapshots(of model: Recipe.Model) -> [String]
}

/// The batches of an epoch.
public protocol EpochPlan {
  /// How many there are.
  var count: Int { get }
}

extension BatchPlan: EpochPlan {}

/// The loss of one batch, and what it was made of.
public struct BatchLoss {
  /// The loss, of shape `[]`.
  public var loss: Variable
  /// How many examples the batch holds.
  public var examples: Int
  /// How many answers were right, where answers are right or wrong.
  public var correct: Int?
  /// What the speed is counted in: tokens without padding, or samples.
  public var amount: Int

  /// Creates the loss of a batch.
  public init(loss: Variable, examples: Int, correct: Int? = nil, amount: Int) {
    self.loss = loss
    self.examples = examples
    self.correct = correct
    self.amount = amount
  }
}

/// How a model does on a data set.
public protocol EvaluationResult: Sendable {
  /// The larger, the better; nil where the newest model counts as the best.
  var score: Double? { get }
  /// What a person reads, for example `loss 1.93, accuracy 31.0 %`.
  var summary: String { get }
  /// The keys and values of a line of metrics, as JSON without braces.
  ///
  /// - Parameter isFinal: whether it is the test at the end, which may say more.
  func record(isFinal: Bool) -> String
}
