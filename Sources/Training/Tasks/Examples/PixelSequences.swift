import SequenceTensor

/// Images as sequences of pixels with a class each; pixels stay bytes until they are in a batch.
public struct PixelSequences: SequenceExamples {
  /// A name for reports.
  public let name: String
  /// Image by image, position by position, channel by channel.
  let pixels: [UInt8]
  let labels: [UInt8]
  /// Positions of an image.
  let positions: Int
  /// What is subtracted from each channel's value in 0…1, and what it is divided by then.
  let scaling: [(mean: Float, deviation: Float)]
  /// The position in the image that stands at each position of the sequence.
  let order: [Int]?

  /// Creates sequences.
  ///
  /// - Parameters:
  ///   - pixels: images of `positions` positions with one value for each entry of `scaling`.
  ///   - labels: the class of each image.
  ///   - positions: positions of an image.
  ///   - scaling: a mean and a deviation for each channel, of values in 0…1.
  ///   - order: the position in the image that stands at each position of the sequence; by default
  ///     row by row.
  ///   - name: a name for reports.
  init(
    pixels: [UInt8], labels: [UInt8], positions: Int,
    scaling: [(mean: Float, deviation: Float)], order: [Int]? = nil, name: String
  ) {
    require(
      pixels.count == labels.count * positions * scaling.count,
      "PixelSequences: \(pixels.count) values for \(labels.count) images of \(positions)")
    self.name = name
    self.pixels = pixels
    self.labels = labels
    self.positions = positions
    self.scaling = scaling
    self.order = order
  }

  /// How many images there are.
  public var count: Int { labels.count }

  /// All images are of one size.
  public func length(of index: Int) -> Int { positions }

  /// Pixels as `[images, positions, channels]`, scaled.
  public func batch(_ indices: [Int], padTo: Int?) -> SequenceBatch {
    let length = paddedLength(indices, padTo: padTo)
    let channels = scaling.count
    let tables = scaling.map { scale in
      (0..<256).map { (Float($0) / 255 - scale.mean) / scale.deviation }
    }
    var values = [Float](repeating: 0, count: indices.count * length * channels)
    for (row, index) in indices.enumerated() {
      for position in 0..<positions {
        let from = (index * positions + (order?[position] ?? position)) * channels
        let to = (row * length + position) * channels
        for channel in 0..<channels {
          values[to + channel] = tables[channel][Int(pixels[from + channel])]
        }
      }
    }
    return SequenceBatch(
      input: .values(Tensor(values, shape: [indices.count, length, channels])),
      target: .classes(indices.map { Int32(labels[$0]) }),
      lengths: indices.map { _ in positions }, length: length)
  }
}
