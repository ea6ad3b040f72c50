import Differentiation
import LongConvolution
import SequenceTensor
import TensorIO
import Testing
import Training

/// Checkpoints on the disk: nothing is lost, and damage is named.
@Suite struct CheckpointTests {
  /// A checkpoint in the middle of a run, and its path.
  static func sample(_ folder: String) throws -> (ClassifierCheckpoint, String) {
    let tiny = try TinyRun(folder: folder)
    try tiny.train("a", stopAfter: 7)
    let path = try #require(tiny.run("a").stepCheckpoints().last)
    return (try ClassifierCheckpoint(readingFrom: path), path)
  }

  @Test func roundTripBitForBit() throws {
    try withTemporaryFolder { folder in
      let (checkpoint, path) = try Self.sample(folder)
      #expect(checkpoint.state.step == 7 && checkpoint.optimizer.step == 7)
      #expect(checkpoint.state.window.steps == 1)
      let trained = checkpoint.model.parameters.filter(\.parameter.options.isTrainable)
      #expect(checkpoint.optimizer.moments.count == trained.count)
      try checkpoint.write(to: "\(folder)/copy.safetensors")
      let isSame = try bytes(of: "\(folder)/copy.safetensors") == bytes(of: path)
      #expect(isSame)
      let again = try ClassifierCheckpoint(readingFrom: "\(folder)/copy.safetensors")
      #expect(bits(of: again.model) == bits(of: checkpoint.model))
      #expect(again.state == checkpoint.state)
      #expect(again.configuration == checkpoint.configuration)
      #expect(again.vocabulary == checkpoint.vocabulary)
      #expect(again.classNames == checkpoint.classNames)
    }
  }

