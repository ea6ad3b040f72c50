import ArgumentParser
import Foundation
import Longwave

struct PDEGenerateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Draw samples of an equation and solve them, for training and tests.",
    discussion: """
      Writes HDF5: inputs and targets, or trajectories where there are several times. A sample \
      depends on the seed and its number alone, so that a set can be made in parts (--first), and \
      is the same on any number of threads.

      Examples:
        longwave pde generate burgers --samples 1000 --grid 8192 --save-grid 1024 --seed 0 \\
          --out burgers.h5
        longwave pde generate burgers --samples 200 --first 1000 --grid 8192 --save-grid 4096 \\
          --seed 0 --out burgers_test.h5
      """)

  @OptionGroup var common: CommonOptions

  @Argument(help: "The equation; see `longwave pde list`.")
  var equation: String

  @OptionGroup var options: EquationOptions

  @Option(help: "Determines all samples.")
  var seed: UInt64 = 0

  @Option(help: "The number of the first sample.")
  var first = 0

  @Option(help: "The .h5 file to write.")
  var out: String

  @Flag(help: "Compress the file.")
  var compress = false

  @Flag(help: "Replace a file that is there.")
  var force = false

  func validate() throws {
    guard first >= 0 else { throw ValidationError("--first: expected at least 0, got \(first)") }
    guard out.hasSuffix(".h5") || out.hasSuffix(".hdf5") else {
      throw ValidationError("--out: expected a name that ends in .h5 or .hdf5, got \(out)")
    }
  }

  func run() throws {
    common.apply()
    Interrupt.install()
    guard force || !FileManager.default.fileExists(atPath: out) else {
      throw ValidationError("--out: expected a new file (or --force), got \(out)")
    }
    let (problem, preset) = try options.problem(of: EquationCatalogue.equation(named: equation))
    let origin = FieldOrigin(
      problem, preset: preset, seed: seed, firstSample: first, samples: options.samples ?? 1000)
    guard try EquationDrawing.write(origin, to: out, compressed: compress) else {
      print("stopped; nothing was written")
      throw ExitCode.failure
    }
  }
}

/// Drawing samples with a line that says how far it is.
enum EquationDrawing {
  /// Writes a file of samples; returns false if the user stopped it.
  static func write(
    _ origin: FieldOrigin, to path: String, compressed: Bool = false, quiet: Bool = false
  ) throws -> Bool {
    let generator = try SampleGenerator(origin)
    let line = quiet ? nil : ProgressLine(total: origin.samples, label: origin.equation)
    let clock = ContinuousClock()
    let start = clock.now
    let isWritten = try generator.write(to: path, compressed: compressed) { done in
      line?.update(step: done)
      return !Interrupt.isRequested
    }
    line?.finish()
    guard isWritten, !quiet else { return isWritten }
    let sizes = origin.grid.axes.map { "\($0.count)" }.joined(separator: "x")
    let frames = origin.times.count > 1 ? ", \(origin.times.count) frames each" : ""
    print(
      "\(origin.samples) samples of \(origin.equation) at \(sizes)\(frames), "
        + "\(DurationFormat.text(seconds: (clock.now - start) / .seconds(1))): \(path)")
    return true
  }
}
