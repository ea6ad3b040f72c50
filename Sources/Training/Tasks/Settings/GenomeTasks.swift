/// Windows of the records of FASTA files, and which part each belongs to.
///
/// The end of each record is for testing and what lies before it for validation, so that no part has
/// bases of another.
struct GenomeWindows {
  /// Each file's name without its endings, and its records one after the other as tokens.
  var genomes: [(name: String, tokens: [Int32])] = []
  /// For each file the training, validation and test pieces of `tokens`.
  var pieces: [(train: [Range<Int>], validation: [Range<Int>], test: [Range<Int>])] = []
  /// `<pad>`, `<unk>`, A, C, G, T, N.
  let vocabulary: Vocabulary

  init(_ run: RunConfiguration, splits: SplitSettings) throws(DataError) {
    vocabulary = try Vocabulary(tokens: FASTAFile.letters, hasEndOfSequence: false)
    let first = Int32(vocabulary.specials.count)
    let path = run.data.folder
    let endings = [".fa", ".fna", ".fasta", ".fa.gz", ".fna.gz", ".fasta.gz"]
    var files = [path]
    if TextFile.isFolder(path) {
      files = try BinaryFile.names(in: path).filter { name in
        endings.contains { name.hasSuffix($0) }
      }.map { "\(path)/\($0)" }
      guard !files.isEmpty else {
        throw DataError(
          at: path, expected: "files that end in \(endings.joined(separator: ", "))", got: "none")
      }
    }
    for file in files {
      let fasta = try FASTAFile(path: file)
      var tokens: [Int32] = []
      var parts: (train: [Range<Int>], validation: [Range<Int>], test: [Range<Int>]) = ([], [], [])
      for record in fasta.records {
        let start = tokens.count
        tokens += record.bases.lazy.map { first + Int32($0) }
        let cut = splits.pieces(
          count: record.bases.count, validationFraction: run.data.validationFraction)
        func moved(_ range: Range<Int>) -> Range<Int> {
          (range.lowerBound + start)..<(range.upperBound + start)
        }
        parts.train.append(moved(cut.train))
        parts.validation.append(moved(cut.validation))
        parts.test.append(moved(cut.test))
      }
      var name = file.split(separator: "/").last.map(String.init) ?? file
      if let ending = endings.last(where: { name.hasSuffix($0) }) {
        name.removeLast(ending.utf8.count)
      }
      genomes.append((name, tokens))
      pieces.append(parts)
    }
  }
}

/// `dna`: each base of genomes from those before it.
///
/// The pretraining of HyenaDNA (Nguyen et al., 2023) on the genomes at hand; an N is read but not asked
/// for.
public struct NextBaseSettings: WindowedLanguageTask {
  /// `dna`.
  public static let task = TrainingTask.dna
  /// What the task is.
  public static let summary = "a language model of genomes, base by base (FASTA)"
  /// A command.
  public static let example = "dna --data genome.fna --model hyena"
  /// 1024 bases.
  public static let windowLength = 1024
  /// Two.
  public static let epochs = 2
  /// Which part of each record is for testing: its end; what lies before that is for validation.
  public var splits = SplitSettings()

  /// A twentieth each for validation and testing.
  public init(forTraining: Void) { splits.testFraction = 0.05 }

  /// Reads the file, or all files of the folder.
  public func load(
    _ run: RunConfiguration, vocabulary: Vocabulary?
  ) throws(DataError) -> SequenceParts {
    let genome = try GenomeWindows(run, splits: splits)
    var tokens: [Int32] = []
    var pieces: (train: [Range<Int>], validation: [Range<Int>], test: [Range<Int>]) = ([], [], [])
    for (file, parts) in zip(genome.genomes, genome.pieces) {
      func moved(_ ranges: [Range<Int>]) -> [Range<Int>] {
        ranges.map { ($0.lowerBound + tokens.count)..<($0.upperBound + tokens.count) }
      }
      pieces.train += moved(parts.train)
      pieces.validation += moved(parts.validation)
      pieces.test += moved(parts.test)
      tokens += file.tokens
    }
    func windows(_ ranges: [Range<Int>], _ part: String) throws(DataError) -> TokenWindows {
      let windows = TokenWindows(
        tokens, pieces: ranges, length: run.data.maximumLength,
        ignored: genome.vocabulary.identifier(of: "N"),
        unit: AnswerUnit(name: "base", perAnswer: 1), name: "dna \(part)")
      guard windows.count > 0 else {
        throw DataError(at: run.data.folder, expected: "bases for \(part)", got: "too few")
      }
      return windows
    }
    return parts(
      genome.vocabulary, train: try windows(pieces.train, "train"),
      validation: pieces.validation.allSatisfy(\.isEmpty)
        ? nil : try windows(pieces.validation, "validation"),
      test: try windows(pieces.test, "test"))
  }
}

