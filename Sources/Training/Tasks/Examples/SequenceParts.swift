/// What a model of a task reads and answers, which decides on the kind of model.
public enum SequenceProblem: Sendable, Hashable, Codable {
  /// Sequences of values to one class.
  case classifiedValues(channels: Int, classes: Int)
  /// Sequences of tokens to one class.
  case classifiedTokens(vocabulary: Int, classes: Int)
  /// Pairs of sequences of tokens to one class.
  case classifiedPairs(vocabulary: Int, classes: Int)
  /// Tokens to a token at each position, from what stands before it.
  case predictedTokens(vocabulary: Int)
  /// Tokens to the same tokens, from one vector.
  case compressedTokens(vocabulary: Int)
  /// Values to the values that follow.
  case forecast(channels: Int, horizon: Int)

  /// The sizes, for checks.
  var sizes: [Int] {
    switch self {
    case .classifiedValues(let a, let b), .classifiedTokens(let a, let b),
      .classifiedPairs(let a, let b), .forecast(let a, let b):
      [a, b]
    case .predictedTokens(let a), .compressedTokens(let a): [a]
    }
  }
}

/// What losses are told by beside nats an answer: letters of a text, bases of a genome.
public struct AnswerUnit: Sendable, Hashable {
  /// The name of one, for example `byte`.
  public var name: String
  /// How many an answer stands for, on the mean.
  public var perAnswer: Double

  /// Creates a unit.
  public init(name: String, perAnswer: Double) {
    self.name = name
    self.perAnswer = perAnswer
  }
}

/// The three parts of a task's data, and what a model has to fit.
public struct SequenceParts: Sendable {
  /// What a model reads and answers.
  public var problem: SequenceProblem
  /// The tokens, where there are some with names.
  public var vocabulary: Vocabulary?
  /// The names of the classes, where there are some.
  public var classNames: [String]
  /// What the model learns from.
  public var train: any SequenceExamples
  /// What settings and stopping are chosen by.
  public var validation: any SequenceExamples
  /// What the result is measured on, once.
  public var test: any SequenceExamples

  /// Creates the parts.
  public init(
    problem: SequenceProblem, vocabulary: Vocabulary? = nil, classNames: [String] = [],
    train: any SequenceExamples, validation: any SequenceExamples, test: any SequenceExamples
  ) {
    self.problem = problem
    self.vocabulary = vocabulary
    self.classNames = classNames
    self.train = train
    self.validation = validation
    self.test = test
  }
}
