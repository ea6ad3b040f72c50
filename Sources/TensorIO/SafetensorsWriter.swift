extension SafetensorsFile {
  /// Writes the file so that a reader finds either the old contents or all of the new.
  ///
  /// Equal values give equal bytes. The header lists the tensors in order; the data has wider
  /// elements first, which keeps every tensor aligned without the gaps the format forbids.
  ///
  /// - Throws: `TensorFileError` when the file cannot be written, see `AtomicFile`, or the header
  ///   would pass the format's limit of 100 MB.
  public func write(to path: String) throws(TensorFileError) {
    let (header, order) = try encodedHeader()
    try AtomicFile.write(to: path) { output throws(TensorFileError) in
      try output.write(header)
      for tensor in order { try output.write(tensor.bytes) }
    }
  }

  /// The bytes that `write(to:)` would write.
  ///
  /// - Throws: `TensorFileError` when the header would pass the format's limit of 100 MB.
  public func serialized() throws(TensorFileError) -> [UInt8] {
    let (header, order) = try encodedHeader()
    var bytes = header
    bytes.reserveCapacity(order.reduce(header.count) { $0 + $1.bytes.count })
    for tensor in order { bytes += tensor.bytes }
    return bytes
  }

  /// The length, the header and its padding; and the tensors in the order of their data.
  private func encodedHeader() throws(TensorFileError) -> ([UInt8], [RawTensor]) {
    let tensors = names.compactMap { self[$0] }
    let order = tensors.indices.sorted {
      (-tensors[$0].elementType.byteWidth, $0) < (-tensors[$1].elementType.byteWidth, $1)
    }
    var begins = [Int](repeating: 0, count: tensors.count)
    var reached = 0
    for index in order {
      begins[index] = reached
      reached += tensors[index].bytes.count
    }

    var members: [String] = []
    if !metadata.isEmpty {
      let sorted = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      let pairs = sorted.map { "\(jsonString($0.key)):\(jsonString($0.value))" }
      members.append("\"\(Self.metadataKey)\":{\(pairs.joined(separator: ","))}")
    }
    for (index, (name, tensor)) in zip(names, tensors).enumerated() {
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      let end = begins[index] + tensor.bytes.count
      members.append(
        "\(jsonString(name)):{\"dtype\":\"\(tensor.elementType.rawValue)\","
          + "\"shape\":[\(shape)],\"data_offsets\":[\(begins[index]),\(end)]}")
    }
    var header = Array("{\(members.joined(separator: ","))}".utf8)
    while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }
    guard header.count <= Self.maximumHeaderLength else {
      throw TensorFileError(
        place: source, expected: "a header of at most \(Self.maximumHeaderLength) bytes",
        got: "\(header.count) bytes")
    }
    let length = UInt64(header.count)
    let prefix = (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * UInt64($0))) }
    return (prefix + header, order.map { tensors[$0] })
  }
}

/// The text as a JSON string, with only the escapes that JSON demands.
private func jsonString(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": result += "\\\""
    case "\\": result += "\\\\"
    case "\u{0}"..<"\u{20}":
      let digits = String(scalar.value, radix: 16)
      result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}
