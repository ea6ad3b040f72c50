/// A machine for the part of Python's pickle language that plain data and tensors need.
///
/// Protocols 2 to 5. Nothing of Python runs: a name outside of `PickleCallable` is an error that
/// says it, and so is every instruction that would make an object of a class. Each instruction
/// takes memory in proportion to its own bytes. Source: Python's `pickletools.py`.
struct PickleReader {
  private let bytes: [UInt8]
  private let source: String
  private var position = 0
  /// Where the instruction in work begins, for errors.
  private var start = 0
  private var stack: [PickleValue] = []
  private var marks: [Int] = []
  private var memo: [Int: PickleValue] = [:]
  private(set) var containers: [PickleContainer] = []
  /// How many instructions were read.
  private(set) var instructionCount = 0

  init(_ bytes: [UInt8], source: String) {
    self.bytes = bytes
    self.source = source
  }

  /// Reads up to the end of the program and returns its value.
  mutating func run() throws(TensorFileError) -> PickleValue {
    while true {
      start = position
      instructionCount += 1
      let code = try byte()
      if code == UInt8(ascii: ".") {
        let value = try pop()
        guard stack.isEmpty, marks.isEmpty else {
          throw error(expected: "one value at the end", got: "\(stack.count + 1)")
        }
        return value
      }
      try step(code)
    }
  }

