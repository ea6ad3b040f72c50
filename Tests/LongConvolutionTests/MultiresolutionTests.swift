import Foundation
import Longwave
import TestSupport
import Testing

/// The multiresolution convolution against its definition.
@Suite struct MultiresolutionTests {
  /// Fading and uniform trees, with few and many taps and channels.
  static let cases: [MultiresolutionOptions] = [
    options(.fading, taps: 2, depth: 5), options(.fading, taps: 3, depth: 0),
    options(.fading, taps: 4, depth: 3), options(.fading, taps: 7, depth: 2),
    options(.uniform, taps: 2, depth: 4, memory: 7),
    options(.uniform, taps: 4, depth: 3, memory: 20),
    options(.uniform, taps: 3, depth: 3, memory: 40),
    options(.uniform, taps: 2, depth: 3, memory: 1),
    options(.uniform, taps: 1, depth: 2, memory: 5),
  ]

  static func options(
    _ selection: TreeSelection, taps: Int, depth: Int, memory: Int? = nil
  ) -> MultiresolutionOptions {
    var options = MultiresolutionOptions()
    (options.selection, options.kernelSize) = (selection, taps)
    (options.depth, options.memorySize) = (depth, memory)
    return options
  }

  static func layer(_ options: MultiresolutionOptions, channels: Int) -> MultiresolutionConvolution
  {
    var random = RandomSource(seed: 3)
    return MultiresolutionConvolution(channels: channels, options: options, using: &random)
  }

  /// The response to an impulse at position 0 by the recursion of the definition, in double precision.
  static func taps(
    _ low: [Double], _ high: [Double], _ weights: [Double], _ options: MultiresolutionOptions,
    length: Int
  ) -> [Double] {
    func filtered(_ x: [Double], _ h: [Double], _ spacing: Int) -> [Double] {
      x.indices.map { n in
        h.indices.reduce(0) { $0 + (n >= $1 * spacing ? h[$1] * x[n - $1 * spacing] : 0) }
      }
    }
    var approximation = [Double](repeating: 0, count: length)
    approximation[0] = 1
    let depth = options.depth ?? 0
    var details: [[Double]] = []
    for j in 0..<depth {
      details.append(filtered(approximation, high, 1 << j))
      approximation = filtered(approximation, low, 1 << j)
    }
    var result = approximation.map { $0 * weights[0] }
    result[0] += weights[weights.count - 1]
    switch options.selection {
    case .fading:
      for (j, detail) in details.enumerated() {
        for n in result.indices { result[n] += weights[depth - j] * detail[n] }
      }
    case .uniform:
      // Weights are dealt out from the coarsest level on, as the authors' loop does.
      let memory = options.memorySize ?? 0
      var (dealt, width) = (1, 1)
      for j in details.indices.reversed() where dealt < memory {
        let count = min(width, memory - dealt)
        let part = filtered(details[j], Array(weights[dealt..<dealt + count]), 2 << j)
        for n in result.indices { result[n] += part[n] }
        dealt += count
        width = 2 * (count - 1) + options.kernelSize
      }
    }
    return result
  }

