import SequenceTensor
import SpectralCore
import TestSupport
import Testing

/// Blocks one after the other against the whole sequence in double precision.
@Suite struct StreamingConvolutionTests {
  /// A filter, a skip term, and sequences with their convolution.
  struct Case {
    let filter, skip, input: Tensor
    let expected: [Double]

    init(taps: Int, length: Int, batch: Int, channels: Int) {
      var random = RandomSource(seed: UInt64(taps), stream: UInt64(channels))
      filter = Tensor(normal: [taps, channels], using: &random)
      skip = Tensor(normal: [channels], using: &random)
      input = Tensor(normal: [batch, length, channels], using: &random)
      let problem = ConvolutionProblem(length: length, taps: taps, boundary: .causal)
      expected = DirectOracle(problem).forward(
        ConvolutionOperands(input: input, skip: skip), filter)
    }

    func stream() -> StreamingConvolution {
      StreamingConvolution(filter: filter, skip: skip, batch: input.shape[0])
    }

    func error(_ output: Tensor) -> Double { relativeError(output.elements, expected) }
  }

  /// Sends a tensor through in blocks of the given sizes, over and over.
  static func outputs(
    _ input: Tensor, in sizes: [Int], through stream: inout StreamingConvolution
  ) -> Tensor {
    var blocks: [Tensor] = []
    var first = 0
    while first < input.shape[1] {
      let last = min(input.shape[1], first + sizes[blocks.count % sizes.count])
      blocks.append(stream(input.sliced(axis: 1, first..<last)))
      first = last
    }
    return .concatenated(blocks, axis: 1)
  }

  static let sizes = [
    [1], [7], [8], [13], [31], [64], [97], [256], [300], [1000],
    // Short blocks sample by sample, long ones through windows, by turns.
    [1, 200, 2, 3, 150, 0, 90, 17], [37, 5, 301],
  ]

  @Test(arguments: sizes) func blocksAreTheWhole(sizes: [Int]) {
    for (index, taps) in [1, 2, 3, 17, 64, 65, 127, 129, 200, 300].enumerated() {
      let values = Case(
        taps: taps, length: 500, batch: 1 + index % 3, channels: [1, 3, 17][index % 3])
      var stream = values.stream()
      let found = Self.outputs(values.input, in: sizes, through: &stream)
      #expect(values.error(found) < 1e-6, "\(taps) taps in blocks of \(sizes)")
    }
  }

  @Test func aBlockLongerThanAnyWindow() {
    let values = Case(taps: 70, length: 2500, batch: 2, channels: 3)
    var stream = values.stream()
    #expect(values.error(stream(values.input)) < 1e-6)
  }

  @Test(arguments: [[5], [128], [5, 128, 1]]) func resetForgets(sizes: [Int]) {
    let values = Case(taps: 129, length: 300, batch: 2, channels: 3)
    var stream = values.stream()
    _ = Self.outputs(values.input * 3, in: sizes, through: &stream)
    stream.reset()
    #expect(stream.state == Tensor(zeros: [2, 128, 3]))
    #expect(values.error(Self.outputs(values.input, in: sizes, through: &stream)) < 1e-6)
  }

  @Test(arguments: [[5], [128], [5, 128, 1]]) func aCopyIsAStreamOfItsOwn(sizes: [Int]) {
    let values = Case(taps: 129, length: 300, batch: 2, channels: 3)
    var stream = values.stream()
    let start = stream(values.input.sliced(axis: 1, 0..<101))
    var copy = stream
    let rest = values.input.sliced(axis: 1, 101..<300)
    _ = Self.outputs(rest * 3, in: sizes, through: &copy)
    let end = Self.outputs(rest, in: sizes, through: &stream)
    #expect(values.error(.concatenated([start, end], axis: 1)) < 1e-6)
  }

  @Test(arguments: [3, 128]) func theStateIsTheLastInputs(size: Int) {
    let values = Case(taps: 129, length: 300, batch: 2, channels: 3)
    var stream = values.stream()
    let begun = values.input.sliced(axis: 1, 0..<150)
    let start = Self.outputs(begun, in: [size], through: &stream)
    #expect(stream.state == begun.sliced(axis: 1, 22..<150))
    var restored = values.stream()
    restored.state = stream.state
    var online = OnlineConvolution(filter: values.filter, skip: values.skip, batch: 2)
    online.state = stream.state
    let rest = values.input.sliced(axis: 1, 150..<300)
    let end = Self.outputs(rest, in: [size], through: &restored)
    #expect(values.error(.concatenated([start, end], axis: 1)) < 1e-6)
    let stepped = OnlineConvolutionTests.outputs(rest, through: &online)
    #expect(values.error(.concatenated([start, stepped], axis: 1)) < 1e-6)
  }

  @Test func theSameBitsWithAnyNumberOfThreads() {
    let values = Case(taps: 150, length: 400, batch: 3, channels: 17)
    let outputs = [1, 2, 3].map { threads in
      withThreads(threads) {
        var stream = values.stream()
        return Self.outputs(values.input, in: [20, 128], through: &stream)
      }
    }
    #expect(bitsEqual(outputs[0], outputs[1]) && bitsEqual(outputs[0], outputs[2]))
  }
}
