import Foundation
import Longwave
import Testing

/// Layers from the originals' weights, through the same door as `longwave import`.
@Suite struct ImportTests {
  /// The kind that a case's class is imported as; `nil` for cases that are no whole layers.
  private static func kind(_ c: GoldenComparison) -> String? {
    let source = c.file.metadata["source"] ?? ""
    let type = c.file.metadata["class"] ?? ""
    switch c.golden.name.prefix(while: { $0 != "_" }) {
    case "hyena" where type.hasPrefix("HyenaOperator"):
      return source.hasSuffix("standalone_hyena.py")
        ? "safari.hyena-standalone" : "safari.hyena"
    case "longconv": return "safari.longconv"
    case "sgconv" where !c.golden.name.contains("first"): return "sgconv"
    case "multires": return "multires"
    case "s4d": return "s4d"
    case "s4" where type.contains("Diag"): return "s4.diag"
    case "s4" where type.contains("DPLR"): return "s4"
    case "h3": return "safari.h3"
    case "multiresnet": return "multiresnet"
    case "dcls1d": return "dcls1d"
    case _ where c.golden.tensors["input"]?.count != 3: return nil
    case "ckconv": return "ckconv"
    case "flexconv": return "flexconv"
    case "ccnn": return c.golden.tensors["linear1.weight"] == nil ? "ccnn.conv" : "ccnn.block"
    case "smpconv": return "smpconv"
    default: return nil
    }
  }

  /// Whether the original's arrays have channels in front.
  private static func isTransposed(_ kind: String, _ arguments: OriginalArguments) -> Bool {
    !kind.contains("hyena") && kind != "safari.h3" && arguments["transposed"]?.bool ?? true
  }

  @Test func outputsAreTheOriginals() throws {
    let folder = try GoldenFolder()
    var seen: Set<String> = []
    for golden in folder.index.cases where !golden.originalBug {
      var c = GoldenComparison(golden, try folder.file(golden))
      guard let kind = Self.kind(c) else { continue }
      let layer: ImportedLayer
      do {
        layer = try ImportedLayer(
          kind, arguments: golden.args, weights: c.weights())
      } catch let error as ReferenceError where error.place == "argument activation" {
        continue
      }
      seen.insert(kind)
      let stored = try c.tensor("input")
      let turns = Self.isTransposed(kind, golden.args)
      let input =
        layer.input.vocabulary != nil
        ? stored.reshaped(to: Shape(stored.shape.sizes + [1])) : turns ? swapped(stored) : stored
      let y = layer(Variable(input)).value
      if y.shape.rank == 2 {
        try c.expect("output", equals: y)
      } else {
        let length = Shape(try c.file.shape(of: "output"))[turns ? -1 : 1]
        let kept = y.sliced(axis: 1, 0..<min(length, y.shape[1]))
        try c.expect("output", equals: turns ? swapped(kept) : kept)
      }
      // Written and read again it is the same layer.
      let path = "\(NSTemporaryDirectory())longwave-\(kind)-\(golden.name).safetensors"
      defer { try? FileManager.default.removeItem(atPath: path) }
      try layer.file().write(to: path)
      let again = try ImportedLayer(readingFrom: path)
      #expect(
        again(Variable(input)).value == y, "\(golden.name): read again")
    }
    #expect(!seen.isEmpty)
  }

  @Test func sizesComeFromTheWeights() throws {
    let folder = try GoldenFolder()
    let names = [
      "d_model", "l_max", "emb_dim", "filter_order", "short_filter_order", "order",
      "num_inner_mlps",
    ]
    for golden in folder.index.cases where golden.name.hasPrefix("hyena_operator_order2_0") {
      let c = GoldenComparison(golden, try folder.file(golden))
      var arguments = golden.args
      for name in names { arguments.values[name] = nil }
      let layer = try ImportedLayer("safari.hyena", arguments: arguments, weights: try c.weights())
      for name in names where golden.args[name] != nil {
        #expect(layer.arguments[name]?.number == golden.args[name]?.number, "\(name)")
      }
    }
  }

  @Test func wrongWeightsAreRefused() throws {
    let folder = try GoldenFolder()
    let golden = try #require(
      folder.index.cases.first { $0.name.hasPrefix("s4d_minimal") })
    let c = GoldenComparison(golden, try folder.file(golden))
    let weights = try c.weights()
    func message(_ change: (inout [String: Tensor], inout OriginalArguments) -> Void) -> String {
      var (tensors, arguments) = (weights.tensors, golden.args)
      change(&tensors, &arguments)
      do throws(ReferenceError) {
        _ = try ImportedLayer(
          "s4d", arguments: arguments, weights: ReferenceWeights(tensors, place: "file"))
        return "nothing"
      } catch {
        return "\(error)"
      }
    }
    #expect(message { _, _ in } == "nothing")
    #expect(message { tensors, _ in tensors["kernel.C"] = nil }.contains("file: kernel.C"))
    #expect(
      message { tensors, _ in tensors["kernel.log_dt"] = Tensor([1]) }.contains("got [1]"))
    #expect(message { tensors, _ in tensors["more"] = Tensor([1]) }.contains("file: more"))
    #expect(
      message { tensors, _ in tensors["D"] = Tensor(repeating: .nan, shape: [5]) }
        .contains("file: D: expected finite values"))
    #expect(
      message { _, a in a.values["d_model"] = .integer(1 << 20) }.contains("values stored"))
    #expect(
      message { _, a in a.values["d_state"] = .number(1e300) }.contains("argument d_state"))
    #expect(message { _, a in a.values["d_state"] = .text("x") }.contains("argument d_state"))
    #expect(message { _, a in a.values["disc"] = .text("x") }.contains("argument disc"))
    #expect(message { _, a in a.values["dt_min"] = .number(.nan) }.contains("argument dt_min"))
    #expect(message { _, a in a.values["d_state"] = .integer(3) }.contains("filter.stateSize"))
    #expect(message { _, a in a.values["d_model"] = .integer(-1) }.contains("argument d_model"))
  }
}
