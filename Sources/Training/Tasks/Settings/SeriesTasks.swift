import Differentiation
import LongConvolution

/// `time-series`: series of the UCR and UEA archives to their classes.
public struct TimeSeriesSettings: TaskSettings {
  /// `time-series`.
  public static let task = TrainingTask.timeSeries
  /// What the task is.
  public static let summary = "time series to classes (NAME_TRAIN.ts, NAME_TEST.ts)"
  /// A command.
  public static let example =
    "time-series --data UCR --set source.name=GunPoint --model s4d"
  /// The name of the data set, if the folder holds several: `NAME_TRAIN.ts` and `NAME_TEST.ts`.
  public var name: String?
  /// Whether each channel is brought to mean 0 and deviation 1, those of the training series.
  public var standardizes = true
  /// Whether missing values are filled in from a series' own neighbours; otherwise they are errors.
  public var fillsMissingValues = true
  /// Which examples belong to which part.
  public var splits = SplitSettings()

  /// Standardised, missing values filled in.
  public init(forTraining: Void) {}

  /// Small sets take small batches.
  public func adjust(_ run: inout RunConfiguration) {
    run.data.validationFraction = 0.2
    (run.training.batchSize, run.training.epochs) = (16, 100)
    (run.training.warmupSteps, run.training.evaluateEveryEpochs) = (50, 5)
  }

  /// Checks the splits.
  public func validate(_ run: RunConfiguration) throws(ConfigurationError) {
    try splits.validate()
  }

  /// Reads both files.
  public func load(
    _ run: RunConfiguration, vocabulary: Vocabulary?
  ) throws(DataError) -> SequenceParts {
    let base = try "\(run.data.folder)/\(foundName(in: run.data.folder))"
    let train = try TimeSeriesFile(path: "\(base)_TRAIN.ts")
    let test = try TimeSeriesFile(path: "\(base)_TEST.ts")
    guard train.channels == test.channels, train.classNames == test.classNames else {
      throw DataError(
        at: test.name,
        expected: "\(train.channels) channels and the classes"
          + " \(train.classNames.joined(separator: " ")) as the training file has",
        got: "\(test.channels) and \(test.classNames.joined(separator: " "))")
    }
    var (pool, tests) = (try series(train, "train"), try series(test, "test"))
    if standardizes {
      let statistics = pool.statistics
      (pool, tests) = (pool.standardized(statistics), tests.standardized(statistics))
    }
    let parts = try splits.parts(of: pool, test: tests, run, name: "time-series")
    return SequenceParts(
      problem: .classifiedValues(channels: train.channels, classes: train.classNames.count),
      classNames: train.classNames, train: parts.train, validation: parts.validation,
      test: parts.test)
  }

  private func foundName(in folder: String) throws(DataError) -> String {
    if let name { return name }
    let suffix = "_TRAIN.ts"
    let names = try BinaryFile.names(in: folder).filter { $0.hasSuffix(suffix) }
    guard names.count == 1 else {
      throw DataError(
        at: folder,
        expected: "one file *\(suffix), or source.name to choose by",
        got: names.isEmpty ? "none" : names.joined(separator: ", "))
    }
    return String(names[0].dropLast(suffix.utf8.count))
  }

  private func series(_ file: TimeSeriesFile, _ part: String) throws(DataError) -> LabeledSeries {
    let series = LabeledSeries(
      file.cases, channels: file.channels, name: "time-series \(part)")
    guard let gap = file.cases.first(where: { $0.values.contains(where: \.isNaN) }) else {
      return series
    }
    guard fillsMissingValues else {
      throw DataError(
        at: "\(file.name):\(gap.line)",
        expected: "no missing values (source.fillsMissingValues fills them in)", got: "some")
    }
    return series.interpolated()
  }
}

/// Where training, validation and test rows of a forecast end.
public enum ForecastBorders: String, Sendable, Hashable, CaseIterable, Codable {
  /// 70 %, 10 % and 20 % of the rows.
  case fractions
  /// 12, 4 and 4 months of 30 days by the hour: ETTh1 and ETTh2.
  case ettHours
  /// 12, 4 and 4 months of 30 days by the quarter of an hour: ETTm1 and ETTm2.
  case ettMinutes

