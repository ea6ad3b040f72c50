import SequenceTensor
import SpectralCore
import TestSupport
import Testing

/// One sample at a time against the whole sequence in double precision.
@Suite struct OnlineConvolutionTests {
  typealias Case = StreamingConvolutionTests.Case

  /// Sends `[batch, length, channels]` through step by step.
  static func outputs(_ input: Tensor, through online: inout OnlineConvolution) -> Tensor {
    let steps = (0..<input.shape[1]).map { n in
      let sample = input.sliced(axis: 1, n..<n + 1).reshaped(input.shape[0], input.shape[2])
      return online.step(sample).reshaped(input.shape[0], 1, input.shape[2])
    }
    return .concatenated(steps, axis: 1)
  }

  static func online(_ values: Case) -> OnlineConvolution {
    OnlineConvolution(filter: values.filter, skip: values.skip, batch: values.input.shape[0])
  }

  /// Every number of taps round the sizes of blocks and levels, and the last ones of each.
  @Test(arguments: [0, 50, 100, 150, 200, 250]) func stepsAreTheWhole(first: Int) {
    for taps in first + 1...first + 50 {
      let values = Case(
        taps: taps, length: 310, batch: 1 + taps % 3, channels: taps % 10 == 0 ? 17 : 1 + taps % 3)
      var online = Self.online(values)
      #expect(values.error(Self.outputs(values.input, through: &online)) < 1e-6, "\(taps) taps")
    }
  }

  /// One level of many segments, two levels, and the sequence several times round every ring.
  @Test(arguments: [(1024, 2100), (1025, 3500), (1601, 4000)])
  func longFilters(taps: Int, length: Int) {
    let values = Case(taps: taps, length: length, batch: 1, channels: 1)
    var online = Self.online(values)
    #expect(values.error(Self.outputs(values.input, through: &online)) < 1e-6)
  }

  /// An output changes with no later input, nor with one K or more steps earlier.
  @Test(arguments: [(20, 45), (200, 130), (200, 191), (200, 192)])
  func isCausal(taps: Int, changed: Int) {
    let values = Case(taps: taps, length: 450, batch: 2, channels: 3)
    var other = values.input
    other[1, changed, 2] += 1
    var online = Self.online(values)
    var second = online
    let (a, b) = (
      Self.outputs(values.input, through: &online), Self.outputs(other, through: &second)
    )
    func part(_ x: Tensor, _ rows: Range<Int>) -> Tensor { x.sliced(axis: 1, rows) }
    #expect(bitsEqual(part(a, 0..<changed), part(b, 0..<changed)))
    // Transforms of what cancels leave rounding errors behind.
    let later = part(a, changed + taps..<450) - part(b, changed + taps..<450)
    #expect(later.sumOfSquares().squareRoot() < 1e-4)
    for n in changed..<changed + taps {
      let difference = b[1, n, 2] - a[1, n, 2]
      let tap = values.filter[n - changed, 2] + (n == changed ? values.skip[2] : 0)
      #expect(abs(difference - tap) < 1e-4, "output \(n)")
      // Other channels of a pair share a transform, other sequences nothing.
      #expect(abs(b[1, n, 1] - a[1, n, 1]) < 1e-4 && a[0, n, 2] == b[0, n, 2], "output \(n)")
    }
  }

  @Test(arguments: [20, 200]) func resetForgets(taps: Int) {
    let values = Case(taps: taps, length: 300, batch: 1, channels: 3)
    var online = Self.online(values)
    let first = Self.outputs(values.input, through: &online)
    online.reset()
    #expect(online.state == Tensor(zeros: [1, taps - 1, 3]))
    #expect(bitsEqual(Self.outputs(values.input, through: &online), first))
  }

  @Test(arguments: [20, 200, 1100], [1, 77, 128]) func copiesAndStates(taps: Int, cut: Int) {
    let values = Case(taps: taps, length: 300, batch: 2, channels: 3)
    var online = Self.online(values)
    let start = Self.outputs(values.input.sliced(axis: 1, 0..<cut), through: &online)
    let rest = values.input.sliced(axis: 1, cut..<300)
    var (copy, spoiled, restored) = (online, online, Self.online(values))
    restored.state = online.state
    #expect(restored.state == online.state)
    _ = Self.outputs(rest * 3, through: &spoiled)
    let end = Self.outputs(rest, through: &online)
    #expect(values.error(.concatenated([start, end], axis: 1)) < 1e-6)
    #expect(bitsEqual(Self.outputs(rest, through: &copy), end))
    let again = Self.outputs(rest, through: &restored)
    #expect(values.error(.concatenated([start, again], axis: 1)) < 1e-6)
  }

  /// Enough channels and sequences that blocks and direct taps go to several threads.
  @Test func theSameBitsWithAnyNumberOfThreads() {
    var random = RandomSource(seed: 7)
    let filter = Tensor(normal: [200, 400], using: &random)
    let input = Tensor(normal: [12, 140, 400], using: &random)
    let outputs = [1, 2, 3].map { threads in
      withThreads(threads) {
        var online = OnlineConvolution(filter: filter, batch: 12)
        return Self.outputs(input, through: &online)
      }
    }
    #expect(bitsEqual(outputs[0], outputs[1]) && bitsEqual(outputs[0], outputs[2]))
  }

  @Test func wrongShapesStopTheProgram() async {
    await #expect(processExitsWith: .failure) {
      _ = OnlineConvolution(filter: Tensor(zeros: [4]))
    }
    await #expect(processExitsWith: .failure) {
      _ = OnlineConvolution(filter: Tensor(zeros: [4, 3]), skip: Tensor(zeros: [4]))
    }
    await #expect(processExitsWith: .failure) {
      var online = OnlineConvolution(filter: Tensor(zeros: [4, 3]), batch: 2)
      _ = online.step(Tensor(zeros: [1, 3]))
    }
    await #expect(processExitsWith: .failure) {
      var online = OnlineConvolution(filter: Tensor(zeros: [4, 3]), batch: 2)
      online.state = Tensor(zeros: [2, 4, 3])
    }
    await #expect(processExitsWith: .failure) {
      _ = StreamingConvolution(filter: Tensor(zeros: [0, 3]))
    }
    await #expect(processExitsWith: .failure) {
      var stream = StreamingConvolution(filter: Tensor(zeros: [4, 3]))
      _ = stream(Tensor(zeros: [1, 5, 2]))
    }
    await #expect(processExitsWith: .failure) {
      var stream = StreamingConvolution(filter: Tensor(zeros: [4, 3]))
      stream.state = Tensor(zeros: [1, 4, 3])
    }
  }
}