  /// Expects an error whose parts hold these texts after a change of the file.
  func expectError(
    _ place: String, expected: String, got: String,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ change: (inout SafetensorsFile) throws -> Void
  ) throws {
    try withTemporaryFolder { folder in
      let (_, path) = try Self.sample(folder)
      var file = try SafetensorsFile(readingFrom: path)
      try change(&file)
      try file.write(to: path)
      let error = #expect(throws: TensorFileError.self, sourceLocation: sourceLocation) {
        try ClassifierCheckpoint(readingFrom: path)
      }
      #expect(error?.place.contains(fileName(path)) == true, sourceLocation: sourceLocation)
      #expect(
        error?.place.contains(place) == true, "\(error as Any)",
        sourceLocation: sourceLocation)
      #expect(
        error?.expected.contains(expected) == true, "\(error as Any)",
        sourceLocation: sourceLocation)
      #expect(error?.got.contains(got) == true, "\(error as Any)", sourceLocation: sourceLocation)
    }
  }

  @Test func tensorsThatAreMissingOrOthers() throws {
    try expectError("model.head.bias", expected: "a tensor of this name", got: "none") {
      $0.remove("model.head.bias")
    }
    try expectError("model.head.bias", expected: "shape [10]", got: "shape [3]") {
      $0.set("model.head.bias", floats: [1, 2, 3], shape: [3])
    }
    try expectError("optimizer.first.head.bias", expected: "shape [10]", got: "shape [3]") {
      $0.set("optimizer.first.head.bias", floats: [1, 2, 3], shape: [3])
    }
    try expectError("optimizer.second.head.bias", expected: "a tensor", got: "none") {
      $0.remove("optimizer.second.head.bias")
    }
    try expectError("model.tail", expected: "only tensors of the configured model", got: "not") {
      $0.set("model.tail", floats: [1], shape: [1])
    }
  }

  @Test func metadataThatIsMissingOrOther() throws {
    try expectError("metadata format", expected: "longwave checkpoint 1", got: "no format") {
      $0.metadata["format"] = nil
    }
    try expectError("metadata format", expected: "longwave checkpoint 1", got: "x 2") {
      $0.metadata["format"] = "x 2"
    }
    for key in ["configuration", "vocabulary", "classes", "state", "optimizer"] {
      try expectError("metadata", expected: "the key \(key)", got: "no such key") {
        $0.metadata[key] = nil
      }
      try expectError("metadata \(key)", expected: "a value of a checkpoint", got: "") {
        $0.metadata[key] = "{\"step\""
      }
    }
    // A state from which no random numbers would come.
    try expectError("metadata state", expected: "a value of a checkpoint", got: "") {
      $0.metadata["state"] = try Self.replacingWords(of: $0.metadata["state"], by: "0,0,0,0")
    }
    try expectError("metadata state", expected: "a value of a checkpoint", got: "") {
      $0.metadata["state"] = try Self.replacingWords(of: $0.metadata["state"], by: "1,2,3")
    }
    try expectError("metadata classes", expected: "at least one class", got: "none") {
      $0.metadata["classes"] = "[]"
    }
  }

  /// The JSON of a training state with other words as the state of its random numbers.
  private static func replacingWords(of json: String?, by words: String) throws -> String {
    let json = try #require(json)
    let start = try #require(json.firstRange(of: "\"state\":["))
    let end = try #require(json[start.upperBound...].firstIndex(of: "]"))
    return json[..<start.upperBound] + words + json[end...]
  }

  /// A configuration of a model that would not fit into memory: the tensors are compared first.
  @Test func hostileConfigurations() throws {
    for (key, old, new) in [
      ("model.embedding.weight", "\"channels\":6", "\"channels\":1000000"),
      ("model.blocks", "\"layers\":2", "\"layers\":1000000"),
      ("model.blocks", "\"kernelSize\":4", "\"kernelSize\":1000000"),
      ("model.blocks", "\"copies\":1", "\"copies\":50000"),
    ] {
      try expectError(key, expected: "", got: "") {
        let json = try #require($0.metadata["configuration"])
        #expect(json.contains(old))
        $0.metadata["configuration"] = json.replacing(old, with: new)
      }
    }
  }

  /// Keys that came later have their defaults in checkpoints from before, and nothing else changes.
  @Test func keysThatWereNotThereYet() throws {
    try withTemporaryFolder { folder in
      let (checkpoint, path) = try Self.sample(folder)
      var file = try SafetensorsFile(readingFrom: path)
      let json = try #require(file.metadata["configuration"])
      let older = json.replacing("\"shufflesArguments\":false,", with: "")
      #expect(older != json)
      file.metadata["configuration"] = older
      try file.write(to: path)
      let again = try ClassifierCheckpoint(readingFrom: path)
      #expect(again.configuration == checkpoint.configuration)
      #expect(bits(of: again.model) == bits(of: checkpoint.model))
    }
  }

  @Test func aConfigurationThatCannotBeUsed() throws {
    try withTemporaryFolder { folder in
      let (_, path) = try Self.sample(folder)
      var file = try SafetensorsFile(readingFrom: path)
      file.metadata["configuration"] = try #require(file.metadata["configuration"])
        .replacing("\"layers\":2", with: "\"layers\":0")
      try file.write(to: path)
      let error = #expect(throws: ConfigurationError.self) {
        try ClassifierCheckpoint(readingFrom: path)
      }
      #expect(error?.place == "\(path): configuration: model.layers")
    }
  }

  @Test func filesThatAreNoCheckpoints() throws {
    try withTemporaryFolder { folder in
      let (_, path) = try Self.sample(folder)
      let whole = try bytes(of: path)
      for count in [0, 7, 8, 100, whole.count / 2, whole.count - 1] {
        try write(Array(whole.prefix(count)), to: path)
        let error = #expect(throws: TensorFileError.self, "\(count) bytes") {
          try ClassifierCheckpoint(readingFrom: path)
        }
        #expect(error?.place.contains(fileName(path)) == true)
      }
      #expect(throws: TensorFileError.self) {
        try ClassifierCheckpoint(readingFrom: "\(folder)/none")
      }
      #expect(throws: TensorFileError.self) { try ClassifierCheckpoint(readingFrom: folder) }
    }
  }
}
