/// One sequence of token ids and its class.
public struct SequenceExample: Sendable, Equatable {
  /// Token ids, not padded; never empty in a loaded data set.
  public var tokens: [Int32]
  /// The index of the class in the data set's `classNames`.
  public var label: Int

  /// Creates an example.
  public init(tokens: [Int32], label: Int) {
    self.tokens = tokens
    self.label = label
  }
}

/// Labelled sequences with the names of their classes and their vocabulary.
public struct SequenceDataset: Sendable {
  /// The sequences, in the order of the files.
  public var examples: [SequenceExample]
  /// The names of the classes; a label is an index into them.
  public var classNames: [String]
  /// The vocabulary of the token ids.
  public var vocabulary: Vocabulary
  /// A name for reports, such as `listops train`.
  public var name: String

  /// Creates a data set.
  ///
  /// - Precondition: every label is an index into `classNames`.
  public init(
    examples: [SequenceExample], classNames: [String], vocabulary: Vocabulary, name: String
  ) {
    precondition(
      examples.allSatisfy { classNames.indices.contains($0.label) },
      "SequenceDataset: labels must be in 0..<\(classNames.count)")
    self.examples = examples
    self.classNames = classNames
    self.vocabulary = vocabulary
    self.name = name
  }

  /// Number of examples of each class, in the order of `classNames`.
  public var labelCounts: [Int] {
    examples.reduce(into: [Int](repeating: 0, count: classNames.count)) { $0[$1.label] += 1 }
  }

  /// The accuracy of always answering the most frequent class; 0 without examples.
  public var majorityAccuracy: Double {
    Double(labelCounts.max() ?? 0) / Double(max(1, examples.count))
  }

  /// The lengths of the sequences, special tokens included; `nil` without examples.
  public var lengthStatistics: LengthStatistics? {
    LengthStatistics(lengths: examples.map(\.tokens.count))
  }
}

/// A summary of the lengths of sequences.
public struct LengthStatistics: Sendable, Codable, Equatable {
  /// The least length.
  public let minimum: Int
  /// The middle length; of an even number, the mean of both middle ones.
  public let median: Double
  /// The arithmetic mean.
  public let mean: Double
  /// The least length that at least 90 % of the sequences do not exceed.
  public let ninetiethPercentile: Int
  /// The greatest length.
  public let maximum: Int

  /// Summarises lengths; `nil` if there are none.
  public init?(lengths: [Int]) {
    let sorted = lengths.sorted()
    guard let first = sorted.first, let last = sorted.last else { return nil }
    let middle = sorted.count / 2
    minimum = first
    maximum = last
    median =
      sorted.count % 2 == 1
      ? Double(sorted[middle]) : Double(sorted[middle - 1] + sorted[middle]) / 2
    mean = Double(sorted.reduce(0, +)) / Double(sorted.count)
    ninetiethPercentile = sorted[(9 * sorted.count + 9) / 10 - 1]
  }
}

/// The three parts of a data set.
public struct DatasetSplits: Sendable {
  /// What the model learns from, and what the vocabulary is counted on.
  public var train: SequenceDataset
  /// What settings and stopping are chosen by.
  public var validation: SequenceDataset
  /// What the final accuracy is measured on, once.
  public var test: SequenceDataset

  /// Creates the three parts.
  public init(train: SequenceDataset, validation: SequenceDataset, test: SequenceDataset) {
    self.train = train
    self.validation = validation
    self.test = test
  }
}
