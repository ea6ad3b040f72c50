import Differentiation
import SequenceTensor
import SpectralCore
import Testing

/// Primitives that are linear in an argument: the pullback must be the adjoint.
@Suite struct LinearPrimitiveTests {
  /// What rounding in single precision allows.
  static let tolerance = 1e-6

  /// Expects that a function of one variable has its adjoint as pullback.
  func expectAdjoint(
    at shape: Shape, sourceLocation: SourceLocation = #_sourceLocation,
    _ linear: (Variable) -> Variable
  ) {
    var random = RandomSource(seed: UInt64(shape.count))
    let error = GradientCheck.adjointError(of: linear, at: shape, using: &random)
    #expect(error < Self.tolerance, sourceLocation: sourceLocation)
  }

  static func normal(_ shape: Shape, seed: UInt64 = 1) -> Tensor {
    var random = RandomSource(seed: seed)
    return Tensor(normal: shape, using: &random)
  }

  static func constant(_ shape: Shape, seed: UInt64 = 1) -> Variable {
    Variable(normal(shape, seed: seed))
  }

  /// Shapes that broadcast to `[2, 5, 3]`, in either place.
  @Test(arguments: [[2, 5, 3], [3], [1], [5, 1], [2, 1, 3], [1, 5, 3], []])
  func arithmeticWithBroadcasting(sizes: [Int]) {
    let other = Self.constant([2, 5, 3])
    expectAdjoint(at: Shape(sizes)) { $0 + Variable(Tensor(zeros: other.shape)) }
    expectAdjoint(at: Shape(sizes)) { Variable(Tensor(zeros: other.shape)) - $0 }
    expectAdjoint(at: Shape(sizes)) { $0 * other }
    expectAdjoint(at: Shape(sizes)) { other * $0 }
    expectAdjoint(at: Shape(sizes)) { $0 / (other * other + Variable(Tensor([1]))) }
    expectAdjoint(at: Shape(sizes)) { $0 * -2.5 }
    var random = RandomSource(seed: 7)
    let pair = [Self.normal([2, 5, 3]), Self.normal(Shape(sizes), seed: 2)]
    for error in [
      GradientCheck.adjointError(of: { $0[0] + $0[1] }, at: pair, using: &random),
      GradientCheck.adjointError(of: { $0[0] - $0[1] }, at: pair, using: &random),
      GradientCheck.adjointError(of: { $0[1] - $0[0] }, at: pair, using: &random),
    ] {
      #expect(error < Self.tolerance)
    }
  }

  @Test func sums() {
    expectAdjoint(at: [2, 5, 3]) { $0.sum() }
    expectAdjoint(at: [2, 5, 3]) { $0.mean() }
    for axis in -3..<3 { expectAdjoint(at: [2, 5, 3]) { $0.sum(axis: axis) } }
  }

  @Test(arguments: [([9], [3]), ([6, 5], [3, 3]), ([4, 3, 6], [2, 3, 2])] as [(Shape, Shape)])
  func gridTransforms(grid: Shape, modes: Shape) {
    let transform = TruncatedTransform(gridShape: grid, modeShape: modes)
    expectAdjoint(at: Shape([2] + grid.sizes + [3])) { $0.spectrum(by: transform) }
    expectAdjoint(at: Shape([2] + modes.sizes + [3, 2])) { $0.grid(by: transform) }
  }

  @Test func affineMaps() {
    let (x, weight) = (Self.constant([2, 5, 3]), Self.constant([4, 3]))
    expectAdjoint(at: [2, 5, 3]) { $0.linear(weight: weight) }
    expectAdjoint(at: [4, 3]) { x.linear(weight: $0) }
    let zero = Variable(Tensor(zeros: [4, 3]))
    expectAdjoint(at: [4]) { x.linear(weight: zero, bias: $0) }
    // Enough rows for several pieces of work.
    let long = Self.constant([2, 1500, 3])
    expectAdjoint(at: [4, 3]) { long.linear(weight: $0) }
    expectAdjoint(at: [4]) { long.linear(weight: zero, bias: $0) }
  }

  @Test func matrixProducts() {
    let (a, b) = (Self.constant([2, 5, 3]), Self.constant([3, 4]))
    expectAdjoint(at: [2, 5, 3]) { $0.matmul(b) }
    expectAdjoint(at: [3, 4]) { a.matmul($0) }
  }

  @Test func embedding() {
    let tokens: [Int32] = [0, 3, 3, 1, 4, 0]
    expectAdjoint(at: [5, 3]) { .embedding(tokens, shape: [2, 3], table: $0) }
  }

