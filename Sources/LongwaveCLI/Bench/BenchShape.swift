import ArgumentParser

/// A shape to time.
struct BenchShape: ExpressibleByArgument, Equatable, CustomStringConvertible {
  var batch: Int
  var channels: Int
  var length: Int

  /// The shapes of the field's usual comparison, from 256 to 4 million positions.
  static let standard = [
    BenchShape(8, 256, 256), BenchShape(8, 256, 1024), BenchShape(4, 256, 4096),
    BenchShape(2, 256, 16384), BenchShape(1, 128, 65536), BenchShape(1, 16, 1_048_576),
    BenchShape(1, 4, 4_194_304),
  ]

  /// The shapes of a sweep at one length: batch 1, and larger batches with 64 and 256 channels
  /// where so many points allow, or else two of fewer channels.
  static func sweep(length: Int, points: Int) -> [BenchShape] {
    let rows = points / length
    var shapes = [BenchShape(1, min(256, max(4, rows)), length)]
    for channels in [64, 256] where rows >= 2 * channels {
      shapes.append(BenchShape(rows / channels, channels, length))
    }
    if shapes.count == 1 { shapes.append(BenchShape(2, max(4, rows / 2), length)) }
    return shapes
  }

  init(_ batch: Int, _ channels: Int, _ length: Int) {
    self.batch = batch
    self.channels = channels
    self.length = length
  }

  init?(argument: String) {
    let parts = argument.split(separator: "x", omittingEmptySubsequences: false).map {
      Int($0) ?? 0
    }
    guard parts.count == 3, parts.allSatisfy({ $0 > 0 }) else { return nil }
    // Beyond this the product of the sizes could overflow, or no machine has the memory.
    guard parts.map(Double.init).reduce(1, *) <= 0x1p36 else { return nil }
    self.init(parts[0], parts[1], parts[2])
  }

  /// Elements of a sequence tensor of this shape.
  var points: Int { batch * channels * length }

  var description: String { "\(batch)x\(channels)x\(length)" }

  var defaultValueDescription: String { description }
}
