import HDF5
import SequenceTensor
import TensorIO
import Testing
import Training

/// Data sets of fields from the layouts of the field's files, with values that tell their places.
@Suite struct FieldFileTests {
  /// A tensor whose element at an index is the index read as a decimal number.
  static func coded(_ shape: [Int]) -> RawTensor {
    var values: [Float] = []
    var index = [Int](repeating: 0, count: shape.count)
    for _ in 0..<shape.reduce(1, *) {
      values.append(Float(index.reduce(0) { 10 * $0 + $1 }))
      for axis in shape.indices.reversed() {
        index[axis] += 1
        if index[axis] < shape[axis] { break }
        index[axis] = 0
      }
    }
    return RawTensor(floats: values.span, shape: shape)
  }

  static func npz(
    _ tensors: [(name: String, tensor: RawTensor)], _ options: FieldDatasetOptions = .init(),
    _ body: (FieldFile) throws -> Void
  ) throws {
    try withTemporaryFolder { folder in
      try NpzFile.write(tensors, to: "\(folder)/file")
      try body(FieldFile("\(folder)/file", options: options))
    }
  }

  static func hdf5(
    _ tensors: [(name: String, tensor: RawTensor)], _ options: FieldDatasetOptions = .init(),
    _ body: (FieldFile) throws -> Void
  ) throws {
    try withTemporaryFolder { folder in
      try HDF5File.write(to: "\(folder)/file") { writer throws(TensorFileError) in
        for (name, tensor) in tensors { try writer.add(name, tensor) }
        try writer.setAttribute("Nu", .number(0.25))
      }
      try body(FieldFile("\(folder)/file", options: options))
    }
  }

