public import Differentiation
public import Layers
public import SequenceTensor
import SpectralCore

/// y = h * u with a rational filter: a whole sequence through Fourier transforms, or step by step.
///
/// The recurrence is the companion form: a state of the N latest values of w with
/// w_t = u_t - Σ_j a_j·w_{t-j} gives y_t = Σ_j c_j·w_{t-j} + h(0)·u_t. Because h has a period of n
/// positions, c is not b but solves (I - Aⁿ)ᵀ·c = b with the companion matrix A, and h(0) is h_0 and what
/// wraps around to it, so that both ways agree up to the filter's maximum length; the recurrence goes
/// on where the convolution sees zeros.
public struct RationalConvolution: RecurrentMixer, ReferenceCompatible {
  /// h.
  public var filter: RationalFilter

  /// Creates an operator.
  public init(_ filter: RationalFilter) { self.filter = filter }

  /// Applies the filter to `[batch, length, channels]`.
  public func callAsFunction(_ x: Variable, mask: SequenceMask?) -> Variable {
    (filter.isBidirectional ? x.masked(mask) : x).convolved(
      with: filter.taps(length: x.shape[1], on: x.tape),
      boundary: filter.isBidirectional ? .twoSided : .causal)
  }

  /// What is carried on: the N latest values of w, and the coefficients as they were at the start.
  public struct State: Sendable {
    /// `[batch, N, channels]`, the newest first, in double precision.
    fileprivate var latest: [Double]
    /// a, `[N, channels]`.
    fileprivate let denominator: [Double]
    /// c, `[N, channels]`.
    fileprivate let numerator: [Double]
    /// h(0), `[channels]`.
    fileprivate let newest: Tensor
  }

  /// A state of zeros, with the coefficients of the recurrence.
  ///
  /// - Complexity: O(channels·N³·log n).
  /// - Precondition: the filter looks into the past only.
  public func initialState(batch: Int) -> State {
    require(
      !filter.isBidirectional, "RationalConvolution.initialState: the filter is bidirectional")
    let (order, channels) = (filter.options.order, filter.channels)
    let copies = channels / filter.denominators
    let a = filter.denominator(on: nil).value.elements
    let b = filter.numerator(on: nil).value.elements
    let spread = (0..<order * channels).map { index in
      Double(a[index / channels * filter.denominators + index % channels / copies])
    }
    var corrected = Tensor(zeros: [order, channels]).elements.map(Double.init)
    corrected.withUnsafeMutableBufferPointer { corrected in
      nonisolated(unsafe) let out = corrected
      Parallel.forEach(tasks: channels) { c, _ in
        let column = CompanionMatrix((0..<order).map { spread[$0 * channels + c] })
        let solution = column.recovered(
          (0..<order).map { Double(b[$0 * channels + c]) }, period: filter.points)
        for j in 0..<order { out[j * channels + c] = solution[j] }
      }
    }
    return State(
      latest: [Double](repeating: 0, count: batch * order * channels), denominator: spread,
      numerator: corrected, newest: filter.taps(length: 1, on: nil).value.reshaped(channels))
  }

  /// The output at the next position, `[batch, channels]`, in O(N) for a channel.
  public func step(_ x: Tensor, _ state: inout State) -> Tensor {
    let (order, channels) = (filter.options.order, filter.channels)
    require(
      x.shape.rank == 2 && x.shape[1] == channels
        && state.latest.count == x.shape[0] * order * channels,
      "RationalConvolution.step: \(x.shape) is not [batch, \(channels)] of the state's batch")
    let newest = state.newest
    var y = Tensor(zeros: x.shape)
    let out = y.mutablePointer()
    for b in 0..<x.shape[0] {
      let start = b * order * channels
      for c in 0..<channels {
        let u = Double(x.pointer[b * channels + c])
        var (next, sum) = (u, Double(newest.pointer[c]) * u)
        for j in 0..<order {
          let w = state.latest[start + j * channels + c]
          next -= state.denominator[j * channels + c] * w
          sum += state.numerator[j * channels + c] * w
        }
        for j in stride(from: order - 1, to: 0, by: -1) {
          state.latest[start + j * channels + c] = state.latest[start + (j - 1) * channels + c]
        }
        state.latest[start + c] = next
        out[b * channels + c] = Float(sum)
      }
    }
    return y
  }

  /// Visits the filter's parameters.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    visit("filter", &filter, body)
  }

  /// The authors' tensors.
  public mutating func forEachReference(_ body: (ReferenceTensor, inout Parameter) -> Void) {
    visitReferences("", &filter, body)
  }
}

/// The matrix of w_t = u_t - Σ_j a_j·w_{t-j}: a first row of -a, and ones below the diagonal.
private struct CompanionMatrix {
  let order: Int
  let rows: [Double]

  init(_ a: [Double]) {
    order = a.count
    var rows = [Double](repeating: 0, count: a.count * a.count)
    for j in a.indices {
      rows[j] = -a[j]
      if j > 0 { rows[j * a.count + j - 1] = 1 }
    }
    self.rows = rows
  }

  private func product(_ x: [Double], _ y: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: order * order)
    for i in 0..<order {
      for k in 0..<order where x[i * order + k] != 0 {
        let factor = x[i * order + k]
        for j in 0..<order { result[i * order + j] += factor * y[k * order + j] }
      }
    }
    return result
  }

  /// Aⁿ by squaring.
  private func power(_ n: Int) -> [Double] {
    var result: [Double]?
    var (square, rest) = (rows, n)
    while rest > 0 {
      if rest & 1 == 1 { result = result.map { product($0, square) } ?? square }
      rest >>= 1
      if rest > 0 { square = product(square, square) }
    }
    return result ?? rows
  }

  /// c with (I - Aⁿ)ᵀ·c = b, by elimination with pivots.
  func recovered(_ b: [Double], period: Int) -> [Double] {
    let power = power(period)
    var m = (0..<order).map { i in
      (0..<order).map { j in (i == j ? 1.0 : 0.0) - power[j * order + i] } + [b[i]]
    }
    for column in 0..<order {
      let pivot = (column..<order).max { abs(m[$0][column]) < abs(m[$1][column]) } ?? column
      m.swapAt(column, pivot)
      for row in column + 1..<max(column + 1, order) where m[row][column] != 0 {
        let factor = m[row][column] / m[column][column]
        for j in column...order { m[row][j] -= factor * m[column][j] }
      }
    }
    var solution = [Double](repeating: 0, count: order)
    for i in (0..<order).reversed() {
      let rest = (i + 1..<max(i + 1, order)).reduce(m[i][order]) { $0 - m[i][$1] * solution[$1] }
      solution[i] = rest / m[i][i]
    }
    return solution
  }
}
