import Differentiation
public import Layers
public import LongConvolution
import SequenceTensor

extension LongConvolution where Filter == SGConvFilter {
  /// Takes over the weights of the authors' `GConv`.
  ///
  /// Its pieces hold past and future in one tensor, `[copies·directions, channels, taps]`, and
  /// its norm is 1 before the first use.
  ///
  /// - Parameters:
  ///   - weights: its tensors.
  ///   - isUsed: whether the norm has been captured; by default what `kernel_norm_initialized` says,
  ///     and true without it.
  /// - Throws: `ReferenceError` for a tensor that is missing or has another number of values; the
  ///   layer is then as it was.
  public mutating func load(
    original weights: ReferenceWeights, isUsed: Bool? = nil
  ) throws(ReferenceError) {
    var copy = self
    let all = filter.channels
    let directions = filter.isBidirectional ? 2 : 1
    let size = filter.options.kernelSize
    for scale in 0..<filter.options.scaleCount {
      let stored = try weights.values("kernel_list.\(scale)", directions * all * size).reshaped(
        -1, size)
      copy.filter.past[scale].value = stored.sliced(axis: 0, 0..<all).transposed()
      if filter.isBidirectional {
        copy.filter.future[scale].value = stored.sliced(axis: 0, all..<2 * all).transposed()
      }
    }
    let saysUsed = weights.tensors["kernel_norm_initialized"].map { $0.elements.first != 0 }
    if isUsed ?? saysUsed ?? true, weights.tensors["kernel_norm"] != nil {
      let norms = try weights.values("kernel_norm", directions * all).reshaped(-1)
      copy.filter.pastNorm.value = norms.sliced(axis: 0, 0..<all)
      if filter.isBidirectional {
        copy.filter.futureNorm?.value = norms.sliced(axis: 0, all..<2 * all)
      }
      copy.filter.normIsCaptured.value = Tensor([1])
    }
    if weights.tensors["decay"] != nil {
      copy.filter.decayRate?.value = try weights.values("decay", filter.inputChannels).reshaped(-1)
    }
    copy.skip.value = try weights.values("D", all).reshaped(-1)
    if let output {
      let name =
        weights.tensors["output_linear.weight"] == nil ? "output_linear.0" : "output_linear"
      let weight = output.weight.value.shape
      copy.output?.weight.value = try weights.values("\(name).weight", weight.count).reshaped(
        to: weight)
      copy.output?.bias?.value = try weights.values("\(name).bias", weight[0]).reshaped(-1)
    }
    self = copy
  }
}
