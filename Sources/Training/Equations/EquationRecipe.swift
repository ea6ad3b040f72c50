import NeuralOperators
import PartialDifferentialEquations

/// How much data of an equation a neural operator is trained on, and with what settings, unless
/// the user says otherwise.
public struct EquationRecipe: Sendable {
  /// The number of training samples.
  public var samples = 1000
  /// The number of test samples.
  public var testSamples = 200
  /// The grid to solve on; the preset's if there is none.
  public var grid: [Int]?
  /// The grid to train on.
  public var savedGrid: [Int]?
  /// The times of the frames; the preset's if there are none.
  public var times: [Double]?
  private let configure: @Sendable (inout OperatorRunConfiguration) -> Void

  /// The recipe for an equation in one of its presets.
  public init(equation: String, preset: String) {
    switch (equation, preset) {
    case ("burgers", _):
      (grid, savedGrid) = ([8192], [1024])
      configure = { configuration in
        configuration.training.epochs = 100
        configuration.training.batchSize = 20
        configuration.training.weightDecay = 1e-5
        configuration.setFourier { ($0.channels, $0.modes) = (64, 32) }
      }
    case ("darcy", _):
      // The cells of the script's grid have no coarser grid within them.
      (grid, savedGrid) = preset == "script" ? ([85, 85], [85, 85]) : ([421, 421], [85, 85])
      configure = { configuration in
        configuration.training.epochs = 60
        configuration.training.batchSize = 20
        configuration.training.learningRate = 3e-3
        configuration.training.comparesNormalized = true
        configuration.training.augmentation = .closedSquare
        configuration.setFourier {
          ($0.modes, $0.padding, $0.padsSymmetrically) = (24, 0.1, false)
          // Half as fine as the samples: four times quicker, and no worse where the points are nodes.
          if preset != "script" { $0.coarsePoints = 43 }
        }
      }
    case ("navier-stokes", "viscosity-1e-3"):
      (samples, testSamples) = (200, 20)
      (grid, savedGrid) = ([64, 64], [64, 64])
      times = (10...50).map(Double.init)
      configure = { configuration in
        // Steps of ten units: four of them make few errors that can grow, in little time.
        configuration.data.fields.temporalSubsampling = 10
        configuration.training.epochs = 30
        configuration.training.batchSize = 20
        // Frequencies above 16 are nothing at this viscosity.
        configuration.setFourier { ($0.modes, $0.channels, $0.coarsePoints) = (16, 48, 32) }
      }
    case ("kuramoto-sivashinsky", "apebench"):
      (samples, testSamples) = (256, 8)
      times = (50...100).map(Double.init)
      configure = { configuration in
        configuration.training.predictsDifference = false
        configuration.training.epochs = 20
        configuration.training.batchSize = 64
        configuration.training.evaluateEveryEpochs = 10
        configuration.setFourier { $0.modes = 48 }
      }
    default: configure = { _ in }
    }
  }

  /// Puts the recipe's settings into a configuration.
  ///
  /// - Parameters:
  ///   - configuration: the defaults of a kind of operator.
  ///   - origin: what its data will be drawn from.
  public func apply(to configuration: inout OperatorRunConfiguration, for origin: FieldOrigin) {
    let isPeriodic = origin.grid.axes.allSatisfy { $0.points == .periodic }
    configuration.training.isPeriodic = isPeriodic
    configuration.setFourier {
      // Where no point differs from the others, coordinates would only tell them apart.
      $0.hasCoordinates = !isPeriodic || origin.equation == "navier-stokes"
      $0.includesEnd = origin.grid.axes.allSatisfy { $0.points == .nodes }
    }
    if origin.times.count > 1 {
      // An equation's next frame follows from its last one.
      configuration.data.fields.task = .windows
      configuration.data.fields.initialSteps = 1
      configuration.training.predictsDifference = true
    }
    configure(&configuration)
  }
}

extension OperatorRunConfiguration {
  /// Changes the settings of the operator where they are those of `fno` or `tfno`.
  fileprivate mutating func setFourier(_ change: (inout FourierSettings) -> Void) {
    if var settings = model.settings as? FourierSettings {
      change(&settings)
      model.settings = settings
    } else if var settings = model.settings as? TensorizedFourierSettings {
      change(&settings.options)
      model.settings = settings
    }
  }
}
