import Longwave
import Testing

/// `lploss_*`: the relative and the absolute loss of one pair of fields.
func checkLpLoss(_ c: inout GoldenComparison) throws {
  let arguments = c.golden.args
  let axes = arguments["d"]?.number.map { Int($0) } ?? 1
  var loss = LpLoss(
    power: arguments["p"]?.number ?? 2, measure: try measure(arguments),
    reduction: try reduction(arguments), epsilon: arguments["eps"]?.number ?? 1e-8)
  let relative = loss
  loss.isRelative = false
  try checkLosses(relative, loss, axes: axes, &c)
}

/// `h1loss_*`: the same with differences.
func checkH1Loss(_ c: inout GoldenComparison) throws {
  let arguments = c.golden.args
  let axes = arguments["d"]?.number.map { Int($0) } ?? 1
  let names = ["periodic_in_x", "periodic_in_y", "periodic_in_z"].prefix(axes)
  let all = arguments["periodic"]?.bool ?? true
  var loss = H1Loss(
    measure: try measure(arguments), isPeriodic: names.map { arguments[$0]?.bool ?? all },
    reduction: try reduction(arguments), epsilon: arguments["eps"]?.number ?? 1e-8)
  let relative = loss
  loss.isRelative = false
  try checkLosses(relative, loss, axes: axes, &c)
}

private func checkLosses(
  _ relative: some FieldLoss, _ absolute: some FieldLoss, axes: Int, _ c: inout GoldenComparison
) throws {
  let tape = Tape()
  // The original has channels before the grid, or none, and flattens the last `axes` axes.
  let stored = try c.tensor("y_pred").shape
  func channelsLast(_ tensor: Tensor) -> Tensor {
    let sizes = tensor.shape.sizes
    let points = sizes.suffix(axes).reduce(1, *)
    let batch = sizes.count > axes + 1 ? sizes[0] : 1
    let channels = tensor.count / max(1, batch * points)
    return tensor.reshaped(batch, channels, points).transposed()
      .reshaped(to: Shape([batch] + sizes.suffix(axes) + [channels]))
  }
  func original(_ tensor: Tensor) -> Tensor {
    tensor.reshaped(tensor.shape[0], -1, tensor.shape.last).transposed().reshaped(to: stored)
  }
  let x = tape.variable(channelsLast(try c.tensor("y_pred")))
  let y = tape.variable(channelsLast(try c.tensor("y")))
  let (first, second) = (relative(x, y), absolute(x, y))
  try c.expect("output_rel", equals: first.value)
  try c.expect("output_abs", equals: second.value)
  // The stored gradients are those of both losses together.
  let (seedFirst, seedSecond) = (
    try c.tensor("grad_output_rel").scalar, try c.tensor("grad_output_abs").scalar
  )
  let gradients = tape.gradients(of: first * seedFirst + second * seedSecond)
  try c.expectGradients([
    ("y_pred", gradients[x].map(original)), ("y", gradients[y].map(original)),
  ])
}

private func measure(_ arguments: OriginalArguments) throws -> [Double] {
  guard let value = arguments["measure"] else { return [1] }
  if let number = value.number { return [number] }
  guard case .list(let items) = value else {
    throw ReferenceError(
      place: "argument measure", expected: "a number or a list of numbers", got: "\(value)")
  }
  return items.compactMap(\.number)
}

private func reduction(_ arguments: OriginalArguments) throws -> FieldReduction {
  try arguments.named("reduction", default: "sum") { FieldReduction(rawValue: $0) }
}
