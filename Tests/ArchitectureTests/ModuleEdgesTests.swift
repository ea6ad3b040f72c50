import Foundation
import Testing

/// Dependencies go one way: every import in the sources is one that the table allows.
@Suite struct ModuleEdgesTests {
  static let sources = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Sources")

  @Test func sourcesImportWhatTheyMay() throws {
    let violations = try ModuleEdges.house.violations(in: Self.sources)
    #expect(violations.isEmpty, "\(violations.map(\.description).joined(separator: "\n"))")
  }

  /// The check is about something: the sources are found, and their imports read.
  @Test func readsTheSources() throws {
    let file = Self.sources.appendingPathComponent("SpectralCore/FFTW/FFTWPlan.swift")
    let source = try String(contentsOf: file, encoding: .utf8)
    #expect(ModuleEdges.imports(in: source) == ["CFFTW", "Synchronization"])
    for (module, _) in ModuleEdges.house.modules {
      let folder = Self.sources.appendingPathComponent(module)
      #expect(FileManager.default.fileExists(atPath: folder.path), "\(module)")
    }
  }

  /// Modules stand above all that they import, so there is no way round in a circle.
  @Test func tableGoesOneWay() {
    var below: Set = ["Yams", "ArgumentParser"]
    for (module, imports) in ModuleEdges.house.modules {
      #expect(imports.isSubset(of: below), "\(module)")
      #expect(below.insert(module).inserted, "\(module) is listed twice")
    }
    let users = { (name: String) in
      ModuleEdges.house.modules.filter { $0.imports.contains(name) }.map(\.name)
    }
    #expect(users("CFFTW") == ["SpectralCore"])
    #expect(users("COneDNN") == ["SequenceTensor"])
    #expect(users("CHDF5") == ["HDF5"])
    #expect(users("CLAPACK") == ["Distillation"])
    #expect(users("CZip") == ["TensorIO"])
    #expect(users("ArgumentParser") == ["LongwaveCLI"])
  }

  @Test func readsEveryFormOfImport() {
    let source = """
      // import Nothing
      import A
      public import B
        @_exported public import C
      @preconcurrency import D.Inner
      import struct E.Value
      import F // why
      let important = 1
      #if canImport(G)
        import G; import H
      #endif
      """
    #expect(ModuleEdges.imports(in: source) == ["A", "B", "C", "D", "E", "F", "G", "H"])
  }

  @Test(arguments: [
    ("SequenceTensor", "import SpectralCore", "SpectralCore"),
    ("Differentiation", "import CFFTW", "CFFTW"),
    ("SpectralCore", "import COneDNN", "COneDNN"),
    ("Layers", "public import LongConvolution", "LongConvolution"),
    ("TensorIO", "import Foundation", "Foundation"),
    ("Training", "import ArgumentParser", "ArgumentParser"),
    ("LongwaveCLI", "internal import SpectralCore", "SpectralCore"),
  ])
  func catchesForbiddenEdges(module: String, line: String, imported: String) {
    let found = ModuleEdges.house.violations(
      module: module, place: "\(module)/New.swift", source: "\n\(line)\nstruct New {}\n")
    #expect(
      found
        == [.init(place: "\(module)/New.swift", module: module, imported: imported)])
  }

  @Test func catchesNewModulesAndFiles() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("longwave-edges-\(ProcessInfo.processInfo.processIdentifier)")
    defer { try? FileManager.default.removeItem(at: folder) }
    for (path, text) in [("TensorIO/Deep/A.swift", "import Layers\n"), ("Extra/B.swift", "\n")] {
      let file = folder.appendingPathComponent(path)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
    let found = try ModuleEdges.house.violations(in: folder)
    #expect(
      found == [
        .init(place: "Extra/B.swift", module: "Extra", imported: nil),
        .init(place: "TensorIO/Deep/A.swift", module: "TensorIO", imported: "Layers"),
      ])
  }
}
