import HDF5
public import TensorIO

/// Any file of tensors, opened by what is in it and not by what it is called.
///
/// NumPy `.npy` and `.npz`, safetensors, PyTorch `.pt`, MATLAB 5 and 7.3, HDF5. Opening reads
/// names, types and shapes; numbers are read when they are asked for, whole or in parts.
public struct TensorArchive: Sendable {
  /// The path it was opened by.
  public let path: String
  /// The reader of the format.
  public let container: any TensorContainer
  private let positions: [String: Int]

  /// Opens a file.
  ///
  /// - Throws: `TensorFileError` when it cannot be read, is of none of the formats, or is damaged
  ///   where its tensors are described.
  public init(_ path: String) throws(TensorFileError) {
    self.path = path
    container = try Self.open(path)
    positions = Dictionary(
      container.entries.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The name of the format, for messages.
  public var formatName: String { container.formatName }
  /// The tensors.
  public var entries: [TensorEntry] { container.entries }
  /// What else there is, and why it is no tensor.
  public var skipped: [SkippedEntry] { container.skipped }
  /// Numbers and texts of the file as a whole.
  public var attributes: [String: TensorAttribute] { container.attributes }

  /// Whether there is a tensor of this name.
  public func contains(_ name: String) -> Bool { positions[name] != nil }

  /// What is known of a tensor.
  ///
  /// - Throws: `TensorFileError` with the names there are when there is none of this name.
  public func entry(_ name: String) throws(TensorFileError) -> TensorEntry {
    if let position = positions[name] { return entries[position] }
    let shown = name.quotedForMessage
    if let other = skipped.first(where: { $0.name == name }) {
      throw TensorFileError(
        place: "\(path), \(shown)", expected: "a tensor of numbers", got: other.reason)
    }
    throw TensorFileError(place: path, expected: "a tensor \(shown)", got: namesForMessage)
  }

  /// Reads a tensor, or the part of it that is selected.
  ///
  /// - Throws: `TensorFileError` when there is none of this name, the file is damaged, or the
  ///   selection leaves the tensor.
  public func read(
    _ name: String, _ selection: TensorSelection = .all
  ) throws(TensorFileError) -> RawTensor {
    try container.read(entry(name), selection)
  }

  /// Reads a range of the first axis of a tensor.
  ///
  /// - Throws: as `read(_:_:)` does.
  public func read(_ name: String, rows: Range<Int>) throws(TensorFileError) -> RawTensor {
    try read(name, .rows(rows))
  }

  /// The first names there are, for a message.
  package var namesForMessage: String {
    if entries.isEmpty { return "no tensors at all" }
    let names = entries.prefix(12).map(\.name.quotedForMessage).joined(separator: ", ")
    return entries.count > 12 ? "\(names) and \(entries.count - 12) more" : names
  }

  /// A table of the tensors, one a line, with what else there is; safe to print.
  public var listing: [String] {
    let names = entries.map(\.name.withoutControls)
    let width = names.map(\.count).max() ?? 0
    var lines = zip(names, entries).map { name, entry in
      let padding = String(repeating: " ", count: width - name.count + 2)
      let mark = entry.isComplex ? "  complex" : ""
      return "\(name)\(padding)\(entry.elementType.rawValue)  \(entry.shape)\(mark)"
    }
    lines += attributes.sorted { $0.key < $1.key }.map { key, value in
      "@\(key.withoutControls) = \(value)"
    }
    lines += skipped.map { "(\($0.name.withoutControls): \($0.reason))" }
    return lines
  }

  private static func open(_ path: String) throws(TensorFileError) -> any TensorContainer {
    let file = try InputFile(path)
    let head = try file.prefix(1 << 9)
    if head.starts(with: NpyFile.magic) { return try NpyContainer(file) }
    if head.starts(with: [0x50, 0x4B, 3, 4]) || head.starts(with: [0x50, 0x4B, 5, 6]) {
      let archive = try ZipArchive(path)
      return TorchContainer.recognises(archive)
        ? try TorchContainer(archive) : try NpzContainer(archive)
    }
    if Matlab73Container.recognises(head) { return try Matlab73Container(path) }
    if Matlab5Container.recognises(head) { return try Matlab5Container(file) }
    if try isHDF5(file) { return try HDF5File(path) }
    // The length of a header, then its first brace.
    if head.count > 8, head[8] == UInt8(ascii: "{"), head[4..<8].allSatisfy({ $0 == 0 }) {
      return try SafetensorsContainer(file)
    }
    throw TensorFileError(
      place: path,
      expected: "npy, npz, safetensors, a PyTorch archive, MATLAB 5 or 7.3, or HDF5",
      got: guess(head))
  }

  /// Whether the signature of HDF5 stands at 0, 512, 1024, 2048 or one of the further doublings.
  private static func isHDF5(_ file: InputFile) throws(TensorFileError) -> Bool {
    let signature: [UInt8] = [0x89] + Array("HDF\r\n".utf8) + [0x1A, 0x0A]
    var position = 0
    while position <= file.size - signature.count {
      if try file.read(at: position, count: signature.count) == signature { return true }
      position = position == 0 ? 512 : 2 * position
    }
    return false
  }

  /// What a file of no known format looks like.
  private static func guess(_ head: [UInt8]) -> String {
    // The number that older versions of PyTorch begin with, as a pickle.
    let legacy: [UInt8] = [0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]
    if head.isEmpty { return "an empty file" }
    if head.first == 0x80, head.dropFirst(2).starts(with: legacy) {
      return "PyTorch's format before 1.6; load and save it again with a newer PyTorch"
    }
    if head.first == 0x80 { return "a Python pickle, which is not read: it is a program" }
    if head.starts(with: "version https://git-lfs".utf8) {
      return "a pointer of Git LFS; fetch the file itself"
    }
    if head.starts(with: [0x1F, 0x8B]) { return "a gzip file; unpack it first" }
    if head.count >= 128, Array(head[124..<128]) == [1, 0] + Array("MI".utf8) {
      return "a big-endian MATLAB 5 file; save it again on another machine"
    }
    if head.first == UInt8(ascii: "<") { return "a page of the web, perhaps of a failed download" }
    return "other bytes: \(head.prefix(8).map { String($0, radix: 16) }.joined(separator: " "))"
  }
}
