import ArgumentParser
import Longwave

struct PeersBenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "peers",
    abstract: "Time convolutions in turn with PyTorch and SciPy.",
    discussion: """
      Runs a script with the Python that is given, once a shape and round, and after it Longwave \
      with the same number of threads. The ratio says how many times as long the other system \
      takes. A script of your own gets --shape BATCHxCHANNELSxLENGTH, --threads, --seconds and \
      --repeats, and prints one JSON object a line for each system, with the keys batch, channels, \
      length, system, and forward_ms, forward_fixed_filter_ms and forward_backward_ms or some of \
      them.

      Example:
        longwave bench peers --python python3 --threads 2
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var measurement: MeasurementOptions

  @Option(help: "A Python that has PyTorch or SciPy.")
  var python: String

  @Option(help: "The script to run.")
  var script = "Benchmarks/Peers/torch_scipy.py"

  @Option(name: .customLong("shape"), help: "A shape BATCHxCHANNELSxLENGTH; repeatable.")
  var shapes: [BenchShape] = BenchShape.standard

  @Option(help: "How often both take turns at each shape; the shortest times count.")
  var rounds = 2

  func validate() throws {
    guard rounds > 0 else {
      throw ValidationError("--rounds: expected at least 1, got \(rounds)")
    }
  }

  func run() throws {
    common.apply()
    Interrupt.install()
    let peers = try PeerProgram(python: python, script: script)
    var records: [PeerRecord] = []
    if !measurement.json { show(PeerTable.head) }
    for shape in shapes {
      for record in try measure(shape, peers) {
        records.append(record)
        show(try measurement.json ? record.json() : PeerTable.row(record))
      }
    }
    if !measurement.json {
      for line in PeerTable.summary(records) { show(line) }
    }
  }

  /// The shortest times of all rounds, for each system.
  private func measure(_ shape: BenchShape, _ peers: PeerProgram) throws -> [PeerRecord] {
    let contest = ConvolutionContest(shape, effort: .estimate, planningSeconds: nil)
    var records: [PeerRecord] = []
    var ours: [ConvolutionTask: Double] = [:]
    for _ in 0..<rounds {
      for line in try peers.run(shape, measurement) {
        let system = line.system ?? script
        if let known = records.firstIndex(where: { $0.system == system }) {
          records[known].peer.merge(line.times, uniquingKeysWith: min)
        } else {
          records.append(PeerRecord(shape: shape, system: system, ours: [:], peer: line.times))
        }
      }
      ours.merge(contest.run(measurement.stopwatch).ours, uniquingKeysWith: min)
      if Interrupt.isRequested { throw Interrupted() }
    }
    for index in records.indices { records[index].ours = ours }
    return records
  }
}
