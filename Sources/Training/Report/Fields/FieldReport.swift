/// A page about the training of a neural operator: one HTML file with its images inside.
///
/// Fill in what is known and write ``html()`` to a file. Everything but the title is optional; a
/// section without data is left out, and text from outside is escaped.
///
/// ```swift
/// var report = FieldReport(title: "Darcy flow")
/// report.epochs = [.init(epoch: 1, seconds: 12, trainingLoss: 0.4, testErrors: [("64²", 0.3)])]
/// try AtomicFile.write(report.html(), to: "report.html")
/// ```
public struct FieldReport: Sendable {
  /// What was measured after one pass over the data.
  public struct EpochPoint: Sendable {
    /// The number of passes so far.
    public var epoch: Double
    /// The time since the start, in seconds.
    public var seconds: Double?
    /// The mean loss of the pass.
    public var trainingLoss: Double?
    /// The learning rate of the pass.
    public var learningRate: Double?
    /// The mean relative L2 error on the test set of each resolution, by its name.
    public var testErrors: [(resolution: String, error: Double)]

    /// Creates a point; what was not measured stays `nil`.
    public init(
      epoch: Double, seconds: Double? = nil, trainingLoss: Double? = nil,
      learningRate: Double? = nil, testErrors: [(resolution: String, error: Double)] = []
    ) {
      self.epoch = epoch
      self.seconds = seconds
      self.trainingLoss = trainingLoss
      self.learningRate = learningRate
      self.testErrors = testErrors
    }
  }

  /// The errors on the test set of one resolution, at the end.
  public struct Resolution: Sendable {
    /// The name, such as `64 × 64`.
    public var name: String
    /// The relative L2 error of each sample.
    public var errors: [Double]
    /// Whether the model was trained at this resolution.
    public var isTraining: Bool
    /// The time that one sample takes, in seconds.
    public var secondsPerSample: Double?

    /// Creates the entry of a resolution.
    public init(
      _ name: String, errors: [Double], isTraining: Bool = false, secondsPerSample: Double? = nil
    ) {
      self.name = name
      self.errors = errors
      self.isTraining = isTraining
      self.secondsPerSample = secondsPerSample
    }

    /// The mean of all errors; not a number without any.
    public var mean: Double { errors.reduce(0, +) / Double(errors.count) }
  }

  /// The power of truth and prediction in each shell of wave numbers; see ``RadialSpectrum``.
  public struct Spectrum: Sendable {
    /// What the spectrum is of, such as the resolution.
    public var name: String
    /// The truth's power at each whole wave number from 0.
    public var truth: [Double]
    /// The prediction's power.
    public var prediction: [Double]

    /// Creates a pair of spectra.
    public init(_ name: String, truth: [Double], prediction: [Double]) {
      self.name = name
      self.truth = truth
      self.prediction = prediction
    }
  }

  /// The heading of the page.
  public var title: String
  /// The equation or the data set.
  public var task: String?
  /// The model in a few words.
  public var model: String?
  /// How the run ended, such as `finished` or `stopped`.
  public var status: String?
  /// The number of trainable parameters.
  public var parameterCount: Int?
  /// The time the training took, in seconds.
  public var durationSeconds: Double?
  /// The passes over the data, in order.
  public var epochs: [EpochPoint] = []
  /// The errors of the best model by resolution.
  public var resolutions: [Resolution] = []
  /// Samples with their fields: the best, the median and the worst; see ``extremes(of:_:)``.
  public var samples: FieldFigure?
  /// Spectra, at least one for each resolution.
  public var spectra: [Spectrum] = []
  /// Predictions fed back step after step.
  public var rollouts: [RolloutFigure] = []
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

  /// The rows of the worst, the median and the best sample.
  ///
  /// An error that is not finite is worse than any other. Of equal errors the first sample counts.
  ///
  /// - Parameters:
  ///   - errors: The error of each sample.
  ///   - row: The fields of a sample; its title is set here.
  /// - Returns: One row for each of the three that is a sample of its own.
  public static func extremes(
    of errors: [Double], _ row: (_ sample: Int) -> FieldFigure.Row
  ) -> [FieldFigure.Row] {
    let ordered = errors.indices.sorted { first, second in
      let (low, high) = (errors[first], errors[second])
      if low.isFinite != high.isFinite { return low.isFinite }
      return low.isFinite && low != high ? low < high : first < second
    }
    guard let best = ordered.first, let worst = ordered.last else { return [] }
    let median = ordered[(ordered.count - 1) / 2]
    var chosen: [Int] = []
    return [("Worst", worst), ("Median", median), ("Best", best)].compactMap { name, sample in
      guard !chosen.contains(sample) else { return nil }
      chosen.append(sample)
      var row = row(sample)
      let error = NumberFormat.significant(errors[sample], digits: 3)
      row.title = "\(name) of \(errors.count): sample \(sample), relative L² \(error)"
      return row
    }
  }
}