  @Test func paddingTokenGetsNoGradient() throws {
    let tape = Tape()
    let table = tape.variable(Self.normal([5, 3]))
    let rows = Variable.embedding([0, 3, 3, 1], shape: [4], table: table, paddingToken: 0)
    #expect(rows.value.sliced(axis: 0, 0..<1) == table.value.sliced(axis: 0, 0..<1))
    let gradients = tape.gradients(of: rows)
    let gradient = try #require(gradients[table])
    let counts: [Float] = [0, 1, 0, 2, 0]
    #expect(gradient.elements == counts.flatMap { [$0, $0, $0] })
  }

  @Test(arguments: 0..<3) func movingElements(axis: Int) {
    let shape: Shape = [4, 5, 6]
    expectAdjoint(at: shape) { $0.sliced(axis: axis, 1..<3) }
    expectAdjoint(at: shape) { $0.padded(axis: axis, before: 2, after: 3) }
    expectAdjoint(at: shape) { $0.flipped(axis: axis) }
    expectAdjoint(at: shape) { $0.transposed(axis, 1) }
    expectAdjoint(at: shape) { $0.transposed(axis, -1) }
    expectAdjoint(at: shape) { $0.reshaped(-1, 8) }
    expectAdjoint(at: shape) { .concatenated([$0, $0.flipped(axis: 0), $0], axis: axis) }
    var random = RandomSource(seed: 9)
    let parts = [1, 4, 2].map { size in
      var sizes = shape.sizes
      sizes[axis] = size
      return Self.normal(Shape(sizes), seed: UInt64(size))
    }
    let error = GradientCheck.adjointError(
      of: { .concatenated($0, axis: axis) }, at: parts, using: &random)
    #expect(error < Self.tolerance)
  }

  /// The convolution is linear in the input, the filter, the skip term and each gate by itself.
  @Test(arguments: Boundary.allCases, [1, 4, 9, 20])
  func convolution(boundary: Boundary, taps: Int) {
    let shape: Shape = [2, 9, 3]
    let (x, filter) = (Self.constant(shape), Self.constant([taps, 3], seed: 2))
    let skip = Self.constant([3], seed: 3)
    let (pre, post) = (Self.constant(shape, seed: 4), Self.constant(shape, seed: 5))
    func convolved(
      _ x: Variable, _ filter: Variable, _ skip: Variable, _ pre: Variable, _ post: Variable
    ) -> Variable {
      x.convolved(with: filter, boundary: boundary, skip: skip, preGate: pre, postGate: post)
    }
    expectAdjoint(at: shape) { convolved($0, filter, skip, pre, post) }
    expectAdjoint(at: shape) { convolved(x, filter, skip, $0, post) }
    expectAdjoint(at: shape) { convolved(x, filter, skip, pre, $0) }
    let parts = [filter.value, skip.value]
    var random = RandomSource(seed: 6)
    let error = GradientCheck.adjointError(
      of: { convolved(x, $0[0], $0[1], pre, post) }, at: parts, using: &random)
    #expect(error < Self.tolerance)
    // Optional operands are matched to their gradients also when only some are there.
    expectAdjoint(at: shape) { $0.convolved(with: filter, boundary: boundary) }
    expectAdjoint(at: shape) { x.convolved(with: filter, boundary: boundary, postGate: $0) }
    expectAdjoint(at: shape) {
      $0.convolved(with: filter, boundary: boundary, skip: skip, postGate: post)
    }
  }

  @Test func frequencySparseConvolution() {
    let shape: Shape = [3, 40, 3]
    let problem = ConvolutionProblem(length: 40, taps: 40, boundary: .causal)
    let levels = ConvolutionPlanner.frequencySparsePlan(problem).frequencyLevels
    let pattern = SparsityPattern(levels: levels, kept: levels.map { ($0 + 1) / 2 })
    let (x, post) = (Self.constant(shape), Self.constant(shape, seed: 5))
    let parts = [Self.constant([40, 3], seed: 2).value, Self.constant([3], seed: 3).value]
    var random = RandomSource(seed: 6)
    let error = GradientCheck.adjointError(
      of: { x.convolved(with: $0[0], skip: $0[1], postGate: post, keeping: pattern) }, at: parts,
      using: &random)
    #expect(error < Self.tolerance)
    let (filter, skip) = (Variable(parts[0]), Variable(parts[1]))
    expectAdjoint(at: shape) {
      $0.convolved(with: filter, skip: skip, postGate: post, keeping: pattern)
    }
    // The pattern reaches the convolution.
    #expect(x.convolved(with: filter, keeping: pattern).value != x.convolved(with: filter).value)
  }

