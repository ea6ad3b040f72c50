// swift-tools-version: 6.3
import PackageDescription

let package = Package(
  name: "benchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "longwave", path: "../")],
  targets: [
    // What online convolution is compared with.
    .target(name: "HistoryProduct"),
    .executableTarget(
      name: "benchmarks",
      dependencies: ["HistoryProduct", .product(name: "Longwave", package: "longwave")]),
  ],
  swiftLanguageModes: [.v6]
)
