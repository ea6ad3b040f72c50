import Longwave
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// u_next = Σ weights·frames + shift·constant: an operator with a closed roll-out.
private struct LinearStep: NeuralOperator {
  /// `[channels of the input, 1]`.
  var weights: Parameter

  init(_ weights: [Float]) { self.weights = Parameter(Tensor(weights, shape: [weights.count, 1])) }

  func callAsFunction(_ field: Variable, outputGrid: Shape?) -> Variable {
    field.matmul(weights(on: field.tape))
  }

  mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    body("weights", &weights)
  }
}

/// Roll-outs of linear operators against their closed form.
@Suite struct RolloutTests {
  @Test func theWindowSlidesAndConstantsStay() {
    // Fibonacci numbers, and a constant 10 with weight 0.1 more in each step.
    var options = RolloutOptions()
    options.historyFrames = 2
    let model = LinearStep([1, 1, 0.1])
    let history = Variable(Tensor([1, 1, 1, 1], shape: [1, 2, 2]))
    let constants = Variable(Tensor(repeating: 10, shape: [1, 2, 1]))
    let frames = Rollout(options)(model, history: history, constants: constants, steps: 4)
    for (frame, expected) in zip(frames, [3, 5, 9, 15] as [Float]) {
      #expect(frame.shape == [1, 2, 1])
      #expect((frame.value + -expected).maximumMagnitude() < 1e-5)
    }
    options.historyFrames = 1
    options.predictsDifference = true
    let growing = Rollout(options)(
      LinearStep([0.5]), history: Variable(Tensor(repeating: 1, shape: [1, 2, 1])), steps: 3)
    #expect(abs(growing[2].value[0, 0, 0] - 3.375) < 1e-6)
  }

  @Test func gradientsGoThroughAllStepsButThePushedOnes() {
    // u_k = wᵏ: the derivative by w is k·w^(k-1); with p pushed steps only the others count.
    let w: Float = 1.5
    for pushed in 0...2 {
      var options = RolloutOptions()
      options.pushForwardSteps = pushed
      let model = LinearStep([w])
      let tape = Tape()
      let start = tape.variable(Tensor(repeating: 1, shape: [1, 1, 1]))
      let frames = Rollout(options)(model, history: start, steps: 4)
      #expect(abs(frames[3].value.scalar - powf(w, 4)) < 1e-5)
      #expect(frames.prefix(pushed).allSatisfy { !$0.needsGradient })
      let gradients = tape.gradients(of: frames[3].sum())
      let slope = gradients[model.weights.id]?.scalar ?? .nan
      #expect(abs(slope - Float(4 - pushed) * powf(w, 3)) < 1e-4)
      #expect((gradients[start] != nil) == (pushed == 0))
    }
  }

  @Test func lossIsTheMeanOverCountedSteps() {
    var options = RolloutOptions()
    options.pushForwardSteps = 1
    let targets = Tensor([0, 0, 0], shape: [1, 3, 1, 1])
    let loss = Rollout(options).loss(
      LinearStep([2]), history: Variable(Tensor(repeating: 1, shape: [1, 1, 1])), targets: targets,
      loss: MeanSquaredErrorLoss())
    #expect(abs(loss.value.scalar - (16 + 64) / 2) < 1e-4)
  }

  @Test func noiseComesOnATapeOnly() {
    var options = RolloutOptions()
    options.inputNoise = 0.5
    let start = Tensor(zeros: [4, 8, 8, 1])
    let model = LinearStep([1])
    let quiet = Rollout(options)(model, history: Variable(start), steps: 1)[0].value
    #expect(quiet == start)
    func noisy(_ seed: UInt64) -> Tensor {
      let tape = Tape(random: RandomSource(seed: seed))
      return Rollout(options)(model, history: Variable(start, on: tape), steps: 1)[0].value
    }
    let deviation = (noisy(1).sumOfSquares() / 256).squareRoot()
    #expect(abs(deviation - 0.5) < 0.1)
    #expect(noisy(1) == noisy(1) && noisy(1) != noisy(2))
  }

  @Test(arguments: [[8], [9], [6, 8], [4, 5, 6]]) func lowPassIsAProjection(grid: [Int]) {
    var random = RandomSource(seed: 2)
    let x = Variable(Tensor(normal: Shape([2] + grid + [3]), using: &random))
    let once = x.lowPassed(fraction: 2.0 / 3)
    #expect((once.lowPassed(fraction: 2.0 / 3).value - once.value).maximumMagnitude() < 1e-5)
    #expect((x.lowPassed(fraction: 2).value - x.value).maximumMagnitude() < 1e-5)
    #expect(once.value.sumOfSquares() < 0.95 * x.value.sumOfSquares())
    let error = GradientCheck.adjointError(
      of: { $0.lowPassed(fraction: 0.5) }, at: x.shape, using: &random)
    #expect(error < 1e-6)
  }

