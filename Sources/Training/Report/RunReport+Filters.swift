extension RunReport {
  /// The snapshots of one layer and channel.
  struct FilterHistory {
    var layer: String
    var channel: Int
    var snapshots: [FilterSnapshot]
  }

  /// How many filters a page shows; more would only make it long.
  static let mostFilters = 8

  /// The filters in the order of their first snapshots, each with its snapshots by step.
  var filterHistories: [FilterHistory] {
    var histories: [FilterHistory] = []
    var places: [String: Int] = [:]
    for snapshot in filters where !snapshot.taps.isEmpty {
      let key = "\(snapshot.channel) \(snapshot.layer)"
      if let place = places[key] {
        histories[place].snapshots.append(snapshot)
      } else {
        places[key] = histories.count
        histories.append(
          FilterHistory(layer: snapshot.layer, channel: snapshot.channel, snapshots: [snapshot]))
      }
    }
    for index in histories.indices { histories[index].snapshots.sort { $0.step < $1.step } }
    return histories
  }
}

extension RunReport.FilterHistory {
  /// Up to five of the snapshots as curves from pale (first) to strong (last).
  var chart: LineChart {
    let shown = Decimation.evenly(snapshots, limit: 5)
    var chart = LineChart(
      title: "\(layer), channel \(channel): taps", xLabel: "lag", yLabel: "tap")
    chart.showsTitle = false
    chart.height = 260
    chart.maximumPoints = 400
    chart.series = shown.enumerated().map { index, snapshot in
      let isLast = index == shown.count - 1
      return LineChart.Series(
        "step \(NumberFormat.compact(Double(snapshot.step)))",
        points: snapshot.taps.enumerated().map {
          (Double(snapshot.firstLag) + Double($0.offset), Double($0.element))
        }, style: isLast ? .line : .thin,
        color: .graded(isLast ? 1 : Double(index) / Double(max(shown.count - 1, 1))))
    }
    return chart
  }

  /// All snapshots as rows of a map, for filters with more of them than curves show.
  var map: HeatMap? {
    guard snapshots.count >= 4 else { return nil }
    let rows = Decimation.evenly(snapshots, limit: 24)
    let first = rows.map(\.firstLag).min() ?? 0
    let end = rows.map { $0.firstLag &+ $0.taps.count }.max() ?? 0
    guard end > first, end - first <= 1 << 22 else { return nil }
    // One cell may stand for several taps; it shows the strongest.
    let group = Int(ChartAxis.niceStep(Double(end - first) / 160, wholeNumbers: true))
    let columns = (end - first + group - 1) / group
    let values = rows.map { row in
      var line = [Double](repeating: .nan, count: columns)
      for (index, tap) in row.taps.enumerated() where tap.isFinite {
        let column = (row.firstLag + index - first) / group
        if !(line[column].magnitude >= Double(tap.magnitude)) { line[column] = Double(tap) }
      }
      return line
    }
    var map = HeatMap(
      title: "\(layer), channel \(channel): taps over the training", xLabel: "lag", yLabel: "step",
      values: values, rowNames: rows.map { NumberFormat.compact(Double($0.step)) },
      columnNames: (0..<columns).map { String(first + $0 * group) })
    map.showsTitle = false
    map.maximumRowHeight = 14
    return map
  }
}
