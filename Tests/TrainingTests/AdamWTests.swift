import Differentiation
import Foundation
import SequenceTensor
import Testing
import Training

/// The optimiser against its definition in double precision.
@Suite struct AdamWTests {
  struct Model: Module {
    var parameters4: [Parameter]
    mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
      for index in parameters4.indices { body("\(index)", &parameters4[index]) }
    }
  }

  /// Gradients of chosen values: those of the sum of parameters times constants.
  static func gradients(_ model: Model, _ wanted: [Tensor?]) -> Gradients {
    let tape = Tape()
    var loss = Variable(Tensor(scalar: 0), on: tape)
    for (parameter, gradient) in zip(model.parameters4, wanted) {
      if let gradient { loss = loss + (parameter(on: tape) * Variable(gradient)).sum() }
    }
    return tape.gradients(of: loss)
  }

  /// One parameter in double precision.
  struct Reference {
    var value: [Double]
    var first = [0.0, 0, 0]
    var second = [0.0, 0, 0]
    let rate, decay: Double

    mutating func update(_ gradient: [Double], step: Int, factor: Double) {
      let (beta1, beta2) = (Double(Float(0.8)), Double(Float(0.95)))
      for i in value.indices {
        first[i] = beta1 * first[i] + (1 - beta1) * gradient[i]
        second[i] = beta2 * second[i] + (1 - beta2) * gradient[i] * gradient[i]
        let mean = first[i] / (1 - pow(beta1, Double(step)))
        let square = second[i] / (1 - pow(beta2, Double(step)))
        value[i] *= 1 - rate * factor * decay
        value[i] -= rate * factor * mean / (square.squareRoot() + Double(Float(1e-4)))
      }
    }
  }

  @Test func stepsMatchTheDefinition() {
    var random = RandomSource(seed: 3)
    let options = [
      ParameterOptions(), ParameterOptions(learningRate: 0.002),
      ParameterOptions(weightDecay: 0), ParameterOptions(learningRate: 0.05, weightDecay: 0.5),
    ]
    var model = Model(
      parameters4: options.map { Parameter(Tensor(normal: [3], using: &random), $0) })
    var references = model.parameters4.map {
      Reference(
        value: $0.value.elements.map(Double.init),
        rate: Double($0.options.learningRate ?? 0.01),
        decay: Double($0.options.weightDecay ?? 0.1))
    }
    var optimizer = AdamW(
      learningRate: 0.01, weightDecay: 0.1, beta1: 0.8, beta2: 0.95, epsilon: 1e-4)
    for step in 1...6 {
      let gradients = model.parameters4.map { _ in Tensor(normal: [3], using: &random) }
      let (factor, scale) = (1 / Float(step), step == 4 ? Float(0.5) : 1)
      optimizer.update(
        &model, with: Self.gradients(model, gradients), factor: factor, gradientScale: scale)
      for (index, gradient) in gradients.enumerated() {
        references[index].update(
          gradient.elements.map { Double($0 * scale) }, step: step, factor: Double(factor))
        for (a, b) in zip(model.parameters4[index].value.elements, references[index].value) {
          #expect(abs(Double(a) - b) < 2e-6, "parameter \(index), step \(step)")
        }
      }
    }
    #expect(optimizer.step == 6)
  }

  @Test func buffersAndUnusedParametersStay() throws {
    var model = Model(parameters4: [
      Parameter(Tensor([1, 2, 3])), Parameter(Tensor([4, 5, 6]), .buffer),
      Parameter(Tensor([7, 8, 9])),
    ])
    let before = model.parameters4.map(\.value)
    var optimizer = AdamW(learningRate: 0.1, weightDecay: 0.5)
    let one = Tensor(repeating: 1, shape: [3])
    optimizer.update(&model, with: Self.gradients(model, [one, one, nil]))
    #expect(model.parameters4[0].value != before[0])
    #expect(model.parameters4[1].value == before[1])
    // Without a gradient there is no step, and so no decay either.
    #expect(model.parameters4[2].value == before[2])
    #expect(optimizer.moments.count == 1)
    // A parameter that is left out once keeps its means.
    let moments = try #require(optimizer.moments[model.parameters4[0].id]).first
    optimizer.update(&model, with: Self.gradients(model, [nil, nil, one]))
    #expect(optimizer.moments[model.parameters4[0].id]?.first == moments)
    #expect(optimizer.moments.count == 2)
  }

  @Test func scheduleCorners() {
    typealias Course = LearningRateSchedule.Course
    func factors(
      _ course: Course, warmup: Int, total: Int, final: Float = 0, _ steps: [Int]
    ) -> [Float] {
      let schedule = LearningRateSchedule(
        course, warmupSteps: warmup, totalSteps: total, finalFactor: final)
      return steps.map { (schedule.factor(step: $0) * 10_000).rounded() / 10_000 }
    }
    let steps = [0, 1, 3, 4, 8, 12, 100]
    #expect(
      factors(.constant, warmup: 4, total: 12, steps) == [0.25, 0.5, 1, 1, 1, 1, 1])
    #expect(
      factors(.linear, warmup: 4, total: 12, steps) == [0.25, 0.5, 1, 1, 0.5, 0, 0])
    #expect(
      factors(.cosine, warmup: 4, total: 12, steps) == [0.25, 0.5, 1, 1, 0.5, 0, 0])
    #expect(
      factors(.cosine, warmup: 0, total: 4, [0, 1, 2, 3, 4]) == [1, 0.8536, 0.5, 0.1464, 0])
    let pieces = LearningRateSchedule(
      .step, warmupSteps: 2, totalSteps: 11, drops: 2, dropFactor: 0.1)
    #expect(
      (0..<12).map { (pieces.factor(step: $0) * 1000).rounded() / 1000 }
        == [0.5, 1, 1, 1, 1, 0.1, 0.1, 0.1, 0.01, 0.01, 0.01, 0.01])
    for course in [Course.linear, .cosine] {
      #expect(
        factors(course, warmup: 0, total: 4, final: 0.2, [0, 2, 4, 5]) == [1, 0.6, 0.2, 0.2])
      // Warm-up that never ends, and no steps at all.
      #expect(factors(course, warmup: 8, total: 4, [0, 3, 7, 8]) == [0.125, 0.5, 1, 1])
      #expect(factors(course, warmup: 0, total: 0, [0, 1]) == [1, 0])
    }
  }
}
