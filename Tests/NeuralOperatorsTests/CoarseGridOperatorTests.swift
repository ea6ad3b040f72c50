import Foundation
import Longwave
import TestSupport
import Testing

/// An operator on a coarser grid: the two maps between the grids, and what lies between them.
@Suite struct CoarseGridOperatorTests {
  /// Leaves fields as they are.
  struct Identity: NeuralOperator {
    func callAsFunction(_ field: Variable, outputGrid: Shape?) -> Variable { field }
    mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {}
  }

  static func normal(_ shape: Shape) -> Tensor {
    var random = RandomSource(seed: 4)
    return Tensor(normal: shape, using: &random)
  }

  @Test(arguments: [(9, 5), (21, 6), (10, 7), (5, 5), (4, 9)])
  func meansUnderTriangles(size: Int, count: Int) {
    let x = Self.normal([2, size, 3])
    let coarse = CoarseGridOperator(Identity(), grid: [count], isPeriodic: false)
    let y = coarse(Variable(x), outputGrid: [count]).value
    let step = max(1, Double(size - 1) / Double(count - 1))
    for i in 0..<count {
      let place = Double(i) * Double(size - 1) / Double(count - 1)
      var (sum, weights) = (0.0, 0.0)
      for j in 0..<size {
        let weight = max(0, 1 - abs(Double(j) - place) / step)
        sum += weight * Double(x[1, j, 2])
        weights += weight
      }
      #expect(abs(sum / weights - Double(y[1, i, 2])) < 1e-5)
    }
  }

  /// What comes back is what `resampled(to:)` makes of the coarse field, whatever the channels.
  @Test(arguments: [1, 2, 20]) func cubicOnTheWayBack(channels: Int) {
    let x = Self.normal([2, 5, 6, channels])
    let coarse = CoarseGridOperator(Identity(), grid: [5, 6], isPeriodic: false)
    let y = coarse(Variable(x), outputGrid: [11, 13]).value
    let expected = Variable(x).resampled(to: [11, 13]).value
    #expect(y.shape == [2, 11, 13, channels] && (y - expected).maximumMagnitude() < 1e-5)
  }

  @Test func periodicFieldsKeepTheirFrequencies() {
    func wave(_ count: Int) -> Tensor {
      Tensor((0..<count).map { Float(cos(4 * Double.pi * Double($0) / Double(count))) + 1 })
        .reshaped(to: [1, count, 1])
    }
    let coarse = CoarseGridOperator(Identity(), grid: [8], isPeriodic: true)
    #expect((coarse(Variable(wave(30))).value - wave(30)).maximumMagnitude() < 1e-5)
    let noisy = wave(30) + Tensor((0..<30).map { $0 % 2 == 0 ? 1 : -1 }, shape: [1, 30, 1])
    let y = coarse(Variable(noisy), outputGrid: [17]).value
    #expect((y - wave(17)).maximumMagnitude() < 1e-5)
  }

  @Test(arguments: [false, true], [1, 2, 3]) func adjoint(isPeriodic: Bool, axes: Int) {
    var random = RandomSource(seed: 3)
    let (fine, coarse) = (Array([9, 8, 7][..<axes]), Array([5, 4, 6][..<axes]))
    let middle = CoarseGridOperator(Identity(), grid: Shape(coarse), isPeriodic: isPeriodic)
    let error = GradientCheck.adjointError(
      of: { middle($0) }, at: Shape([2] + fine + [3]), using: &random)
    #expect(error < 2e-6)
  }
}
