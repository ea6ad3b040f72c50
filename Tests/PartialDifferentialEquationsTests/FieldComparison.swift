import PartialDifferentialEquations

/// max|a - b| / max|b|.
func relativeError(_ found: [Double], _ expected: [Double]) -> Double {
  let largest = expected.reduce(0) { max($0, abs($1)) }
  guard found.count == expected.count, found.allSatisfy(\.isFinite) else { return .infinity }
  return zip(found, expected).reduce(0) { max($0, abs($1.0 - $1.1)) } / largest
}

/// The error that `body` throws, if any.
func thrownError<Result>(_ body: () throws(EquationError) -> Result) -> EquationError? {
  do {
    _ = try body()
    return nil
  } catch {
    return error
  }
}
