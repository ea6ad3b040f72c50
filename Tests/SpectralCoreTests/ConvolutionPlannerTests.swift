import Foundation
import SequenceTensor
import SpectralCore
import Testing

/// What the planner chooses, says, measures and remembers.
@Suite struct ConvolutionPlannerTests {
  @Test func estimatesChooseByLength() {
    let chosen = { (length: Int, taps: Int) -> String in
      let problem = ConvolutionProblem(length: length, taps: taps, boundary: .causal)
      return ConvolutionPlanner.plan(problem).description
    }
    #expect(chosen(4096, 4).contains("direct sum over 4 taps"))
    // Lanes of the portable kernels are few, and FFTW brings its own vectors.
    let isPortable = Parallel.instructionSet == "baseline"
    #expect(
      chosen(4096, 4096).contains(isPortable ? "FFTW of" : "lane transform of 4096 points"))
    // A filter much shorter than its input is met in pieces whose size does not depend on the input.
    let pieces = chosen(1 << 20, 512)
    #expect(pieces.contains("pieces of"))
    #expect(!pieces.contains("of 1048576 points"))
    // Why: the cheapest comes first.
    #expect(pieces.contains("estimated ns a point: lanes"))
  }

  @Test func filtersAsLongAsShortSequencesAreNotSummed() {
    // Sums over the ends cost what others do, though half of their taps meet nothing.
    for length in [96, 128, 200, 256] {
      let problem = ConvolutionProblem(length: length, taps: length, boundary: .causal)
      #expect(!ConvolutionPlanner.plan(problem).description.contains("direct sum"), "\(problem)")
    }
  }

  @Test func measuresAndRemembers() async {
    await #expect(processExitsWith: .success) {
      let problem = ConvolutionProblem(length: 300, taps: 100, boundary: .causal)
      ConvolutionWisdom.forget()
      let none = ConvolutionWisdom.text
      let measured = ConvolutionPlanner.plan(problem, effort: .measure)
      precondition(measured.description.contains("measured the fastest"))
      let learned = ConvolutionWisdom.text
      precondition(learned != none && learned.contains("\(problem)"))
      // What is remembered is taken by estimate too, and it is the same way.
      precondition(ConvolutionPlanner.plan(problem).description == measured.description)
      let path = NSTemporaryDirectory() + "longwave-convolution-wisdom-\(getpid())"
      defer { try? FileManager.default.removeItem(atPath: path) }
      try ConvolutionWisdom.save(to: path)
      ConvolutionWisdom.forget()
      precondition(ConvolutionWisdom.text == none)
      precondition(!ConvolutionPlanner.plan(problem).description.contains("measured"))
      try ConvolutionWisdom.load(from: path)
      precondition(ConvolutionWisdom.text == learned)
      // A way that this version does not know is passed over.
      precondition(ConvolutionWisdom.learn(learned.replacingOccurrences(of: ": ", with: ": x")))
      precondition(!ConvolutionPlanner.plan(problem).description.contains("measured"))
    }
  }

  @Test(arguments: ["", "garbage", "longwave convolutions 1\nno colon"])
  func garbageIsNoWisdom(text: String) throws {
    let path = NSTemporaryDirectory() + "longwave-no-wisdom-\(getpid())-\(text.count)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    #expect(!ConvolutionWisdom.learn(text))
    let error = FFTWWisdom.WisdomError(
      path: path, expected: "wisdom of convolutions (\"longwave convolutions 1\")",
      got: "something else")
    #expect(throws: error) { try ConvolutionWisdom.load(from: path) }
    try FileManager.default.removeItem(atPath: path)
    #expect(throws: FFTWWisdom.WisdomError.self) { try ConvolutionWisdom.load(from: path) }
  }
}
