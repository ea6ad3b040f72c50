/// Nucleotides in FASTA format.
///
/// A line that begins with `>` names a record; the lines below hold its bases. Lower case (masked
/// repeats) counts as upper case, U as T, and the codes of the IUPAC for several bases as N. Blank lines
/// are left out. (Pearson and Lipman, 1988; IUPAC-IUB, 1984.)
public struct FASTAFile: Sendable {
  /// The letters that are left, in the order of their codes.
  public static let letters = ["A", "C", "G", "T", "N"]

  /// One sequence of the file.
  public struct Record: Sendable, Equatable {
    /// The line behind `>`.
    public var title: String
    /// Indices into `letters`.
    public var bases: [UInt8]

    /// Creates a sequence.
    public init(title: String, bases: [UInt8]) {
      self.title = title
      self.bases = bases
    }
  }

  /// The file.
  public let name: String
  /// The records.
  public let records: [Record]

  /// Reads a file, which may be compressed by gzip.
  ///
  /// - Throws: `DataError` with the line of the first mistake.
  public init(path: String) throws(DataError) {
    try self.init(text: BinaryFile.text(of: path))
  }

  init(text: TextFile) throws(DataError) {
    name = text.name
    var records: [Record] = []
    for (line, range) in text.lines.enumerated() where !range.isEmpty {
      let bytes = text.bytes[range]
      if bytes.first == UInt8(ascii: ">") {
        records.append(
          Record(title: String(decoding: bytes.dropFirst(), as: UTF8.self), bases: []))
        continue
      }
      guard !records.isEmpty else {
        throw DataError(
          at: text.place(line: line), expected: "a line that begins with > before the bases",
          got: DataError.quoted(bytes))
      }
      for (column, byte) in bytes.enumerated() {
        let code = Self.codes[Int(byte)]
        guard code < 5 else {
          throw DataError(
            at: "\(text.place(line: line)):\(column + 1)",
            expected: "a code of a nucleotide (ACGTU RYSWKMBDHVN)",
            got: DataError.quoted([byte]))
        }
        records[records.count - 1].bases.append(code)
      }
    }
    for record in records where record.bases.isEmpty {
      throw DataError(
        at: text.name, expected: "bases of the record \(DataError.quoted(record.title.utf8))",
        got: "none")
    }
    guard !records.isEmpty else {
      throw DataError(at: text.name, expected: "records of nucleotides", got: "none")
    }
    self.records = records
  }

  /// The code of each byte; 255 for what is no nucleotide.
  private static let codes: [UInt8] = {
    var codes = [UInt8](repeating: 255, count: 256)
    for (letters, code) in [("Aa", 0), ("Cc", 1), ("Gg", 2), ("TtUu", 3)] as [(String, UInt8)] {
      for byte in letters.utf8 { codes[Int(byte)] = code }
    }
    for byte in "RYSWKMBDHVNryswkmbdhvn".utf8 { codes[Int(byte)] = 4 }
    return codes
  }()
}
