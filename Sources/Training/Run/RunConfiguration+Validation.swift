import Layers
import LongConvolution

extension RunConfiguration {
  /// Checks what the types cannot: ranges and combinations.
  ///
  /// - Throws: `ConfigurationError` with the key.
  public func validate() throws(ConfigurationError) {
    try check(
      Self.modelNames.contains(modelName), "modelName",
      "one of " + Self.modelNames.joined(separator: ", "), modelName)
    try validateData()
    try validateModel()
    try validateTraining()
  }

  private func validateData() throws(ConfigurationError) {
    try check(data.maximumLength, 1...Self.longest, "data.maximumLength")
    try check(
      (0..<1).contains(data.validationFraction), "data.validationFraction", "in 0..<1",
      data.validationFraction)
    try check(
      (data.trainTable == nil) == (data.testTable == nil), "data.testTable",
      "both data.trainTable and data.testTable, or neither", data.testTable ?? "nothing")
  }

  private func validateModel() throws(ConfigurationError) {
    try check(model.channels, 1...(1 << 20), "model.channels")
    try check(model.layers, 1...(1 << 20), "model.layers")
    try check((0..<1).contains(model.dropout), "model.dropout", "in 0..<1", model.dropout)
    try check((0..<1).contains(mixing.dropout), "mixing.dropout", "in 0..<1", mixing.dropout)
    try check(filter.kernelSize, 1...Self.longest, "filter.kernelSize")
    try check(filter.maximumLength, 0...Self.longest, "filter.maximumLength")
    try check(
      (0...24).contains(filter.initialScale), "filter.initialScale", "in 0...24",
      filter.initialScale)
    try check(
      (1...24).contains(filter.scales ?? 1), "filter.scales", "in 1...24", filter.scales ?? 0)
    let doublings = filter.scaleCount + filter.initialScale
    try check(
      doublings < 32 && filter.kernelSize << doublings <= 4 * Self.longest, "filter.scales",
      "pieces of at most \(2 * Self.longest) taps together",
      "\(filter.scaleCount) of \(filter.kernelSize) taps, stretched to double each time")
    try check(filter.copies, 1...(1 << 16), "filter.copies")
    try check(
      !mixing.isLinear || filter.copies == 1, "mixing.isLinear",
      "false where filter.copies is above 1", "true")
  }

  private func validateTraining() throws(ConfigurationError) {
    let t = training
    try check(t.epochs, 1...(1 << 24), "training.epochs")
    try check(t.batchSize, 1...(1 << 24), "training.batchSize")
    try check(t.bucketWindow, 1...Int.max, "training.bucketWindow")
    try check(
      t.learningRate.isFinite && t.learningRate > 0, "training.learningRate", "above 0",
      t.learningRate)
    try check(t.warmupSteps, 0...Int.max, "training.warmupSteps")
    try check(t.checkpointEverySteps, 1...Int.max, "training.checkpointEverySteps")
    try check(t.keepCheckpoints, 1...Int.max, "training.keepCheckpoints")
    try check(t.logEverySteps, 1...Int.max, "training.logEverySteps")
    try check(t.evaluateEverySteps ?? 1, 1...Int.max, "training.evaluateEverySteps")
    try check(t.patience ?? 1, 1...Int.max, "training.patience")
    try check((t.clipNorm ?? 1) > 0, "training.clipNorm", "above 0", t.clipNorm ?? 0)
    try check((0..<1).contains(t.beta1), "training.beta1", "in 0..<1", t.beta1)
    try check((0..<1).contains(t.beta2), "training.beta2", "in 0..<1", t.beta2)
    try check(
      (data.maximumLength...Self.longest).contains(t.padTo ?? data.maximumLength),
      "training.padTo",
      "at least data.maximumLength, \(data.maximumLength), and at most \(Self.longest)",
      t.padTo ?? 0)
  }

  /// Longer sequences are a slip of the keyboard, and their sizes would not be numbers.
  private static let longest = 1 << 30

  private func check(
    _ holds: Bool, _ key: String, _ expected: String, _ got: any CustomStringConvertible
  ) throws(ConfigurationError) {
    if !holds {
      throw ConfigurationError(place: "configuration: \(key)", expected: expected, got: "\(got)")
    }
  }

  private func check(
    _ value: Int, _ range: ClosedRange<Int>, _ key: String
  ) throws(ConfigurationError) {
    let limit =
      value < range.lowerBound ? "at least \(range.lowerBound)" : "at most \(range.upperBound)"
    try check(range.contains(value), key, limit, value)
  }
}
