internal import SequenceTensor

/// An equation that takes a field from one time to later ones.
///
/// The parameters are the properties of the value. A solution depends on them, the initial field
/// and the times alone, to the last bit.
public protocol EvolutionEquation: Sendable {
  /// What each component of the field is.
  var componentNames: [String] { get }

  /// Solves the equation from time 0.
  ///
  /// - Parameters:
  ///   - initial: the field at time 0.
  ///   - times: the times of the frames wanted, ascending, none below 0.
  /// - Returns: a frame for each of the times.
  /// - Throws: `EquationError` if a parameter, the grid or the initial field does not fit the
  ///   equation, or the solution does not stay finite.
  func solve(
    from initial: GridField, at times: [Double]
  ) throws(EquationError) -> Trajectory
}

extension EvolutionEquation {
  /// Solves the equation for several initial fields, in parallel.
  ///
  /// Each solution has the same bits as by itself, whatever the number of threads.
  ///
  /// - Throws: the error of the first field that has one, its number before the place.
  public func solve(
    fromEach initial: [GridField], at times: [Double]
  ) throws(EquationError) -> [Trajectory] {
    try inParallel(count: initial.count, place: "sample") { index throws(EquationError) in
      try solve(from: initial[index], at: times)
    }
  }
}

/// The results of `body` for each index, in order; the first error in order if there is one.
func inParallel<Result>(
  count: Int, place: String, _ body: (Int) throws(EquationError) -> Result
) throws(EquationError) -> [Result] {
  var results = [Swift.Result<Result, EquationError>?](repeating: nil, count: count)
  withoutActuallyEscaping(body) { body in
    results.withUnsafeMutableBufferPointer { results in
      let places = results
      Parallel.forEach(tasks: count) { index, _ in
        places[index] = Swift.Result { () throws(EquationError) in try body(index) }
      }
    }
  }
  var values: [Result] = []
  values.reserveCapacity(count)
  for (index, result) in results.enumerated() {
    switch result {
    case .success(let value): values.append(value)
    case .failure(var error):
      if count > 1 { error.place = "\(place) \(index): \(error.place)" }
      throw error
    case nil: break
    }
  }
  return values
}
