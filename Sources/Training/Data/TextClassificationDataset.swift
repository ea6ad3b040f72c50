import SequenceTensor

/// Where the labelled texts are.
public enum TextClassificationSource: Sendable, Codable, Equatable {
  /// A folder laid out as `aclImdb`: `{train,test}/<class>/*.txt`.
  ///
  /// Classes are the folders of `train` in the order of their bytes (`neg` = 0, `pos` = 1), without
  /// `unsup` and hidden ones. Texts are in the order of the bytes of their names.
  case folder(String)
  /// Two tables of lines `label<TAB>text`, where `\\`, `\t`, `\n` and `\r` are escapes.
  ///
  /// Classes are the labels of the training table, in numerical order if all are integers, else in
  /// the order of their bytes.
  case tables(train: String, test: String, hasHeader: Bool)
}

/// Where the validation part comes from.
public enum ValidationSource: Sendable, Codable, Equatable {
  /// A random fraction of the training texts, which the model then does not learn from.
  case heldOut(fraction: Double)
  /// The training texts whose positions stand in a file, one a line, from 0; the model learns from those
  /// of another file, or from all others.
  case indices(validation: String, train: String?)
  /// The test texts, as published results commonly do, S4's among them.
  ///
  /// Choosing settings or the moment to stop by it leaks the test labels into the choice: the
  /// reported accuracy is then too good. Use it only to compare with such results.
  case test
}

/// How labelled texts become sequences.
public struct TextClassificationOptions: Sendable, Codable, Equatable {
  /// What counts as one token.
  public var level: TextLevel = .character
  /// Rarer characters become `<unk>` (S4's text task: 15); without meaning for bytes.
  public var minimumFrequency = 1
  /// Where sequences are cut and what is added to them.
  public var tokenization = TokenizationOptions.text
  /// Where the validation part comes from.
  public var validationSource = ValidationSource.heldOut(fraction: 0.1)
  /// A file with the positions of the texts to test on among the test texts; by default all.
  public var testIndices: String?
  /// Selects the texts that are held out.
  public var seed: UInt64 = 0

  /// Creates the default options: characters, all in the vocabulary, and a tenth held out.
  public init() {}
}

/// Texts with one class each, such as the IMDb reviews of Maas et al., 2011.
///
/// Texts are taken as they are, `<br />` included. Deviations from S4's pipeline: a part of the
/// training texts is held out for validation, and the vocabulary is counted without it.
public enum TextClassificationDataset {
  /// Loads training, validation and test texts.
  ///
  /// - Parameters:
  ///   - source: where the texts are.
  ///   - options: how they become sequences.
  ///   - vocabulary: that of an earlier run; by default counted on the training part.
  ///   - name: how the data set is called in reports.
  /// - Throws: `DataError` with the place of the first mistake.
  public static func load(
    _ source: TextClassificationSource, options: TextClassificationOptions = .init(),
    vocabulary: Vocabulary? = nil, name: String = "text"
  ) throws(DataError) -> DatasetSplits {
    try options.tokenization.validate()
    let classNames = try source.classNames()
    let all = try source.texts(isTrain: true, classNames: classNames)
    let test = try tests(source, classNames, options)
    let (train, validation) = try split(all, test: test, options: options)

    let vocabulary =
      if let vocabulary { vocabulary } else { try countedVocabulary(of: train, options: options) }
    let tokenizer = try TextTokenizer(
      level: options.level, vocabulary: vocabulary, options: options.tokenization)
    func dataset(_ texts: [LabeledText], _ part: String) throws(DataError) -> SequenceDataset {
      try LabeledText.dataset(
        texts, tokenizer: tokenizer, classNames: classNames, name: "\(name) \(part)")
    }
    return DatasetSplits(
      train: try dataset(train, "train"), validation: try dataset(validation, "validation"),
      test: try dataset(test, "test"))
  }

  /// Loads the test texts with the vocabulary and classes of an earlier run, as for evaluation.
  ///
  /// - Throws: `DataError` with the place of the first mistake, such as a class that is not known.
  public static func loadTest(
    _ source: TextClassificationSource, options: TextClassificationOptions = .init(),
    vocabulary: Vocabulary, classNames: [String], name: String = "text"
  ) throws(DataError) -> SequenceDataset {
    let tokenizer = try TextTokenizer(
      level: options.level, vocabulary: vocabulary, options: options.tokenization)
    return try LabeledText.dataset(
      tests(source, classNames, options), tokenizer: tokenizer,
      classNames: classNames, name: "\(name) test")
  }

  private static func tests(
    _ source: TextClassificationSource, _ classNames: [String],
    _ options: TextClassificationOptions
  ) throws(DataError) -> [LabeledText] {
    let texts = try source.texts(isTrain: false, classNames: classNames)
    guard let file = options.testIndices else { return texts }
    return try IndexFile(path: file, below: texts.count).indices.map { texts[$0] }
  }

  private static func countedVocabulary(
    of texts: [LabeledText], options: TextClassificationOptions
  ) throws(DataError) -> Vocabulary {
    switch options.level {
    case .byte: try TextTokenizer.byteVocabulary(options: options.tokenization)
    case .character:
      try TextTokenizer.characterVocabulary(
        of: texts.lazy.map(\.text), minimumFrequency: options.minimumFrequency,
        options: options.tokenization)
    }
  }

  /// Holds texts out, each part in the order of the source; not stratified by class.
  private static func split(
    _ texts: [LabeledText], test: [LabeledText], options: TextClassificationOptions
  ) throws(DataError) -> (train: [LabeledText], validation: [LabeledText]) {
    if case .indices(let validation, let train) = options.validationSource {
      let held = try IndexFile(path: validation, below: texts.count)
      let used = Set(held.indices)
      let chosen = try train.map { file throws(DataError) in
        try IndexFile(path: file, below: texts.count).disjoint(from: used, "validation")
      }
      return (
        (chosen ?? texts.indices.filter { !used.contains($0) }).map { texts[$0] },
        held.indices.map { texts[$0] }
      )
    }
    guard case .heldOut(let fraction) = options.validationSource else { return (texts, test) }
    guard fraction > 0, fraction < 1 else {
      throw DataError(
        at: "validation fraction", expected: "a number between 0 and 1", got: "\(fraction)")
    }
    let count = Int((Double(texts.count) * fraction).rounded())
    guard count > 0, count < texts.count else {
      throw DataError(
        at: "validation fraction", expected: "at least one text in both parts",
        got: "\(count) of \(texts.count) texts to hold out")
    }
    var order = Array(texts.indices)
    var random = RandomSource(seed: options.seed, stream: Self.validationStream)
    random.shuffle(&order)
    var isHeldOut = [Bool](repeating: false, count: texts.count)
    for index in order.prefix(count) { isHeldOut[index] = true }
    return (
      texts.indices.filter { !isHeldOut[$0] }.map { texts[$0] },
      texts.indices.filter { isHeldOut[$0] }.map { texts[$0] }
    )
  }

  /// The random stream that only the choice of held-out texts uses ("held out" in ASCII).
  private static let validationStream: UInt64 = 0x6865_6C64_206F_7574
}
