import LongConvolution

/// The residues that make given poles fit taps best: a linear least-squares problem.
enum ResidueFit {
  /// Cutoffs of singular values that are tried, the mildest first.
  private static let cutoffs = [1e-15, 1e-13, 1e-11, 1e-9, 1e-7]

  /// A recurrence with given poles, one of each conjugate pair.
  ///
  /// Poles that lie close together can have large residues that all but cancel. Of several cutoffs
  /// the largest is taken whose error is no more than 1.001 times the least, which keeps residues as
  /// small as they can be for the error.
  static func recurrence(poles: [ComplexNumber], taps: [Double], headLength: Int)
    throws(DistillationError) -> ModalRecurrence
  {
    let tail = Array(taps.dropFirst(headLength))
    let basis = modes(poles, count: tail.count)
    let size = tail.maximumMagnitude
    guard size > 0, basis.matrix.columns > 0 else {
      return ModalRecurrence(
        head: Array(taps.prefix(headLength)), poles: poles,
        residues: poles.map { _ in .zero })
    }
    var candidates: [(recurrence: ModalRecurrence, error: Double)] = []
    for cutoff in cutoffs {
      let solution = try LinearAlgebra.leastSquares(basis.matrix, tail, cutoff: cutoff)
      var place = 0
      var residues: [ComplexNumber] = []
      for pole in poles {
        let real = solution[place] / basis.norms[place]
        place += 1
        guard pole.imaginary != 0 else {
          residues.append(ComplexNumber(real))
          continue
        }
        residues.append(ComplexNumber(real, -solution[place] / basis.norms[place]))
        place += 1
      }
      let found = ModalRecurrence(
        head: Array(taps.prefix(headLength)), poles: poles, residues: residues)
      let error = zip(tail, found.tail(length: tail.count)).reduce(0) {
        $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
      }
      if error.isFinite { candidates.append((found, error.squareRoot())) }
    }
    let least = candidates.map(\.error).min() ?? .infinity
    guard let best = candidates.last(where: { $0.error <= 1.001 * least }) else {
      throw DistillationError(
        .notConverged, place: "residues", expected: "a finite solution",
        got: "poles \(poles.map(\.magnitude).max() ?? 0) large")
    }
    return best.recurrence
  }

  /// How far apart the poles of a section are set, the mildest first.
  private static let distances = [1e-5, 1e-4, 1e-3, 1e-2]

  /// A recurrence with the poles of sections, those of one section set apart as far as costs no more
  /// than a thousandth of the error.
  static func recurrence(sections: [PoleSection], taps: [Double], headLength: Int)
    throws(DistillationError) -> ModalRecurrence
  {
    let tail = taps.dropFirst(headLength)
    var candidates: [(recurrence: ModalRecurrence, error: Double)] = []
    for distance in distances {
      let poles = sections.flatMap { $0.poles(apart: distance) }
      if poles == candidates.last?.recurrence.poles { continue }
      let found = try recurrence(poles: poles, taps: taps, headLength: headLength)
      let error = zip(tail, found.tail(length: tail.count)).reduce(0) {
        $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
      }
      candidates.append((found, error))
    }
    let least = candidates.map(\.error).min() ?? .infinity
    // Errors are squares.
    guard let best = candidates.last(where: { $0.error <= 1.002 * least }) else {
      throw DistillationError(
        .notConverged, place: "residues", expected: "a finite solution", got: "none")
    }
    return best.recurrence
  }

  /// Columns Re pᵗ and, for complex poles, Im pᵗ, each of norm 1.
  private static func modes(_ poles: [ComplexNumber], count: Int)
    -> (matrix: DenseMatrix, norms: [Double])
  {
    let width = poles.reduce(0) { $0 + ($1.imaginary == 0 ? 1 : 2) }
    var matrix = DenseMatrix(zeros: count, width)
    var norms = [Double](repeating: 0, count: width)
    var column = 0
    for pole in poles {
      let isComplex = pole.imaginary != 0
      var power = ComplexNumber.one
      for t in 0..<count {
        matrix.elements[column * count + t] = power.real
        norms[column] += power.real * power.real
        if isComplex {
          matrix.elements[(column + 1) * count + t] = power.imaginary
          norms[column + 1] += power.imaginary * power.imaginary
        }
        power = power * pole
      }
      column += isComplex ? 2 : 1
    }
    for index in norms.indices {
      norms[index] = max(norms[index].squareRoot(), 1e-300)
      for t in 0..<count { matrix.elements[index * count + t] /= norms[index] }
    }
    return (matrix, norms)
  }
}
