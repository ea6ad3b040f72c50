import Foundation
import Longwave
import Testing

/// Neural operators from the originals' weights, through the same door as `longwave import`.
@Suite struct OperatorImportTests {
  /// `[batch, channels, grid…]` with its channels last, and back.
  private static func channelsLast(_ tensor: Tensor) -> Tensor {
    (1..<tensor.shape.rank - 1).reduce(tensor) { $0.transposed($1, $1 + 1) }
  }

  private static func kind(_ name: String) -> String? {
    switch name.prefix(while: { $0 != "_" }).prefix(while: { !$0.isNumber }) {
    case "fno": "neuralop.fno"
    case "tfno": "neuralop.tfno"
    case "uno": "neuralop.uno"
    case "spectralconv": "neuralop.spectralconv"
    default: nil
    }
  }

  @Test func outputsAreTheOriginals() throws {
    let folder = try GoldenFolder()
    var seen: Set<String> = []
    for golden in folder.index.cases where !golden.originalBug {
      guard let kind = Self.kind(golden.name), golden.args["complex_data"]?.bool != true else {
        continue
      }
      let c = GoldenComparison(golden, try folder.file(golden))
      let model = try ImportedOperator(kind, arguments: golden.args, weights: c.weights())
      let input = Self.channelsLast(try c.tensor("input"))
      let expected = Self.channelsLast(try c.tensor("output"))
      // A change of resolution is asked for by the size of the result.
      let grid = Shape(Array(expected.shape.sizes.dropFirst().dropLast()))
      let wanted = kind == "neuralop.spectralconv" ? grid : nil
      let y = model(Variable(input), outputGrid: wanted).value
      let error = y.elements.indices.reduce(Float(0)) {
        max($0, abs(y.elements[$1] - expected.elements[$1]))
      }
      #expect(y.shape == expected.shape && error < 2e-5 * expected.maximumMagnitude())
      seen.insert(kind)
      // Written and read again it is the same operator.
      let path = "\(NSTemporaryDirectory())longwave-\(golden.name).safetensors"
      defer { try? FileManager.default.removeItem(atPath: path) }
      try model.file().write(to: path)
      let again = try ImportedOperator(readingFrom: path)
      #expect(again(Variable(input), outputGrid: wanted).value == y, "\(golden.name)")
    }
    #expect(seen.count == 4, "\(seen)")
  }

  @Test func sizesComeFromTheWeights() throws {
    let folder = try GoldenFolder()
    let golden = try #require(folder.index.cases.first { $0.name == "fno1d_0" })
    let c = GoldenComparison(golden, try folder.file(golden))
    let said = try ImportedOperator("neuralop.fno", arguments: golden.args, weights: c.weights())
    let told = try ImportedOperator(
      "neuralop.fno", arguments: OriginalArguments(), weights: c.weights())
    var random = RandomSource(seed: 1)
    let x = Variable(Tensor(normal: [2, 20, 1], using: &random))
    #expect(said(x).value == told(x).value)
    #expect(throws: ReferenceError.self) {
      try ImportedOperator("neuralop.sfno", arguments: golden.args, weights: c.weights())
    }
    var huge = golden.args
    huge.values["hidden_channels"] = .integer(1 << 30)
    #expect(throws: ReferenceError.self) {
      try ImportedOperator("neuralop.fno", arguments: huge, weights: c.weights())
    }
  }
}
