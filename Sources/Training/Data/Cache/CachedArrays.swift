import TensorIO

/// Arrays of tokens or bytes, and texts, each by a name.
struct CachedArrays {
  /// The file that they lie in.
  private(set) var file: SafetensorsFile

  init() { file = SafetensorsFile() }
  init(file: SafetensorsFile) { self.file = file }

  /// A text.
  subscript(text name: String) -> String? {
    get { file.metadata[name] }
    set { file.metadata[name] = newValue }
  }

  /// Bytes.
  subscript(bytes name: String) -> [UInt8]? {
    get {
      guard let tensor = try? file.tensor(name), tensor.elementType == .uint8 else { return nil }
      return Array(tensor.bytes)
    }
    set {
      guard let bytes = newValue else { return file.remove(name) }
      file.set(name, bytes: bytes, elementType: .uint8, shape: [bytes.count])
    }
  }

  /// Whole numbers; as bytes where that is enough.
  subscript(numbers name: String) -> [Int32]? {
    get {
      guard let tensor = try? file.tensor(name) else { return nil }
      if tensor.elementType == .uint8 { return tensor.bytes.map(Int32.init) }
      guard tensor.elementType == .int32 else { return nil }
      return tensor.bytes.withUnsafeBytes { bytes in
        (0..<bytes.count / 4).map {
          Int32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Int32.self))
        }
      }
    }
    set {
      guard let numbers = newValue else { return file.remove(name) }
      if numbers.allSatisfy({ (0...255).contains($0) }) {
        self[bytes: name] = numbers.map { UInt8(truncatingIfNeeded: $0) }
        return
      }
      let bytes = numbers.flatMap { number in
        withUnsafeBytes(of: number.littleEndian) { Array($0) }
      }
      file.set(name, bytes: bytes, elementType: .int32, shape: [numbers.count])
    }
  }

  /// Sequences: all numbers one after the other, and the lengths.
  subscript(sequences name: String) -> [[Int32]]? {
    get {
      guard let all = self[numbers: name], let lengths = self[numbers: "\(name).lengths"],
        lengths.allSatisfy({ $0 >= 0 }), lengths.reduce(0, { $0 + Int($1) }) == all.count
      else { return nil }
      var start = 0
      return lengths.map { length in
        defer { start += Int(length) }
        return Array(all[start..<start + Int(length)])
      }
    }
    set {
      self[numbers: name] = newValue.map { Array($0.joined()) }
      self[numbers: "\(name).lengths"] = newValue.map { $0.map { Int32($0.count) } }
    }
  }
}
