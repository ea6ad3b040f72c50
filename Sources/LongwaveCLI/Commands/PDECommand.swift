import ArgumentParser

/// `longwave pde`: neural operators for partial differential equations.
struct PDECommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pde",
    abstract: "Train neural operators on fields, and solve with them.",
    discussion: """
      Example:
        longwave pde train darcy_train_16.pt darcy_test_16.pt darcy_test_32.pt --out runs/darcy
        longwave pde solve runs/darcy --input a.npy --output u.npy --plot u.png
      """,
    subcommands: [PDETrainCommand.self, PDEEvaluateCommand.self, PDESolveCommand.self])
}