/// `dna-species`: which genome a window of bases is from.
///
/// The species classification of HyenaDNA (Nguyen et al., 2023, section 4.4): the files of a folder are
/// the classes, windows of `data.maximumLength` bases the examples.
public struct SpeciesSettings: TaskSettings {
  /// `dna-species`.
  public static let task = TrainingTask.dnaSpecies
  /// What the task is.
  public static let summary =
    "windows of bases to their genome (folder of FASTA files)"
  /// A command.
  public static let example = "dna-species --data genomes --model sgconv"
  /// The one genome that is told from all others, by its file's name without endings; left out, each
  /// file is a class.
  public var genome: String?
  /// Bases from the beginning of one window to that of the next; left out, as many as a window has, so
  /// that no two share any.
  public var spacing: Int?
  /// Which part of each record is for testing: its end; what lies before that is for validation.
  public var splits = SplitSettings()

  /// A tenth for testing.
  public init(forTraining: Void) {}

  /// Windows of 1024 bases.
  public func adjust(_ run: inout RunConfiguration) { run.data.maximumLength = 1024 }

  /// Checks the spacing, and that the splits are contiguous.
  public func validate(_ run: RunConfiguration) throws(ConfigurationError) {
    try ConfigurationCheck.range(spacing ?? 1, 1...ConfigurationCheck.longest, "source.spacing")
    try splits.validateContiguous()
  }

  /// Reads the files of the folder.
  public func load(
    _ run: RunConfiguration, vocabulary: Vocabulary?
  ) throws(DataError) -> SequenceParts {
    let genome = try GenomeWindows(run, splits: splits)
    guard genome.genomes.count > 1 else {
      throw DataError(
        at: run.data.folder, expected: "a folder with at least 2 FASTA files, the classes",
        got: "\(genome.genomes.count)")
    }
    var classes = genome.genomes.map(\.name)
    var labels = Array(classes.indices)
    if let wanted = self.genome {
      guard classes.contains(wanted) else {
        throw DataError(
          at: run.data.folder, expected: "source.genome, \(wanted)",
          got: classes.joined(separator: ", "))
      }
      labels = classes.map { $0 == wanted ? 0 : 1 }
      classes = [wanted, "others"]
    }
    let length = run.data.maximumLength
    func windows(
      _ ranges: (Int) -> [Range<Int>], _ part: String
    ) throws(DataError) -> LabeledTokens {
      var examples: [SequenceExample] = []
      for (index, file) in genome.genomes.enumerated() {
        let count = examples.count
        for range in ranges(index) {
          for start in stride(
            from: range.lowerBound, through: range.upperBound - length, by: spacing ?? length)
          {
            examples.append(
              SequenceExample(
                tokens: Array(file.tokens[start..<(start + length)]), label: labels[index]))
          }
        }
        guard examples.count > count else {
          throw DataError(
            at: run.data.folder,
            expected:
              "a window of data.maximumLength, \(length), bases of \(file.name) for \(part)",
            got: "shorter pieces")
        }
      }
      return LabeledTokens(examples, name: "dna-species \(part)")
    }
    let test = try windows({ genome.pieces[$0].test }, "test")
    let validates = run.data.validationFraction > 0
    return SequenceParts(
      problem: .classifiedTokens(
        vocabulary: genome.vocabulary.count, classes: classes.count),
      vocabulary: genome.vocabulary, classNames: classes,
      train: splits.limited(try windows({ genome.pieces[$0].train }, "train")),
      validation: validates
        ? try windows({ genome.pieces[$0].validation }, "validation") : test,
      test: test)
  }
}
