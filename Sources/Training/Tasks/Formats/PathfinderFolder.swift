import Pictures

/// The images of Pathfinder, where two marked points are joined by a dashed line or are not.
///
/// The layout of Long Range Arena (Tay et al., 2020, section 2.2): in a folder such as
/// `pathfinder32/curv_contour_length_14` the files `metadata/0.npy`, `metadata/1.npy`, …, which are
/// plain text in spite of their name, with one image a line: the folder, the file, its number and
/// the label 0 or 1, separated by spaces, and more that is not used. Files are read in the order of
/// their numbers. Images are PNG files; colours become grey.
public struct PathfinderFolder: Sendable {
  /// Pixels of a side; all images are squares of one size.
  public private(set) var side = 0
  /// 0 or 1 for each image.
  public private(set) var labels: [UInt8] = []
  /// The grey values, image by image, row by row.
  public private(set) var pixels: [UInt8] = []

  init(side: Int, labels: [UInt8], pixels: [UInt8]) {
    (self.side, self.labels, self.pixels) = (side, labels, pixels)
  }

  /// Reads a folder.
  ///
  /// - Throws: `DataError` with the file and line of the first mistake.
  public init(path: String) throws(DataError) {
    let metadata = "\(path)/metadata"
    var files: [(number: Int, name: String)] = []
    for name in try BinaryFile.names(in: metadata) where name.hasSuffix(".npy") {
      guard let number = Int(name.dropLast(4)) else {
        throw DataError(
          at: "\(metadata)/\(name)", expected: "a number as the file's name",
          got: DataError.quoted(name.utf8))
      }
      files.append((number, name))
    }
    guard !files.isEmpty else {
      throw DataError(at: metadata, expected: "files such as 0.npy", got: "none")
    }
    for file in files.sorted(by: { $0.number < $1.number }) {
      let text = try TextFile(path: "\(metadata)/\(file.name)")
      for (line, range) in text.lines.enumerated() where !range.isEmpty {
        let words = text.bytes[range].split(separator: UInt8(ascii: " "))
        guard words.count >= 4 else {
          throw DataError(
            at: text.place(line: line), expected: "folder, file, number and label",
            got: DataError.quoted(text.bytes[range]))
        }
        guard words[3].count == 1, let digit = words[3].first, (0x30...0x31).contains(digit) else {
          throw DataError(
            at: text.place(line: line), expected: "the label 0 or 1",
            got: DataError.quoted(words[3]))
        }
        let folder = String(decoding: words[0], as: UTF8.self)
        let name = String(decoding: words[1], as: UTF8.self)
        try append(image: "\(path)/\(folder)/\(name)", place: text.place(line: line))
        labels.append(digit - 0x30)
      }
    }
  }

  private mutating func append(image path: String, place: String) throws(DataError) {
    let bytes = try TextFile.readBytes(path: path)
    let image: PixelImage
    do throws(PictureError) {
      image = try PixelImage(png: bytes)
    } catch {
      throw DataError(at: path, expected: error.expected, got: error.got)
    }
    if side == 0 { side = image.width }
    guard image.width == side, image.height == side else {
      throw DataError(
        at: "\(place): \(path)", expected: "\(side) × \(side) pixels as the first image has",
        got: "\(image.width) × \(image.height)")
    }
    for color in image.pixels {
      pixels.append(Luma.of(red: color.red, green: color.green, blue: color.blue))
    }
  }
}
