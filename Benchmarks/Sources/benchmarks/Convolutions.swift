import Longwave

/// Long convolutions over lengths, filters from short to long at one length, and a filter much
/// shorter than a long sequence.
///
/// The rate is in points: (batch, position, channel) elements a nanosecond.
func measureConvolutions(_ measurement: Measurement) {
  let points = measurement.settings.isQuick ? 1 << 14 : 1 << 20
  let lengths = [256, 1000, 1024, 1031, 4096, 16384, 65536, 1 << 18]
  for length in lengths where length * 4 <= points || length <= 1024 {
    let channels = 64
    let batch = max(1, points / length / channels)
    measure(
      measurement, "conv \(batch)x\(length)x\(channels)", batch: batch, length: length,
      channels: channels, taps: length, boundary: .causal)
  }
  for boundary in [Boundary.circular, .twoSided] {
    measure(
      measurement, "conv \(boundary) 8x1024x64", batch: 8, length: 1024, channels: 64,
      taps: boundary == .twoSided ? 2047 : 1024, boundary: boundary)
  }
  // The planner goes over from direct sums to transforms on the way: the two should meet.
  for taps in [4, 16, 32, 48, 64, 65, 96, 128, 256, 1024] {
    measure(
      measurement, "conv-crossover \(taps) taps", batch: 8, length: 1024, channels: 64,
      taps: taps, boundary: .causal)
  }
  measurePartialConvolution(measurement)
}

/// A filter of 512 taps against one as long as the sequence, as for genes of millions of bases.
private func measurePartialConvolution(_ measurement: Measurement) {
  let (length, channels) = (measurement.settings.isQuick ? 1 << 13 : 1 << 22, 16)
  guard measurement.isWanted("conv-partial") else { return }
  var random = RandomSource(seed: 0)
  let operands = ConvolutionOperands(
    input: Tensor(normal: [1, length, channels], using: &random))
  func step(_ taps: Int) -> () -> Void {
    let plan = ConvolutionPlanner.plan(
      ConvolutionProblem(length: length, taps: taps, boundary: .causal))
    let spectrum = plan.spectrum(of: Tensor(normal: [taps, channels], using: &random))
    return { _ = plan(operands, spectrum) }
  }
  measurement.compare(
    "conv-partial 1x\(length)x\(channels)", work: Double(operands.input.count), unit: "points/ns",
    ("512 taps", 1, step(512)), ("\(length) taps", 1, step(length)))
}

private func measure(
  _ measurement: Measurement, _ name: String, batch: Int, length: Int, channels: Int, taps: Int,
  boundary: Boundary
) {
  var random = RandomSource(seed: 0)
  let input = Tensor(normal: [batch, length, channels], using: &random)
  let filter = Tensor(normal: [taps, channels], using: &random)
  let gradient = Tensor(normal: input.shape, using: &random)
  let plan = ConvolutionPlanner.plan(
    ConvolutionProblem(length: length, taps: taps, boundary: boundary))
  let operands = ConvolutionOperands(input: input)
  let spectrum = plan.spectrum(of: filter)
  let work = Double(input.count)
  measurement.time("\(name) forward", work: work, unit: "points/ns") {
    _ = plan(operands, spectrum)
  }
  measurement.time("\(name) backward", work: work, unit: "points/ns") {
    _ = plan.gradients(of: gradient, operands, spectrum)
  }
  measurement.time("\(name) spectrum", work: Double(filter.count), unit: "taps/ns") {
    _ = plan.spectrum(of: filter)
  }
}
