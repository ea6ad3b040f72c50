/// A file of `torch.save` that is open: tensors in dictionaries, lists and tuples, or one alone.
///
/// Reads the zip archives that PyTorch has written since 1.6. The pickle inside is a program;
/// only the part that describes tensors is understood, and nothing is ever run (`PickleReader`).
/// Keys are joined by dots and list positions are numbers, as in `blocks.0.weight`; a tensor that
/// stands alone is called `tensor`. Numbers and text beside the tensors become attributes.
/// Complex elements get a last axis of two. Source: `torch/serialization.py`.
public struct TorchContainer: TensorContainer {
  /// The name of the format.
  public let formatName = "PyTorch archive"
  /// The tensors, in the order of the file.
  public let entries: [TensorEntry]
  /// What is neither tensor, number nor text.
  public let skipped: [SkippedEntry]
  /// The numbers and texts beside the tensors, by their keys.
  public let attributes: [String: TensorAttribute]

  private let archive: ZipArchive
  private let folder: String
  private let fileSize: Int
  private let tensors: [String: TorchTensor]

  /// Opens a file and reads its structure.
  ///
  /// - Throws: `TensorFileError` when the archive is damaged, big-endian, or no plain tensors; a
  ///   name in the pickle that is refused is said.
  public init(_ path: String) throws(TensorFileError) {
    try self.init(ZipArchive(path))
  }

  package init(_ archive: ZipArchive) throws(TensorFileError) {
    self.archive = archive
    fileSize = try InputFile(archive.path).size
    guard let program = archive.members.first(where: { Self.isProgram($0.name) }) else {
      throw TensorFileError(
        place: archive.path, expected: "a member data.pkl",
        got: "none among \(archive.members.count)")
    }
    folder = String(program.name.dropLast("data.pkl".count))
    if let order = archive.member("\(folder)byteorder") {
      let text = String(decoding: try archive.read(order), as: UTF8.self)
      guard text == "little" else {
        throw TensorFileError(
          place: "\(archive.path), member \(order.name.quotedForMessage)",
          expected: "the byte order little", got: text.quotedForMessage)
      }
    }
    let source = "\(archive.path), member \(program.name.quotedForMessage)"
    var reader = PickleReader(try archive.read(program), source: source)
    let root = try reader.run()
    var listing = TorchListing(reader: reader, source: source)
    try listing.visit(root, name: "", depth: 0)
    entries = listing.entries
    tensors = listing.tensors
    skipped = listing.skipped
    attributes = listing.attributes
  }

  /// Whether an archive has what only PyTorch's have.
  package static func recognises(_ archive: ZipArchive) -> Bool {
    archive.members.contains { isProgram($0.name) }
  }

  private static func isProgram(_ name: String) -> Bool {
    name == "data.pkl" || name.hasSuffix("/data.pkl")
  }

  /// Reads a tensor, or a part of it; only the part of the storage it lies in is read.
  ///
  /// - Throws: `TensorFileError` when the storage is damaged or shorter than the tensor needs, or
  ///   the selection leaves the tensor.
  public func read(
    _ entry: TensorEntry, _ selection: TensorSelection
  ) throws(TensorFileError) -> RawTensor {
    let place = "\(archive.path), tensor \(entry.name.quotedForMessage)"
    guard let tensor = tensors[entry.name] else {
      throw TensorFileError(place: place, expected: "a tensor of this name", got: "none")
    }
    let storage = tensor.storage
    let name = "\(folder)data/\(storage.key)"
    guard let member = archive.member(name) else {
      throw TensorFileError(
        place: place, expected: "its storage \(name.quotedForMessage)", got: "none")
    }
    let parts = storage.isComplex ? 2 : 1
    let width = storage.elementType.byteWidth * parts
    let (needed, overflow) = storage.count.multipliedReportingOverflow(by: width)
    guard !overflow, member.size == needed else {
      throw TensorFileError(
        place: place, expected: "a storage of \(storage.count) elements of \(width) bytes",
        got: "\(member.size) bytes")
    }
    var ranges = try selection.resolved(for: entry.shape, place: place)
    let pair = storage.isComplex ? ranges.removeLast() : nil
    let shape = ranges.map(\.count)
    // An expanded tensor repeats its elements and may claim any size.
    let count = RawTensor.byteCount(of: shape + [parts], storage.elementType) ?? Int.max
    try MemoryLimit.check(count, fileSize: fileSize, place: place)
    let strides = zip(tensor.strides, ranges).map { $0 * $1.step }
    var span = 0..<0
    if count > 0 {
      let first = tensor.offset + zip(tensor.strides, ranges).reduce(0) { $0 + $1.0 * $1.1.start }
      span = first..<first + zip(strides, shape).reduce(1) { $0 + $1.0 * ($1.1 - 1) }
    }
    let bytes = try archive.read(member, span.lowerBound * width..<span.upperBound * width)
    guard let pair else {
      return RawTensor(
        gathering: bytes[...], elementType: storage.elementType, shape: shape, strides: strides)
    }
    return RawTensor(
      gathering: bytes[...], elementType: storage.elementType, shape: shape + [2],
      strides: strides.map { 2 * $0 } + [1]
    ).selecting(shape.map { StridedRange(0..<$0) } + [pair])
  }
}

