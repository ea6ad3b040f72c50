package import SequenceTensor

/// Sums of powers, Re Σₙ wₙ·exp(l·μₙ) for l = 0 ..< length, and their adjoint.
///
/// Rows of weights share exponents: row r has those of group r mod `groups`. A power is a product
/// of two, exp(l₁·block·μ)·exp(l₀·μ), so the sums are a matrix product of two tables of about
/// √length rows. The tables are computed in double precision and rounded once, which keeps the
/// phase of late taps exact; the products are in single precision.
///
/// Against one exponential for each tap and state (`log_vandermonde` of the originals) this takes
/// O(√length) exponentials and 4·length operations for each state and row.
package struct ModalSum {
  let length: Int
  let groups: Int
  let modes: Int
  /// l = l₁·block + l₀.
  private let block: Int
  private let blocks: Int

  /// Creates the sums for exponents `[groups, modes]`.
  package init(length: Int, groups: Int, modes: Int) {
    self.length = length
    self.groups = groups
    self.modes = modes
    var block = 1
    while block * block < length { block *= 2 }
    self.block = block
    blocks = (length + block - 1) / block
  }

  private var padded: Int { blocks * block }

  /// The sums for weights `[rows, modes]`.
  ///
  /// - Returns: `[length, rows]`.
  package func callAsFunction(exponents: [ComplexNumber], weights: [ComplexNumber]) -> Tensor {
    let rows = weights.count / max(1, modes)
    require(
      exponents.count == groups * modes && weights.count == rows * modes && rows % groups == 0,
      "ModalSum: \(exponents.count) exponents, \(weights.count) weights, \(groups) groups of"
        + " \(modes)")
    let width = 2 * modes
    let workers = Parallel.workerCount(tasks: groups)
    var scratch = Tensor(uninitialized: [workers, (block + blocks) * width]) { _ in }
    let base = scratch.mutablePointer()
    let sums = Tensor(uninitialized: [rows, padded]) { sums in
      Parallel.forEach(tasks: groups, workers: workers) { group, worker in
        let fine = base + worker * (block + blocks) * width
        let coarse = fine + block * width
        let own = exponents[group * modes..<(group + 1) * modes]
        powers(fine, rows: block, of: own, from: nil, isConjugate: false)
        for row in stride(from: group, to: rows, by: groups) {
          powers(
            coarse, rows: blocks, of: own.map { $0 * Double(block) },
            from: weights[row * modes..<(row + 1) * modes], isConjugate: true)
          Tensor.gemm(
            .stored, .transposed, m: blocks, n: block, k: width, a: coarse, lda: width, b: fine,
            ldb: width, c: sums + row * padded)
        }
      }
    }
    return sums.transposed().sliced(axis: 0, 0..<length)
  }

  /// Σₗ gₗ·exp(l·μₙ) and Σₗ l·gₗ·exp(l·μₙ) for real g, `[length, rows]`.
  ///
  /// - Returns: both sums, `[rows, modes]`.
  package func moments(
    exponents: [ComplexNumber], of gradient: Tensor
  ) -> (zeroth: [ComplexNumber], first: [ComplexNumber]) {
    let rows = gradient.shape[1]
    require(
      gradient.shape[0] == length && exponents.count == groups * modes && rows % groups == 0,
      "ModalSum.moments: \(gradient.shape) for \(length) positions and \(groups) groups")
    let values = gradient.padded(axis: 0, after: padded - length).transposed()
    let width = 4 * modes
    let workers = Parallel.workerCount(tasks: groups)
    var scratch = Tensor(uninitialized: [workers, (block + blocks) * width]) { _ in }
    let base = scratch.mutablePointer()
    var zeroth = [ComplexNumber](repeating: .zero, count: rows * modes)
    var first = zeroth
    zeroth.withUnsafeMutableBufferPointer { zeroth in
      first.withUnsafeMutableBufferPointer { first in
        // Tasks write to the rows of their group alone.
        nonisolated(unsafe) let (zeroth, first) = (zeroth, first)
        Parallel.forEach(tasks: groups, workers: workers) { group, worker in
          let fine = base + worker * (block + blocks) * width
          let partial = fine + block * width
          let own = exponents[group * modes..<(group + 1) * modes]
          powersAndMultiples(fine, of: own)
          let steps = own.map { ComplexNumber.exponential($0 * Double(block)) }
          for row in stride(from: group, to: rows, by: groups) {
            Tensor.gemm(
              .stored, .stored, m: blocks, n: width, k: block, a: values.pointer + row * padded,
              lda: block, b: fine, ldb: width, c: partial)
            for n in 0..<modes {
              var (power, sum, weighted) = (
                ComplexNumber.one, ComplexNumber.zero, ComplexNumber.zero
              )
              for l in 0..<blocks {
                let at = partial + l * width + n
                let value = power * ComplexNumber(Double(at[0]), Double(at[modes]))
                let inner =
                  power * ComplexNumber(Double(at[2 * modes]), Double(at[3 * modes]))
                sum += value
                weighted += value * Double(l * block) + inner
                power = power * steps[n]
              }
              zeroth[row * modes + n] = sum
              first[row * modes + n] = weighted
            }
          }
        }
      }
    }
    return (zeroth, first)
  }

  /// Rows w·exp(lμ): all real parts, then all imaginary ones, or their negatives.
  private func powers(
    _ table: UnsafeMutablePointer<Float>, rows: Int, of exponents: some Sequence<ComplexNumber>,
    from weights: ArraySlice<ComplexNumber>?, isConjugate: Bool
  ) {
    let ratios = exponents.map { ComplexNumber.exponential($0) }
    var current = weights.map(Array.init) ?? ratios.map { _ in .one }
    let sign = isConjugate ? -1.0 : 1.0
    current.withUnsafeMutableBufferPointer { current in
      ratios.withUnsafeBufferPointer { ratios in
        for row in 0..<rows {
          let at = table + row * 2 * modes
          for n in 0..<modes {
            let value = current[n]
            at[n] = Float(value.real)
            at[modes + n] = Float(sign * value.imaginary)
            current[n] = value * ratios[n]
          }
        }
      }
    }
  }

  /// Rows exp(lμ) and l·exp(lμ), each real parts before imaginary ones.
  private func powersAndMultiples(
    _ table: UnsafeMutablePointer<Float>, of exponents: some Sequence<ComplexNumber>
  ) {
    let ratios = exponents.map { ComplexNumber.exponential($0) }
    var current = ratios.map { _ in ComplexNumber.one }
    current.withUnsafeMutableBufferPointer { current in
      ratios.withUnsafeBufferPointer { ratios in
        for row in 0..<block {
          let at = table + row * 4 * modes
          let multiple = Double(row)
          for n in 0..<modes {
            let value = current[n]
            at[n] = Float(value.real)
            at[modes + n] = Float(value.imaginary)
            at[2 * modes + n] = Float(multiple * value.real)
            at[3 * modes + n] = Float(multiple * value.imaginary)
            current[n] = value * ratios[n]
          }
        }
      }
    }
  }
}
