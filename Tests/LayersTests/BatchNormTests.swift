import Differentiation
import Layers
import SequenceTensor
import Testing

/// The running statistics of batch normalisation, against their definition.
@Suite struct BatchNormTests {
  static let x = Tensor([1, 10, 2, 20, 3, 30, 4, 40, 100, 100, 100, 100], shape: [2, 3, 2])

  /// One step on a tape.
  static func train(_ layer: inout BatchNorm, mask: SequenceMask?) -> Tensor {
    let tape = Tape()
    let y = layer(Variable(x, on: tape), mask: mask)
    layer.apply(tape.updates)
    return y.value
  }

  @Test func runningStatisticsFollowTheUnmaskedPositions() {
    var layer = BatchNorm(channels: 2, momentum: 0.25)
    let mask = SequenceMask(lengths: [3, 1], length: 3)
    let y = Self.train(&layer, mask: mask)
    // Values 1, 2, 3, 4: mean 2.5, variance 1.25, unbiased 5/3; ten times that in channel 1.
    func expect(_ found: Parameter, _ expected: [Double]) {
      for (a, b) in zip(found.value.elements, expected) { #expect(abs(Double(a) - b) < 1e-5 * b) }
    }
    expect(layer.runningMean, [0.25 * 2.5, 0.25 * 25])
    expect(layer.runningVariance, [0.75 + 0.25 * 5 / 3, 0.75 + 0.25 * 500 / 3])
    #expect(abs(y[0, 0, 0] + 1.5 / Float(1.25 + 1e-5).squareRoot()) < 1e-5)
    #expect(abs(y[1, 0, 1] - 15 / Float(125 + 1e-5).squareRoot()) < 1e-5)
    #expect(y.sliced(axis: 1, 1..<3).sliced(axis: 0, 1..<2).maximumMagnitude() == 0)
    _ = Self.train(&layer, mask: mask)
    expect(layer.runningMean, [0.4375 * 2.5, 0.4375 * 25])
  }

  @Test func paddingDoesNotReachTheResult() {
    var (masked, cut) = (BatchNorm(channels: 2), BatchNorm(channels: 2))
    let y = Self.train(&masked, mask: SequenceMask(lengths: [2, 2], length: 3))
    let tape = Tape()
    let short = cut(Variable(Self.x.sliced(axis: 1, 0..<2), on: tape), mask: nil)
    cut.apply(tape.updates)
    #expect(y.sliced(axis: 1, 0..<2) == short.value)
    #expect(masked.runningMean.value == cut.runningMean.value)
    #expect(masked.runningVariance.value == cut.runningVariance.value)
  }

  @Test func inferenceUsesTheRunningStatistics() {
    var layer = BatchNorm(channels: 2, epsilon: 0)
    layer.runningMean.value = Tensor([2, -1])
    layer.runningVariance.value = Tensor([4, 0.25])
    layer.gain.value = Tensor([3, 1])
    layer.bias.value = Tensor([1, 5])
    let x = Variable(Tensor([4, -1, 2, 0], shape: [1, 2, 2]))
    #expect(layer(x, mask: nil).value.elements == [4, 5, 1, 7])
    let mask = SequenceMask(lengths: [1], length: 2)
    #expect(layer(x, mask: mask).value.elements == [4, 5, 0, 0])
    // Inference leaves no trace: the statistics of the same input would be others.
    #expect(layer.runningMean.value.elements == [2, -1])
  }

  @Test func runningStatisticsAreBuffers() {
    let options = BatchNorm(channels: 2).parameters.map(\.parameter.options)
    #expect(options.map(\.isTrainable) == [true, true, false, false])
    #expect(options.allSatisfy { $0.weightDecay == 0 })
  }
}