  @Test func lowPassKeepsWhatLiesWithin() {
    // Of 12 points 2/3 of the frequencies are those up to 4.
    for frequency in 0...6 {
      let wave = Tensor(
        (0..<12).map { Float(cos(2 * Double.pi * Double(frequency * $0) / 12)) },
        shape: [1, 12, 1])
      var options = RolloutOptions()
      options.keptFrequencies = 2.0 / 3
      let frame = Rollout(options)(LinearStep([1]), history: Variable(wave), steps: 1)[0].value
      let expected = frequency <= 4 ? wave : Tensor(zeros: wave.shape)
      #expect((frame - expected).maximumMagnitude() < 1e-5)
    }
  }

  @Test func dissipationStopsGrowth() {
    var options = RolloutOptions()
    options.dissipation = Dissipation(radius: 10, sharpness: 5)
    let start = Variable(Tensor(repeating: 1, shape: [2, 3, 1]))
    let frames = Rollout(options)(LinearStep([2]), history: start, steps: 40)
    #expect(abs(frames[1].value[0, 0, 0] - 4) < 1e-3)
    #expect(frames.allSatisfy { $0.value.maximumMagnitude() < 25 })
    let plain = Rollout()(LinearStep([2]), history: start, steps: 40)
    #expect(plain[39].value.maximumMagnitude() > 1e10)
    var random = RandomSource(seed: 3)
    let dissipation = Dissipation(radius: 2, sharpness: 1, contraction: 0.25)
    let (shell, targets) = dissipation.shellSamples([6, 50, 1], outer: 3, using: &random)
    for sample in 0..<6 {
      let size = (shell.sliced(axis: 0, sample..<sample + 1).sumOfSquares() / 50).squareRoot()
      #expect(size > 1.999 && size < 6.001)
    }
    #expect(targets == shell * 0.25)
    let field = Tensor(normal: [2, 5, 1], using: &random)
    let error = GradientCheck.adjointError(
      of: {
        dissipation.applied(to: $0, frame: Variable(field))
          - dissipation.applied(
            to: Variable(Tensor(zeros: [2, 5, 1])), frame: Variable(field))
      },
      at: [2, 5, 1], using: &random)
    #expect(error < 1e-6)
  }

  @Test(arguments: [[9], [8, 7], [5, 6, 7]]) func gainStaysBelowOne(grid: [Int]) {
    var random = RandomSource(seed: 4)
    var filter = GainLimitedFilter(modeShape: Shape(grid.map { _ in 3 }), channels: 2)
    filter.gain.value = Tensor(normal: filter.gain.value.shape, deviation: 3, using: &random)
    filter.phase.value = Tensor(normal: filter.phase.value.shape, deviation: 3, using: &random)
    let x = Tensor(normal: Shape([2] + grid + [2]), using: &random)
    #expect(filter(Variable(x)).value.sumOfSquares() < x.sumOfSquares())
    expectParameterGradients(of: filter) { $0(Variable(x, on: $1)) }
    let error = GradientCheck.adjointError(of: { filter($0) }, at: x.shape, using: &random)
    #expect(error < 1e-6)
    expectEveryParameterVisited(filter)
  }

  @Test func reportSaysWhenAndHow() {
    // The truth is a wave; predictions have it 1, 1.5 and -1 times, then not a number.
    let wave = Tensor((0..<8).map { Float(sin(Double.pi / 4 * Double($0))) }, shape: [1, 8, 1])
    let targets = Tensor.concatenated(
      (0..<4).map { _ in wave.reshaped(1, 1, 8, 1) }, axis: 1)
    let predictions = [wave, wave * 1.5, wave * -1, wave * .nan]
    let report = RolloutReport(predictions: predictions, targets: targets)
    #expect(report.errors[0] == 0 && abs(report.errors[1] - 0.5) < 1e-6)
    #expect(abs(report.errors[2] - 2) < 1e-6 && report.errors[3].isNaN)
    #expect(report.divergenceStep == 2)
    #expect(abs(report.correlations[1] - 1) < 1e-6 && abs(report.correlations[2] + 1) < 1e-6)
    #expect(report.correlatedSteps() == 2)
    let bold = RolloutReport(predictions: predictions, targets: targets, threshold: 5)
    #expect(bold.divergenceStep == 3)
    let good = RolloutReport(predictions: [wave], targets: targets)
    #expect(good.divergenceStep == nil && good.correlatedSteps() == 1 && good.meanError == 0)
  }
}
