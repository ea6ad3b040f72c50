/// A page about one training run: a single HTML file without scripts or outside resources.
///
/// Fill in what is known and write ``html()`` to a file. Everything but the title is optional;
/// a section without data is left out. Text from outside is escaped, and long curves are thinned
/// out, so a run of a million steps still makes a small file.
///
/// ```swift
/// var report = RunReport(title: "Adding problem")
/// report.steps.append(RunReport.StepPoint(step: 1, loss: 0.69))
/// let page = report.html()
/// ```
public struct RunReport: Sendable {
  /// What was measured at one training step.
  public struct StepPoint: Sendable {
    /// The number of the step, counted over the whole run.
    public var step: Int
    /// The place in the data: 1.5 is half-way through the second pass.
    public var epoch: Double?
    /// The loss of the step's batch.
    public var loss: Double?
    /// The accuracy on the step's batch, from 0 to 1.
    public var accuracy: Double?
    /// The learning rate of the step.
    public var learningRate: Double?
    /// The norm of all gradients before clipping.
    public var gradientNorm: Double?
    /// Tokens (sequence positions) processed in a second.
    public var tokensPerSecond: Double?

    /// Creates a point; what was not measured stays `nil`.
    public init(
      step: Int, epoch: Double? = nil, loss: Double? = nil, accuracy: Double? = nil,
      learningRate: Double? = nil, gradientNorm: Double? = nil, tokensPerSecond: Double? = nil
    ) {
      self.step = step
      self.epoch = epoch
      self.loss = loss
      self.accuracy = accuracy
      self.learningRate = learningRate
      self.gradientNorm = gradientNorm
      self.tokensPerSecond = tokensPerSecond
    }
  }

  /// What was measured on a whole split of the data.
  public struct EvaluationPoint: Sendable {
    /// The step after which the evaluation was made.
    public var step: Int
    /// The place in the data, as in ``StepPoint``.
    public var epoch: Double?
    /// The split, such as `validation` or `test`.
    public var split: String
    /// The mean loss.
    public var loss: Double?
    /// The accuracy, from 0 to 1.
    public var accuracy: Double?

    /// Creates a point; what was not measured stays `nil`.
    public init(
      step: Int, epoch: Double? = nil, split: String = "validation", loss: Double? = nil,
      accuracy: Double? = nil
    ) {
      self.step = step
      self.epoch = epoch
      self.split = split
      self.loss = loss
      self.accuracy = accuracy
    }
  }

  /// A learned filter at one moment of the training.
  public struct FilterSnapshot: Sendable {
    /// The step at which the filter was read.
    public var step: Int
    /// The path of the layer in the model.
    public var layer: String
    /// The channel of the layer.
    public var channel: Int
    /// The taps in the order of their lags.
    public var taps: [Float]
    /// The lag of the first tap: 0 for a causal filter, negative for one that looks ahead.
    public var firstLag: Int

    /// Creates a snapshot.
    public init(step: Int, layer: String, channel: Int, taps: [Float], firstLag: Int = 0) {
      self.step = step
      self.layer = layer
      self.channel = channel
      self.taps = taps
      self.firstLag = firstLag
    }
  }

  /// The heading of the page.
  public var title: String
  /// The task or data set.
  public var task: String?
  /// The model in a few words.
  public var model: String?
  /// How the run ended, such as `finished` or `stopped`.
  public var status: String?
  /// The number of trainable parameters.
  public var parameterCount: Int?
  /// The time the training took, in seconds.
  public var durationSeconds: Double?
  /// Tokens in a second over the whole run; without it, the median over the steps.
  public var tokensPerSecond: Double?
  /// The accuracy on the test set, from 0 to 1; without it, the last evaluation of `test`.
  public var testAccuracy: Double?
  /// The loss on the test set; without it, the last evaluation of `test`.
  public var testLoss: Double?
  /// Whether the best is what has the lowest loss, even where accuracies are known.
  public var comparesByLoss = false
  /// Other measures of the test set, each with its name.
  public var testMeasures: [(String, String)] = []
  /// The training steps, in order.
  public var steps: [StepPoint] = []
  /// The evaluations, in order.
  public var evaluations: [EvaluationPoint] = []
  /// Learned filters over time; those of one layer and channel belong together.
  public var filters: [FilterSnapshot] = []
  /// Row `i`, column `j`: how many test examples of class `i` were taken for class `j`.
  public var confusion: [[Int]] = []
  /// What was distilled and how well, of a distilled model.
  public var distillation: DistillationRecord?
  /// The names of the classes; missing ones become numbers.
  public var classNames: [String] = []
  /// The resolved settings, flattened to keys and values.
  public var settings: [(String, String)] = []
  /// Versions, processor, threads, date, seed and the like.
  public var environment: [(String, String)] = []
  /// Commands that repeat or resume the run, each with a sentence that says what it does.
  public var commands: [(String, String)] = []

  /// Creates a report without data.
  ///
  /// - Parameter title: The heading of the page.
  public init(title: String) {
    self.title = title
  }
}