  /// The numbers of rows for training, validation and testing.
  func rows(of count: Int) -> (train: Int, validation: Int, test: Int) {
    switch self {
    case .fractions:
      let (train, test) = (count * 7 / 10, count * 2 / 10)
      return (train, count - train - test, test)
    case .ettHours: return (12 * 30 * 24, 4 * 30 * 24, 4 * 30 * 24)
    case .ettMinutes: return (4 * 12 * 30 * 24, 4 * 4 * 30 * 24, 4 * 4 * 30 * 24)
    }
  }
}

/// `forecasting`: the next rows of a table of numbers.
///
/// The convention of Informer (Zhou et al., 2021, `data/data_loader.py`): the columns are standardised by
/// the training rows, validation and test windows begin so many rows early that their first forecast is
/// the first row of the part, and errors are told for standardised values.
public struct ForecastingSettings: TaskSettings {
  /// `forecasting`.
  public static let task = TrainingTask.forecasting
  /// What the task is.
  public static let summary = "the next rows of a CSV file of numbers, such as ETTh1.csv"
  /// A command.
  public static let example = "forecasting --data ETTh1.csv --set source.borders=ettHours"
  /// The rows that are read.
  public var inputLength = 96
  /// The rows that are foretold.
  public var horizon = 24
  /// One column by its name; left out, all columns together.
  public var column: String?
  /// Whether each column is foretold from its own past alone, by one network for all.
  public var hasIndependentChannels = false
  /// Where training, validation and test rows end.
  public var borders = ForecastBorders.fractions

  /// A day from four days, all columns.
  public init(forTraining: Void) {}

  /// Two layers and small steps.
  public func adjust(_ run: inout RunConfiguration) {
    run.model.layers = 2
    run.model.pooling = .last
    (run.training.epochs, run.training.learningRate) = (4, 1e-3)
  }

  /// Checks the lengths.
  public func validate(_ run: RunConfiguration) throws(ConfigurationError) {
    try ConfigurationCheck.range(
      inputLength, 1...ConfigurationCheck.longest, "source.inputLength")
    try ConfigurationCheck.range(horizon, 1...ConfigurationCheck.longest, "source.horizon")
  }

  /// Reads the file.
  public func load(
    _ run: RunConfiguration, vocabulary: Vocabulary?
  ) throws(DataError) -> SequenceParts {
    let table = try NumberTable(path: run.data.folder)
    var chosen = Array(table.columns.indices)
    if let column {
      guard let index = table.columns.firstIndex(of: column) else {
        throw DataError(
          at: "\(table.name):1",
          expected: "a column \(column) of \(table.columns.joined(separator: ", "))", got: "none")
      }
      chosen = [index]
    }
    let rows = borders.rows(of: table.rows)
    let window = inputLength + horizon
    guard rows.train >= window, min(rows.validation, rows.test) >= horizon,
      rows.train + rows.validation + rows.test <= table.rows
    else {
      throw DataError(
        at: table.name,
        expected: "at least \(window) training, \(horizon) validation and \(horizon) test rows",
        got: "\(rows.train), \(rows.validation) and \(rows.test) of \(table.rows)")
    }
    let width = table.columns.count
    let statistics = chosen.map { column in
      ColumnStatistics.of((0..<rows.train).lazy.map { table.values[$0 * width + column] })
    }
    var values: [Float] = []
    values.reserveCapacity(table.rows * chosen.count)
    for row in 0..<table.rows {
      for (column, scale) in zip(chosen, statistics) {
        values.append((table.values[row * width + column] - scale.mean) / scale.deviation)
      }
    }
    func windows(_ start: Int, _ count: Int, _ part: String) -> ForecastWindows {
      ForecastWindows(
        name: "forecasting \(part)", values: values, channels: chosen.count,
        rows: max(0, start - inputLength)..<(start + count), input: inputLength, horizon: horizon)
    }
    return SequenceParts(
      problem: .forecast(channels: chosen.count, horizon: horizon),
      train: windows(0, rows.train, "train"),
      validation: windows(rows.train, rows.validation, "validation"),
      test: windows(rows.train + rows.validation, rows.test, "test"))
  }
}
