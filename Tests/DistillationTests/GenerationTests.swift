import Longwave
import Testing

/// Language models of every family read a text in pieces of any sizes as they read it whole.
@Suite struct GenerationTests {
  static let length = 97
  static let vocabulary = 11

  /// The language model of a method with some settings.
  static func model(_ name: String, _ settings: [String] = []) throws -> LanguageModel<
    AnySequenceMixer
  > {
    var configuration = try RunConfiguration(task: .textFile, modelName: name)
    for setting in ["model.channels=8", "model.layers=2", "data.maximumLength=\(length)"] + settings
    {
      configuration = try configuration.setting(setting)
    }
    configuration.data.folder = "text"
    try configuration.validate()
    var random = RandomSource(seed: 5)
    let network = configuration.resolved(longest: length)
      .makeNetwork(.predictedTokens(vocabulary: vocabulary), using: &random)
    return try #require(network.network as? LanguageModel<AnySequenceMixer>)
  }

  static let tokens = (0..<length).map { Int32(($0 * $0 + 3 * $0) % vocabulary) }

  /// The largest difference to the whole, relative to its largest logit, over the ends of pieces.
  static func difference(
    _ model: LanguageModel<AnySequenceMixer>, _ method: GenerationMethod?, pieces: [Int]
  ) throws -> (Double, GenerationMethod) {
    let mask = SequenceMask(lengths: [length], length: length)
    let whole = model(tokens, mask: mask, on: nil).value
    var generator = try LanguageGenerator(model, method: method, length: length)
    var (largest, place, piece) = (0.0, 0, 0)
    while place < length {
      let size = min(pieces[min(piece, pieces.count - 1)], length - place)
      let logits = generator.read(Array(tokens[place..<place + size]))
      (place, piece) = (place + size, piece + 1)
      for (token, logit) in logits.enumerated() {
        largest = max(largest, Double(abs(logit - whole[0, place - 1, token])))
      }
    }
    #expect(generator.position == length)
    return (largest / Double(whole.maximumMagnitude()), generator.method)
  }

  static let families: [(name: String, settings: [String], method: GenerationMethod)] = [
    ("hyena", [], .online), ("hyena", ["filter.operator.order=3"], .online),
    ("hyena", ["filter.operator.blockLength=32"], .recompute), ("sgconv", [], .online),
    ("sgconv", ["filter.copies=2"], .online), ("longconv", [], .online), ("ckconv", [], .online),
    ("ckconv", ["filter.resamples=true"], .online), ("flexconv", [], .online),
    ("smpconv", [], .online), ("rtf", [], .online), ("multihyena", [], .online),
    ("gnconv", ["filter.isCausal=true"], .recompute), ("s4d", [], .recurrence),
    (
      "s4d",
      [
        "filter.discretization=dss", "filter.parameterization=stateSpaces",
        "filter.maximumLength=\(length)",
      ], .recurrence
    ),
    ("s4", [], .recurrence), ("s5", [], .recurrence), ("h3", [], .recurrence),
    ("multires", [], .recurrence),
  ]

  @Test(arguments: families.indices) func piecesAreTheWhole(_ index: Int) throws {
    let family = Self.families[index]
    let model = try Self.model(family.name, family.settings)
    for pieces in [[1], [7, 1], [65, 3, 1, 13, 1]] {
      let (error, method) = try Self.difference(model, nil, pieces: pieces)
      // DSS weighs its taps by the length, so that recurrences agree with one whole only.
      #expect(error < 1e-4, "\(family.name) \(family.settings) by \(pieces): \(error)")
      #expect(method == family.method, "\(family.name) \(family.settings)")
    }
    let (error, _) = try Self.difference(model, .recompute, pieces: [90, 1, 5, 1])
    if !family.settings.contains("filter.discretization=dss") {
      #expect(error < 1e-4, "\(family.name), anew: \(error)")
    }
  }

  /// A generator is a value.
  @Test func copiesAreBranches() throws {
    for method in GenerationMethod.allCases {
      let model = try Self.model(method == .recurrence ? "s4d" : "hyena")
      var generator = try LanguageGenerator(model, method: method, length: 20)
      _ = generator.read([1, 2, 3])
      var branch = generator
      let first = branch.read([4])
      _ = branch.read([5])
      #expect(generator.read([4]) == first)
    }
  }

  @Test func refusesAMethodThatTheModelLacks() throws {
    let hyena = try Self.model("hyena")
    let problem = #expect(throws: GenerationError.self) {
      try LanguageGenerator(hyena, method: .recurrence, length: 9)
    }
    #expect(problem?.place == "block 0")
    let gated = try Self.model("gnconv", ["filter.isCausal=true"])
    #expect(throws: GenerationError.self) {
      try LanguageGenerator(gated, method: .online, length: 9)
    }
  }

  /// The state of a recurrence does not grow; that of an online convolution is bounded by its taps.
  @Test func statesAreMeasured() throws {
    var random = RandomSource(seed: 2)
    let filter = ModalFilter((0..<4).map { FilterMaker.recurrence(pairs: 3, seed: $0) })
    var options = LanguageModelOptions()
    (options.channels, options.layers) = (4, 1)
    let model = LanguageModel(vocabulary: 5, options: options, using: &random) { random in
      AnySequenceMixer(LongConvolution(filter, channels: 4, using: &random))
    }
    var sizes: [Int?] = []
    for method in [GenerationMethod.recurrence, .online] {
      var generator = try LanguageGenerator(model, method: method, length: 600)
      _ = generator.read((0..<300).map { Int32($0 % 5) })
      let before = generator.stateBytes
      for token in 0..<200 { _ = generator.read([Int32(token % 5)]) }
      let after = generator.stateBytes
      if method == .recurrence { #expect(before == after) }
      sizes.append(after)
    }
    // Three complex states and a direct tap of four channels.
    let modes = filter.modes
    #expect(sizes[0] == 4 * 4 * (2 * modes + filter.headLength))
    #expect(try #require(sizes[1]) > 4 * 4 * 500)
  }
}
