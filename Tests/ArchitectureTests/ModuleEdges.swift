import Foundation

/// Which modules may import which: the direction of dependency in the house.
struct ModuleEdges {
  /// The modules of the package bottom to top, each with the modules of the package and the
  /// products of others that it may import.
  let modules: [(name: String, imports: Set<String>)]
  /// The modules of the system and the standard library that each may import as well.
  let system: [String: Set<String>]

  /// The table of this package.
  ///
  /// CFFTW is only for SpectralCore, COneDNN only for SequenceTensor, CCairo only for Pictures,
  /// CHDF5 only for HDF5, CLAPACK only for Distillation, and
  /// nothing below the program knows its flags or its configuration files.
  static let house: ModuleEdges = {
    let platform: Set = ["Glibc", "Musl", "Darwin"]
    let core: Set = ["LaneKernels", "SequenceTensor", "SpectralCore"]
    let layers = core.union(["Differentiation", "Layers"])
    let files: Set = ["TensorIO", "HDF5", "TensorArchives"]
    let library = layers.union(files).union([
      "LongConvolution", "Distillation", "NeuralOperators", "PartialDifferentialEquations",
      "Pictures", "Training",
    ])
    return ModuleEdges(
      modules: [
        ("LaneKernels", []),
        ("CFFTW", []),
        ("COneDNN", []),
        ("CCairo", []),
        ("CHDF5", []),
        ("CLAPACK", []),
        ("CLZF", []),
        ("CZip", []),
        ("CZlib", []),
        ("SequenceTensor", ["LaneKernels", "COneDNN"]),
        ("TensorIO", ["SequenceTensor", "CZip", "CZlib"]),
        ("HDF5", ["TensorIO", "CHDF5", "CLZF"]),
        ("TensorArchives", ["TensorIO", "HDF5"]),
        ("Pictures", ["TensorIO", "CCairo"]),
        ("SpectralCore", ["SequenceTensor", "LaneKernels", "CFFTW"]),
        ("Differentiation", core),
        ("Layers", core.union(["Differentiation"])),
        ("LongConvolution", layers),
        ("Distillation", layers.union(["LongConvolution", "CLAPACK"])),
        ("NeuralOperators", layers),
        ("PartialDifferentialEquations", ["SequenceTensor", "SpectralCore"]),
        (
          "Training",
          layers.union(files).union([
            "LongConvolution", "Distillation", "NeuralOperators",
            "PartialDifferentialEquations", "Pictures",
          ])
        ),
        ("Longwave", library),
        ("LongwaveCLI", ["Longwave", "Yams", "ArgumentParser"]),
        ("RecipeEmbedder", []),
      ],
      system: [
        "SequenceTensor": platform.union(["Dispatch", "Synchronization"]),
        "TensorIO": platform.union(["Synchronization"]),
        "HDF5": platform.union(["Synchronization"]),
        "Pictures": platform,
        "SpectralCore": platform.union(["Synchronization"]),
        "Differentiation": platform.union(["Synchronization"]),
        "Layers": platform.union(["Synchronization"]),
        "LongConvolution": platform.union(["Synchronization"]),
        "Distillation": platform.union(["Dispatch", "Synchronization"]),
        "NeuralOperators": platform.union(["Synchronization"]),
        "PartialDifferentialEquations": platform.union(["Synchronization"]),
        "Training": platform.union(["Foundation", "FoundationEssentials", "Synchronization"]),
        "LongwaveCLI": platform.union(["Foundation", "FoundationEssentials", "Synchronization"]),
        "RecipeEmbedder": ["Foundation"],
      ])
  }()

  /// An import that the table does not allow, or a module that it does not know.
  struct Violation: Equatable, CustomStringConvertible {
    let place: String
    let module: String
    let imported: String?
    var description: String {
      guard let imported else { return "\(place): module \(module) is not in the table" }
      return "\(place): \(module) must not import \(imported)"
    }
  }

  /// What is wrong with one source file.
  func violations(module: String, place: String, source: String) -> [Violation] {
    guard let entry = modules.first(where: { $0.name == module }) else {
      return [Violation(place: place, module: module, imported: nil)]
    }
    let allowed = entry.imports.union(system[module] ?? [])
    return Self.imports(in: source).compactMap { imported in
      allowed.contains(imported)
        ? nil : Violation(place: place, module: module, imported: imported)
    }
  }

  /// What is wrong with the sources in a folder that holds a folder for each module.
  func violations(in sources: URL) throws -> [Violation] {
    let files = FileManager.default
    return try files.contentsOfDirectory(atPath: sources.path).sorted().flatMap { module in
      let folder = sources.appendingPathComponent(module)
      let paths = files.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
      let found = try paths.filter { $0.hasSuffix(".swift") }.sorted().flatMap { path in
        let source = try String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8)
        return violations(module: module, place: "\(module)/\(path)", source: source)
      }
      let known = modules.contains { $0.name == module }
      return found.isEmpty && !known
        ? [Violation(place: module, module: module, imported: nil)] : found
    }
  }

  private static let kinds: Set<Substring> = [
    "struct", "class", "enum", "protocol", "typealias", "func", "let", "var", "actor",
  ]

  private static let modifiers: Set<Substring> = [
    "public", "package", "internal", "fileprivate", "private",
  ]

  /// The modules that a Swift source imports, whatever the access and the attributes.
  static func imports(in source: String) -> [String] {
    source.split(whereSeparator: { $0.isNewline || $0 == ";" }).compactMap { line in
      var words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })[...]
      while let word = words.first, word.hasPrefix("@") || modifiers.contains(word) {
        words.removeFirst()
      }
      guard words.first == "import" else { return nil }
      words.removeFirst()
      if let kind = words.first, kinds.contains(kind) { words.removeFirst() }
      return words.first?.split(separator: ".").first.map(String.init)
    }
  }
}
