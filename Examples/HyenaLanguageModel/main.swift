// Trains a small language model of Hyena operators on the bytes of a text, and lets it write on.
//
//   HyenaLanguageModel [FILE [STEPS]]
//
// Without a file it learns a short text that is built in. Expected output then, in a few seconds
// (figures may differ a little on other processors):
//
//   143936 parameters, 839 bytes
//   step 20: 0.8555295 bits a byte
//   step 40: 0.11172253 bits a byte
//   step 60: 0.093343146 bits a byte
//   step 80: 0.060868423 bits a byte
//   step 100: 0.05761091 bits a byte
//   This is the malt that lay in the house that Jack built.
//   This is the rat that ate the malt that lay in the house that Jack built.
//   This is the cow that tossed the dog that wo
import Foundation
import Longwave

/// The text of the file in the arguments, or a rhyme.
func trainingText() throws -> String {
  if CommandLine.arguments.count > 1 {
    return try String(
      decoding: Data(contentsOf: URL(fileURLWithPath: CommandLine.arguments[1])), as: UTF8.self)
  }
  let parts = [
    ("house", "Jack built"), ("malt", "lay in"), ("rat", "ate"), ("cat", "killed"),
    ("dog", "worried"), ("cow", "tossed"), ("maiden", "milked"), ("man", "kissed"),
  ]
  let verses = parts.indices.map { last in
    let rest = (0...last).reversed().map { index in
      index == 0 ? "the house that Jack built." : "the \(parts[index].0) that \(parts[index].1) "
    }
    return "This is " + rest.joined()
  }
  return verses.joined(separator: "\n") + "\n"
}

/// Batches of pieces of a text, and how it goes on.
struct Bytes {
  static let length = 128
  let tokens: [Int32]

  init(_ text: String) { tokens = text.utf8.map { Int32($0) } }

  /// `count` pieces of one byte more than the model reads, from random places.
  func batch(_ count: Int, using random: inout RandomSource) -> [Int32] {
    (0..<count).flatMap { _ in
      let start = random.integer(below: tokens.count - Self.length)
      return tokens[start...start + Self.length]
    }
  }
}

typealias Model = LanguageModel<HyenaOperator<HyenaFilter>>

/// Writes on after a beginning: always one of the likely next bytes.
func continuation(
  of text: String, by model: Model, count: Int, temperature: Float, using random: inout RandomSource
) -> String {
  var tokens = text.utf8.map { Int32($0) }
  for _ in 0..<count {
    let seen = Array(tokens.suffix(Bytes.length))
    // The model is causal: what stands behind the last byte changes nothing, and one length for
    // all steps lets the operators keep the spectra of their filters.
    let padded = seen + [Int32](repeating: 0, count: Bytes.length - seen.count)
    let mask = SequenceMask(lengths: [seen.count], length: Bytes.length)
    let logits = model(padded, mask: mask, on: nil).value
    let next = logits.sliced(axis: 1, seen.count - 1..<seen.count).elements
    let largest = next.max() ?? 0
    let weights = next.map { exp(Double(($0 - largest) / temperature)) }
    var rest = random.uniform() * weights.reduce(0, +)
    let choice = weights.firstIndex { weight in
      rest -= weight
      return rest < 0
    }
    tokens.append(Int32(choice ?? weights.count - 1))
  }
  return String(decoding: tokens.map { UInt8($0) }, as: UTF8.self)
}

let bytes = Bytes(try trainingText())
guard bytes.tokens.count > Bytes.length else {
  fatalError("the text needs more than \(Bytes.length) bytes, it has \(bytes.tokens.count)")
}
var random = RandomSource(seed: 1)
var options = LanguageModelOptions()
(options.channels, options.layers) = (64, 2)
var filter = HyenaFilterOptions()
(filter.maximumLength, filter.width, filter.frequency) = (Bytes.length, 32, 10)
var model = LanguageModel(vocabulary: 256, options: options, using: &random) { random in
  HyenaOperator(channels: 64, using: &random) {
    HyenaFilter(channels: $0, options: filter, using: &$1)
  }
}
print("\(model.parameterCount) parameters, \(bytes.tokens.count) bytes")

let steps = CommandLine.arguments.count > 2 ? Int(CommandLine.arguments[2]) ?? 100 : 100
let mask = SequenceMask(
  lengths: Array(repeating: Bytes.length + 1, count: 16), length: Bytes.length + 1)
var optimizer = AdamW(learningRate: 4e-3, weightDecay: 0.1)
let schedule = LearningRateSchedule(.cosine, warmupSteps: 10, totalSteps: steps)
var last: Float = .infinity
for step in 0..<steps {
  let batch = bytes.batch(16, using: &random)
  let (loss, gradients, _) = withGradients(random: &random) { tape in
    model.loss(of: batch, mask: mask, on: tape)
  }
  let clipping = min(1, 1 / Float(gradients.norm))
  optimizer.update(
    &model, with: gradients, factor: schedule.factor(step: step), gradientScale: clipping)
  last = loss.scalar
  if (step + 1) % 20 == 0 { print("step \(step + 1): \(last / log(2)) bits a byte") }
}

print(
  continuation(of: "This is the ", by: model, count: 160, temperature: 0.5, using: &random))
guard last < 3 else { fatalError("the model has learned nothing") }
