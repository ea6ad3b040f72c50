import SequenceTensor
import SpectralCore
import Testing

/// Wrong shapes of a convolution stop the program.
@Suite struct PreconditionTests {
  @Test func operands() async {
    await #expect(processExitsWith: .failure) {
      _ = ConvolutionOperands(input: Tensor(zeros: [4, 3]))
    }
    await #expect(processExitsWith: .failure) {
      _ = ConvolutionOperands(input: Tensor(zeros: [1, 4, 3]), skip: Tensor(zeros: [4]))
    }
    await #expect(processExitsWith: .failure) {
      _ = ConvolutionOperands(input: Tensor(zeros: [1, 4, 3]), skip: Tensor(zeros: [1, 3]))
    }
    await #expect(processExitsWith: .failure) {
      _ = ConvolutionOperands(input: Tensor(zeros: [1, 4, 3]), preGate: Tensor(zeros: [4, 3]))
    }
    await #expect(processExitsWith: .failure) {
      _ = ConvolutionOperands(input: Tensor(zeros: [1, 4, 3]), postGate: Tensor(zeros: [1, 3, 4]))
    }
  }

  @Test func plans() async {
    await #expect(processExitsWith: .failure) {
      _ = ConvolutionProblem(length: 0, taps: 3, boundary: .causal)
    }
    await #expect(processExitsWith: .failure) {
      let problem = ConvolutionProblem(length: 4, taps: 3, boundary: .causal)
      _ = ConvolutionPlanner.plan(problem).spectrum(of: Tensor(zeros: [4, 2]))
    }
    await #expect(processExitsWith: .failure) {
      // A filter of three channels for an input of two.
      _ = Tensor(zeros: [1, 4, 2]).convolved(with: Tensor(zeros: [3, 3]))
    }
    await #expect(processExitsWith: .failure) {
      let plan = ConvolutionPlanner.plan(
        ConvolutionProblem(length: 4, taps: 3, boundary: .causal))
      let spectrum = plan.spectrum(of: Tensor(zeros: [3, 2]))
      _ = plan(ConvolutionOperands(input: Tensor(zeros: [1, 5, 2])), spectrum)
    }
  }
}
