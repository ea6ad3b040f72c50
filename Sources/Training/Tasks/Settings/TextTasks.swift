import SequenceTensor

/// `retrieval`: whether two documents belong together.
///
/// Long Range Arena's Retrieval (Tay et al., 2020, section 2.1.3), read as in S4's `dataloaders/lra.py`:
/// one vocabulary for both texts, both cut to `data.maximumLength`. One network reads both texts, and the
/// head sees [a, b, a - b, a·b].
public struct RetrievalSettings: TaskSettings, CachedTask {
  /// `retrieval`.
  public static let task = TrainingTask.retrieval
  /// What the task is.
  public static let summary = "pairs of documents (new_aan_pairs.{train,eval,test}.tsv)"
  /// A command.
  public static let example = "retrieval --data tsv_data --set data.maximumLength=1024"
  /// Whether cells in quotation marks may hold tabs and line ends, as in S4's reader; Long Range Arena's
  /// own takes quotation marks as characters.
  public var honoursQuotes = false

  /// Quotation marks are characters.
  public init(forTraining: Void) {}

  /// The originals' 4000 characters.
  public func adjust(_ run: inout RunConfiguration) { run.data.maximumLength = 4000 }

  /// Nothing can be wrong.
  public func validate(_ run: RunConfiguration) throws(ConfigurationError) {}

  /// Reads the three files.
  public func load(
    _ run: RunConfiguration, vocabulary: Vocabulary?
  ) throws(DataError) -> SequenceParts {
    try load(run, vocabulary: vocabulary, cache: nil)
  }

  func load(
    _ run: RunConfiguration, vocabulary: Vocabulary?, cache: DataCache?
  ) throws(DataError) -> SequenceParts {
    let pairs: PairSplits
    if let cache {
      let key = DataKey(
        "retrieval 1", settings: [run.data, self, vocabulary],
        paths: ["train", "eval", "test"].map { path(ofPart: $0, run) })
      pairs = try cache.value(for: key) { () throws(DataError) in
        try read(run, vocabulary: vocabulary)
      }
    } else {
      pairs = try read(run, vocabulary: vocabulary)
    }
    return SequenceParts(
      problem: .classifiedPairs(vocabulary: pairs.vocabulary.count, classes: 2),
      vocabulary: pairs.vocabulary, classNames: ["apart", "together"], train: pairs.train,
      validation: pairs.validation, test: pairs.test)
  }

  private func path(ofPart part: String, _ run: RunConfiguration) -> String {
    "\(run.data.folder)/new_aan_pairs.\(part).tsv"
  }

  private func read(
    _ run: RunConfiguration, vocabulary: Vocabulary?
  ) throws(DataError) -> PairSplits {
    func read(_ part: String) throws(DataError) -> DocumentPairFile {
      try DocumentPairFile(path: path(ofPart: part, run), honoursQuotes: honoursQuotes)
    }
    let train = try read("train")
    var options = run.tokenization
    options.unknownTokens = .unknownToken
    let known: Vocabulary
    switch (vocabulary, run.data.level) {
    case (let vocabulary?, _): known = vocabulary
    case (nil, .byte): known = try TextTokenizer.byteVocabulary(options: options)
    case (nil, .character):
      known = try TextTokenizer.characterVocabulary(
        of: train.pairs.lazy.flatMap { [$0.first, $0.second] },
        minimumFrequency: run.data.minimumFrequency, options: options)
    }
    let tokenizer = try TextTokenizer(
      level: run.data.level, vocabulary: known, options: options)
    func pairs(_ file: DocumentPairFile, _ part: String) throws(DataError) -> TokenPairs {
      var pairs: [TokenPairs.Pair] = []
      for pair in file.pairs {
        let place = "\(file.name):\(pair.line)"
        pairs.append(
          TokenPairs.Pair(
            first: try tokenizer.encode(pair.first, at: place),
            second: try tokenizer.encode(pair.second, at: place), label: pair.label))
      }
      return TokenPairs(pairs, name: "retrieval \(part)")
    }
    return PairSplits(
      vocabulary: known, train: try pairs(train, "train"),
      validation: try pairs(read("eval"), "validation"), test: try pairs(read("test"), "test"))
  }
}

/// `text-file`: each byte or character of a text from those before it.
public struct TextFileSettings: WindowedLanguageTask {
  /// `text-file`.
  public static let task = TrainingTask.textFile
  /// What the task is.
  public static let summary = "a language model of any text file, by bytes or characters"
  /// A command.
  public static let example = "text-file --data book.txt --model hyena"
  /// 512 bytes.
  public static let windowLength = 512
  /// Four.
  public static let epochs = 4
  /// Which part of the text is for testing: its end; what lies before that is for validation.
  public var splits = SplitSettings()

  /// A twentieth each for validation and testing.
  public init(forTraining: Void) { splits.testFraction = 0.05 }

  /// Reads the file.
  public func load(
    _ run: RunConfiguration, vocabulary: Vocabulary?
  ) throws(DataError) -> SequenceParts {
    let file = try BinaryFile.text(of: run.data.folder)
    let bytes = file.bytes
    let pieces = splits.pieces(
      count: bytes.count, validationFraction: run.data.validationFraction
    ) { border in
      // Characters stay whole.
      var border = border
      while border < bytes.count, border > 0, bytes[border] & 0xC0 == 0x80 { border += 1 }
      return border
    }
    let options = TokenizationOptions(appendEndOfSequence: false)
    let known: Vocabulary
    switch (vocabulary, run.data.level) {
    case (let vocabulary?, _): known = vocabulary
    case (nil, .byte): known = try TextTokenizer.byteVocabulary(options: options)
    case (nil, .character):
      known = try TextTokenizer.characterVocabulary(
        of: [Array(bytes[pieces.train])], minimumFrequency: run.data.minimumFrequency,
        options: options)
    }
    let tokenizer = try TextTokenizer(
      level: run.data.level, vocabulary: known, options: options)
    func windows(_ range: Range<Int>, _ part: String) throws(DataError) -> TokenWindows {
      let tokens = try tokenizer.encode(Array(bytes[range]), at: file.name)
      guard tokens.count > 1 else {
        throw DataError(
          at: file.name,
          expected: "at least 2 tokens for \(part) (data.validationFraction,"
            + " source.splits.testFraction)", got: "\(tokens.count)")
      }
      return TokenWindows(
        tokens, pieces: [tokens.indices], length: run.data.maximumLength,
        unit: AnswerUnit(
          name: "byte", perAnswer: Double(range.count) / Double(tokens.count)),
        name: "text-file \(part)")
    }
    return parts(
      known, train: try windows(pieces.train, "train"),
      validation: pieces.validation.isEmpty ? nil : try windows(pieces.validation, "validation"),
      test: try windows(pieces.test, "test"))
  }
}
