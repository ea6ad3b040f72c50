import Longwave
import Testing

/// One golden case while it is compared: its file, and which of its tensors have been met.
struct GoldenComparison {
  let golden: GoldenIndex.Case
  let file: SafetensorsFile
  private var compared: Set<String> = []

  init(_ golden: GoldenIndex.Case, _ file: SafetensorsFile) {
    self.golden = golden
    self.file = file
  }

  /// A stored tensor.
  func tensor(_ name: String) throws -> Tensor {
    Tensor(try file.floats(name), shape: Shape(try file.shape(of: name)))
  }

  /// Expects max|a - b| / max|b| within the case's tolerance for the tensor `name`.
  mutating func expect(
    _ name: String, equals found: Tensor, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let expected = try file.doubles(name)
    compared.insert(name)
    #expect(
      found.shape.sizes == (try file.shape(of: name)), "\(golden.name) \(name): shape",
      sourceLocation: sourceLocation)
    guard found.count == expected.count else { return }
    let error = zip(found.elements, expected).reduce(0) { max($0, abs(Double($1.0) - $1.1)) }
    let isFinite = found.elements.allSatisfy(\.isFinite)
    #expect(isFinite, "\(golden.name) \(name): not finite", sourceLocation: sourceLocation)
    if let limit = golden.nearZero?[name] {
      #expect(error <= limit, "\(golden.name) \(name)", sourceLocation: sourceLocation)
    } else {
      let largest = expected.reduce(0) { max($0, abs($1)) }
      let limit = golden.tolerance(of: name)
      #expect(
        error <= limit * largest, "\(golden.name) \(name): \(error / largest) > \(limit)",
        sourceLocation: sourceLocation)
    }
  }

  /// Expects the gradient of each named input.
  mutating func expectGradients(
    _ found: [(name: String, gradient: Tensor?)], sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    for (name, gradient) in found {
      let gradient = try #require(
        gradient, "\(golden.name): no gradient of \(name)", sourceLocation: sourceLocation)
      try expect("grad.\(name)", equals: gradient, sourceLocation: sourceLocation)
    }
  }

  /// The weights of the case under the original's names: all that is neither an input nor a result.
  func weights() throws -> ReferenceWeights {
    let results = ["grad.", "grad_", "aux.", "output_rel", "output_abs"]
    let names = golden.tensors.keys.filter { name in
      name != "output" && !(file.metadata["inputs"] ?? "[\"input\"]").contains("\"\(name)\"")
        && !results.contains { name.hasPrefix($0) }
    }
    return ReferenceWeights(
      Dictionary(uniqueKeysWithValues: try names.map { ($0, try tensor($0)) }), place: golden.name)
  }

  /// Expects the gradient of every parameter of a module, in the original's layout.
  mutating func expectGradients(
    of module: some ReferenceCompatible, _ gradients: Gradients,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let found = module.referenceTensors { gradients[$0.id] ?? Tensor(zeros: $0.value.shape) }
    for name in golden.tensors.keys.sorted() where name.hasPrefix("grad.") {
      guard let gradient = found[String(name.dropFirst(5))] else { continue }
      try expect(name, equals: gradient, sourceLocation: sourceLocation)
    }
  }

  /// Leaves a tensor out that reproduces a defect of the original.
  mutating func leaveOut(_ name: String) { compared.insert(name) }

  /// Expects that every output, gradient and auxiliary tensor of the case has been compared.
  func expectEverythingCompared(sourceLocation: SourceLocation = #_sourceLocation) {
    let wanted = golden.tensors.keys.filter {
      ["output", "output_rel", "output_abs"].contains($0) || $0.hasPrefix("grad.")
        || $0.hasPrefix("aux.")
    }
    #expect(
      Set(wanted).subtracting(compared).isEmpty, "\(golden.name): not compared",
      sourceLocation: sourceLocation)
  }
}
