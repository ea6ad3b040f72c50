// Trains a classifier with a filter of one's own on a task that it generates: in a sequence of
// noise stand two markers; which comes first?
//
// Any type that turns parameters into taps is a filter. This one mixes fixed decays, so that it
// has few parameters and works at every length.
//
// Expected output, in a few seconds (figures may differ a little on other processors):
//
//   5378 parameters
//   step 100: loss 0.32862324
//   step 200: loss 0.19431143
//   step 300: loss 0.07838788
//   step 400: loss 0.03713332
//   step 500: loss 0.03941529
//   489 of 500 right
import Longwave

/// Taps that are mixtures of exponentials: h[t, c] = Σₖ exp(-t / timescale[k])·weight[k, c].
struct DecayMixtureFilter: LongFilter {
  static let timescales: [Double] = [1, 2, 4, 8, 16, 32, 64, 128]

  let channels: Int
  var weight: Parameter

  var isBidirectional: Bool { false }
  var lengthSemantics: LengthSemantics { .extrapolate }

  init(channels: Int, using random: inout RandomSource) {
    self.channels = channels
    weight = Parameter(
      Tensor(normal: [Self.timescales.count, channels], deviation: 0.1, using: &random),
      ParameterOptions(weightDecay: 0))
  }

  func taps(length: Int, on tape: Tape?) -> Variable {
    // [length, timescales] times [timescales, channels]; each column has unit sum.
    var columns = Self.timescales.map { _ in 1.0 }
    var rows: [Float] = []
    for _ in 0..<length {
      for (k, timescale) in Self.timescales.enumerated() {
        rows.append(Float(columns[k] / timescale))
        columns[k] *= 1 - 1 / (timescale + 1)
      }
    }
    let decays = Tensor(rows, shape: [length, Self.timescales.count])
    return Variable(decays, on: tape).matmul(weight(on: tape))
  }

  mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    body("weight", &weight)
  }
}

/// Sequences of noise (tokens 3 to 9) with the markers 1 and 2; class 1 if marker 2 is first.
struct MarkerTask {
  static let length = 64
  var tokens: [Int32] = []
  var lengths: [Int] = []
  var labels: [Int32] = []

  init(count: Int, using random: inout RandomSource) {
    for _ in 0..<count {
      let length = random.integer(in: 32...Self.length)
      var sequence = (0..<Self.length).map { n in
        n < length ? Int32(random.integer(in: 3...9)) : 0
      }
      let first = random.integer(below: length - 1)
      let second = random.integer(in: first + 1...length - 1)
      let label = random.integer(below: 2)
      sequence[first] = label == 0 ? 1 : 2
      sequence[second] = label == 0 ? 2 : 1
      tokens += sequence
      lengths.append(length)
      labels.append(Int32(label))
    }
  }

  var mask: SequenceMask { SequenceMask(lengths: lengths, length: Self.length) }
}

var random = RandomSource(seed: 0)
var options = ClassifierOptions()
options.channels = 32
options.layers = 2
options.dropout = 0
options.pooling = .last
var model = SequenceClassifier(
  vocabulary: 10, classes: 2, options: options, using: &random
) { random in DecayMixtureFilter(channels: 32, using: &random) }
print("\(model.parameterCount) parameters")

let steps = 500
var optimizer = AdamW(learningRate: 8e-3, weightDecay: 0.01)
let schedule = LearningRateSchedule(.cosine, warmupSteps: 20, totalSteps: steps)
for step in 0..<steps {
  let batch = MarkerTask(count: 32, using: &random)
  let (loss, gradients, updates) = withGradients(random: &random) { tape in
    model(batch.tokens, mask: batch.mask, on: tape).softmaxCrossEntropy(labels: batch.labels)
  }
  optimizer.update(&model, with: gradients, factor: schedule.factor(step: step))
  model.apply(updates)
  if step % 100 == 99 { print("step \(step + 1): loss \(loss.scalar)") }
}

// No tape: inference, without dropout and without a record.
let test = MarkerTask(count: 500, using: &random)
let answers = model(test.tokens, mask: test.mask, on: nil).value.argmaxRows()
let correct = zip(answers, test.labels).count { $0 == Int($1) }
print("\(correct) of \(test.labels.count) right")
guard correct > 450 else { fatalError("the classifier has not learned the task") }