/// The walk from the value of a pickle to names.
private struct TorchListing {
  var entries: [TensorEntry] = []
  var tensors: [String: TorchTensor] = [:]
  var skipped: [SkippedEntry] = []
  var attributes: [String: TensorAttribute] = [:]
  private let containers: [PickleContainer]
  private let source: String
  private let limit: Int
  private var visited = 0
  private var nameBytes = 0

  private static let maximumDepth = 64

  init(reader: PickleReader, source: String) {
    containers = reader.containers
    self.source = source
    // A value can be reached in several ways, but an honest file visits few things twice.
    limit = 16 * reader.instructionCount + 64
  }

  mutating func visit(
    _ value: PickleValue, name: String, depth: Int
  ) throws(TensorFileError) {
    visited += 1
    nameBytes += name.utf8.count
    guard visited <= limit, nameBytes <= 64 * limit + (1 << 20), depth <= Self.maximumDepth else {
      throw TensorFileError(
        place: source, expected: "containers at most \(Self.maximumDepth) deep",
        got: "containers that contain each other over and over")
    }
    switch value {
    case .container(let index):
      for (position, item) in containers[index].items.enumerated() {
        let key = containers[index].kind == .dictionary ? text(item.key) : "\(position)"
        guard let key else {
          skipped.append(SkippedEntry(name: name, reason: "a key that is no text or number"))
          continue
        }
        try visit(item.value, name: name.isEmpty ? key : "\(name).\(key)", depth: depth + 1)
      }
    case .tensor(let tensor): try add(tensor, name.isEmpty ? "tensor" : name)
    case .int(let number): attributes[name] = .number(Double(number))
    case .double(let number): attributes[name] = .number(number)
    case .bool(let flag): attributes[name] = .number(flag ? 1 : 0)
    case .text(let text): attributes[name] = .text(text)
    case .none: skipped.append(SkippedEntry(name: name, reason: "None"))
    case .bytes: skipped.append(SkippedEntry(name: name, reason: "bytes"))
    case .storage, .callable:
      skipped.append(SkippedEntry(name: name, reason: "a storage or type without a tensor"))
    }
  }

  private func text(_ key: PickleValue?) -> String? {
    switch key {
    case .text(let text)?: text
    case .int(let number)?: "\(number)"
    default: nil
    }
  }

  private mutating func add(_ tensor: TorchTensor, _ name: String) throws(TensorFileError) {
    guard tensors.updateValue(tensor, forKey: name) == nil else {
      throw TensorFileError(
        place: source, expected: "every name once",
        got: "\(name.quotedForMessage) for the second time")
    }
    entries.append(
      TensorEntry(
        name: name, elementType: tensor.storage.elementType,
        shape: tensor.storage.isComplex ? tensor.shape + [2] : tensor.shape,
        isComplex: tensor.storage.isComplex))
  }
}
