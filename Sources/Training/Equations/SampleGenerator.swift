import HDF5
public import PartialDifferentialEquations
import SequenceTensor
import TensorIO

/// Draws samples of an equation and writes them to a file for training.
///
/// The file is HDF5. Of an equation without time, or with one time, `inputs` and `targets` are
/// `[samples, x, (y, (z,)) channels]`; of several times, `trajectory` is
/// `[samples, t, x, (y, (z,)) channels]`. `axis/x`, `axis/t`, … are coordinates, attributes of the
/// root the parameters, the equation's name and what is needed to draw the samples again. Values
/// are computed in double and kept in single precision.
///
/// The same origin gives the same bytes, whatever the number of threads.
public struct SampleGenerator: Sendable {
  /// What is drawn.
  public let origin: FieldOrigin
  private let problem: EquationProblem

  /// Creates a generator.
  ///
  /// - Throws: `EquationError` for an equation, preset or parameter that does not exist.
  public init(_ origin: FieldOrigin) throws(EquationError) {
    self.origin = origin
    problem = try origin.problem()
    guard origin.samples >= 1, origin.firstSample >= 0,
      origin.samples <= Int.max - origin.firstSample
    else {
      throw EquationError(
        place: "samples", expected: "at least one sample, from 0 on",
        got: "\(origin.samples) from \(origin.firstSample) on")
    }
  }

  /// Draws the samples and writes them.
  ///
  /// - Parameters:
  ///   - path: the file, which appears whole or not at all.
  ///   - compressed: whether to deflate.
  ///   - progress: is told how many samples are done, and says whether to go on.
  /// - Returns: whether the file was written, false if `progress` said no.
  /// - Throws: `EquationError` if the equation cannot be solved as it is set, with the sample;
  ///   `TensorFileError` if the file cannot be written.
  public func write(
    to path: String, compressed: Bool = false, progress: (Int) -> Bool = { _ in true }
  ) throws -> Bool {
    // The first sample shows whether the equation can be solved before a file is begun.
    var drawn = try problem.samples(origin.firstSample..<origin.firstSample + 1, seed: origin.seed)
    let attribute: String
    do { attribute = try origin.json } catch {
      throw TensorFileError(
        place: path, expected: "settings that JSON can hold", got: "\(error)")
    }
    var failure: EquationError?
    var isStopped = false
    do {
      try HDF5File.write(to: path) { writer throws(TensorFileError) in
        try create(writer, like: drawn[0], origin: attribute, compressed: compressed)
        var done = 0
        while !drawn.isEmpty {
          try add(drawn, at: done, to: writer)
          done += drawn.count
          let isWanted = progress(done)
          if done < origin.samples, !isWanted {
            isStopped = true
            throw TensorFileError(place: path, expected: "all samples", got: "a stop")
          }
          let next = origin.firstSample + done
          let end = min(next + 4 * Parallel.threadCount, origin.firstSample + origin.samples)
          do throws(EquationError) {
            drawn = next < end ? try problem.samples(next..<end, seed: origin.seed) : []
          } catch {
            failure = error
            throw TensorFileError(place: path, expected: "samples", got: "none")
          }
        }
      }
    } catch {
      if let failure { throw failure }
      if isStopped { return false }
      throw error
    }
    return true
  }

  private func create(
    _ writer: HDF5Writer, like sample: EquationSample, origin text: String, compressed: Bool
  ) throws(TensorFileError) {
    for (name, shape, _) in parts(of: sample) {
      try writer.create(
        name, elementType: .float32, shape: [origin.samples] + shape,
        compression: compressed ? .deflate(level: 4) : .none)
    }
    var axes = zip(["x", "y", "z"], origin.grid.axes).map { ($0, $1.coordinates) }
    if isTrajectory { axes.append(("t", origin.times)) }
    for (name, coordinates) in axes {
      try writer.add(
        "axis/\(name)", RawTensor(doubles: coordinates.span, shape: [coordinates.count]))
    }
    try writer.setAttribute(FieldDataset.formatKey, .number(1))
    try writer.setAttribute(
      FieldDataset.axesKey, .texts(zip(["x", "y", "z"], origin.grid.axes).map(\.0)))
    try writer.setAttribute(FieldDataset.stepsKey, .number(1))
    try writer.setAttribute(FieldDataset.originKey, .text(text))
    try writer.setAttribute("equation", .text(origin.equation))
    for (name, value) in origin.parameters.sorted(by: { $0.key < $1.key }) {
      try writer.setAttribute(name, .number(value))
    }
  }

  private func add(
    _ samples: [EquationSample], at row: Int, to writer: HDF5Writer
  ) throws(TensorFileError) {
    for (part, (name, shape, _)) in parts(of: samples[0]).enumerated() {
      let values = samples.flatMap { parts(of: $0)[part].2.map { Float($0) } }
      let raw = RawTensor(floats: values.span, shape: [samples.count] + shape)
      try writer.write(raw, to: name, at: row)
    }
  }

  private var isTrajectory: Bool { origin.times.count > 1 }

  /// The tensors that a sample is written to.
  private func parts(of sample: EquationSample) -> [(String, [Int], [Double])] {
    let (input, solution) = (sample.input, sample.solution)
    return isTrajectory
      ? [(FieldDataset.trajectoryKey, solution.shape.sizes, solution.values)]
      : [
        ("inputs", input.shape.sizes, input.values),
        ("targets", Array(solution.shape.sizes.dropFirst()), solution.values),
      ]
  }
}
