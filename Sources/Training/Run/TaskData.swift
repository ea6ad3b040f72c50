import SequenceTensor

extension RunConfiguration {
  /// How texts become sequences.
  var tokenization: TokenizationOptions {
    TokenizationOptions(
      maximumLength: data.maximumLength, appendBeginOfSequence: data.appendBeginOfSequence,
      appendEndOfSequence: data.appendEndOfSequence,
      unknownTokens: task == .listops ? .reject : .unknownToken)
  }

  private var textSource: TextClassificationSource {
    guard let train = data.trainTable, let test = data.testTable else {
      return .folder(data.folder)
    }
    return .tables(train: train, test: test, hasHeader: data.tablesHaveHeader)
  }

  private var textOptions: TextClassificationOptions {
    var options = TextClassificationOptions()
    options.level = data.level
    options.minimumFrequency = data.minimumFrequency
    options.tokenization = tokenization
    options.validationSource =
      if let validation = data.validationIndices {
        .indices(validation: validation, train: data.trainIndices)
      } else {
        data.validationFraction > 0 ? .heldOut(fraction: data.validationFraction) : .test
      }
    options.testIndices = data.testIndices
    options.seed = training.seed
    return options
  }

  /// Loads the data of ListOps or of the classification of texts.
  ///
  /// - Parameters:
  ///   - vocabulary: that of an earlier run; by default counted on the training part.
  ///   - cache: where data that was read before may lie; `nil` for none.
  /// - Throws: `DataError` with place, expected and got; for other tasks, whose data `loadParts` loads.
  public func loadData(
    vocabulary: Vocabulary? = nil, cache: DataCache? = nil
  ) throws(DataError) -> DatasetSplits {
    guard let cache, task == .listops || task == .text else {
      return try readData(vocabulary: vocabulary)
    }
    let parts =
      task == .listops
      ? ["basic_train.tsv", "basic_val.tsv", "basic_test.tsv"] : ["train", "test"]
    let files = [
      data.trainTable, data.testTable, data.trainIndices, data.validationIndices,
      data.testIndices,
    ]
    let paths =
      (data.folder.isEmpty ? [] : parts.map { "\(data.folder)/\($0)" }) + files.compactMap { $0 }
    let key = DataKey(
      "\(task.rawValue) 1", settings: [data, training.seed, vocabulary], paths: paths)
    return try cache.value(for: key) { () throws(DataError) in
      try readData(vocabulary: vocabulary)
    }
  }

  private func readData(vocabulary: Vocabulary?) throws(DataError) -> DatasetSplits {
    switch task {
    case .listops:
      try ListOpsDataset.load(
        folder: data.folder, options: tokenization, vocabulary: vocabulary)
    case .text:
      try TextClassificationDataset.load(
        textSource, options: textOptions, vocabulary: vocabulary, name: "text")
    default: throw otherTask
    }
  }

  private var otherTask: DataError {
    DataError(
      at: "task", expected: "\(TrainingTask.listops.rawValue) or \(TrainingTask.text.rawValue)",
      got: task.rawValue)
  }

  /// Loads the data of any other task.
  ///
  /// - Parameters:
  ///   - vocabulary: that of an earlier run; by default counted on the training part.
  ///   - cache: where data that was read before may lie; `nil` for none. Only tasks that take long to read
  ///     look there.
  /// - Throws: `DataError` with place, expected and got; for ListOps and the classification of texts,
  ///   whose data `loadData` loads.
  public func loadParts(
    vocabulary: Vocabulary? = nil, cache: DataCache? = nil
  ) throws(DataError) -> SequenceParts {
    guard let source else {
      throw DataError(
        at: "task", expected: "another task than listops and text", got: task.rawValue)
    }
    let parts =
      if let settings = source.settings as? any CachedTask {
        try settings.load(self, vocabulary: vocabulary, cache: cache)
      } else {
        try source.settings.load(self, vocabulary: vocabulary)
      }
    guard parts.validation.count > 0, parts.test.count > 0, parts.train.count > 0 else {
      throw DataError(
        at: data.folder, expected: "examples in each part",
        got: "\(parts.train.count), \(parts.validation.count) and \(parts.test.count)")
    }
    return parts
  }

  /// Loads the test part alone, for evaluation.
  ///
  /// - Throws: `DataError` with place, expected and got.
  public func loadTest(
    vocabulary: Vocabulary, classNames: [String]
  ) throws(DataError) -> SequenceDataset {
    switch task {
    case .listops:
      try ListOpsDataset.load(
        .test, folder: data.folder, options: tokenization, vocabulary: vocabulary)
    case .text:
      try TextClassificationDataset.loadTest(
        textSource, options: textOptions, vocabulary: vocabulary, classNames: classNames)
    default: throw otherTask
    }
  }

  /// The tokens of one line of input, for prediction.
  ///
  /// - Throws: `DataError` for a token that the vocabulary does not have, or an empty line.
  public func encode(
    line: String, vocabulary: Vocabulary, place: String
  ) throws(DataError) -> [Int32] {
    switch task {
    case .listops:
      do throws(DataError) {
        return try ListOpsDataset.encode(line, options: tokenization, vocabulary: vocabulary)
      } catch {
        throw DataError(at: place, expected: error.expected, got: error.got)
      }
    case .text:
      let tokenizer = try TextTokenizer(
        level: data.level, vocabulary: vocabulary, options: tokenization)
      return try tokenizer.encode(Array(line.utf8), at: place)
    default: throw otherTask
    }
  }
}

extension DatasetSplits {
  /// A number that changes when any token or label of the training part does.
  var fingerprint: UInt64 {
    // FNV-1a over the tokens, with ends and labels between them.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    func mix(_ value: UInt64) { hash = (hash ^ value) &* 0x100_0000_01B3 }
    for example in train.examples {
      for token in example.tokens { mix(UInt64(UInt32(bitPattern: token))) }
      mix(0xFFFF_FFFF_0000_0000 | UInt64(example.label))
    }
    return hash
  }
}
