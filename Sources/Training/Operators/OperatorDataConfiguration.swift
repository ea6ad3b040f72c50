import PartialDifferentialEquations
import SequenceTensor

/// Which files an operator is trained and tested on, and how they become fields.
///
/// Keys under `data`. A file is a path, or two paths separated by a comma: a file of inputs and one
/// of targets with one array each.
public struct OperatorDataConfiguration: Sendable, Hashable, Codable {
  /// The file of the training samples.
  public var train = ""
  /// Files of test samples, of any resolution; without any, samples of the training file are held
  /// out.
  public var tests: [String] = []
  /// How files become fields; what is left out is recognised.
  public var fields = FieldDatasetOptions()
  /// How many samples are used and held out.
  public var split = FieldSplitOptions()

  /// No files.
  public init() {}

  /// Reads the data.
  ///
  /// - Throws: `DataError` or `TensorFileError` with place, expected and got.
  public func load() throws -> FieldSplit {
    let training = try open(train)
    let data =
      tests.isEmpty
      ? try FieldSplit(training, split)
      : try FieldSplit(training: training, tests: tests.map(open), split)
    guard !data.tests.isEmpty else {
      throw DataError(
        at: train, expected: "test samples, in a file of their own or held out", got: "none")
    }
    return data
  }

  /// Opens a file, or two separated by a comma.
  ///
  /// - Throws: `DataError` or `TensorFileError`.
  public func open(_ path: String) throws -> FieldFile {
    let parts = path.split(separator: ",").map(String.init)
    return parts.count == 2
      ? try FieldFile(inputs: parts[0], targets: parts[1], options: fields)
      : try FieldFile(path, options: fields)
  }
}

extension OperatorDataConfiguration {
  /// Opens a file of test samples: trajectories from their first frames to their end.
  ///
  /// - Throws: `DataError` or `TensorFileError`.
  public func openTest(_ path: String) throws -> FieldFile { try open(path).forTests() }
}

extension FieldDataset {
  /// The sizes of the grid, for example `16x16`.
  public var resolution: String { grid.map(String.init).joined(separator: "x") }

  /// A number that changes when any value does.
  var fingerprint: UInt64 {
    // FNV-1a over the bits of inputs and targets, with the sizes in front.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    func mix(_ value: UInt64) { hash = (hash ^ value) &* 0x100_0000_01B3 }
    for tensor in [inputs, targets] {
      for size in tensor.shape.sizes { mix(UInt64(size)) }
      tensor.withSpan { span in
        for index in span.indices { mix(UInt64(span[index].bitPattern)) }
      }
    }
    return hash
  }

  /// The data set at a resolution: the one of `sets` that has it, or one whose points include its
  /// points, of which every n-th along each axis is taken.
  ///
  /// That is a whole multiple of points, or of intervals where both ends are points, as files of
  /// `SampleGenerator` say.
  ///
  /// - Parameters:
  ///   - points: the points of the first axis of space.
  ///   - sets: the data sets there are.
  /// - Throws: `DataError` if none will do.
  public static func matching(
    resolution points: Int, in sets: [FieldDataset]
  ) throws -> FieldDataset {
    if let exact = sets.first(where: { $0.points == points }) { return exact }
    let finer = sets.compactMap { set in set.step(to: points).map { (set, $0) } }
      .min { $0.1 < $1.1 }
    guard let finer else {
      throw DataError(
        at: "resolution \(points)", expected: "fields of \(points) points, or of a multiple",
        got: sets.map(\.resolution).joined(separator: ", "))
    }
    return try finer.0.subsampled(by: finer.1)
  }

  /// Which step along each axis leaves this many points.
  private func step(to points: Int) -> Int? {
    let isClosed = origin?.grid.axes.allSatisfy { $0.points == .nodes } ?? false
    let (fine, coarse) = isClosed ? (self.points - 1, points - 1) : (self.points, points)
    return coarse > 0 && fine % coarse == 0 ? fine / coarse : nil
  }

  /// The points of the first axis of space.
  private var points: Int {
    zip(axes, grid).first { $0.0.name != "t" }?.1 ?? grid[0]
  }

  /// Every n-th point along each axis, from the first on.
  func subsampled(by step: Int) throws -> FieldDataset {
    let kept = grid.map { Array(stride(from: 0, to: $0, by: step)) }
    let strides = grid.indices.map { grid[($0 + 1)...].reduce(1, *) }
    let points = zip(kept, strides).reduce([0]) { points, axis in
      points.flatMap { point in axis.0.map { point + $0 * axis.1 } }
    }
    func taken(_ tensor: Tensor) -> Tensor {
      tensor.gathered(Array(0..<count), points: Array(repeating: points, count: count))
        .reshaped(to: Shape([count] + kept.map(\.count) + [tensor.shape.last]))
    }
    return try FieldDataset(
      name: name, inputs: taken(inputs), targets: taken(targets),
      axes: zip(axes, kept).map { axis, kept in
        FieldAxis(axis.name, coordinates: axis.coordinates.map { all in kept.map { all[$0] } })
      }, parameters: parameters, targetSteps: targetSteps, frameTimes: frameTimes,
      origin: origin)
  }
}

extension Tensor {
  /// Some samples of `[samples, x, (y, (z,)) channels]`, their points taken from given places.
  ///
  /// - Parameters:
  ///   - rows: which samples.
  ///   - points: for each of them where its points come from; nil for the sample as it is.
  /// - Returns: of the same grid where there are as many points, else `[rows, points, channels]`.
  func gathered(_ rows: [Int], points: [[Int]?]) -> Tensor {
    let channels = shape.last
    let size = count / max(1, shape[0])
    let taken = points.compactMap(\.?.count).first.map { $0 * channels } ?? size
    let result =
      taken == size
      ? shape.replacing(axis: 0, with: rows.count) : [rows.count, taken / channels, channels]
    return Tensor(uninitialized: result) { target in
      for (index, row) in rows.enumerated() {
        let (from, to) = (pointer + row * size, target + index * taken)
        guard let sources = points[index] else {
          to.update(from: from, count: size)
          continue
        }
        for (point, source) in sources.enumerated() {
          (to + point * channels).update(from: from + source * channels, count: channels)
        }
      }
    }
  }
}
