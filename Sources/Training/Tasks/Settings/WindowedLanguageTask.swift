/// A task that reads one long sequence, cut into windows, and asks each position for what comes next.
///
/// The end of the sequence is for testing and what lies before it for validation, so that windows of one
/// part never overlap those of another.
public protocol WindowedLanguageTask: TaskSettings {
  /// Which part is for testing; by fractions only.
  var splits: SplitSettings { get set }
  /// The inputs of a window, unless the run says otherwise.
  static var windowLength: Int { get }
  /// Passes over the data, unless the run says otherwise.
  static var epochs: Int { get }
}

extension WindowedLanguageTask {
  /// Each position is asked for what comes next.
  public static var isPredictive: Bool { true }

  /// Windows, a twentieth for validation, clipped gradients.
  public func adjust(_ run: inout RunConfiguration) {
    (run.data.maximumLength, run.data.validationFraction) = (Self.windowLength, 0.05)
    (run.training.batchSize, run.training.epochs) = (16, Self.epochs)
    run.training.clipNorm = 1
  }

  /// Checks that the splits are contiguous.
  public func validate(_ run: RunConfiguration) throws(ConfigurationError) {
    try splits.validateContiguous()
  }

  /// The parts; without validation windows the test is for both.
  func parts(
    _ vocabulary: Vocabulary, train: TokenWindows, validation: TokenWindows?, test: TokenWindows
  ) -> SequenceParts {
    SequenceParts(
      problem: .predictedTokens(vocabulary: vocabulary.count), vocabulary: vocabulary,
      train: splits.limited(train), validation: validation ?? test, test: test)
  }
}
