import HDF5
import SequenceTensor
import TensorIO
import Testing
import Training

/// Which samples go where, what is refused, and data sets written and read again.
@Suite struct FieldSplitTests {
  @Test func firstAndLastSamples() throws {
    try FieldFileTests.npz([
      ("x", FieldFileTests.coded([20, 3])), ("y", FieldFileTests.coded([20, 3])),
    ]) { file in
      let whole = try FieldSplit(file)
      #expect(whole.training.count == 18 && whole.tests[0].inputs[0, 0, 0] == 180)
      let options = FieldSplitOptions(
        trainingSamples: 8, testSamples: 5, validationFraction: 0.25)
      let some = try FieldSplit(file, options)
      #expect(some.training.count == 6 && some.training.inputs[5, 0, 0] == 50)
      #expect(some.validation?.count == 2 && some.validation?.inputs[0, 0, 0] == 60)
      #expect(some.tests[0].count == 5 && some.tests[0].inputs[0, 0, 0] == 150)
      let first = try FieldSplit(file, .init(testSamples: 5, testPosition: .first))
      #expect(first.tests[0].inputs[4, 0, 0] == 40 && first.training.inputs[0, 0, 0] == 50)
      #expect(try FieldSplit(file, .init(testFraction: 0)).tests.isEmpty)
      FieldFileTests.expectError("16 samples to train and 5 to test", "20 samples") {
        _ = try FieldSplit(file, .init(trainingSamples: 16, testSamples: 5))
      }
      FieldFileTests.expectError("validationFraction", "1.0") {
        _ = try FieldSplit(file, .init(validationFraction: 1))
      }
    }
  }

  /// PDEBench tests on the first tenth of a file; windows do not mix trajectories.
  @Test func benchmark() throws {
    let options = FieldDatasetOptions(initialSteps: 2, task: .windows)
    try FieldFileTests.hdf5([("tensor", FieldFileTests.coded([20, 5, 3]))], options) { file in
      let split = try FieldSplit(file)
      // Tests are rolled out from the first frames.
      #expect(split.tests[0].count == 2 && split.tests[0].targetSteps == 3)
      #expect(split.training.count == 54 && split.training.targetSteps == 1)
      #expect(split.tests[0].inputs[1, 0, 0] == 100 && split.training.inputs[0, 0, 0] == 200)
    }
  }

  @Test func otherResolutions() throws {
    try withTemporaryFolder { folder in
      func file(_ name: String, _ shape: [Int], _ channel: FieldChannelAxis = .none) throws
        -> FieldFile
      {
        try NpzFile.write(
          [("x", FieldFileTests.coded(shape)), ("y", FieldFileTests.coded(shape))],
          to: "\(folder)/\(name)")
        return try FieldFile("\(folder)/\(name)", options: .init(channelAxis: channel))
      }
      let training = try file("a", [6, 4, 4])
      let split = try FieldSplit(
        training: training, tests: [file("b", [5, 4, 4]), file("c", [5, 8, 8])],
        .init(trainingSamples: 5, testSamples: 2))
      #expect(split.training.count == 5 && split.tests.map(\.grid) == [[4, 4], [8, 8]])
      #expect(split.tests.map(\.count) == [2, 2])
      FieldFileTests.expectError("[\"x\", \"y\"]", "as in", "[\"x\"]") {
        _ = try FieldSplit(training: training, tests: [file("d", [5, 4])])
      }
      FieldFileTests.expectError("with 1 and 1 channels", "with 2 and 2") {
        _ = try FieldSplit(training: training, tests: [file("e", [5, 4, 4, 2], .last)])
      }
    }
  }

  @Test func wrongValues() throws {
    var values = [Float](repeating: 1, count: 24)
    for (bad, text) in [(Float.nan, "nan"), (.infinity, "inf")] {
      values[17] = bad
      let tensor = RawTensor(floats: values.span, shape: [4, 6])
      try FieldFileTests.npz([("x", FieldFileTests.coded([4, 6])), ("y", tensor)]) { file in
        FieldFileTests.expectError("'y', sample 2", "finite", text) { _ = try file.load() }
        FieldFileTests.expectError("'y', sample 2", text) { _ = try file.load(1..<3) }
        let sound = try file.load(0..<2)
        #expect(sound.count == 2)
      }
    }
    let large = RawTensor(doubles: [1, 1e300].span, shape: [2, 1])
    try FieldFileTests.npz([("x", large), ("y", large)]) { file in
      FieldFileTests.expectError("sample 1", "single precision") { _ = try file.load() }
    }
  }

