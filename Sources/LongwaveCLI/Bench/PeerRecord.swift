import Longwave

/// The times of one shape here and in another system, in milliseconds.
struct PeerRecord {
  let shape: BenchShape
  let system: String
  var ours: [ConvolutionTask: Double]
  /// What the other system can do.
  var peer: [ConvolutionTask: Double]

  /// How many times as long the other system took.
  func ratio(_ task: ConvolutionTask) -> Double? {
    guard let ours = ours[task], let peer = peer[task] else { return nil }
    return peer / ours
  }

  func json() throws -> String {
    let tasks = ConvolutionTask.allCases
    return try JSONLine(case: "peers", shape).adding("system", system)
      .adding(tasks.map { ($0.key, ours[$0]) })
      .adding(tasks.map { ("peer_\($0.key)", peer[$0]) })
      .adding(tasks.map { ("\($0.rawValue)_ratio", ratio($0)) }).text
  }
}

/// The table of `bench peers` for people.
enum PeerTable {
  private static let (time, ratio) = (9, 8)

  static let head: String = {
    let titles = ["forward", "fixed filter", "with gradients"]
    let width = 2 * time + ratio
    return BenchText.pad("", BenchText.shapeHead.count)
      + titles.map { BenchText.pad($0 + ", ms", width) }.joined() + "\n" + BenchText.shapeHead
      + titles.map { _ in
        BenchText.pad("Longwave", time) + BenchText.pad("peer", time)
          + BenchText.pad("ratio", ratio)
      }.joined() + "  peer"
  }()

  static func row(_ record: PeerRecord) -> String {
    BenchText.columns(record.shape)
      + ConvolutionTask.allCases.map { task in
        BenchText.pad(BenchText.number(record.ours[task]), time)
          + BenchText.pad(BenchText.number(record.peer[task]), time)
          + BenchText.pad(BenchText.ratio(record.ratio(task)), ratio)
      }.joined() + "  \(record.system)"
  }

  /// The geometric means for each system.
  static func summary(_ records: [PeerRecord]) -> [String] {
    var systems: [String] = []
    for record in records where !systems.contains(record.system) { systems.append(record.system) }
    return systems.map { system in
      "geometric mean           "
        + ConvolutionTask.allCases.map { task in
          let ratios = records.filter { $0.system == system }.compactMap { $0.ratio(task) }
          return BenchText.pad(
            BenchText.ratio(BenchText.geometricMean(ratios)), 2 * time + ratio)
        }.joined() + "  \(system)"
    }
  }
}
