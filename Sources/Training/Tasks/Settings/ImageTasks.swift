import SequenceTensor

/// `image`: CIFAR-10, pixel by pixel.
///
/// Long Range Arena's Image (Tay et al., 2020, section 2.1.4) in grey; in colour the sequential CIFAR of
/// S4. Values are scaled as in S4's `dataloaders/lra.py` and `basic.py`: grey by mean 122.6/255 and
/// deviation 61/255, colours by those of each channel.
public struct ImageSettings: TaskSettings {
  /// `image`.
  public static let task = TrainingTask.image
  /// What the task is.
  public static let summary = "CIFAR-10 by pixels (data_batch_*.bin, test_batch*.bin)"
  /// A command.
  public static let example = "image --data cifar-10-batches-bin --model s4d"
  /// Whether the three colours are channels; otherwise one channel of grey.
  public var isColour = false
  /// Which examples belong to which part.
  public var splits = SplitSettings()

  /// Grey.
  public init(forTraining: Void) {}

  /// Checks the splits.
  public func validate(_ run: RunConfiguration) throws(ConfigurationError) {
    try splits.validate()
  }

  /// Reads the files.
  public func load(
    _ run: RunConfiguration, vocabulary: Vocabulary?
  ) throws(DataError) -> SequenceParts {
    let folder = run.data.folder
    let names = try BinaryFile.names(in: folder).filter { $0.hasSuffix(".bin") }
    func read(_ prefix: String) throws(DataError) -> PixelSequences {
      let paths = names.filter { $0.hasPrefix(prefix) }.map { "\(folder)/\($0)" }
      guard !paths.isEmpty else {
        throw DataError(at: folder, expected: "files \(prefix)*.bin", got: "none")
      }
      let file = try CIFARFile(paths: paths)
      return PixelSequences(
        pixels: isColour ? file.colors : file.grey, labels: file.labels,
        positions: CIFARFile.pixels, scaling: isColour ? Self.colors : [Self.grey],
        name: "image \(prefix == "test_batch" ? "test" : "train")")
    }
    let (train, validation, test) = try splits.parts(
      of: read("data_batch"), test: read("test_batch"), run, name: "image")
    return SequenceParts(
      problem: .classifiedValues(channels: isColour ? 3 : 1, classes: 10),
      classNames: CIFARFile.classNames, train: train, validation: validation, test: test)
  }

  private static let grey: (mean: Float, deviation: Float) = (122.6 / 255, 61.0 / 255)
  private static let colors: [(mean: Float, deviation: Float)] = [
    (0.4914, 0.247), (0.4822, 0.243), (0.4465, 0.261),
  ]
}

/// In which order the pixels of a digit are read.
public enum PixelOrder: String, Sendable, Hashable, CaseIterable, Codable {
  /// Row by row.
  case rows
  /// One random order for all images, that of `source.orderSeed`.
  case permuted
  /// By the positions' bits from the last to the first, as S4's permuted MNIST.
  case bitReversed
}

/// `mnist`: handwritten digits, pixel by pixel.
///
/// Sequential MNIST, and permuted MNIST (Le, Jaitly and Hinton, 2015). Values are in 0…1, as in S4's
/// `dataloaders/basic.py`.
public struct DigitSettings: TaskSettings {
  /// `mnist`.
  public static let task = TrainingTask.mnist
  /// What the task is.
  public static let summary = "MNIST by pixels, in rows or permuted (idx files)"
  /// A command.
  public static let example = "mnist --data mnist --model s4d --set source.order=permuted"
  /// In which order the pixels are read.
  public var order = PixelOrder.rows
  /// Determines the order `permuted`.
  public var orderSeed: UInt64 = 0
  /// A file with the position in the image for each position of the sequence, instead of `order`.
  public var orderFile: String?
  /// Which examples belong to which part.
  public var splits = SplitSettings()

  /// Row by row.
  public init(forTraining: Void) {}

  /// Checks the splits.
  public func validate(_ run: RunConfiguration) throws(ConfigurationError) {
    try splits.validate()
  }

  /// Reads the files.
  public func load(
    _ run: RunConfiguration, vocabulary: Vocabulary?
  ) throws(DataError) -> SequenceParts {
    let train = try images("train", run, positions: nil)
    let test = try images("t10k", run, positions: train.positions)
    let parts = try splits.parts(of: train, test: test, run, name: "mnist")
    return SequenceParts(
      problem: .classifiedValues(channels: 1, classes: 10),
      classNames: (0...9).map { String($0) }, train: parts.train, validation: parts.validation,
      test: parts.test)
  }

