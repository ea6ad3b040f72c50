import Layers
import LongConvolution

extension RunConfiguration {
  /// Checks what the types cannot: ranges and combinations.
  ///
  /// - Throws: `ConfigurationError` with the key.
  public func validate() throws(ConfigurationError) {
    try validateData()
    try validateModel()
    try validateTraining()
  }

  private func validateData() throws(ConfigurationError) {
    try ConfigurationCheck.range(
      data.maximumLength, 1...ConfigurationCheck.longest, "data.maximumLength")
    try ConfigurationCheck.that(
      (0..<1).contains(data.validationFraction), "data.validationFraction", "in 0..<1",
      data.validationFraction)
    try ConfigurationCheck.that(
      (data.trainTable == nil) == (data.testTable == nil), "data.testTable",
      "both data.trainTable and data.testTable, or neither", data.testTable ?? "nothing")
  }

  private func validateModel() throws(ConfigurationError) {
    try ConfigurationCheck.range(model.channels, 1...(1 << 20), "model.channels")
    try ConfigurationCheck.range(model.layers, 1...(1 << 20), "model.layers")
    try ConfigurationCheck.that(
      (0..<1).contains(model.dropout), "model.dropout", "in 0..<1", model.dropout)
    try ConfigurationCheck.that(
      (0..<1).contains(mixing.dropout), "mixing.dropout", "in 0..<1", mixing.dropout)
    try filter.settings.validate(self)
  }

  private func validateTraining() throws(ConfigurationError) {
    let t = training
    try ConfigurationCheck.range(t.epochs, 1...(1 << 24), "training.epochs")
    try ConfigurationCheck.range(t.batchSize, 1...(1 << 24), "training.batchSize")
    try ConfigurationCheck.range(t.bucketWindow, 1...Int.max, "training.bucketWindow")
    try ConfigurationCheck.that(
      t.learningRate.isFinite && t.learningRate > 0, "training.learningRate", "above 0",
      t.learningRate)
    try ConfigurationCheck.range(t.warmupSteps, 0...Int.max, "training.warmupSteps")
    try ConfigurationCheck.range(
      t.checkpointEverySteps, 1...Int.max, "training.checkpointEverySteps")
    try ConfigurationCheck.range(t.keepCheckpoints, 1...Int.max, "training.keepCheckpoints")
    try ConfigurationCheck.range(t.logEverySteps, 1...Int.max, "training.logEverySteps")
    try ConfigurationCheck.range(
      t.evaluateEverySteps ?? 1, 1...Int.max, "training.evaluateEverySteps")
    try ConfigurationCheck.range(t.patience ?? 1, 1...Int.max, "training.patience")
    try ConfigurationCheck.that(
      (t.clipNorm ?? 1) > 0, "training.clipNorm", "above 0", t.clipNorm ?? 0)
    try ConfigurationCheck.that((0..<1).contains(t.beta1), "training.beta1", "in 0..<1", t.beta1)
    try ConfigurationCheck.that((0..<1).contains(t.beta2), "training.beta2", "in 0..<1", t.beta2)
    try ConfigurationCheck.that(
      (data.maximumLength...ConfigurationCheck.longest).contains(t.padTo ?? data.maximumLength),
      "training.padTo",
      "at least data.maximumLength, \(data.maximumLength), and at most \(ConfigurationCheck.longest)",
      t.padTo ?? 0)
  }
}
