import Longwave

/// Filters that channels share, filters for single sequences, and filters kept between calls.
func measureFilterSharing(_ measurement: Measurement) {
  let (batch, length, channels) = (4, 1024, 128)
  var random = RandomSource(seed: 0)
  let input = Tensor(normal: [batch, length, channels], using: &random)
  let plan = ConvolutionPlanner.plan(
    ConvolutionProblem(length: length, taps: length, boundary: .causal))
  let operands = ConvolutionOperands(input: input)
  let work = Double(input.count)
  let filters: [(String, Shape)] = [
    ("for each channel", [length, channels]), ("of 4 heads", [length, 4]),
    ("for each sequence", [batch, length, channels]),
  ]
  for (name, shape) in filters {
    let filter = Tensor(normal: shape, using: &random)
    let spectrum = plan.spectrum(of: filter, channels: channels)
    let name = "filter-sharing \(name)"
    measurement.time("\(name), spectrum", work: work, unit: "points/ns") {
      _ = plan.spectrum(of: filter, channels: channels)
    }
    measurement.time("\(name), forward", work: work, unit: "points/ns") {
      _ = plan(operands, spectrum)
    }
    measurement.time("\(name), backward", work: work, unit: "points/ns") {
      _ = plan.gradients(of: input, operands, spectrum)
    }
  }
  for (batch, length) in [(1, 1024), (16, 1024), (1, 8192)] {
    measureLayer(measurement, batch: batch, length: length)
  }
}

/// A layer without a tape, with its taps and their spectrum kept from the call before, and anew.
private func measureLayer(_ measurement: Measurement, batch: Int, length: Int) {
  let channels = 64
  var random = RandomSource(seed: 0)
  var options = SGConvOptions()
  options.maximumLength = length
  let filter = SGConvFilter(channels: channels, options: options, using: &random)
  var layer = LongConvolution(filter, channels: channels, using: &random)
  // The norms are captured at first use.
  let input = Tensor(normal: [batch, length, channels], using: &random)
  let tape = Tape()
  _ = layer(Variable(input, on: tape), mask: nil)
  layer.apply(tape.updates)
  let kept = layer
  measurement.compare(
    "filter-cache \(batch)x\(length)x\(channels)", work: Double(input.count), unit: "points/ns",
    ("kept", steps: 1, { _ = kept(Variable(input), mask: nil) }),
    (
      "anew", steps: 1,
      {
        layer.filter = kept.filter
        _ = layer(Variable(input), mask: nil)
      }
    ))
}
