import LaneKernels
import SequenceTensor
import Testing

/// Steps of diagonal recurrences against double precision, for whole vectors of channels and a rest.
@Suite struct ModalKernelTests {
  @Test(arguments: InstructionSet.all) func stepsAreRecurrences(set: InstructionSet) {
    for (channels, modes, stride) in [(1, 1, 1), (16, 3, 16), (37, 2, 41), (129, 4, 129)] {
      let count = modes * stride
      let poles = normals(count, 1), turns = normals(count, 2)
      let residues = normals(count, 3), others = normals(count, 4)
      var real = normals(count, 5), imaginary = normals(count, 6), sum = normals(channels, 7)
      let x = normals(channels, 8)
      let (before, beforeImaginary, start) = (real, imaginary, sum)
      set.kernels.modal_step(
        &sum, &real, &imaginary, poles, turns, residues, others, x, modes, stride, channels)
      for c in 0..<channels {
        var y = Double(start[c])
        for mode in 0..<modes {
          let at = mode * stride + c
          let (a, b) = (Double(poles[at]), Double(turns[at]))
          let (s, t) = (Double(before[at]), Double(beforeImaginary[at]))
          let next = a * s - b * t + Double(x[c])
          let turned = a * t + b * s
          y += Double(residues[at]) * next - Double(others[at]) * turned
          #expect(abs(Double(real[at]) - next) < 1e-5)
          #expect(abs(Double(imaginary[at]) - turned) < 1e-5)
        }
        #expect(abs(Double(sum[c]) - y) < 1e-4)
      }
      // What lies between the rows of channels stays.
      for at in 0..<count where at % stride >= channels {
        #expect(real[at] == before[at] && imaginary[at] == beforeImaginary[at])
      }
    }
  }
}
