import Differentiation
import Layers
import LongConvolution
import SequenceTensor
import TestSupport
import Testing

/// Heads that carry matrices.
@Suite struct MultiHyenaTests {
  static func layer(heads: Int, isBidirectional: Bool = false) -> MultiHyenaOperator<HyenaFilter> {
    var random = RandomSource(seed: 6)
    let filter = HyenaFilterTests.filter(channels: heads) { $0.isBidirectional = isBidirectional }
    return MultiHyenaOperator(filter, channels: 6, using: &random)
  }

  /// Heads of one channel are a Hyena operator of order 2.
  @Test func headsOfOneChannel() {
    let multi = Self.layer(heads: 6)
    var random = RandomSource(seed: 1)
    var plain = HyenaOperator(channels: 6, using: &random) { _, _ in multi.filter }
    (plain.input, plain.short, plain.output) = (multi.input, multi.short, multi.output)
    plain.skip = multi.skip
    let x = Variable(HyenaOperatorTests.input([2, 13, 6]))
    let difference = multi(x, mask: nil).value - plain(x, mask: nil).value
    #expect(difference.maximumMagnitude() < 2e-6)
  }

  /// By the definition, with sums over positions in double precision.
  @Test(arguments: [1, 2, 3], [false, true]) func definition(heads: Int, isBidirectional: Bool) {
    let layer = Self.layer(heads: heads, isBidirectional: isBidirectional)
    let (length, size) = (8, 6 / heads)
    let x = Variable(HyenaOperatorTests.input([1, length, 6]))
    let u = layer.input(x)
    let parts = (0..<3).map { part in
      let columns = part * 6..<(part + 1) * 6
      return layer.short(u.sliced(axis: 2, columns), channels: columns).value
    }
    let taps = layer.filter.taps(length: length, on: nil).value
    let reach = isBidirectional ? length - 1 : 0
    var inner = Tensor(zeros: [1, length, 6])
    for n in 0..<length {
      for head in 0..<heads {
        for j in 0..<size {
          var sum = 0.0
          for i in 0..<size {
            func product(_ m: Int) -> Double {
              let value = Double(parts[2][0, m, head * size + j])
              return Double(parts[1][0, m, head * size + i]) * value
            }
            var state = Double(layer.skip.value.elements[head]) * product(n)
            for m in 0...(isBidirectional ? length - 1 : n) {
              state += Double(taps[n - m + reach, head]) * product(m)
            }
            sum += Double(parts[0][0, n, head * size + i]) * state
          }
          inner[0, n, head * size + j] = Float(sum)
        }
      }
    }
    let difference = layer.output(Variable(inner)).value - layer(x, mask: nil).value
    #expect(difference.maximumMagnitude() < 1e-5)
  }

  @Test func parametersAndGradients() {
    let layer = Self.layer(heads: 2)
    expectEveryParameterVisited(layer)
    let x = HyenaOperatorTests.input([1, 7, 6])
    expectParameterGradients(of: layer) { $0(Variable(x, on: $1), mask: nil) }
    var random = RandomSource(seed: 3)
    let error = GradientCheck.directionalError(
      of: { layer($0[0], mask: nil) }, at: [x], using: &random)
    #expect(error < 5e-3)
  }

  @Test func padding() {
    for isBidirectional in [false, true] {
      let layer = Self.layer(heads: 2, isBidirectional: isBidirectional)
      let x = HyenaOperatorTests.input([1, 9, 6])
      let y = layer(Variable(x), mask: SequenceMask(lengths: [5], length: 9)).value
      let alone = layer(Variable(x.sliced(axis: 1, 0..<5)), mask: nil).value
      #expect((y.sliced(axis: 1, 0..<5) - alone).maximumMagnitude() < 2e-6)
    }
  }
}
