// Axes, taps and boundaries on sequences small enough to see, and plans for repeated use.
//
// Expected output:
//
//   causal:    [0.0, 1.0, 2.0, 3.0, 0.0, 0.0]
//   circular:  [0.0, 1.0, 2.0, 3.0, 0.0, 0.0]
//   two-sided: [1.0, 2.0, 3.0, 0.0, 0.0, 0.0]
//   cropped:   [0.0, 1.0]
//   heads:     [1.0, 1.0, 10.0, 10.0, 3.0, 3.0, 30.0, 30.0]
//   padding stays out of the mean: [2.0, 5.0]
//   9 modes of 16 points, there and back: equal to 5 digits
import Longwave

// One sequence of 6 positions and 1 channel: an impulse at position 1.
let impulse = Tensor([0, 1, 0, 0, 0, 0], shape: [1, 6, 1])
// Three taps: row j is lag j, or, of a two-sided filter, lag j - 1.
let taps = Tensor([1, 2, 3], shape: [3, 1])

let causal = impulse.convolved(with: taps, boundary: .causal)
let circular = impulse.convolved(with: taps, boundary: .circular)
let twoSided = impulse.convolved(with: taps, boundary: .twoSided)

func shown(_ x: Tensor) -> [Float] { x.elements.map { ($0 * 1e4).rounded() / 1e4 + 0 } }
print("causal:   ", shown(causal))
print("circular: ", shown(circular))
print("two-sided:", shown(twoSided))

// A filter longer than the input: taps that reach no output are ignored.
let short = impulse.sliced(axis: 1, 0..<2)
print("cropped:  ", shown(short.convolved(with: taps)))

// Two heads for four channels: the first two share column 0, the others column 1.
let heads = Tensor([1, 10, 2, 20], shape: [2, 2])
let shared = Tensor(repeating: 1, shape: [1, 2, 4]).convolved(with: heads)
print("heads:    ", shown(shared))

// A batch of sequences of 3 and 2 positions, padded to 3; the padding holds 9 and does not count.
let batch = Variable(Tensor([1, 2, 3, 4, 6, 9], shape: [2, 3, 1]))
let mask = SequenceMask(lengths: [3, 2], length: 3)
print("padding stays out of the mean:", shown(batch.pooled(.mean, mask: mask).value))

// Plan once, keep the filter's spectrum while the filter is the same, apply it to many inputs.
var random = RandomSource(seed: 1)
let filter = Tensor(normal: [1024, 8], using: &random)
let plan = ConvolutionPlanner.plan(
  ConvolutionProblem(length: 1024, taps: 1024, boundary: .causal))
let spectrum = plan.spectrum(of: filter)
for _ in 0..<3 {
  let input = Tensor(normal: [4, 1024, 8], using: &random)
  let output = plan(ConvolutionOperands(input: input), spectrum)
  precondition(output.shape == input.shape)
}

// Where the filter may change between calls, a cache keeps its spectrum until it does.
let spectra = FilterSpectrumCache()
for _ in 0..<3 {
  let convolution = spectra.convolution(with: filter, length: 1024)
  let input = Tensor(normal: [4, 1024, 8], using: &random)
  let output = convolution(ConvolutionOperands(input: input))
  precondition(output.shape == input.shape)
}

// Of the last grid axis of n points a real transform keeps n/2 + 1 modes.
let grid = Tensor(normal: [2, 16, 3], using: &random)  // batch, x, channels
let transform = RealTransform(gridShape: [16])
let modes = transform.forward(grid)
let distance = (transform.inverse(modes) - grid).maximumMagnitude()
print(
  modes.modeShape[0], "modes of 16 points, there and back:",
  distance < 1e-5 ? "equal to 5 digits" : "different")
