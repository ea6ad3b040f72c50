// The benchmarks of Longwave: the shortest time of repeats after a warm-up, and the rate.
//
//   swift run -c release --package-path Benchmarks benchmarks [--filter NAME] [--threads N]
//     [--seconds S] [--json] [--quick]
import Foundation
import Longwave

func usage(_ problem: String) -> Never {
  print("benchmarks: \(problem)")
  print("usage: benchmarks [--filter NAME] [--threads N] [--seconds S] [--json] [--quick]")
  exit(64)
}

var settings = Settings()
var arguments = CommandLine.arguments.dropFirst()
while let argument = arguments.popFirst() {
  switch argument {
  case "--quick": settings.isQuick = true
  case "--json": settings.isJSON = true
  case "--filter", "--threads", "--seconds":
    guard let value = arguments.popFirst() else { usage("\(argument): expected a value") }
    switch argument {
    case "--filter": settings.filter = value
    case "--threads":
      guard let count = Int(value), count >= 0 else { usage("--threads: expected a number") }
      settings.threads = count
    default:
      guard let seconds = Double(value), seconds >= 0 else { usage("--seconds: expected a number") }
      settings.seconds = seconds
    }
  default: usage("unknown option \(argument)")
  }
}

Parallel.setThreadCount(settings.threads)
if !settings.isJSON { print("\(Parallel.instructionSet), \(Parallel.threadCount) threads") }
let measurement = Measurement(settings: settings)
measureMatrixProducts(measurement)
measureConvolutions(measurement)
measureFilterSharing(measurement)
measureShortConvolutions(measurement)
measureSparseConvolutions(measurement)
measureStreaming(measurement)
measureTruncatedTransforms(measurement)
measureElementwise(measurement)
measureTrainingStep(measurement)