  private mutating func step(_ code: UInt8) throws(TensorFileError) {
    switch code {
    case 0x80:
      let version = try byte()
      guard (2...5).contains(version) else {
        throw error(expected: "pickle protocol 2 to 5", got: "\(version)")
      }
    case 0x95: position = try end(of: 8)  // FRAME: how the bytes were buffered.
    case UInt8(ascii: "N"): stack.append(.none)
    case 0x88: stack.append(.bool(true))
    case 0x89: stack.append(.bool(false))
    case UInt8(ascii: "J"): stack.append(.int(Int(Int32(truncatingIfNeeded: try natural(4)))))
    case UInt8(ascii: "K"): stack.append(.int(try natural(1)))
    case UInt8(ascii: "M"): stack.append(.int(try natural(2)))
    case 0x8A: stack.append(.int(try long()))
    case UInt8(ascii: "G"):
      let bits = try take(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      stack.append(.double(Double(bitPattern: bits)))
    case UInt8(ascii: "X"): try pushText(natural(4))
    case 0x8C: try pushText(natural(1))
    case 0x8D: try pushText(natural(8))
    case UInt8(ascii: "B"): try skipBytes(natural(4))
    case UInt8(ascii: "C"): try skipBytes(natural(1))
    case 0x8E, 0x96: try skipBytes(natural(8))
    case UInt8(ascii: "("): marks.append(stack.count)
    case UInt8(ascii: "0"): _ = try pop()
    case UInt8(ascii: "1"): _ = try popToMark()
    case UInt8(ascii: "2"): stack.append(try top())
    case UInt8(ascii: "]"): push(.list, [])
    case UInt8(ascii: "}"): push(.dictionary, [])
    case UInt8(ascii: ")"): push(.tuple, [])
    case 0x85, 0x86, 0x87: try pushTuple(Int(code) - 0x84)
    case UInt8(ascii: "t"): push(.tuple, try popToMark())
    case UInt8(ascii: "l"): push(.list, try popToMark())
    case UInt8(ascii: "d"):
      let items = try popToMark()
      push(.dictionary, [])
      try setItems(items)
    case UInt8(ascii: "a"): try append([pop()])
    case UInt8(ascii: "e"): try append(popToMark())
    case UInt8(ascii: "s"):
      let value = try pop()
      try setItems([pop(), value])
    case UInt8(ascii: "u"): try setItems(popToMark())
    case UInt8(ascii: "q"): memo[try natural(1)] = try top()
    case UInt8(ascii: "r"): memo[try natural(4)] = try top()
    case 0x94: memo[memo.count] = try top()
    case UInt8(ascii: "h"): try recall(natural(1))
    case UInt8(ascii: "j"): try recall(natural(4))
    case UInt8(ascii: "c"): try pushGlobal(module: line(), name: line())
    case 0x93:
      let (name, module) = (try pop(), try pop())
      guard case .text(let name) = name, case .text(let module) = module else {
        throw error(expected: "a module and a name", got: "other values")
      }
      try pushGlobal(module: module, name: name)
    case UInt8(ascii: "R"): try reduce()
    case UInt8(ascii: "b"): try build()
    case UInt8(ascii: "Q"): try pushStorage()
    default:
      throw error(
        expected: "an instruction for plain data or tensors",
        got: "instruction 0x\(String(code, radix: 16)), which is refused")
    }
  }

  // MARK: Calls

  private mutating func pushGlobal(module: String, name: String) throws(TensorFileError) {
    guard let callable = PickleCallable(module: module, name: name) else {
      throw error(
        expected: "only tensors, and containers of tensors",
        got: "\("\(module).\(name)".quotedForMessage), which is refused and was not run")
    }
    stack.append(.callable(callable))
  }

  private mutating func reduce() throws(TensorFileError) {
    let arguments = try items(pop(), of: .tuple, "the arguments of a call")
    guard case .callable(let callable) = try pop() else {
      throw error(expected: "a call of a known name", got: "a call of something else")
    }
    switch callable {
    case .orderedDictionary:
      // PyTorch fills dictionaries afterwards; pairs could be copied over and over from the memo.
      guard arguments.isEmpty else {
        throw error(expected: "an empty ordered dictionary", got: "\(arguments.count) arguments")
      }
      push(.dictionary, [])
    case .rebuildTensor: try rebuildTensor(arguments)
    case .rebuildParameter:
      guard case .tensor(let tensor)? = arguments.first else {
        throw error(expected: "the tensor of a parameter", got: "something else")
      }
      stack.append(.tensor(tensor))
    case .storageType:
      throw error(expected: "a storage by its key", got: "a call of its type")
    }
  }

  /// The state of an ordered dictionary is metadata of modules; it is dropped.
  private mutating func build() throws(TensorFileError) {
    _ = try pop()
    guard case .container(let index) = try top(), containers[index].kind == .dictionary else {
      throw error(expected: "state of a dictionary", got: "state of something else, refused")
    }
  }

  /// `_rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks, metadata)`.
  private mutating func rebuildTensor(_ arguments: [PickleValue]) throws(TensorFileError) {
    guard (4...7).contains(arguments.count), case .storage(let storage) = arguments[0],
      case .int(let offset) = arguments[1]
    else {
      throw error(
        expected: "storage, offset, size and stride of a tensor", got: "other arguments")
    }
    let shape = try integers(arguments[2], "the size of a tensor")
    let strides = try integers(arguments[3], "the strides of a tensor")
    guard shape.count == strides.count, shape.count < RawTensor.maximumRank else {
      throw error(
        expected: "as many strides as axes, fewer than \(RawTensor.maximumRank)",
        got: "\(shape.count) axes and \(strides.count) strides")
    }
    guard RawTensor.byteCount(of: shape + [2], storage.elementType) != nil else {
      throw error(expected: "a size that does not overflow", got: "\(shape)")
    }
    guard
      StridedCopy.fits(
        shape: shape, strides: strides, offset: offset, elementCount: storage.count)
    else {
      throw error(
        expected: "a tensor inside its storage of \(storage.count) elements",
        got: "offset \(offset), size \(shape), strides \(strides)")
    }
    stack.append(
      .tensor(TorchTensor(storage: storage, offset: offset, shape: shape, strides: strides)))
  }

  /// A persistent reference `('storage', type, key, location, count)`.
  private mutating func pushStorage() throws(TensorFileError) {
    let parts = try items(pop(), of: .tuple, "a reference to a storage")
    guard parts.count == 5, case .text("storage") = parts[0],
      case .callable(.storageType(let elementType, let isComplex)) = parts[1],
      case .text(let key) = parts[2], case .int(let count) = parts[4], count >= 0
    else {
      throw error(expected: "a reference to a storage", got: "another one")
    }
    stack.append(
      .storage(
        TorchStorage(key: key, elementType: elementType, isComplex: isComplex, count: count)))
  }

  // MARK: Containers

  private mutating func push(_ kind: PickleContainer.Kind, _ values: [PickleValue]) {
    stack.append(.container(containers.count))
    containers.append(PickleContainer(kind: kind, items: values.map { (nil, $0) }))
  }

  private mutating func pushTuple(_ count: Int) throws(TensorFileError) {
    var values: [PickleValue] = []
    for _ in 0..<count { values.append(try pop()) }
    push(.tuple, values.reversed())
  }

  private mutating func append(_ values: [PickleValue]) throws(TensorFileError) {
    guard case .container(let index) = try top(), containers[index].kind == .list else {
      throw error(expected: "a list to append to", got: "something else")
    }
    containers[index].items += values.map { (nil, $0) }
  }

  private mutating func setItems(_ values: [PickleValue]) throws(TensorFileError) {
    guard case .container(let index) = try top(), containers[index].kind == .dictionary else {
      throw error(expected: "a dictionary to fill", got: "something else")
    }
    guard values.count % 2 == 0 else {
      throw error(expected: "keys with values", got: "\(values.count) values")
    }
    for pair in stride(from: 0, to: values.count, by: 2) {
      containers[index].items.append((values[pair], values[pair + 1]))
    }
  }

  private func items(
    _ value: PickleValue, of kind: PickleContainer.Kind, _ what: String
  ) throws(TensorFileError) -> [PickleValue] {
    guard case .container(let index) = value, containers[index].kind == kind else {
      throw error(expected: what, got: "something else")
    }
    // Large ones could be copied over and over from the memo.
    guard containers[index].items.count <= RawTensor.maximumRank else {
      throw error(expected: what, got: "\(containers[index].items.count) values")
    }
    return containers[index].items.map(\.value)
  }

  private func integers(
    _ value: PickleValue, _ what: String
  ) throws(TensorFileError) -> [Int] {
    var result: [Int] = []
    for item in try items(value, of: .tuple, what) {
      guard case .int(let integer) = item else {
        throw error(expected: "\(what): whole numbers", got: "something else")
      }
      result.append(integer)
    }
    return result
  }

  private mutating func recall(_ index: Int) throws(TensorFileError) {
    guard let value = memo[index] else {
      throw error(expected: "a value under number \(index)", got: "none")
    }
    stack.append(value)
  }

  // MARK: Stack and bytes

  private mutating func pop() throws(TensorFileError) -> PickleValue {
    guard stack.count > marks.last ?? 0, let value = stack.popLast() else {
      throw error(expected: "a value on the stack", got: "none")
    }
    return value
  }

  private func top() throws(TensorFileError) -> PickleValue {
    guard stack.count > marks.last ?? 0, let value = stack.last else {
      throw error(expected: "a value on the stack", got: "none")
    }
    return value
  }

  private mutating func popToMark() throws(TensorFileError) -> [PickleValue] {
    guard let mark = marks.popLast() else { throw error(expected: "a mark", got: "none") }
    let values = Array(stack[mark...])
    stack.removeSubrange(mark...)
    return values
  }

  private mutating func byte() throws(TensorFileError) -> UInt8 {
    guard position < bytes.count else {
      throw error(expected: "more instructions", got: "the end of the data")
    }
    position += 1
    return bytes[position - 1]
  }

  private func end(of count: Int) throws(TensorFileError) -> Int {
    guard count >= 0, count <= bytes.count - position else {
      throw error(expected: "\(count) more bytes", got: "\(bytes.count - position)")
    }
    return position + count
  }

  private mutating func take(_ count: Int) throws(TensorFileError) -> ArraySlice<UInt8> {
    let end = try end(of: count)
    defer { position = end }
    return bytes[position..<end]
  }

  /// A little-endian number; one of eight bytes that is none is negative, and refused as a length.
  private mutating func natural(_ count: Int) throws(TensorFileError) -> Int {
    let bits = try take(count).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return Int(truncatingIfNeeded: bits)
  }

  /// A signed number of a stated width, of which eight bytes are understood.
  private mutating func long() throws(TensorFileError) -> Int {
    let count = try natural(1)
    guard count <= 8 else {
      throw error(expected: "a whole number of at most 8 bytes", got: "\(count) bytes")
    }
    let digits = try take(count)
    let bits = digits.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard count > 0, count < 8, let last = digits.last, last & 0x80 != 0 else {
      return Int(truncatingIfNeeded: bits)
    }
    return Int(truncatingIfNeeded: bits | UInt64.max << UInt64(8 * count))
  }

  private mutating func pushText(_ count: Int) throws(TensorFileError) {
    guard let text = String(validating: try take(count), as: UTF8.self) else {
      throw error(expected: "text in UTF-8", got: "other bytes")
    }
    stack.append(.text(text))
  }

  private mutating func skipBytes(_ count: Int) throws(TensorFileError) {
    _ = try take(count)
    stack.append(.bytes)
  }

  private mutating func line() throws(TensorFileError) -> String {
    guard let end = bytes[position...].prefix(256).firstIndex(of: 0x0A) else {
      throw error(expected: "a name of at most 256 bytes", got: "a longer one")
    }
    defer { position = end + 1 }
    return String(decoding: bytes[position..<end], as: UTF8.self)
  }

  private func error(expected: String, got: String) -> TensorFileError {
    TensorFileError(place: "\(source), byte \(start)", expected: expected, got: got)
  }
}
