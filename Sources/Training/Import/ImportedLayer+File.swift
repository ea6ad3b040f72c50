import Differentiation
public import Layers
import SequenceTensor
public import TensorIO

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension ReferenceWeights {
  /// The tensors of a safetensors file.
  ///
  /// - Parameters:
  ///   - file: the file; all tensors that are wanted hold numbers.
  ///   - path: its name, for messages.
  ///   - prefix: what the wanted names begin with, and what is then cut off; empty for all.
  /// - Throws: `TensorFileError` for a tensor that cannot be read, or if none begins like that.
  public init(
    file: SafetensorsFile, path: String, under prefix: String = ""
  ) throws(TensorFileError) {
    let start = prefix.isEmpty ? "" : prefix + "."
    var tensors: [String: Tensor] = [:]
    for name in file.names where name.hasPrefix(start) {
      tensors[String(name.dropFirst(start.count))] = Tensor(
        try file.floats(name), shape: Shape(try file.shape(of: name)))
    }
    guard !tensors.isEmpty else {
      throw TensorFileError(
        place: path, expected: "tensors whose names begin with '\(start)'", got: "none")
    }
    self.init(tensors, place: prefix.isEmpty ? path : "\(path): \(prefix)")
  }
}

extension ImportedLayer {
  private static let format = "longwave layer 1"

  /// The layer as a safetensors file: its parameters as `model.*`, kind and arguments in the
  /// metadata.
  public func file() throws -> SafetensorsFile {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var file = SafetensorsFile(metadata: [
      "format": Self.format, "kind": kind,
      "arguments": String(decoding: try encoder.encode(arguments), as: UTF8.self),
    ])
    for (name, parameter) in AnySequenceMixer(layer).parameters {
      file.set("model.\(name)", parameter.value)
    }
    return file
  }

  /// Reads a layer that was imported before.
  ///
  /// - Throws: `TensorFileError` if the file is damaged or holds something else, `ReferenceError`
  ///   if its arguments make no layer.
  public init(readingFrom path: String) throws {
    let file = try SafetensorsFile(readingFrom: path)
    guard file.metadata["format"] == Self.format, let kind = file.metadata["kind"] else {
      throw TensorFileError(
        place: "\(path): metadata format", expected: Self.format,
        got: file.metadata["format"] ?? "no format")
    }
    let count = try file.names.reduce(0) { try file.shape(of: $1).reduce(1, *) + $0 }
    try self.init(
      kind, Self.arguments(of: file, key: "arguments", path: path), nil, storedValues: count)
    var mixer = AnySequenceMixer(layer)
    try mixer.load(from: file, path: path)
    layer = mixer.mixer
  }

  /// The arguments that a file names in its metadata; none if it has no such key.
  ///
  /// - Throws: `TensorFileError` if they are no table in JSON.
  public static func arguments(
    of file: SafetensorsFile, key: String = "args", path: String
  ) throws -> OriginalArguments {
    guard let text = file.metadata[key] else { return OriginalArguments() }
    do {
      return try JSONDecoder().decode(OriginalArguments.self, from: Data(text.utf8))
    } catch {
      throw TensorFileError(
        place: "\(path): metadata \(key)", expected: "a table in JSON", got: "\(text.prefix(60))")
    }
  }
}
