import ArgumentParser
import Foundation
import Longwave

struct PDEListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the equations that samples can be drawn from.",
    discussion: """
      With an equation's name, its parameters and presets; the first preset is the standard.

      Example:
        longwave pde list burgers
      """)

  @Argument(help: "An equation's name.")
  var equation: String?

  func run() throws {
    if let equation {
      describe(try EquationCatalogue.equation(named: equation))
      return
    }
    let width = EquationCatalogue.equations.map(\.name.count).max() ?? 0
    for equation in EquationCatalogue.equations {
      print(padded(equation.name, width) + "  " + equation.formula)
    }
  }

  private func describe(_ equation: EquationDescription) {
    print("\(equation.name)    \(equation.formula)")
    let width =
      (equation.parameters.map(\.name.count) + equation.presets.map(\.name.count)).max() ?? 0
    if !equation.parameters.isEmpty { print("\nparameters") }
    for parameter in equation.parameters {
      let value = NumberFormat.trimmed(NumberFormat.significant(parameter.standard, digits: 4))
      print("  \(padded(parameter.name, width))  \(padded(value, 9)) \(parameter.meaning)")
    }
    print("\npresets")
    for preset in equation.presets {
      let indent = "  " + String(repeating: " ", count: width) + "  "
      print("  \(padded(preset.name, width))  \(preset.source)")
      let values = preset.parameters.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
      print(
        indent
          + (values + [Self.grid(of: preset), Self.times(of: preset)])
          .filter { !$0.isEmpty }.joined(separator: "; "))
    }
  }

  private static func grid(of preset: EquationPreset) -> String {
    let axes = preset.grid.axes
    let counts = axes.map { "\($0.count)" }.joined(separator: "x")
    let (lower, upper) = (axes[0].lower, axes[0].upper)
    let domain = [lower, upper].map {
      NumberFormat.trimmed(NumberFormat.significant($0, digits: 4))
    }
    let fine = preset.refinement > 1 ? ", solved \(preset.refinement) times finer" : ""
    return "\(counts) \(axes[0].points.rawValue) on (\(domain[0]), \(domain[1]))"
      + (axes.count > 1 ? "^\(axes.count)" : "") + fine
  }

  private static func times(of preset: EquationPreset) -> String {
    guard let first = preset.times.first, let last = preset.times.last else { return "" }
    let ends = [first, last].map { NumberFormat.trimmed(NumberFormat.significant($0, digits: 4)) }
    return preset.times.count == 1
      ? "time \(ends[1])" : "\(preset.times.count) frames from \(ends[0]) to \(ends[1])"
  }

  private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