  /// Filters of heads and of single sequences, by direct sums, row by row and in lanes.
  @Test(arguments: [(9, 4, 2), (61, 4, 2), (61, 20, 2), (61, 32, 1)], [false, true])
  func sharedFilters(size: (length: Int, channels: Int, heads: Int), isPerSequence: Bool) {
    let shape: Shape = [3, size.length, size.channels]
    let filterShape = Shape((isPerSequence ? [3] : []) + [size.length, size.heads])
    let (x, filter) = (Self.constant(shape), Self.constant(filterShape, seed: 2))
    let skip = Self.constant([size.channels], seed: 3)
    let (pre, post) = (Self.constant(shape, seed: 4), Self.constant(shape, seed: 5))
    for boundary in Boundary.allCases {
      expectAdjoint(at: shape) {
        $0.convolved(with: filter, boundary: boundary, skip: skip, preGate: pre, postGate: post)
      }
      var random = RandomSource(seed: 6)
      let error = GradientCheck.adjointError(
        of: {
          x.convolved(
            with: $0[0], boundary: boundary, skip: $0[1], preGate: pre, postGate: post)
        }, at: [filter.value, skip.value], using: &random)
      #expect(error < Self.tolerance)
    }
  }

  @Test(arguments: [false, true]) func sharedFiltersByDifferences(isPerSequence: Bool) {
    let (batch, length, channels, heads) = (2, 11, 6, 2)
    func output(_ arguments: [[Double]]) -> [Double] {
      var y = [Double](repeating: 0, count: batch * length * channels)
      for b in 0..<batch {
        for n in 0..<length {
          for c in 0..<channels {
            for j in 0...n {
              let tap = ((isPerSequence ? b * length : 0) + j) * heads + c / 3
              y[(b * length + n) * channels + c] +=
                arguments[1][tap] * arguments[0][(b * length + n - j) * channels + c]
            }
          }
        }
      }
      return y
    }
    var random = RandomSource(seed: 8)
    let filterShape = Shape((isPerSequence ? [batch] : []) + [length, heads])
    let error = GradientCheck.directionalError(
      of: { $0[0].convolved(with: $0[1]) },
      at: [Self.normal([batch, length, channels]), Self.normal(filterShape, seed: 2)],
      reference: output, using: &random)
    #expect(error < 1e-5)
  }

  @Test(arguments: [SequencePooling.mean, .sum, .last]) func pooling(kind: SequencePooling) {
    expectAdjoint(at: [3, 5, 2]) { $0.pooled(kind, mask: nil) }
    let mask = SequenceMask(lengths: [5, 0, 2], length: 5)
    expectAdjoint(at: [3, 5, 2]) { $0.pooled(kind, mask: mask) }
    expectAdjoint(at: [3, 5, 2]) { $0.masked(mask) }
  }

  @Test func pooledValues() {
    let x = Variable(Tensor((0..<12).map(Float.init), shape: [2, 3, 2]))
    let mask = SequenceMask(lengths: [2, 0], length: 3)
    #expect(x.pooled(.mean, mask: mask).value.elements == [1, 2, 0, 0])
    #expect(x.pooled(.sum, mask: mask).value.elements == [2, 4, 0, 0])
    #expect(x.pooled(.last, mask: mask).value.elements == [2, 3, 0, 0])
    #expect(x.pooled(.last, mask: nil).value.elements == [4, 5, 10, 11])
    // Of the second sequence nothing counts; the largest value is not always that of the last position.
    let y = Variable(Tensor([3, -1, 2, -5, 9, 9, 4, 4, 4, 4, 4, 4], shape: [2, 3, 2]))
    #expect(y.pooled(.maximum, mask: mask).value.elements == [3, -1, 0, 0])
    #expect(y.pooled(.maximum, mask: nil).value.elements == [9, 9, 4, 4])
    let lost = Variable(Tensor([1, 2, .nan, 3, 4, 5], shape: [1, 3, 2]))
    let kept = lost.pooled(.maximum, mask: nil).value.elements
    #expect(kept[0].isNaN && kept[1] == 5)
    #expect(x.masked(mask).value.elements == [0, 1, 2, 3] + [Float](repeating: 0, count: 8))
  }

  @Test func gradientOfTheMaximum() {
    var random = RandomSource(seed: 8)
    let mask = SequenceMask(lengths: [5, 0, 2], length: 5)
    let error = GradientCheck.directionalError(
      of: { $0[0].pooled(.maximum, mask: mask) }, at: [Self.normal([3, 5, 2])],
      reference: { (inputs: [[Double]]) -> [Double] in
        var result: [Double] = []
        for b in 0..<3 {
          for c in 0..<2 {
            let values: [Double] = (0..<mask.lengths[b]).map { inputs[0][(b * 5 + $0) * 2 + c] }
            result.append(values.max() ?? 0)
          }
        }
        return result
      }, using: &random)
    #expect(error < 1e-5)
  }
}
