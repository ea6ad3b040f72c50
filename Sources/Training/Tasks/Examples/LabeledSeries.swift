import SequenceTensor

/// Series of values with a class each, perhaps of different lengths.
public struct LabeledSeries: SequenceExamples {
  /// A name for reports.
  public let name: String
  let cases: [TimeSeriesFile.Case]
  let channels: Int

  init(_ cases: [TimeSeriesFile.Case], channels: Int, name: String) {
    self.name = name
    self.cases = cases
    self.channels = channels
  }

  /// How many series there are.
  public var count: Int { cases.count }

  /// The length of a series.
  public func length(of index: Int) -> Int { cases[index].values.count / channels }

  /// Series as `[series, length, channels]`.
  public func batch(_ indices: [Int], padTo: Int?) -> SequenceBatch {
    let length = paddedLength(indices, padTo: padTo)
    var values: [Float] = []
    values.reserveCapacity(indices.count * length * channels)
    for index in indices {
      let series = cases[index].values
      values.append(contentsOf: series)
      values.append(contentsOf: repeatElement(0, count: length * channels - series.count))
    }
    return SequenceBatch(
      input: .values(Tensor(values, shape: [indices.count, length, channels])),
      target: .classes(indices.map { Int32(cases[$0].label) }),
      lengths: indices.map(length(of:)), length: length)
  }
}

extension LabeledSeries {
  /// These series with missing values filled in from a series' own neighbours.
  ///
  /// Between two known values lies a straight line; before the first and after the last known value
  /// that value is repeated. A channel without any known value becomes 0.
  func interpolated() -> LabeledSeries {
    let filled = cases.map { series in
      var series = series
      let length = series.values.count / channels
      for channel in 0..<channels {
        let known = (0..<length).filter { !series.values[$0 * channels + channel].isNaN }
        var after = 0
        for position in 0..<length where series.values[position * channels + channel].isNaN {
          while after < known.count, known[after] < position { after += 1 }
          let left = after > 0 ? known[after - 1] : nil
          let right = after < known.count ? known[after] : nil
          func value(_ at: Int) -> Float { series.values[at * channels + channel] }
          let guess: Float
          switch (left, right) {
          case (let left?, let right?):
            let part = Float(position - left) / Float(right - left)
            guess = value(left) + part * (value(right) - value(left))
          case (let only?, nil), (nil, let only?): guess = value(only)
          case (nil, nil): guess = 0
          }
          series.values[position * channels + channel] = guess
        }
      }
      return series
    }
    return LabeledSeries(filled, channels: channels, name: name)
  }

  /// The mean and the deviation of each channel over all series.
  var statistics: [(mean: Float, deviation: Float)] {
    (0..<channels).map { channel in
      ColumnStatistics.of(
        cases.lazy.flatMap { series in
          stride(from: channel, to: series.values.count, by: channels).lazy.map {
            series.values[$0]
          }
        })
    }
  }

  /// These series with a mean subtracted from each channel, and divided by its deviation.
  func standardized(_ statistics: [(mean: Float, deviation: Float)]) -> LabeledSeries {
    let scaled = cases.map { series in
      var series = series
      for index in series.values.indices {
        let (mean, deviation) = statistics[index % channels]
        series.values[index] = (series.values[index] - mean) / deviation
      }
      return series
    }
    return LabeledSeries(scaled, channels: channels, name: name)
  }
}

/// Mean and deviation, summed in double precision.
enum ColumnStatistics {
  /// The mean and the deviation of all values (the divisor is their number); a constant's is 1.
  static func of(_ values: some Sequence<Float>) -> (mean: Float, deviation: Float) {
    var (count, sum, squares) = (0.0, 0.0, 0.0)
    for value in values {
      count += 1
      // Welford's update: no difference of large sums.
      let difference = Double(value) - sum
      sum += difference / count
      squares += difference * (Double(value) - sum)
    }
    let deviation = Float((squares / max(1, count)).squareRoot())
    return (Float(sum), deviation > 0 ? deviation : 1)
  }
}