  private func images(
    _ part: String, _ run: RunConfiguration, positions: Int?
  ) throws(DataError) -> PixelSequences {
    func read(_ what: String, axes: Int) throws(DataError) -> (IDXFile, path: String) {
      let candidates = ["-idx\(axes)-ubyte", ".idx\(axes)-ubyte"].flatMap {
        ["\(part)-\(what)\($0)", "\(part)-\(what)\($0).gz"]
      }
      let path = try BinaryFile.first(of: candidates, in: run.data.folder)
      return (try IDXFile(path: path, axes: axes), path)
    }
    let (images, imagePath) = try read("images", axes: 3)
    let (labels, labelPath) = try read("labels", axes: 1)
    let count = images.sizes[1] * images.sizes[2]
    guard images.sizes[0] == labels.sizes[0], images.sizes[0] > 0 else {
      throw DataError(
        at: labelPath, expected: "one label for each of the \(images.sizes[0]) images",
        got: "\(labels.sizes[0])")
    }
    guard count > 0, count == positions ?? count else {
      throw DataError(
        at: imagePath, expected: "images of \(positions.map(String.init) ?? "some") pixels",
        got: "\(images.sizes[1]) × \(images.sizes[2])")
    }
    if let index = labels.values.firstIndex(where: { $0 > 9 }) {
      throw DataError(
        at: "\(labelPath): label \(index)", expected: "a digit from 0 to 9",
        got: "\(labels.values[index])")
    }
    return PixelSequences(
      pixels: images.values, labels: labels.values, positions: count, scaling: [(0, 1)],
      order: try positionsInImage(count), name: "mnist \(part == "train" ? "train" : "test")")
  }

  /// The position in an image for each position of the sequence; `nil` for rows.
  func positionsInImage(_ count: Int) throws(DataError) -> [Int]? {
    if let orderFile {
      let positions = try IndexFile(path: orderFile, below: count).indices
      guard positions.count == count else {
        throw DataError(
          at: orderFile, expected: "\(count) positions", got: "\(positions.count)")
      }
      return positions
    }
    switch order {
    case .rows: return nil
    case .permuted:
      var positions = Array(0..<count)
      // A stream of its own ("pixels" in ASCII).
      var random = RandomSource(seed: orderSeed, stream: 0x7069_7865_6C73)
      random.shuffle(&positions)
      return positions
    case .bitReversed:
      var bits = 0
      while 1 << bits < count { bits += 1 }
      return (0..<1 << bits).map { number in
        (0..<bits).reduce(0) { $0 << 1 | (number >> $1 & 1) }
      }.filter { $0 < count }
    }
  }
}

/// `pathfinder`: whether two points are joined by a dashed line, pixel by pixel.
///
/// Long Range Arena's Pathfinder and Path-X (Tay et al., 2020, section 2.1.5). Values are in 0…1, as in
/// S4's configurations (`center: False`).
public struct PathfinderSettings: TaskSettings, CachedTask {
  /// `pathfinder`.
  public static let task = TrainingTask.pathfinder
  /// What the task is.
  public static let summary = "Pathfinder, Path-X (folder curv_contour_length_14)"
  /// A command.
  public static let example = "pathfinder --data pathfinder32/curv_contour_length_14"
  /// Which examples belong to which part; all images are the pool.
  public var splits = SplitSettings()

  /// A tenth each for validation and testing.
  public init(forTraining: Void) {}

  /// Checks the splits.
  public func validate(_ run: RunConfiguration) throws(ConfigurationError) {
    try splits.validate()
  }

  /// Reads the folder.
  public func load(
    _ run: RunConfiguration, vocabulary: Vocabulary?
  ) throws(DataError) -> SequenceParts {
    try load(run, vocabulary: vocabulary, cache: nil)
  }

  func load(
    _ run: RunConfiguration, vocabulary: Vocabulary?, cache: DataCache?
  ) throws(DataError) -> SequenceParts {
    let path = run.data.folder
    let images =
      if let cache {
        try cache.value(for: DataKey("pathfinder 1", settings: [], paths: [path])) {
          () throws(DataError) in
          try PathfinderFolder(path: path)
        }
      } else {
        try PathfinderFolder(path: path)
      }
    let pool = PixelSequences(
      pixels: images.pixels, labels: images.labels, positions: images.side * images.side,
      scaling: [(0, 1)], name: "pathfinder")
    let (train, validation, test) = try splits.parts(of: pool, run, name: "pathfinder")
    return SequenceParts(
      problem: .classifiedValues(channels: 1, classes: 2), classNames: ["apart", "joined"],
      train: train, validation: validation, test: test)
  }
}
