import LongConvolution

/// Least squares over poles, the residues being eliminated: the variable projection of Golub and
/// Pereyra (1973), with Kaufman's approximation of the Jacobian (1975), by Levenberg and Marquardt.
///
/// For given poles the best numerators are a linear least-squares problem, so the error is a
/// function of the poles alone. Its gradient is exact; of the curvature the part that is linear in
/// the residual is left out.
struct VariableProjection {
  let domain: FitDomain
  /// What is fitted.
  let target: [Double]

  /// Sections, with the best numerators and the error.
  struct Fit {
    var sections: [PoleSection]
    /// ‖target - fit‖².
    var error: Double
    fileprivate var factor: LinearAlgebra.OrthogonalFactor
    fileprivate var norms: [Double]
    /// Qᵀ·target.
    fileprivate var turned: [Double]

    /// The order of all sections.
    var order: Int { sections.reduce(0) { $0 + $1.order } }
  }

  /// The best numerators for sections.
  ///
  /// - Returns: `nil` if something is not finite.
  func fit(_ sections: [PoleSection]) throws(DistillationError) -> Fit? {
    let rows = domain.rows
    let width = sections.reduce(0) { $0 + $1.order }
    var basis = DenseMatrix(zeros: rows, width)
    var norms = [Double](repeating: 0, count: width)
    basis.elements.withUnsafeMutableBufferPointer { elements in
      guard let base = elements.baseAddress else { return }
      var column = 0
      for section in sections {
        domain.basis(section, into: base + column * rows)
        for index in column..<column + section.order {
          let own = base + index * rows
          var sum = 0.0
          for row in 0..<rows { sum += own[row] * own[row] }
          norms[index] = max(sum.squareRoot(), 1e-300)
          for row in 0..<rows { own[row] /= norms[index] }
        }
        column += section.order
      }
    }
    guard norms.allSatisfy(\.isFinite), width < rows else { return nil }
    let factor = try LinearAlgebra.OrthogonalFactor(basis)
    let turned = try factor.transposedProduct(
      DenseMatrix(rows: rows, columns: 1, elements: target)
    ).elements
    let error = turned[width...].squaredNorm
    guard error.isFinite else { return nil }
    return Fit(sections: sections, error: error, factor: factor, norms: norms, turned: turned)
  }

  /// What is left of the target after a fit, in the domain's rows.
  func residual(_ fit: Fit) throws(DistillationError) -> [Double] {
    let numerators = try numerators(fit)
    var rest = target
    let rows = domain.rows
    var column = 0
    var columns = [Double](repeating: 0, count: 2 * rows)
    for section in fit.sections {
      columns.withUnsafeMutableBufferPointer {
        if let base = $0.baseAddress { domain.basis(section, into: base) }
      }
      for index in 0..<section.order {
        let factor = numerators[column + index]
        for row in 0..<rows { rest[row] -= factor * columns[index * rows + row] }
      }
      column += section.order
    }
    return rest
  }

  /// The best numerators of all sections in turn.
  private func numerators(_ fit: Fit) throws(DistillationError) -> [Double] {
    let solution = try LinearAlgebra.leastSquares(
      fit.factor.triangle, Array(fit.turned[..<fit.norms.count]), cutoff: 1e-13)
    return zip(solution, fit.norms).map { $0 / $1 }
  }

  /// JᵀJ and Jᵀr of the projected problem.
  private func normalEquations(_ fit: Fit) throws(DistillationError)
    -> (matrix: DenseMatrix, right: [Double])
  {
    let (rows, width) = (domain.rows, fit.norms.count)
    let numerators = try numerators(fit)
    var jacobian = DenseMatrix(zeros: rows, width)
    jacobian.elements.withUnsafeMutableBufferPointer { elements in
      guard let base = elements.baseAddress else { return }
      var column = 0
      for section in fit.sections {
        domain.derivatives(
          section, numerator: numerators[column..<column + section.order],
          into: base + column * rows)
        column += section.order
      }
    }
    // In the coordinates of Q the projection drops the first rows.
    var turned = try fit.factor.transposedProduct(jacobian)
    for column in 0..<width {
      for row in 0..<width { turned[row, column] = 0 }
    }
    let matrix = DenseMatrix.product(turned, turned, transposing: true)
    let right = DenseMatrix.product(
      turned, DenseMatrix(rows: rows, columns: 1, elements: fit.turned), transposing: true)
    return (matrix, right.elements)
  }

  /// Moves the poles of a fit downhill.
  ///
  /// - Parameters:
  ///   - start: where it begins.
  ///   - iterations: accepted steps at most. It also ends when three in a row gain less than 10⁻⁷ of
  ///     the error, or none can be found.
  func optimised(_ start: Fit, iterations: Int) throws(DistillationError) -> Fit {
    var current = start
    var damping = 1e-3
    var slow = 0
    for _ in 0..<iterations where slow < 3 && current.error > 0 {
      let (matrix, right) = try normalEquations(current)
      let diagonal = (0..<matrix.rows).map { matrix[$0, $0] }
      let floor = 1e-12 * (diagonal.max() ?? 0)
      guard floor > 0 else { break }
      var better: Fit?
      for _ in 0..<12 {
        var damped = matrix
        for index in 0..<matrix.rows {
          damped[index, index] += damping * (diagonal[index] + floor)
        }
        if let step = LinearAlgebra.positiveSolve(damped, right),
          let next = try fit(current.sections.moved(by: step)), next.error < current.error
        {
          better = next
          break
        }
        damping *= 4
      }
      guard let better else { break }
      slow = current.error - better.error < 1e-7 * current.error ? slow + 1 : 0
      current = better
      damping = max(damping / 5, 1e-12)
    }
    return current
  }
}

extension [PoleSection] {
  /// Every parameter moved by its step, by 1 at most.
  fileprivate func moved(by step: [Double]) -> [PoleSection] {
    var rest = step[...]
    return map { section in
      let own = rest.prefix(section.order)
      rest = rest.dropFirst(section.order)
      return PoleSection(
        parameters: zip(section.parameters, own).map { $0 + Swift.min(Swift.max($1, -1), 1) })
    }
  }
}