  @Test(arguments: cases) func impulseResponse(options: MultiresolutionOptions) {
    for channels in [1, 16, 19] {
      let layer = Self.layer(options, channels: channels)
      for length in [1, 2, 37, 64] {
        var impulse = Tensor(zeros: [1, length, channels])
        for c in 0..<channels { impulse[0, 0, c] = 1 }
        let found = layer.filtered(Variable(impulse)).value
        for c in 0..<channels {
          func column(_ parameter: Parameter) -> [Double] {
            (0..<parameter.value.shape[0]).map { Double(parameter.value[$0, c]) }
          }
          let expected = Self.taps(
            column(layer.lowPass), column(layer.highPass), column(layer.weights), options,
            length: length)
          for n in 0..<length {
            #expect(
              abs(Double(found[0, n, c]) - expected[n]) < 1e-5, "\(channels), \(length), \(n)")
          }
        }
      }
    }
  }

  @Test(arguments: cases) func sameAsConvolutionWithItsTaps(options: MultiresolutionOptions) {
    var random = RandomSource(seed: 5)
    let layer = Self.layer(options, channels: 5)
    let length = 43
    var impulse = Tensor(zeros: [1, length, 5])
    for c in 0..<5 { impulse[0, 0, c] = 1 }
    let taps = layer.filtered(Variable(impulse)).reshaped(length, 5)
    let x = Variable(Tensor(normal: [2, length, 5], using: &random))
    let difference = layer.filtered(x).value - x.convolved(with: taps).value
    #expect(difference.maximumMagnitude() < 1e-4)
  }

  @Test(arguments: cases) func gradients(options: MultiresolutionOptions) {
    var random = RandomSource(seed: 7)
    for (channels, length) in [(3, 1), (3, 29), (18, 90)] {
      let layer = Self.layer(options, channels: channels)
      let shape: Shape = [2, length, channels]
      let (low, high, weights) = (
        layer.lowPass.value, layer.highPass.value, layer.weights.value
      )
      func apply(
        _ x: Variable, _ low: Variable, _ high: Variable, _ weights: Variable
      ) -> Variable {
        x.multiresolution(low: low, high: high, weights: weights, tree: layer.tree)
      }
      let adjoint = GradientCheck.adjointError(
        of: { apply($0, Variable(low), Variable(high), Variable(weights)) }, at: shape,
        using: &random)
      #expect(adjoint < 1e-6, "\(channels) channels")
      let x = Tensor(normal: shape, using: &random)
      // Linear in each of the filters and the weights: adjoint in each alone.
      let errors = [
        GradientCheck.adjointError(
          of: { apply(Variable(x), Variable(low), Variable(high), $0) }, at: weights.shape,
          using: &random),
        GradientCheck.directionalError(
          of: { apply(Variable(x), $0[0], $0[1], Variable(weights)) }, at: [low, high],
          using: &random),
      ]
      #expect(errors[0] < 1e-6 && errors[1] < 2e-3, "\(channels) channels: \(errors)")
    }
  }

  @Test(arguments: cases) func wholeChunksAndSteps(options: MultiresolutionOptions) {
    var random = RandomSource(seed: 9)
    let layer = Self.layer(options, channels: 3)
    let x = Tensor(normal: [2, 75, 3], using: &random)
    let whole = layer(Variable(x), mask: nil).value
    var (state, stepped) = (layer.initialState(batch: 2), layer.initialState(batch: 2))
    var (chunks, steps): ([Tensor], [Tensor]) = ([], [])
    var start = 0
    for size in [1, 16, 0, 31, 27] {
      chunks.append(layer.chunk(x.sliced(axis: 1, start..<start + size), &state))
      start += size
    }
    for n in 0..<75 {
      let row = x.sliced(axis: 1, n..<n + 1).reshaped(2, 3)
      // A copy of the state is a branch: stepping it leaves the state as it was.
      var branch = stepped
      _ = layer.step(row * 5, &branch)
      steps.append(layer.step(row, &stepped).reshaped(2, 1, 3))
    }
    #expect((Tensor.concatenated(chunks, axis: 1) - whole).maximumMagnitude() < 1e-5)
    #expect((Tensor.concatenated(steps, axis: 1) - whole).maximumMagnitude() < 1e-5)
  }

  @Test(arguments: cases) func manySequencesAsEachByItself(options: MultiresolutionOptions) {
    var random = RandomSource(seed: 10)
    var layer = Self.layer(options, channels: 3)
    let x = Tensor(normal: [4, 150, 3], using: &random)
    let dy = Tensor(normal: x.shape, using: &random)
    func gradients(_ parts: [Tensor], _ seeds: [Tensor]) -> [Tensor] {
      let tape = Tape()
      let y = Variable.concatenated(parts.map { layer(Variable($0, on: tape), mask: nil) }, axis: 0)
      let found = tape.gradients(of: y, seed: .concatenated(seeds, axis: 0))
      return layer.parameters.map { found[$0.parameter.id] ?? Tensor([.nan]) }
    }
    let parts = (0..<4).map { x.sliced(axis: 0, $0..<$0 + 1) }
    for _ in 0..<2 {
      let alone = Tensor.concatenated(parts.map { layer(Variable($0), mask: nil).value }, axis: 0)
      // Twice, since the second finds the spectrum of the first.
      for _ in 0..<2 {
        let together = layer(Variable(x), mask: nil).value
        #expect((together - alone).maximumMagnitude() < 1e-5 * max(1, alone.maximumMagnitude()))
      }
      for (a, b) in zip(gradients([x], [dy]), gradients(parts, [dy])) {
        #expect((a - b).maximumMagnitude() < 1e-4 * max(1, b.maximumMagnitude()))
      }
      layer.weights.value = layer.weights.value * 2
    }
  }

  @Test func isCausal() {
    var random = RandomSource(seed: 11)
    let layer = Self.layer(Self.cases[4], channels: 2)
    let x = Tensor(normal: [1, 40, 2], using: &random)
    var changed = x
    for n in 23..<40 { changed[0, n, 1] += 1 }
    let (a, b) = (layer(Variable(x), mask: nil).value, layer(Variable(changed), mask: nil).value)
    #expect(a.sliced(axis: 1, 0..<23) == b.sliced(axis: 1, 0..<23))
    #expect(a.sliced(axis: 1, 23..<24) != b.sliced(axis: 1, 23..<24))
  }

  @Test func depthReachesTheLength() {
    for taps in 2...6 {
      for length in 1...300 {
        let depth = MultiresolutionOptions.depth(reaching: length, taps: taps) ?? -1
        #expect(((1 << depth) - 1) * (taps - 1) >= length - 1)
        #expect(depth == 0 || ((1 << (depth - 1)) - 1) * (taps - 1) < length - 1)
      }
    }
    #expect(MultiresolutionOptions.depth(reaching: 1024, taps: 2) == 10)
    #expect(MultiresolutionOptions.depth(reaching: 2048, taps: 4) == 10)
    #expect(MultiresolutionOptions.depth(reaching: 5, taps: 1) == nil)
  }

  @Test func initialValues() {
    var options = Self.options(.fading, taps: 4, depth: 6)
    options.hasIndependentResidual = true
    let layer = Self.layer(options, channels: 500)
    expectEveryParameterVisited(layer)
    func largest(_ parameter: Parameter, _ rows: Range<Int>) -> Float {
      parameter.value.sliced(axis: 0, rows).maximumMagnitude()
    }
    let near = { (found: Float, bound: Float) in found <= bound && found > 0.97 * bound }
    #expect(near(largest(layer.lowPass, 0..<4), 0.5) && near(largest(layer.highPass, 0..<4), 0.5))
    #expect(near(largest(layer.weights, 0..<7), (Float(1) / 8).squareRoot()))
    #expect(near(largest(layer.weights, 7..<8), 1))
    options.wavelet = Wavelet("db2")
    let wavelet = Self.layer(options, channels: 2)
    #expect(abs(wavelet.lowPass.value[0, 1] + 0.129_409_52) < 1e-7)
    #expect(abs(wavelet.highPass.value[0, 1] + 0.482_962_91) < 1e-7)
  }

  @Test func networkOfTokens() throws {
    var random = RandomSource(seed: 13)
    var options = MultiresolutionNetworkOptions.listOps(maximumLength: 20)
    (options.channels, options.layers) = (6, 2)
    let network = MultiresolutionNetwork(
      vocabulary: 7, outputs: 4, options: options, using: &random)
    expectEveryParameterVisited(network)
    let tokens: [Int32] = [1, 2, 3, 4, 5, 6, 0, 0]
    let long = network(tokens, mask: SequenceMask(lengths: [6], length: 8), on: nil).value
    let short = network(
      Array(tokens.prefix(6)), mask: SequenceMask(lengths: [6], length: 6), on: nil
    ).value
    #expect((long - short).maximumMagnitude() < 1e-6)
    let tape = Tape()
    let mask = SequenceMask(lengths: [6], length: 8)
    let loss = network(tokens, mask: mask, on: tape).softmaxCrossEntropy(labels: [2])
    let gradients = tape.gradients(of: loss)
    for (name, parameter) in network.parameters where parameter.options.isTrainable {
      #expect(gradients[parameter.id]?.isFinite == true, "\(name)")
    }
    let data = try JSONEncoder().encode(options)
    #expect(try JSONDecoder().decode(MultiresolutionNetworkOptions.self, from: data) == options)
  }
}
