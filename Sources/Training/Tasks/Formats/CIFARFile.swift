/// Images of CIFAR-10 in the binary layout of its authors.
///
/// Records of 3073 bytes: the class, 0 to 9, then 32×32 bytes of red, as many of green and as many
/// of blue, row by row (Krizhevsky, "Learning multiple layers of features from tiny images", 2009;
/// `data_batch_1.bin` to `data_batch_5.bin` and `test_batch.bin`).
public struct CIFARFile: Sendable {
  /// The names of the classes.
  public static let classNames = [
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
  ]
  /// Pixels of an image.
  public static let pixels = 32 * 32
  static let record = 1 + 3 * pixels

  /// The class of each image.
  public private(set) var labels: [UInt8] = []
  /// Red, green and blue of each pixel, image by image.
  public private(set) var colors: [UInt8] = []

  /// Reads files one after the other.
  ///
  /// - Throws: `DataError` if a file cannot be read, is not made of whole records, or has a label
  ///   above 9.
  public init(paths: [String]) throws(DataError) {
    for path in paths { try append(BinaryFile.bytes(of: path), name: path) }
  }

  init(bytes: [UInt8], name: String) throws(DataError) { try append(bytes, name: name) }

  private mutating func append(_ bytes: [UInt8], name: String) throws(DataError) {
    guard !bytes.isEmpty, bytes.count.isMultiple(of: Self.record) else {
      throw DataError(
        at: name, expected: "records of \(Self.record) bytes, at least one",
        got: "\(bytes.count) bytes")
    }
    colors.reserveCapacity(colors.count + bytes.count)
    for start in stride(from: 0, to: bytes.count, by: Self.record) {
      guard bytes[start] < 10 else {
        throw DataError(
          at: "\(name): byte \(start)", expected: "a class from 0 to 9", got: "\(bytes[start])")
      }
      labels.append(bytes[start])
      for pixel in (start + 1)..<(start + 1 + Self.pixels) {
        colors.append(bytes[pixel])
        colors.append(bytes[pixel + Self.pixels])
        colors.append(bytes[pixel + 2 * Self.pixels])
      }
    }
  }

  /// The images in grey, by their luma.
  public var grey: [UInt8] {
    stride(from: 0, to: colors.count, by: 3).map { at in
      Luma.of(red: colors[at], green: colors[at + 1], blue: colors[at + 2])
    }
  }
}