  static func expectError(
    _ parts: String..., sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
  ) {
    let error = #expect(throws: (any Error).self, sourceLocation: sourceLocation) { try body() }
    #expect(error is DataError || error is TensorFileError, sourceLocation: sourceLocation)
    for part in parts {
      #expect(
        error.map { "\($0)" }?.contains(part) == true,
        "\(error.map { "\($0)" } ?? "") lacks \(part)",
        sourceLocation: sourceLocation)
    }
  }

  @Test(arguments: [("x", "y"), ("a", "u"), ("coeff", "sol"), ("input", "output")])
  func pairs(input: String, target: String) throws {
    let tensors = [(name: input, tensor: Self.coded([3, 5, 4])), (target, Self.coded([3, 5, 4]))]
    try Self.npz(tensors + [("visc", RawTensor(doubles: [0.5].span, shape: [1, 1]))]) { file in
      let data = try file.load()
      #expect(data.inputs.shape == [3, 5, 4, 1] && data.targets.shape == [3, 5, 4, 1])
      #expect(data.targets[2, 4, 3, 0] == 243 && data.inputs[1, 0, 2, 0] == 102)
      #expect(data.parameters == ["visc": 0.5] && data.axes.map(\.name) == ["x", "y"])
      #expect(try file.load(1..<2).inputs[0, 0, 2, 0] == 102)
    }
    try Self.npz(tensors, .init(spatialSubsampling: 2)) { file in
      let data = try file.load()
      #expect(data.grid == [3, 2] && data.inputs[1, 2, 1, 0] == 142)
    }
  }

  @Test func channelAxes() throws {
    let tensors = [(name: "x", tensor: Self.coded([2, 3, 4])), ("y", Self.coded([2, 5, 4]))]
    try Self.npz(tensors, .init(channelAxis: .first)) { file in
      let data = try file.load()
      #expect(data.inputs.shape == [2, 4, 3] && data.targets.shape == [2, 4, 5])
      #expect(data.inputs[1, 3, 2] == 123)
    }
    let last = [(name: "x", tensor: Self.coded([2, 4, 3])), ("y", Self.coded([2, 4, 5]))]
    try Self.npz(last, .init(channelAxis: .last)) { file in
      let data = try file.load()
      #expect(data.inputs.shape == [2, 4, 3] && data.inputs[1, 3, 2] == 132)
    }
  }

  /// The initial condition is repeated along time, the first axis of the grid.
  @Test func initialCondition() throws {
    try Self.npz([("x", Self.coded([2, 4])), ("y", Self.coded([2, 6, 4]))]) { file in
      let data = try file.load()
      #expect(data.inputs.shape == [2, 6, 4, 1] && data.targets.shape == [2, 6, 4, 1])
      for time in 0..<6 { #expect(data.inputs[1, time, 3, 0] == 13) }
      #expect(data.targets[1, 5, 2, 0] == 152 && data.axes.map(\.name) == ["t", "x"])
    }
    let options = FieldDatasetOptions(
      spatialSubsampling: 3, temporalSubsampling: 2)
    try Self.npz([("x", Self.coded([2, 4])), ("y", Self.coded([2, 6, 4]))], options) { file in
      let data = try file.load()
      #expect(data.grid == [3, 2] && data.targets[1, 2, 1, 0] == 143)
      #expect(data.inputs[1, 2, 1, 0] == 13)
    }
  }

  /// The layout of the FNO paper's Navier-Stokes files, and what each task makes of it.
  @Test func trajectoriesWithTimeLast() throws {
    let tensors = [
      (name: "a", tensor: Self.coded([2, 3, 4])), ("u", Self.coded([2, 3, 4, 7])),
      ("t", RawTensor(doubles: [1, 2, 3, 4, 5, 6, 7].span, shape: [1, 7])),
    ]
    try Self.npz(tensors, .init(initialSteps: 2)) { file in
      let data = try file.load()
      #expect(data.inputs.shape == [2, 3, 4, 2] && data.targets.shape == [2, 3, 4, 5])
      #expect(data.inputs[1, 2, 3, 1] == 1231 && data.targets[1, 2, 3, 4] == 1236)
      #expect(data.targetSteps == 5)
    }
    try Self.npz(tensors, .init(initialSteps: 2, steps: 3, task: .windows)) { file in
      let data = try file.load()
      #expect(data.count == 6 && data.inputs.shape == [6, 3, 4, 2])
      #expect(data.inputs[4, 1, 1, 0] == 1111 && data.inputs[4, 1, 1, 1] == 1112)
      #expect(data.targets[4, 1, 1, 0] == 1113 && data.targets[5, 0, 0, 0] == 1004)
    }
    // Frames 3 apart, but windows from each frame on.
    let apart = FieldDatasetOptions(temporalSubsampling: 3, initialSteps: 1, task: .windows)
    try Self.npz(tensors, apart) { file in
      let data = try file.load()
      #expect(data.count == 8 && data.inputs.shape == [8, 3, 4, 1])
      for window in 0..<4 {
        #expect(data.inputs[4 + window, 1, 2, 0] == Float(1120 + window))
        #expect(data.targets[4 + window, 1, 2, 0] == Float(1123 + window))
      }
      #expect(data.frameTimes == [1, 4, 7] && data.frameInterval == 3)
      // Tests go from the first frame on.
      let tests = try FieldSplit(file, FieldSplitOptions(testSamples: 1)).tests
      #expect(tests[0].count == 1 && tests[0].targetSteps == 2 && tests[0].frameInterval == 3)
      #expect(tests[0].targets[0, 1, 2, 0] == 1123 && tests[0].targets[0, 1, 2, 1] == 1126)
    }
    var fewer = apart
    (fewer.steps, fewer.windowFrames) = (1, 1)
    try Self.npz(tensors, fewer) { file in
      let data = try file.load()
      #expect(data.count == 2 && data.targets[1, 0, 0, 0] == 1003)
    }
    try Self.npz(tensors, .init(initialSteps: 2, steps: 3, task: .finalFrame)) { file in
      let data = try file.load()
      #expect(data.targets.shape == [2, 3, 4, 1] && data.targets[0, 1, 2, 0] == 124)
    }
    try Self.npz(tensors, .init(initialSteps: 2, task: .spaceTime)) { file in
      let data = try file.load()
      #expect(data.inputs.shape == [2, 3, 4, 5, 2] && data.targets.shape == [2, 3, 4, 5, 1])
      #expect(data.inputs[1, 2, 0, 3, 1] == 1201 && data.targets[1, 2, 0, 3, 0] == 1205)
      #expect(data.axes.map(\.name) == ["x", "y", "t"])
      #expect(data.axes[2].coordinates == [3, 4, 5, 6, 7])
    }
    try Self.npz(tensors, .init(temporalSubsampling: 3, initialSteps: 2)) { file in
      let data = try file.load()
      #expect(data.targets[1, 2, 3, 0] == 1236)
    }
  }

  @Test func benchmarkOfOneField() throws {
    let x: [Double] = [0.1, 0.2, 0.3, 0.4]
    let tensors = [
      (name: "tensor", tensor: Self.coded([3, 5, 4])),
      ("x-coordinate", RawTensor(doubles: x.span, shape: [4])),
      ("t-coordinate", RawTensor(doubles: [0, 1, 2, 3, 4, 5].span, shape: [6])),
    ]
    let options = FieldDatasetOptions(spatialSubsampling: 3, initialSteps: 2)
    try Self.hdf5(tensors, options) { file in
      #expect(file.isBenchmark && file.sampleCount == 3)
      let data = try file.load(1..<3)
      #expect(data.inputs.shape == [2, 2, 2] && data.targets.shape == [2, 2, 3])
      #expect(data.inputs[1, 1, 1] == 213 && data.targets[0, 1, 0] == 123)
      #expect(data.parameters == ["Nu": 0.25])
      #expect(data.axes == [FieldAxis("x", coordinates: [0.1, 0.4])])
    }
    let wrong = [tensors[0], ("x-coordinate", RawTensor(doubles: x.span, shape: [4]))]
    try Self.hdf5(
      [(name: "tensor", tensor: Self.coded([3, 5, 6])), wrong[1]], .init(initialSteps: 2)
    ) { file in
      Self.expectError("coordinates of x", "6 after subsampling", "got 4") { _ = try file.load() }
    }
  }

  @Test func benchmarkOfDarcy() throws {
    try Self.hdf5([("nu", Self.coded([2, 3, 4])), ("tensor", Self.coded([2, 1, 3, 4]))]) { file in
      let data = try file.load()
      #expect(data.inputs[1, 2, 3, 0] == 123 && data.targets[1, 2, 3, 0] == 1023)
    }
  }

  @Test func benchmarkOfFlows() throws {
    let keys = ["Vx", "density", "pressure"]
    try Self.hdf5(
      keys.map { ($0, Self.coded([2, 4, 3])) }.map { name, tensor in
        let values = (try? tensor.floats()) ?? []
        let shifted = values.map { $0 + (name == "Vx" ? 2000 : name == "pressure" ? 1000 : 0) }
        return (name, RawTensor(floats: shifted.span, shape: tensor.shape))
      }, .init(initialSteps: 2)
    ) { file in
      let data = try file.load()
      #expect(data.inputs.shape == [2, 3, 6] && data.targets.shape == [2, 3, 6])
      // Frame by frame: density, pressure, velocity.
      #expect((0..<6).map { data.inputs[1, 2, $0] } == [102, 1102, 2102, 112, 1112, 2112])
      #expect(data.targetSteps == 2)
    }
    try Self.hdf5(
      [("Vx", Self.coded([2, 4, 3])), ("density", Self.coded([2, 4, 2]))], .init(initialSteps: 2)
    ) { file in
      Self.expectError("same shape", "[3]", "[2]") { _ = try file.load() }
    }
    try Self.hdf5([("velocity", Self.coded([2, 3, 4, 5, 2]))], .init(initialSteps: 1)) { file in
      let data = try file.load()
      #expect(data.inputs.shape == [2, 4, 5, 2] && data.targets[1, 3, 4, 3] == 12341)
    }
  }

  @Test func benchmarkOfGroups() throws {
    let tensors = (0..<12).map { group in
      let values = (try? Self.coded([4, 3, 2]).floats().map { $0 + Float(1000 * group) }) ?? []
      let name = group < 10 ? "000\(group)/data" : "00\(group)/data"
      return (name: name, tensor: RawTensor(floats: values.span, shape: [4, 3, 2]))
    }
    let grid = (name: "0000/grid/x", tensor: RawTensor(doubles: [1, 2, 3].span, shape: [3]))
    try Self.hdf5(tensors + [grid], .init(initialSteps: 1)) { file in
      #expect(file.hasSampleGroups && file.sampleCount == 12)
      let data = try file.load()
      #expect(data.inputs.shape == [12, 3, 2] && data.targets.shape == [12, 3, 6])
      #expect(data.inputs[11, 2, 1] == 11021 && data.targets[10, 1, 5] == 10311)
      #expect(data.axes == [FieldAxis("x", coordinates: [1, 2, 3])])
      let split = try FieldSplit(file, .init(validationFraction: 0.2))
      #expect(split.training.count == 9 && split.validation?.count == 2)
      #expect(split.tests.map(\.count) == [1] && split.tests[0].inputs[0, 0, 0] == 11000)
    }
    let odd = (name: "0012/data", tensor: Self.coded([4, 5, 2]))
    try Self.hdf5(tensors + [odd], .init(initialSteps: 1)) { file in
      Self.expectError("sample 12", "[3]", "[5]") { _ = try file.load() }
    }
  }

  @Test func keysOfTheCaller() throws {
    let tensors = [(name: "p", tensor: Self.coded([2, 3])), ("q", Self.coded([2, 3]))]
    try Self.npz(tensors, .init(inputKey: "p", targetKey: "q")) { file in
      let data = try file.load()
      #expect(data.count == 2)
    }
    try Self.npz(
      [("p", Self.coded([2, 4, 3])), ("q", Self.coded([2, 4, 3]))],
      .init(variables: ["q", "p"], initialSteps: 3)
    ) { file in
      let data = try file.load()
      #expect(data.inputs.shape == [2, 3, 6])
    }
    Self.expectError("x and y", "'p', 'q'") { try Self.npz(tensors) { _ in } }
    Self.expectError("'r'", "'p', 'q'") {
      try Self.npz(tensors, .init(inputKey: "p", targetKey: "r")) { _ in }
    }
    Self.expectError("targetKey", "both keys") {
      try Self.npz(tensors, .init(inputKey: "p")) { _ in }
    }
    let options = FieldDatasetOptions(arrangement: .trajectory, initialSteps: 1)
    try Self.npz([("only", Self.coded([2, 4, 3]))], options) { file in
      let data = try file.load()
      #expect(data.inputs.shape == [2, 3, 1])
    }
  }

  @Test func twoFiles() throws {
    try withTemporaryFolder { folder in
      try NpyFile.write(Self.coded([2, 3]), to: "\(folder)/x.npy")
      try NpyFile.write(Self.coded([2, 5, 3]), to: "\(folder)/y.npy")
      let file = try FieldFile(inputs: "\(folder)/x.npy", targets: "\(folder)/y.npy")
      #expect(try file.load().targets.shape == [2, 5, 3, 1])
      try NpyFile.write(Self.coded([3, 5, 3]), to: "\(folder)/z.npy")
      Self.expectError("same number of samples", "2 in", "3 in") {
        _ = try FieldFile(inputs: "\(folder)/x.npy", targets: "\(folder)/z.npy")
      }
    }
  }
}
