import ArgumentParser
import Foundation
import Longwave

struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Classify lines from standard input.",
    discussion: """
      Prints the most probable class of each line and its probability; with --json the \
      probabilities of all classes.

      Example:
        echo '[MAX 4 [MIN 7 2 ] 1 ]' | longwave predict runs/first
      """)

  @OptionGroup var common: CommonOptions

  @Argument(help: ArgumentHelp("The folder of a run, or a checkpoint.", valueName: "run"))
  var source: String

  @Flag(help: "Print one JSON object a line.")
  var json = false

  func run() throws {
    common.apply()
    guard try !CheckpointKind.isSequenceModel(source) else {
      let task = try SequenceCheckpoint(runOrFile: source).configuration.task.rawValue
      throw RunError(
        place: source, expected: "a run of listops or text, whose input is a line",
        got: "one of \(task)")
    }
    let checkpoint = try ClassifierCheckpoint(runOrFile: source)
    var number = 0
    guard let input = fdopen(STDIN_FILENO, "r") else {
      throw DataError(at: "standard input", expected: "lines", got: "nothing to read from")
    }
    while let bytes = Self.nextLine(of: input) {
      number += 1
      let place = "standard input:\(number)"
      // The standard library's `readLine` would repair it without a word.
      guard let line = String(validating: bytes, as: UTF8.self) else {
        throw DataError(at: place, expected: "UTF-8 text", got: "other bytes")
      }
      let tokens = try checkpoint.configuration.encode(
        line: line, vocabulary: checkpoint.vocabulary, place: place)
      let prediction = checkpoint.model.predict(tokens)
      let name = checkpoint.classNames[prediction.label]
      if json {
        let pairs = zip(checkpoint.classNames, prediction.probabilities).map {
          "\(Self.quoted($0)):\($1)"
        }
        print(
          "{\"label\":\(Self.quoted(name)),\"probabilities\":{\(pairs.joined(separator: ","))}}")
      } else {
        let probability = prediction.probabilities[prediction.label]
        print("\(name)\t\(NumberFormat.fixed(probability, places: 4))")
      }
    }
  }

  /// The bytes of the next line, without its end in LF or CRLF.
  private static func nextLine(of input: UnsafeMutablePointer<FILE>) -> [UInt8]? {
    var buffer: UnsafeMutablePointer<CChar>?
    var capacity = 0
    defer { free(buffer) }
    let count = getline(&buffer, &capacity, input)
    guard count >= 0, let buffer else { return nil }
    var line = UnsafeRawBufferPointer(start: buffer, count: count)[...]
    if line.last == UInt8(ascii: "\n") { line.removeLast() }
    if line.last == UInt8(ascii: "\r") { line.removeLast() }
    return Array(line)
  }

  /// A JSON string.
  private static func quoted(_ text: String) -> String {
    let encoded = (try? JSONEncoder().encode(text)) ?? Data("\"\"".utf8)
    return String(decoding: encoded, as: UTF8.self)
  }
}
