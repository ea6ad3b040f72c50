/// Which samples of a file are for training and which are held out.
public struct FieldSplitOptions: Sendable, Hashable, Codable {
  /// Where the test samples stand in the file.
  public enum TestPosition: String, Sendable, Hashable, Codable {
    /// As the authors of the format do: PDEBench tests on the first samples of a file, or on the
    /// last groups of one with a group for each sample; everyone else on the last samples.
    case automatic
    /// At the beginning.
    case first
    /// At the end.
    case last
  }

  /// How many samples to train on (and validate with); all that are not for the test by default.
  public var trainingSamples: Int?
  /// How many samples to test on; a fraction by default.
  public var testSamples: Int?
  /// The fraction of the samples to test on, rounded down, where no number is given.
  public var testFraction: Double
  /// The fraction of the training samples to validate with, rounded down, from their end.
  public var validationFraction: Double
  /// Where the test samples stand.
  public var testPosition: TestPosition

  /// Creates options; a tenth of a single file is for the test, as in PDEBench.
  public init(
    trainingSamples: Int? = nil, testSamples: Int? = nil, testFraction: Double = 0.1,
    validationFraction: Double = 0, testPosition: TestPosition = .automatic
  ) {
    self.trainingSamples = trainingSamples
    self.testSamples = testSamples
    self.testFraction = testFraction
    self.validationFraction = validationFraction
    self.testPosition = testPosition
  }
}

/// Data sets for training, validation and tests.
public struct FieldSplit: Sendable {
  /// The samples to train on.
  public let training: FieldDataset
  /// The samples to choose the best state with, if any.
  public let validation: FieldDataset?
  /// The samples to report on; several where there are several resolutions.
  public let tests: [FieldDataset]

  /// Divides one file; trajectories are divided before windows are cut out of them.
  ///
  /// - Throws: `DataError` when there are fewer samples than asked for, or none are left to train
  ///   on; whatever reading throws.
  public init(_ file: FieldFile, _ options: FieldSplitOptions = FieldSplitOptions()) throws {
    try options.validate()
    let count = file.sampleCount
    let testCount = options.testSamples ?? Int(Double(count) * options.testFraction)
    let trainingCount = options.trainingSamples ?? (count - testCount)
    guard testCount >= 0, trainingCount >= 1, testCount <= count - trainingCount else {
      throw DataError(
        at: file.path, expected: "\(trainingCount) samples to train and \(testCount) to test on",
        got: "\(count) samples")
    }
    let isFirst: Bool =
      switch options.testPosition {
      case .automatic: file.isBenchmark && !file.hasSampleGroups
      case .first: true
      case .last: false
      }
    let start = isFirst ? testCount : 0
    let rest = try FieldSplit.divide(
      file, start..<start + trainingCount, options.validationFraction)
    (training, validation) = rest
    let range = isFirst ? 0..<testCount : count - testCount..<count
    tests = range.isEmpty ? [] : [try file.forTests().load(range, name: "\(file.path), test")]
  }

  /// Takes files that are already divided, such as neuraloperator's.
  ///
  /// - Parameters:
  ///   - training: The file to train on; its first `trainingSamples`, if that is given.
  ///   - tests: The files to test on, each the first `testSamples`; their grids may be finer.
  /// - Throws: `DataError` when a test has other axes or channels than the training samples, or
  ///   there are fewer samples than asked for; whatever reading throws.
  public init(
    training: FieldFile, tests: [FieldFile], _ options: FieldSplitOptions = FieldSplitOptions()
  ) throws {
    try options.validate()
    let count = options.trainingSamples ?? training.sampleCount
    guard count <= training.sampleCount else {
      throw DataError(
        at: training.path, expected: "\(count) samples to train on",
        got: "\(training.sampleCount) samples")
    }
    let main: FieldDataset
    (main, validation) = try FieldSplit.divide(training, 0..<count, options.validationFraction)
    self.training = main
    self.tests = try tests.map { file in
      let test = try file.forTests().load(0..<(options.testSamples ?? file.sampleCount))
      guard test.axes.map(\.name) == main.axes.map(\.name),
        test.inputChannels == main.inputChannels, test.frameChannels == main.frameChannels
      else {
        throw DataError(
          at: file.path,
          expected: "fields over \(main.axes.map(\.name)) with \(main.inputChannels) and "
            + "\(main.frameChannels) channels, as in \(training.path)",
          got: "over \(test.axes.map(\.name)) with \(test.inputChannels) and \(test.frameChannels)"
        )
      }
      return test
    }
  }

  private static func divide(
    _ file: FieldFile, _ samples: Range<Int>, _ fraction: Double
  ) throws -> (FieldDataset, FieldDataset?) {
    let held = Int(Double(samples.count) * fraction)
    let border = samples.upperBound - held
    let training = try file.load(samples.lowerBound..<border, name: "\(file.path), training")
    guard held > 0 else { return (training, nil) }
    return (
      training,
      try file.forTests().load(border..<samples.upperBound, name: "\(file.path), validation")
    )
  }
}

extension FieldSplitOptions {
  /// Refuses numbers that make no sense for any file.
  fileprivate func validate() throws {
    for (name, value) in [
      ("testFraction", testFraction), ("validationFraction", validationFraction),
    ] where !(value >= 0 && value < 1) {
      throw DataError(at: name, expected: "from 0 to less than 1", got: "\(value)")
    }
    if let trainingSamples, trainingSamples < 1 {
      throw DataError(at: "trainingSamples", expected: "at least 1", got: "\(trainingSamples)")
    }
    if let testSamples, testSamples < 0 {
      throw DataError(at: "testSamples", expected: "at least 0", got: "\(testSamples)")
    }
  }
}
