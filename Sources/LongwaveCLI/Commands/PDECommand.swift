import ArgumentParser

/// `longwave pde`: neural operators for partial differential equations.
struct PDECommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pde",
    abstract: "Draw samples of equations, train neural operators on fields, and solve with them.",
    discussion: """
      Examples:
        longwave pde train burgers --out runs/burgers
        longwave pde solve runs/burgers --sample 0 --check --plot u.png
        longwave pde train darcy_train_16.pt darcy_test_16.pt darcy_test_32.pt --out runs/darcy
        longwave pde solve runs/darcy --input a.npy --output u.npy --plot u.png
      """,
    subcommands: [
      PDEListCommand.self, PDEGenerateCommand.self, PDETrainCommand.self, PDEEstimateCommand.self,
      PDEEvaluateCommand.self, PDESolveCommand.self, PDERolloutCommand.self,
    ])
}
