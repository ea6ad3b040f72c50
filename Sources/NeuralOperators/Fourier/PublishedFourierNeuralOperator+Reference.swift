public import Differentiation
public import Layers
import SequenceTensor

extension PublishedFourierNeuralOperator: ReferenceCompatible {
  /// Visits `fc0`, `conv0.weights` (inputs, outputs, frequencies…), `w0`…, `fc1` and `fc2`.
  ///
  /// The scripts have blocks `conv0.weights1`… instead, which
  /// `ReferenceWeights.joiningCornerBlocks(axes:)` joins.
  public mutating func forEachReference(_ body: (ReferenceTensor, inout Parameter) -> Void) {
    let axes = options.frequencies.count
    lifting.visitPointwise("fc0", axes: 0, body)
    for index in convolutions.indices {
      guard case .dense(var weight) = convolutions[index].weight else { continue }
      let channels = [options.width, options.width]
      body(
        .modesLast(
          "conv\(index).weights", modes: convolutions[index].options.weightModes, channels: channels
        ),
        &weight)
      convolutions[index].weight = .dense(weight)
      maps[index].visitPointwise("w\(index)", axes: axes, body)
    }
    projection.visitPointwise("fc1", axes: 0, body)
    output.visitPointwise("fc2", axes: 0, body)
  }
}

extension ReferenceWeights {
  /// The weights of the authors' scripts with the corner blocks of each spectral convolution joined:
  /// `conv0.weights1`… become `conv0.weights`, and batch normalisations that are not used are left
  /// out.
  ///
  /// - Parameter axes: the number of grid axes.
  /// - Throws: `ReferenceError` if a block is missing or has another shape than the first.
  public func joiningCornerBlocks(axes: Int) throws(ReferenceError) -> ReferenceWeights {
    var joined = tensors.filter { !$0.key.hasPrefix("bn") }
    for name in tensors.keys.sorted() where name.hasSuffix(".weights1") {
      let base = String(name.dropLast())
      let first = try tensor(name, rank: axes + 3)
      var blocks: [Tensor] = []
      for block in 1...(1 << (axes - 1)) {
        let part = try tensor("\(base)\(block)", rank: axes + 3)
        guard part.shape == first.shape else {
          throw ReferenceError(
            place: "\(place): \(base)\(block)", expected: "\(first.shape)", got: "\(part.shape)")
        }
        joined["\(base)\(block)"] = nil
        blocks.append(part)
      }
      // Block 1 has the frequencies from 0 on of all axes; each further bit of the number has the
      // negative ones of the next axis.
      for axis in 0..<axes - 1 {
        blocks = stride(from: 0, to: blocks.count, by: 2).map {
          .concatenated([blocks[$0 + 1], blocks[$0]], axis: axis + 2)
        }
      }
      joined[base] = blocks[0]
    }
    // Versions of the scripts differ in how many axes a map of the channels is written with.
    for (name, value) in joined
    where name.hasPrefix("w") && name.hasSuffix(".weight") && value.shape.rank >= 2 {
      let sizes = Array(value.shape.sizes[..<2]) + Array(repeating: 1, count: axes)
      if Shape(sizes).count == value.count { joined[name] = value.reshaped(to: Shape(sizes)) }
    }
    return ReferenceWeights(joined, place: place)
  }
}
