import TensorIO

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension DatasetSplits: CachedData {
  private var parts: [(String, SequenceDataset)] {
    [("train", train), ("validation", validation), ("test", test)]
  }

  var arrays: CachedArrays {
    var arrays = CachedArrays()
    arrays[text: "vocabulary"] = CachedJSON.text(train.vocabulary)
    arrays[text: "classes"] = CachedJSON.text(train.classNames)
    for (name, part) in parts {
      arrays[text: "\(name).name"] = part.name
      arrays[sequences: "\(name).tokens"] = part.examples.map(\.tokens)
      arrays[numbers: "\(name).labels"] = part.examples.map { Int32($0.label) }
    }
    return arrays
  }

  init?(_ arrays: CachedArrays) {
    guard let vocabulary = CachedJSON.value(Vocabulary.self, arrays[text: "vocabulary"]),
      let classNames = CachedJSON.value([String].self, arrays[text: "classes"])
    else { return nil }
    func part(_ name: String) -> SequenceDataset? {
      guard let title = arrays[text: "\(name).name"],
        let tokens = arrays[sequences: "\(name).tokens"],
        let labels = arrays[numbers: "\(name).labels"], labels.count == tokens.count,
        labels.allSatisfy({ classNames.indices.contains(Int($0)) }),
        tokens.allSatisfy({ $0.allSatisfy { (0..<vocabulary.count).contains(Int($0)) } })
      else { return nil }
      return SequenceDataset(
        examples: zip(tokens, labels).map { SequenceExample(tokens: $0, label: Int($1)) },
        classNames: classNames, vocabulary: vocabulary, name: title)
    }
    guard let train = part("train"), let validation = part("validation"), let test = part("test")
    else { return nil }
    self.init(train: train, validation: validation, test: test)
  }
}

/// The parts of `retrieval`.
struct PairSplits: CachedData {
  var vocabulary: Vocabulary
  var train: TokenPairs
  var validation: TokenPairs
  var test: TokenPairs

  init(vocabulary: Vocabulary, train: TokenPairs, validation: TokenPairs, test: TokenPairs) {
    (self.vocabulary, self.train, self.validation, self.test) = (
      vocabulary, train, validation, test
    )
  }

  var arrays: CachedArrays {
    var arrays = CachedArrays()
    arrays[text: "vocabulary"] = CachedJSON.text(vocabulary)
    for part in [train, validation, test] {
      arrays[sequences: "\(part.name).first"] = part.pairs.map(\.first)
      arrays[sequences: "\(part.name).second"] = part.pairs.map(\.second)
      arrays[numbers: "\(part.name).labels"] = part.pairs.map { Int32($0.label) }
    }
    return arrays
  }

  init?(_ arrays: CachedArrays) {
    guard let vocabulary = CachedJSON.value(Vocabulary.self, arrays[text: "vocabulary"]) else {
      return nil
    }
    func part(_ name: String) -> TokenPairs? {
      guard let first = arrays[sequences: "\(name).first"],
        let second = arrays[sequences: "\(name).second"],
        let labels = arrays[numbers: "\(name).labels"],
        first.count == labels.count, second.count == labels.count,
        labels.allSatisfy({ 0...1 ~= $0 }),
        (first + second).allSatisfy({
          $0.allSatisfy { (0..<vocabulary.count).contains(Int($0)) }
        })
      else { return nil }
      return TokenPairs(
        labels.indices.map {
          TokenPairs.Pair(first: first[$0], second: second[$0], label: Int(labels[$0]))
        }, name: name)
    }
    guard let train = part("retrieval train"), let validation = part("retrieval validation"),
      let test = part("retrieval test")
    else { return nil }
    self.init(vocabulary: vocabulary, train: train, validation: validation, test: test)
  }
}

extension PathfinderFolder: CachedData {
  var arrays: CachedArrays {
    var arrays = CachedArrays()
    arrays[numbers: "side"] = [Int32(side)]
    arrays[bytes: "labels"] = labels
    arrays[bytes: "pixels"] = pixels
    return arrays
  }

  init?(_ arrays: CachedArrays) {
    guard let side = arrays[numbers: "side"]?.first, side > 0,
      let labels = arrays[bytes: "labels"], labels.allSatisfy({ $0 <= 1 }),
      let pixels = arrays[bytes: "pixels"],
      pixels.count == ConfigurationCheck.product(labels.count, Int(side), Int(side))
    else { return nil }
    self.init(side: Int(side), labels: labels, pixels: pixels)
  }
}

/// Values as JSON.
private enum CachedJSON {
  static func text(_ value: some Encodable) -> String? {
    (try? JSONEncoder().encode(value)).map { String(decoding: $0, as: UTF8.self) }
  }

  static func value<Value: Decodable>(_ type: Value.Type, _ text: String?) -> Value? {
    text.flatMap { try? JSONDecoder().decode(type, from: Data($0.utf8)) }
  }
}
