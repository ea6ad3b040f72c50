import Layers
import SequenceTensor

/// Arguments of a kind, or what the original takes if they were left out.
extension OriginalArguments {
  /// A whole number within a range.
  func integer(
    _ name: String, default standard: Int, in range: ClosedRange<Int> = 0...(1 << 30)
  ) throws(ReferenceError) -> Int {
    guard self[name] != nil else { return standard }
    guard let number = single(name)?.number, let value = Int(exactly: number),
      range.contains(value)
    else {
      throw refusal(
        of: name, expected: "a whole number in \(range.lowerBound)...\(range.upperBound)")
    }
    return value
  }

  /// A finite number.
  func number(_ name: String, default standard: Float) throws(ReferenceError) -> Float {
    guard let value = self[name] else { return standard }
    guard let number = value.number, Float(number).isFinite else {
      throw refusal(of: name, expected: "a number")
    }
    return Float(number)
  }

  /// True or false.
  func flag(_ name: String, default standard: Bool) throws(ReferenceError) -> Bool {
    guard let value = self[name] else { return standard }
    guard let flag = value.bool else { throw refusal(of: name, expected: "true or false") }
    return flag
  }

  /// The arguments in a table, which may be left out.
  func table(_ name: String) throws(ReferenceError) -> OriginalArguments {
    guard let value = self[name] else { return OriginalArguments([:], under: "\(place)\(name).") }
    guard case .table(let values) = value else {
      throw refusal(of: name, expected: "a table")
    }
    return OriginalArguments(values, under: "\(place)\(name).")
  }

  /// Checks an argument that can only be one thing here, such as the dimension of the data.
  func only(
    _ name: String, _ allowed: ConfigurationTree..., reason: String
  ) throws(ReferenceError) {
    guard let value = self[name], !allowed.contains(value) else { return }
    throw refusal(of: name, expected: reason)
  }

  /// A value, or the only one of a list.
  private func single(_ name: String) -> ConfigurationTree? {
    guard case .list(let values) = self[name] else { return self[name] }
    return values.count == 1 ? values[0] : nil
  }

  /// Sets an argument by its path, `name` or `table.name`.
  public mutating func set(_ path: String, to value: ConfigurationTree) {
    guard let dot = path.firstIndex(of: ".") else {
      values[path] = value
      return
    }
    let name = String(path[..<dot])
    var inner = values[name]?.arguments ?? OriginalArguments()
    inner.set(String(path[path.index(after: dot)...]), to: value)
    values[name] = .table(inner.values)
  }
}

/// What several continuous convolutions share.
extension OriginalArguments {
  /// The number of taps, which the originals note at their first use.
  ///
  /// - Parameter size: the argument that says it: a number, as such or as text, "same" or "full"; for
  ///   the last two 1 as long as no length was noted.
  func kernelLength(_ size: String, in table: OriginalArguments) throws(ReferenceError) -> Int {
    if self["train_length"] != nil {
      return try integer("train_length", default: 1, in: 1...(1 << 24))
    }
    let value = table[size]
    // Not noted yet; `ImportedLayer.fitted` fills it in.
    if value == nil || ["same", "full"].contains(value?.text) { return 1 }
    let number = value?.number ?? value?.text.flatMap { Double($0) }
    guard let number, let length = Int(exactly: number), 1...(1 << 24) ~= length else {
      throw ReferenceError(
        place: "argument train_length",
        expected:
          "a whole number, or \(table.place)\(size) as one, since the weights do not tell it",
        got: value.map { "\($0)" } ?? "nothing")
    }
    return length
  }

  /// The length that an original would note when it first sees a sequence; `nil` if it has, or if it
  /// notes none.
  func openLength(_ kind: String, _ length: Int) -> Int? {
    guard self["train_length"] == nil else { return nil }
    let size: ConfigurationTree?
    switch kind {
    case "ckconv": size = nil
    case "flexconv", "smpconv": size = self["horizon"]
    case "ccnn.conv", "ccnn.block": size = self["kernel_cfg"]?.arguments?["size"]
    default: return nil
    }
    switch size {
    case nil, .text("same"): return length
    case .text("full"): return 2 * length - 1
    default: return nil
    }
  }

  /// Fills the channels of a layer whose last map of `name` gives outputs·inputs of them.
  mutating func fillDenseChannels(_ weights: ReferenceWeights, _ names: String...) {
    fill("out_channels", weights.size("bias", 0))
    let all = names.lazy.compactMap { weights.size($0, 0) }.first
    guard let all, let outputs = self["out_channels"]?.number, outputs >= 1,
      let count = Int(exactly: outputs), all % count == 0
    else { return }
    fill("in_channels", all / count)
  }

  /// Fills the length that an original noted at its first use; 0 before it.
  mutating func fillTrainLength(_ weights: ReferenceWeights, _ name: String = "train_length") {
    fill(
      "train_length",
      weights.tensors[name]?.elements.first.flatMap { Int(exactly: $0) }.flatMap {
        $0 > 0 ? $0 : nil
      })
  }
}
