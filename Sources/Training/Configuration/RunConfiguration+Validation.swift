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
    try ConfigurationCheck.that(
      task == .listops || !data.shufflesArguments, "data.shufflesArguments",
      "false for \(task.rawValue)", "true")
    try validateIndices()
  }

  private func validateIndices() throws(ConfigurationError) {
    let files = [
      ("trainIndices", data.trainIndices), ("validationIndices", data.validationIndices),
      ("testIndices", data.testIndices),
    ]
    for (key, file) in files {
      try ConfigurationCheck.that(
        file == nil || task == .text, "data.\(key)",
        "nothing for \(task.rawValue); most tasks have source.splits.\(key)", file ?? "")
    }
    try ConfigurationCheck.that(
      data.trainIndices == nil || data.validationIndices != nil, "data.validationIndices",
      "a file of indices where data.trainIndices is one", "nothing")
  }

  private func validateModel() throws(ConfigurationError) {
    try ConfigurationCheck.range(model.channels, 1...(1 << 20), "model.channels")
    try ConfigurationCheck.range(model.layers, 1...(1 << 20), "model.layers")
    try ConfigurationCheck.that(
      (0..<1).contains(model.dropout), "model.dropout", "in 0..<1", model.dropout)
    try ConfigurationCheck.that(
      (0..<1).contains(mixing.dropout), "mixing.dropout", "in 0..<1", mixing.dropout)
    try filter.settings.validate(self)
    try source?.settings.validate(self)
    guard let language else { return }
    try ConfigurationCheck.range(language.expansion, 1...1024, "language.expansion")
    try ConfigurationCheck.that(
      language.embeddingDeviation.isFinite && language.embeddingDeviation >= 0,
      "language.embeddingDeviation", "at least 0", language.embeddingDeviation)
    try ConfigurationCheck.that(
      filter.settings.isCausal, "filter",
      "settings of \(modelName) that look into the past only, for a task that asks what comes next",
      "others")
    try ConfigurationCheck.that(
      model.placement == .pre, "model.placement", "pre, as language models have it",
      model.placement.rawValue)
    try ConfigurationCheck.that(
      model.normalization != .batch, "model.normalization",
      "one of single positions, for a task that asks what comes next",
      model.normalization.rawValue)
  }

  private func validateTraining() throws(ConfigurationError) {
    let t = training
    try t.validateRanges()
    try ConfigurationCheck.range(t.bucketWindow, 1...Int.max, "training.bucketWindow")
    guard source == nil else {
      try ConfigurationCheck.range(
        t.padTo ?? 1, 1...ConfigurationCheck.longest, "training.padTo")
      return
    }
    try ConfigurationCheck.that(
      (data.maximumLength...ConfigurationCheck.longest).contains(t.padTo ?? data.maximumLength),
      "training.padTo",
      "at least data.maximumLength, \(data.maximumLength), and at most \(ConfigurationCheck.longest)",
      t.padTo ?? 0)
  }
}
