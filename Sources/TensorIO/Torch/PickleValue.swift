/// A value on the stack of a pickle: plain data, and the few things that tensors are made of.
///
/// Containers stand in an arena and are named by their index, so that a hostile file can build
/// neither a chain whose release exhausts the stack nor a circle that is never released.
enum PickleValue {
  case none
  case bool(Bool)
  case int(Int)
  case double(Double)
  case text(String)
  case bytes
  case container(Int)
  case callable(PickleCallable)
  case storage(TorchStorage)
  case tensor(TorchTensor)
}

/// A list, tuple or dictionary; keys are nil in the first two.
struct PickleContainer {
  enum Kind { case list, tuple, dictionary }
  let kind: Kind
  var items: [(key: PickleValue?, value: PickleValue)] = []
}

/// The names that a pickle may mention.
///
/// None of them runs anything: each stands for a case here.
enum PickleCallable {
  case orderedDictionary
  case rebuildTensor
  case rebuildParameter
  case storageType(ElementType, isComplex: Bool)

  /// The meaning of a name, or nil for every other name in the world.
  init?(module: String, name: String) {
    switch (module, name) {
    case ("collections", "OrderedDict"): self = .orderedDictionary
    case ("torch._utils", "_rebuild_tensor_v2"): self = .rebuildTensor
    case ("torch._utils", "_rebuild_parameter"): self = .rebuildParameter
    case ("torch", _):
      guard let known = Self.storageTypes[name] else { return nil }
      self = .storageType(known.0, isComplex: known.isComplex)
    default: return nil
    }
  }

  private static let storageTypes: [String: (ElementType, isComplex: Bool)] = [
    "BoolStorage": (.bool, false), "ByteStorage": (.uint8, false), "CharStorage": (.int8, false),
    "ShortStorage": (.int16, false), "IntStorage": (.int32, false),
    "LongStorage": (.int64, false), "HalfStorage": (.float16, false),
    "BFloat16Storage": (.bfloat16, false), "FloatStorage": (.float32, false),
    "DoubleStorage": (.float64, false), "ComplexFloatStorage": (.float32, true),
    "ComplexDoubleStorage": (.float64, true),
  ]
}

/// A block of elements in a member `data/<key>` of the archive, which tensors share.
struct TorchStorage {
  let key: String
  let elementType: ElementType
  let isComplex: Bool
  /// The number of elements, pairs for complex ones.
  let count: Int
}

/// A view of a storage; offset and strides count elements of the storage.
struct TorchTensor {
  let storage: TorchStorage
  let offset: Int
  let shape: [Int]
  let strides: [Int]
}
