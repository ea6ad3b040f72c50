extension ConfigurationTree {
  /// A value as a tree, in which a number's type is kept: 2 as a `Float` is a number that need not
  /// be whole.
  ///
  /// - Parameter isTemplate: whether optional values that are left out are there too, with any
  ///   value of their kind: the tree of all keys that there are.
  init(encoding value: some Encodable, isTemplate: Bool = false) throws {
    let encoder = TreeEncoder(isTemplate: isTemplate, codingPath: [])
    try value.encode(to: encoder)
    self = encoder.place.tree
  }
}

/// Where an encoder leaves what it has made: filled by containers, which are handed out before.
private final class TreePlace {
  var value = ConfigurationTree.null
  var keys: [(String, TreePlace)]?
  var items: [TreePlace]?

  var tree: ConfigurationTree {
    if let keys {
      return .table(Dictionary(keys.map { ($0, $1.tree) }) { $1 })
    }
    if let items { return .list(items.map(\.tree)) }
    return value
  }
}

private struct TreeEncoder: Encoder {
  let isTemplate: Bool
  let codingPath: [any CodingKey]
  let place = TreePlace()
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    if place.keys == nil { place.keys = [] }
    return KeyedEncodingContainer(
      KeyedTree(isTemplate: isTemplate, codingPath: codingPath, place: place))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    if place.items == nil { place.items = [] }
    return TreeList(isTemplate: isTemplate, codingPath: codingPath, place: place)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer {
    TreeValue(isTemplate: isTemplate, codingPath: codingPath, place: place)
  }
}

private struct KeyedTree<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let isTemplate: Bool
  let codingPath: [any CodingKey]
  let place: TreePlace

  private func encoder(_ key: Key) -> TreeEncoder {
    let encoder = TreeEncoder(isTemplate: isTemplate, codingPath: codingPath + [key])
    place.keys?.append((key.stringValue, encoder.place))
    return encoder
  }

  private func set(_ value: ConfigurationTree, _ key: Key) { encoder(key).place.value = value }

  /// What is left out is null, or in a template any value of its kind.
  private func set<Value>(
    _ value: Value?, _ any: ConfigurationTree, _ key: Key, _ make: (Value) -> ConfigurationTree
  ) {
    if let value {
      set(make(value), key)
    } else if isTemplate {
      set(any, key)
    }
  }

  func encodeNil(forKey key: Key) { set(.null, key) }

  func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
    let encoder = encoder(key)
    var container = encoder.singleValueContainer()
    try container.encode(value)
  }

  func encodeIfPresent<Value: Encodable>(_ value: Value?, forKey key: Key) throws {
    if let value {
      try encode(value, forKey: key)
    } else if isTemplate {
      // Types of their own are names.
      set(.text(""), key)
    }
  }

  func encodeIfPresent(_ value: Bool?, forKey key: Key) {
    set(value, .bool(false), key) { .bool($0) }
  }
  func encodeIfPresent(_ value: String?, forKey key: Key) {
    set(value, .text(""), key) { .text($0) }
  }
  func encodeIfPresent(_ value: Int?, forKey key: Key) {
    set(value, .integer(0), key) { .integer($0) }
  }
  func encodeIfPresent(_ value: Float?, forKey key: Key) {
    set(value, .number(0), key) { .number(shortest($0)) }
  }
  func encodeIfPresent(_ value: Double?, forKey key: Key) {
    set(value, .number(0), key) { .number($0) }
  }

  func nestedContainer<Inner: CodingKey>(
    keyedBy type: Inner.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Inner> { encoder(key).container(keyedBy: type) }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    encoder(key).unkeyedContainer()
  }

  func superEncoder() -> any Encoder {
    TreeEncoder(isTemplate: isTemplate, codingPath: codingPath)
  }
  func superEncoder(forKey key: Key) -> any Encoder { encoder(key) }
}

private struct TreeList: UnkeyedEncodingContainer {
  let isTemplate: Bool
  let codingPath: [any CodingKey]
  let place: TreePlace
  var count: Int { place.items?.count ?? 0 }

  private func encoder() -> TreeEncoder {
    let encoder = TreeEncoder(isTemplate: isTemplate, codingPath: codingPath)
    place.items?.append(encoder.place)
    return encoder
  }

  func encodeNil() { encoder().place.value = .null }

  func encode<Value: Encodable>(_ value: Value) throws {
    let encoder = encoder()
    var container = encoder.singleValueContainer()
    try container.encode(value)
  }

  func nestedContainer<Inner: CodingKey>(
    keyedBy type: Inner.Type
  ) -> KeyedEncodingContainer<Inner> { encoder().container(keyedBy: type) }

  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { encoder().unkeyedContainer() }

  func superEncoder() -> any Encoder { encoder() }
}

private struct TreeValue: SingleValueEncodingContainer {
  let isTemplate: Bool
  let codingPath: [any CodingKey]
  let place: TreePlace

  func encodeNil() { place.value = .null }

  func encode<Value: Encodable>(_ value: Value) throws {
    switch value {
    case let value as Bool: place.value = .bool(value)
    case let value as String: place.value = .text(value)
    case let value as Float: place.value = .number(shortest(value))
    case let value as Double: place.value = .number(value)
    case let value as Int: place.value = .integer(value)
    case let value as UInt64:
      place.value = Int(exactly: value).map { .integer($0) } ?? .number(Double(value))
    default:
      let encoder = TreeEncoder(isTemplate: isTemplate, codingPath: codingPath)
      try value.encode(to: encoder)
      (place.value, place.keys, place.items) = (
        encoder.place.value, encoder.place.keys, encoder.place.items
      )
    }
  }
}

/// The decimal number that is closest to how a person would write the value: 0.05, not
/// 0.05000000074505806.
private func shortest(_ value: Float) -> Double { Double("\(value)") ?? Double(value) }
