/// The solution of u_t = L·u at any times, exact for the modes of the grid.
func solveLinear(
  _ place: String, from initial: GridField, names: [String], times: [Double],
  transform: ModeTransform, linear: Diagonal
) throws(EquationError) -> Trajectory {
  let march = try TimeMarch(place, times: times)
  let start = DoubleBuffer(count: transform.coefficientCount)
  transform.analyse(initial.values, into: start.pointer)
  for index in 0..<start.count { start.pointer[index] *= transform.scale }
  let state = DoubleBuffer(count: start.count)
  let points = initial.values.count
  let frames = DoubleBuffer(count: march.times.count * points)
  withQuickSmallNumbers {
    for (frame, time) in march.times.enumerated() {
      linear.exponential(time: time).multiply(start.pointer, into: state.pointer)
      transform.synthesise(destroying: state.pointer, into: frames.pointer + frame * points)
    }
  }
  return Trajectory(
    grid: initial.grid, componentNames: names, times: times, values: frames.array)
}