  @Test func wrongShapes() throws {
    func pair(_ input: [Int], _ target: [Int], _ options: FieldDatasetOptions = .init()) throws {
      try FieldFileTests.npz(
        [("x", FieldFileTests.coded(input)), ("y", FieldFileTests.coded(target))], options
      ) { _ = try $0.load() }
    }
    FieldFileTests.expectError("the grid of the input, [4, 4]", "[4, 5]") {
      try pair([2, 4, 4], [2, 4, 5])
    }
    FieldFileTests.expectError("same number of samples", "2 in 'x', 3 in 'y'") {
      try pair([2, 4], [3, 4])
    }
    FieldFileTests.expectError("'x'", "1 to 3 of space", "[2]") { try pair([2], [2]) }
    FieldFileTests.expectError("1 to 3 of space", "[1, 1, 1, 1, 1]") {
      try pair([1, 1, 1, 1, 1], [1, 1, 1, 1, 1])
    }
    FieldFileTests.expectError("at least one sample") { try pair([0, 4], [0, 4]) }
    FieldFileTests.expectError("at least one sample, point and channel") {
      try pair([2, 0], [2, 0])
    }
    FieldFileTests.expectError("spatialSubsampling", "at least 1") {
      try pair([2, 4], [2, 4], .init(spatialSubsampling: 0))
    }
    FieldFileTests.expectError("more than the 10 frames", "got 5") {
      try pair([2, 4], [2, 5, 4], .init(arrangement: .trajectory))
    }
    FieldFileTests.expectError("9 frames after the first 2", "3") {
      try pair([2, 4], [2, 5, 4], .init(arrangement: .trajectory, initialSteps: 2, steps: 9))
    }
    let tensor = FieldFileTests.coded([2, 4])
    try FieldFileTests.npz([("x", tensor), ("y", tensor)]) { file in
      FieldFileTests.expectError("samples between 0 and 2") { _ = try file.load(1..<3) }
      FieldFileTests.expectError("samples between 0 and 2") { _ = try file.load(1..<1) }
    }
  }

  @Test(arguments: [false, true]) func writtenAndReadAgain(compressed: Bool) throws {
    try withTemporaryFolder { folder in
      var random = RandomSource(seed: 3)
      let data = try FieldDataset(
        name: "made", inputs: Tensor(normal: [3, 4, 5, 2], using: &random),
        targets: Tensor(normal: [3, 4, 5, 6], using: &random),
        axes: [FieldAxis("t", coordinates: [0, 1, 2, 3]), FieldAxis("x")],
        parameters: ["viscosity": 0.01, "n": 3], targetSteps: 3)
      try data.write(to: "\(folder)/a.h5", compressed: compressed)
      let again = try FieldFile("\(folder)/a.h5").load()
      #expect(again.inputs == data.inputs && again.targets == data.targets)
      #expect(again.axes == data.axes && again.parameters == data.parameters)
      #expect(again.targetSteps == 3 && again[1..<3].count == 2)
      try FieldSplitTests.truncations(of: "\(folder)/a.h5", in: folder)
    }
  }

  /// A file that was cut off is an error wherever it was cut.
  static func truncations(of path: String, in folder: String) throws {
    let size = try TensorFileSize.of(path)
    for length in stride(from: 0, to: size, by: size / 20) {
      try TensorFileSize.copy(path, "\(folder)/cut.h5", length: length)
      FieldFileTests.expectError("cut.h5") { _ = try FieldFile("\(folder)/cut.h5").load() }
    }
  }
}

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Files as bytes, without the code under test.
private enum TensorFileSize {
  static func of(_ path: String) throws -> Int {
    try #require(FileManager.default.contents(atPath: path)).count
  }

  static func copy(_ path: String, _ target: String, length: Int) throws {
    let data = try #require(FileManager.default.contents(atPath: path))
    try write(Array(data.prefix(length)), to: target)
  }
}
