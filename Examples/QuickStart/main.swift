// Learns a hidden filter of 512 taps from what goes in and what comes out.
//
// Expected output (the last digits may differ on other processors):
//
//   step 0: loss 257.11993
//   step 50: loss 0.74239784
//   step 100: loss 0.015114534
//   step 150: loss 0.0021208567
//   step 200: loss 0.0005404322
import Longwave

struct System: Module {
  var taps: Parameter

  func callAsFunction(_ x: Variable) -> Variable { x.convolved(with: taps(on: x.tape)) }

  mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) { body("taps", &taps) }
}

var random = RandomSource(seed: 1)
let input = Tensor(normal: [4, 512, 8], using: &random)  // batch, length, channels
let hidden = Tensor(normal: [512, 8], using: &random)  // taps, channels
let target = input.convolved(with: hidden)

var model = System(taps: Parameter(Tensor(zeros: [512, 8])))
var optimizer = AdamW(learningRate: 0.1, weightDecay: 0)
for step in 0...200 {
  let (loss, gradients, _) = withGradients(random: &random) { tape in
    model(Variable(input, on: tape)).meanSquaredError(target)
  }
  optimizer.update(&model, with: gradients)
  if step % 50 == 0 { print("step \(step): loss \(loss.scalar)") }
}
