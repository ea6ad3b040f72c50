// swift-tools-version: 6.3
import PackageDescription

let package = Package(
  name: "longwave",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "Longwave", targets: ["Longwave"]),
    .library(name: "SequenceTensor", targets: ["SequenceTensor"]),
    .library(name: "SpectralCore", targets: ["SpectralCore"]),
    .executable(name: "longwave", targets: ["LongwaveCLI"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // System libraries and the hot loops in C.
    .systemLibrary(
      name: "CFFTW", pkgConfig: "fftw3f", providers: [.apt(["libfftw3-dev"]), .brew(["fftw"])]),
    .systemLibrary(
      name: "COneDNN", providers: [.apt(["libdnnl-dev"]), .brew(["onednn"])]),
    .systemLibrary(
      name: "CCairo", pkgConfig: "cairo", providers: [.apt(["libcairo2-dev"]), .brew(["cairo"])]),
    .systemLibrary(
      name: "CHDF5", pkgConfig: "hdf5-serial",
      providers: [.apt(["libhdf5-dev"]), .brew(["hdf5"])]),
    .systemLibrary(
      name: "CLAPACK", pkgConfig: "lapacke",
      providers: [.apt(["liblapacke-dev"]), .brew(["lapack"])]),
    .systemLibrary(
      name: "CLZF", pkgConfig: "liblzf", providers: [.apt(["liblzf-dev"]), .brew(["liblzf"])]),
    .systemLibrary(
      name: "CZip", pkgConfig: "libzip", providers: [.apt(["libzip-dev"]), .brew(["libzip"])]),
    .systemLibrary(
      name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .target(name: "LaneKernels"),

    // The library, bottom to top; the table of allowed edges is in Tests/ArchitectureTests.
    .target(name: "SequenceTensor", dependencies: ["LaneKernels", "COneDNN"]),
    .target(name: "TensorIO", dependencies: ["SequenceTensor", "CZip", "CZlib"]),
    .target(name: "HDF5", dependencies: ["TensorIO", "CHDF5", "CLZF"]),
    .target(name: "TensorArchives", dependencies: ["TensorIO", "HDF5"]),
    .target(name: "Pictures", dependencies: ["TensorIO", "CCairo"]),
    .target(name: "SpectralCore", dependencies: ["SequenceTensor", "LaneKernels", "CFFTW"]),
    .target(
      name: "Differentiation", dependencies: ["SpectralCore", "SequenceTensor", "LaneKernels"]),
    .target(name: "Layers", dependencies: ["Differentiation"]),
    .target(name: "LongConvolution", dependencies: ["Layers"]),
    .target(name: "Distillation", dependencies: ["LongConvolution", "CLAPACK"]),
    .target(name: "NeuralOperators", dependencies: ["Layers"]),
    .target(
      name: "PartialDifferentialEquations", dependencies: ["SpectralCore", "SequenceTensor"]),
    .target(
      name: "Training",
      dependencies: [
        "LongConvolution", "Distillation", "NeuralOperators", "PartialDifferentialEquations",
        "TensorIO", "HDF5", "TensorArchives", "Pictures",
      ]),
    .target(
      name: "Longwave",
      dependencies: [
        "SequenceTensor", "TensorIO", "SpectralCore", "Differentiation", "Layers",
        "LongConvolution", "Distillation", "NeuralOperators", "PartialDifferentialEquations",
        "Training", "HDF5", "TensorArchives", "Pictures",
      ]),
    .executableTarget(
      name: "LongwaveCLI",
      dependencies: [
        "Longwave", "Yams",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      plugins: ["EmbedRecipes"]),
    // Published settings of runs, from the folder Recipes into the program.
    .executableTarget(name: "RecipeEmbedder"),
    .plugin(name: "EmbedRecipes", capability: .buildTool(), dependencies: ["RecipeEmbedder"]),

    // Programs to read and run; not products.
    .executableTarget(
      name: "QuickStart", dependencies: ["Longwave"], path: "Examples/QuickStart"),
    .executableTarget(
      name: "TrainClassifier", dependencies: ["Longwave"], path: "Examples/TrainClassifier"),
    .executableTarget(
      name: "TrainTask", dependencies: ["Longwave"], path: "Examples/TrainTask"),
    .executableTarget(
      name: "CustomPrimitive", dependencies: ["Longwave"], path: "Examples/CustomPrimitive"),
    .executableTarget(
      name: "ShapesAndLayouts", dependencies: ["Longwave"], path: "Examples/ShapesAndLayouts"),
    .executableTarget(
      name: "HyenaLanguageModel", dependencies: ["Longwave"], path: "Examples/HyenaLanguageModel"),

    // Tests and what only they use.
    .target(name: "TestSupport", dependencies: ["Longwave"], path: "Tests/TestSupport"),
    .testTarget(name: "SequenceTensorTests", dependencies: ["SequenceTensor", "TestSupport"]),
    .testTarget(
      name: "SpectralCoreTests", dependencies: ["SpectralCore", "SequenceTensor", "TestSupport"]),
    .testTarget(name: "LaneKernelsTests", dependencies: ["LaneKernels", "SequenceTensor"]),
    .testTarget(name: "ArchitectureTests"),
    .testTarget(
      name: "GoldenTests", dependencies: ["Longwave", "TestSupport"],
      resources: [.copy("Fixtures")]),
    .testTarget(
      name: "TensorIOTests", dependencies: ["TensorIO", "HDF5", "TensorArchives"],
      exclude: ["Fixtures/make_fixtures.py"], resources: [.copy("Fixtures")]),
    .testTarget(name: "PicturesTests", dependencies: ["Pictures", "TensorIO"]),
    .testTarget(
      name: "TrainingTests",
      dependencies: [
        "Training", "SequenceTensor", "TensorIO", "HDF5", "TensorArchives", "Pictures",
      ]),
    .testTarget(
      name: "CommandLineTests",
      dependencies: ["Training", "LongwaveCLI", "Yams"]),
    .testTarget(name: "DifferentiationTests", dependencies: ["Longwave", "TestSupport"]),
    .testTarget(name: "LayersTests", dependencies: ["Longwave", "TestSupport"]),
    .testTarget(name: "LongConvolutionTests", dependencies: ["Longwave", "TestSupport"]),
    .testTarget(name: "DistillationTests", dependencies: ["Longwave", "TestSupport"]),
    .testTarget(name: "NeuralOperatorsTests", dependencies: ["Longwave", "TestSupport"]),
    .testTarget(
      name: "PartialDifferentialEquationsTests",
      dependencies: [
        "PartialDifferentialEquations", "SequenceTensor", "TensorIO", "TestSupport",
      ]),
  ],
  swiftLanguageModes: [.v6]
)

for target in package.targets where target.type != .system && target.type != .plugin {
  target.swiftSettings = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
  ]
}
