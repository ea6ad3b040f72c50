/// An array of bytes in the idx format of MNIST.
///
/// Two zero bytes, the type (8 for bytes), the number of axes, their extents as big-endian 32-bit
/// numbers, and the values in row-major order (LeCun, Cortes and Burges, "The MNIST database",
/// section "File formats"). The file may be compressed by gzip. Other types than bytes are refused:
/// no data set of images has them.
public struct IDXFile: Sendable {
  /// The extents of the axes.
  public let sizes: [Int]
  /// The values.
  public let values: [UInt8]

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - axes: how many axes it has to have.
  /// - Throws: `DataError` if it cannot be read, is of another format or type, or ends early or late.
  public init(path: String, axes: Int) throws(DataError) {
    try self.init(bytes: BinaryFile.bytes(of: path), name: path, axes: axes)
  }

  /// Reads bytes that are in memory.
  init(bytes: [UInt8], name: String, axes: Int) throws(DataError) {
    guard bytes.count >= 4, bytes[0] == 0, bytes[1] == 0, bytes[2] == 8 else {
      throw DataError(
        at: "\(name): byte 0", expected: "00 00 08, the start of an idx file of bytes",
        got: bytes.prefix(3).map { String($0, radix: 16) }.joined(separator: " "))
    }
    guard Int(bytes[3]) == axes else {
      throw DataError(at: "\(name): byte 3", expected: "\(axes) axes", got: "\(bytes[3])")
    }
    let start = 4 + 4 * axes
    guard bytes.count >= start else {
      throw DataError(
        at: name, expected: "\(start) bytes of header", got: "\(bytes.count) bytes in all")
    }
    let sizes = (0..<axes).map { axis in
      bytes[(4 + 4 * axis)..<(8 + 4 * axis)].reduce(0) { $0 << 8 | Int($1) }
    }
    let count = sizes.reduce(1) { ConfigurationCheck.product($0, $1) }
    guard bytes.count - start == count else {
      throw DataError(
        at: name, expected: "\(count) values for extents \(sizes)", got: "\(bytes.count - start)")
    }
    self.sizes = sizes
    values = Array(bytes[start...])
  }
}
