import Longwave

/// One step of training, and inference, of the ListOps classifier: 4 layers of 64 channels.
func measureTrainingStep(_ measurement: Measurement) {
  let (batch, length) = measurement.settings.isQuick ? (2, 64) : (32, 256)
  var random = RandomSource(seed: 0)
  var filter = SGConvOptions()
  filter.kernelSize = 32
  filter.maximumLength = length
  var model = SequenceClassifier(vocabulary: 16, classes: 10, using: &random) { random in
    SGConvFilter(channels: 64, options: filter, using: &random)
  }
  let tokens = (0..<batch * length).map { _ in Int32(random.integer(in: 1...15)) }
  let labels = (0..<batch).map { _ in Int32(random.integer(below: 10)) }
  let mask = SequenceMask(lengths: Array(repeating: length, count: batch), length: length)
  var optimizer = AdamW(learningRate: 1e-4)
  measurement.time(
    "training step \(batch)x\(length), 4 layers of 64", work: Double(batch * length) * 1e6,
    unit: "thousand tokens/s"
  ) {
    let (_, gradients, updates) = withGradients(random: &random) { tape in
      model(tokens, mask: mask, on: tape).softmaxCrossEntropy(labels: labels)
    }
    optimizer.update(&model, with: gradients)
    model.apply(updates)
  }
  measurement.time(
    "inference \(batch)x\(length), 4 layers of 64", work: Double(batch * length) * 1e6,
    unit: "thousand tokens/s"
  ) { _ = model(tokens, mask: mask, on: nil) }
}
