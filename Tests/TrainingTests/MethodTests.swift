import Differentiation
import LongConvolution
import SequenceTensor
import Testing
import Training

/// Every method that a run can be made of: defaults, settings, training, checkpoints.
@Suite struct MethodTests {
  /// Settings that make the methods small enough for a test.
  private static let small: [String: [String]] = [
    "sgconv": ["filter.kernelSize=4"], "multihyena": ["filter.heads=2"],
    "s4d": ["filter.stateSize=4"], "s4": ["filter.stateSize=4"],
    "h3": ["filter.stateSpace.stateSize=4", "filter.headSize=2"],
    "s5": ["filter.stateSize=8", "filter.blocks=2"], "rtf": ["filter.order=3"],
    "ckconv": ["filter.hiddenChannels=4"],
    "flexconv": ["filter.hiddenChannels=4", "filter.layers=1", "filter.maskWidth=0.3"],
    "smpconv": ["filter.points=5", "filter.radius=0.3"], "gnconv": ["filter.order=2"],
    "aff": ["filter.blocks=2"],
  ]

  private static func tiny(_ name: String, _ folder: String) throws -> TinyRun {
    var run = try TinyRun(folder: folder)
    let base = try run.configuration.overlaid(
      with: .table(["modelName": .text(name)]), place: "test")
    run.configuration = try (small[name] ?? []).reduce(base) { try $0.setting($1) }
    run.configuration.model.channels = 4
    return run
  }

  @Test(arguments: MixerConfiguration.names) func trainsAndGoesOn(name: String) throws {
    try withTemporaryFolder { folder in
      let run = try Self.tiny(name, folder)
      #expect(run.configuration.modelName == name)
      let whole = try run.train("whole")
      #expect(whole.outcome == .completed && whole.trainer.configuration.modelName == name)
      try run.train("parts", stopAfter: 5)
      let parts = try run.resume("parts")
      #expect(bits(of: parts.trainer.model) == bits(of: whole.trainer.model))
      // Filters are noted where there are some.
      let filters = try String(decoding: bytes(of: run.run("whole").filters), as: UTF8.self)
      let withoutFilters = ["s5", "h3", "hyena", "multihyena", "multires", "gnconv", "aff"]
      #expect(filters.isEmpty == withoutFilters.contains(name))
    }
  }

  /// What lies beyond a sequence, padding or a longer neighbour, reaches nothing of it.
  @Test(arguments: MixerConfiguration.names) func paddingChangesNothing(name: String) throws {
    try withTemporaryFolder { folder in
      let run = try Self.tiny(name, folder)
      var random = RandomSource(seed: 1)
      var model = run.configuration.resolved(for: run.data).makeModel(
        vocabulary: 12, classes: 3, using: &random)
      // Away from the start, where some taps are zero.
      model.forEachParameter { _, parameter in
        guard parameter.options.isTrainable else { return }
        parameter.value =
          parameter.value + Tensor(normal: parameter.value.shape, deviation: 0.05, using: &random)
      }
      let tokens: [Int32] = (0..<17).map { Int32(1 + $0 * $0 % 11) }
      func logits(length: Int, neighbour: Int?) -> Tensor {
        var (all, lengths) = (tokens + [Int32](repeating: 0, count: length - 17), [17])
        if let neighbour {
          all += [Int32](repeating: 5, count: neighbour)
          all += [Int32](repeating: 0, count: length - neighbour)
          lengths.append(neighbour)
        }
        let mask = SequenceMask(lengths: lengths, length: length)
        return model(all, mask: mask, on: nil).value.sliced(axis: 0, 0..<1)
      }
      let alone = logits(length: 17, neighbour: nil)
      for (length, neighbour) in [(18, nil), (25, 3), (32, 32)] {
        let change = (logits(length: length, neighbour: neighbour) - alone).maximumMagnitude()
        #expect(change < 1e-4 * max(1, alone.maximumMagnitude()), "padded to \(length)")
      }
    }
  }

  @Test(arguments: MixerConfiguration.names) func settingsSurviveTheirText(name: String) throws {
    let configuration = try RunConfiguration(task: .listops, modelName: name)
    #expect(throws: Never.self) { try configuration.validate() }
    let json = try configuration.json
    #expect(try RunConfiguration(json: json, place: "test") == configuration)
    // Every key can be set to the value that it has.
    for (key, value) in try configuration.tree.flattened
    where key.hasPrefix("filter.") && value != "null" {
      #expect(try configuration.setting("\(key)=\(value)") == configuration, "\(key)")
    }
    let error = #expect(throws: ConfigurationError.self) {
      try configuration.setting("filter.nothing=1")
    }
    #expect(error?.place == "--set filter.nothing=1: filter.nothing")
  }

  @Test(arguments: [
    ("hyena", "filter.operator.order", "1"), ("hyena", "filter.implicit.embeddingChannels", "4"),
    ("hyena", "filter.operator.heads", "7"), ("multihyena", "filter.heads", "3"),
    ("longconv", "filter.squash", "-1"), ("s4d", "filter.stateSize", "3"),
    ("s4d", "filter.minimumStep", "1"), ("s4", "filter.isReal", "true"),
    ("s5", "filter.blocks", "3"), ("h3", "filter.headSize", "5"),
    ("s4", "filter.independentSystems", "3"), ("multires", "filter.wavelet", "cat"),
    ("multires", "filter.kernelSize", "1"), ("rtf", "filter.maximumLength", "3"),
    ("ckconv", "filter.hiddenChannels", "0"), ("flexconv", "filter.generator", "RFNet"),
    ("flexconv", "filter.maskThreshold", "1"), ("flexconv", "filter.isCausal", "false"),
    ("smpconv", "filter.radius", "0"), ("smpconv", "filter.coordinateDeviation", "1000"),
    ("gnconv", "filter.order", "9"), ("gnconv", "filter.taps", "4"), ("aff", "filter.blocks", "3"),
  ])
  func validationNamesTheKey(name: String, key: String, value: String) throws {
    let configuration = try RunConfiguration(task: .listops, modelName: name)
      .setting("\(key)=\(value)")
    let error = #expect(throws: ConfigurationError.self) { try configuration.validate() }
    #expect(error?.place == "configuration: \(key)")
  }
}
