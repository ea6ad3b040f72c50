// swift-tools-version: 6.3
import PackageDescription

let package = Package(
  name: "benchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "longwave", path: "../")],
  targets: [
    .executableTarget(
      name: "benchmarks", dependencies: [.product(name: "Longwave", package: "longwave")])
  ],
  swiftLanguageModes: [.v6]
)
