import ArgumentParser
import Foundation
import Longwave

struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Make data sets.",
    discussion: """
      Example:
        longwave data listops --out data/listops --seed 1 --train 2000 --validation 200 --test 200
      """,
    subcommands: [ListOpsDataCommand.self])
}

struct ListOpsDataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "listops",
    abstract: "Generate ListOps files by Long Range Arena's algorithm.",
    discussion: """
      Writes basic_train.tsv, basic_val.tsv and basic_test.tsv. The defaults are the official ones:
      lengths strictly between 500 and 2000, depth 10, 10 arguments. The same seed gives the same \
      files on every machine.

      Example:
        longwave data listops --out data/listops --seed 1 --train 2000 --validation 200 --test 200
      """)

  @Option(help: "The folder to write to.")
  var out: String

  @Option(help: "Determines the expressions.")
  var seed: UInt64 = 0

  @Option(help: "Number of training expressions.")
  var train = ListOpsGenerationOptions().trainCount

  @Option(help: "Number of validation expressions.")
  var validation = ListOpsGenerationOptions().validationCount

  @Option(help: "Number of test expressions.")
  var test = ListOpsGenerationOptions().testCount

  @Option(name: .customLong("min-length"), help: "Lengths are above this.")
  var minimumLength = ListOpsGenerationOptions().minimumLength

  @Option(name: .customLong("max-length"), help: "Lengths are below this.")
  var maximumLength = ListOpsGenerationOptions().maximumLength

  @Option(name: .customLong("max-depth"), help: "The deepest nesting.")
  var maximumDepth = ListOpsGenerationOptions().maximumDepth

  @Option(name: .customLong("max-args"), help: "The most arguments of an operator.")
  var maximumArguments = ListOpsGenerationOptions().maximumArguments

  @Flag(name: .customLong("lf"), help: "End lines in LF instead of CRLF.")
  var endsLinesInLineFeed = false

  @Flag(help: "Replace files that are there.")
  var force = false

  private var options: ListOpsGenerationOptions {
    var options = ListOpsGenerationOptions()
    options.seed = seed
    options.trainCount = train
    options.validationCount = validation
    options.testCount = test
    options.minimumLength = minimumLength
    options.maximumLength = maximumLength
    options.maximumDepth = maximumDepth
    options.maximumArguments = maximumArguments
    options.endsLinesInCarriageReturn = !endsLinesInLineFeed
    return options
  }

  func validate() throws {
    do {
      try options.validate()
    } catch {
      throw ValidationError("\(error)")
    }
  }

  func run() throws {
    Interrupt.letWritesFail()
    let options = options
    let line = ProgressLine(total: options.totalCount, label: "listops")
    try ListOpsGenerator.write(options, toFolder: out, replacesExisting: force) { done, _ in
      line.update(step: done)
    }
    line.finish()
    print("\(options.totalCount) expressions in \(out)")
  }
}
