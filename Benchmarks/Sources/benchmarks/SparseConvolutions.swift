import Longwave

/// Filters that keep all, a half, a quarter and an eighth of their bins, cut at the outermost level
/// and at the innermost.
///
/// The rate is in points: (batch, position, channel) elements a nanosecond.
func measureSparseConvolutions(_ measurement: Measurement) {
  let lengths = measurement.settings.isQuick ? [256] : [1024, 4096, 16384, 65536]
  for length in lengths {
    let shape: Shape = [max(1, (1 << 13) / length), length, 64]
    let plan = ConvolutionPlanner.frequencySparsePlan(
      ConvolutionProblem(length: length, taps: length, boundary: .causal))
    var random = RandomSource(seed: 0)
    let operands = ConvolutionOperands(input: Tensor(normal: shape, using: &random))
    let gradient = Tensor(normal: shape, using: &random)
    let filter = Tensor(normal: [length, shape[2]], using: &random)
    let levels = plan.frequencyLevels
    for level in [0, levels.count - 1] {
      for parts in [1, 2, 4, 8] where level == 0 || parts > 1 {
        var kept = levels
        kept[level] = max(1, levels[level] / parts)
        let spectrum = plan.spectrum(
          of: filter, keeping: SparsityPattern(levels: levels, kept: kept))
        let name =
          "conv-sparse \(shape[0])x\(length)x\(shape[2]) 1/\(parts) of level \(level)"
        let work = Double(operands.input.count)
        measurement.time("\(name) forward", work: work, unit: "points/ns") {
          _ = plan(operands, spectrum)
        }
        measurement.time("\(name) backward", work: work, unit: "points/ns") {
          _ = plan.gradients(of: gradient, operands, spectrum)
        }
      }
    }
  }
}
