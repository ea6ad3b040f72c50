/// Series with classes in sktime's `.ts` format, of the UCR and UEA archives.
///
/// Lines that begin with `#` are remarks. A header of lines `@key value` ends at `@data`; then comes
/// one case a line: its channels separated by `:`, the values of a channel by `,`, and behind the last
/// `:` the class. `?` and `NaN` are missing values. (Löning et al., "sktime", 2019; the loader of aeon,
/// `aeon/datasets/_data_loading.py`.) Cases may be of different lengths; the channels of one are of one
/// length. Series with time stamps and series with numbers as targets are refused.
public struct TimeSeriesFile: Sendable {
  /// One series.
  public struct Case: Sendable, Equatable {
    /// Values, `[length × channels]` in row-major order; missing ones are not numbers.
    public var values: [Float]
    /// The index of the class in `classNames`.
    public var label: Int
    /// The line of the file, from 1.
    public var line: Int
  }

  /// The file.
  public let name: String
  /// The classes in the order of the header.
  public let classNames: [String]
  /// The values at each position.
  public let channels: Int
  /// The series.
  public let cases: [Case]

  /// Reads a file.
  ///
  /// - Throws: `DataError` with the line of the first mistake.
  public init(path: String) throws(DataError) {
    try self.init(text: BinaryFile.text(of: path))
  }

  init(text: TextFile) throws(DataError) {
    name = text.name
    var header = TimeSeriesHeader()
    var cases: [Case] = []
    var channels: Int?
    for (line, range) in text.lines.enumerated() {
      let bytes = text.bytes[range]
      if bytes.isEmpty || bytes.first == UInt8(ascii: "#") { continue }
      if !header.isComplete {
        try header.read(bytes, place: text.place(line: line))
        continue
      }
      let parsed = try Self.values(
        bytes, classNames: header.classNames, channels: channels ?? header.channels,
        place: text.place(line: line))
      channels = parsed.channels
      cases.append(Case(values: parsed.values, label: parsed.label, line: line + 1))
    }
    guard header.isComplete else {
      throw DataError(at: text.name, expected: "a line @data", got: "none")
    }
    guard let channels else {
      throw DataError(at: text.name, expected: "series after @data", got: "none")
    }
    self.channels = channels
    self.cases = cases
    classNames = header.classNames
  }

  private static func values(
    _ line: ArraySlice<UInt8>, classNames: [String], channels: Int?, place: String
  ) throws(DataError) -> (values: [Float], label: Int, channels: Int) {
    var parts = line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    let last = String(decoding: parts.removeLast(), as: UTF8.self)
      .split(separator: " ").joined(separator: " ")
    guard let label = classNames.firstIndex(of: last) else {
      throw DataError(
        at: place,
        expected: "a class of the header (\(classNames.prefix(20).joined(separator: " ")))"
          + " behind the last colon", got: DataError.quoted(last.utf8))
    }
    guard !parts.isEmpty, channels.map({ $0 == parts.count }) ?? true else {
      throw DataError(
        at: place, expected: "\(channels.map(String.init) ?? "some") channels and a class",
        got: "\(parts.count) channels")
    }
    var length = 0
    var values: [Float] = []
    for (channel, part) in parts.enumerated() {
      let words = part.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
      if channel == 0 {
        length = words.count
        values = [Float](repeating: 0, count: length * parts.count)
      }
      guard words.count == length else {
        throw DataError(
          at: place, expected: "\(length) values in channel \(channel + 1) as in the first",
          got: "\(words.count)")
      }
      for (position, word) in words.enumerated() {
        let value: Float
        if isMissing(word) {
          value = .nan
        } else if let number = DecimalNumber.value(of: word) {
          value = Float(number)
        } else {
          throw DataError(
            at: place,
            expected: "a number as value \(position + 1) of channel \(channel + 1)",
            got: DataError.quoted(word))
        }
        values[position * parts.count + channel] = value
      }
    }
    return (values, label, parts.count)
  }

  private static func isMissing(_ word: ArraySlice<UInt8>) -> Bool {
    let text = String(decoding: word.filter { $0 != UInt8(ascii: " ") }, as: UTF8.self)
    return text == "?" || text.lowercased() == "nan"
  }
}

/// What the lines with `@` say.
private struct TimeSeriesHeader {
  var isComplete = false
  var channels: Int?
  var classNames: [String] = []

  mutating func read(_ line: ArraySlice<UInt8>, place: String) throws(DataError) {
    let words = String(decoding: line, as: UTF8.self).split(whereSeparator: \.isWhitespace)
      .map(String.init)
    guard let key = words.first?.lowercased(), key.hasPrefix("@") else {
      throw DataError(
        at: place, expected: "a line @key value before @data", got: DataError.quoted(line))
    }
    func refuse(_ what: String) throws(DataError) {
      guard words.dropFirst().first?.lowercased() == "false" else {
        throw DataError(
          at: place, expected: "\(words[0]) false: \(what) are not read",
          got: DataError.quoted(line))
      }
    }
    switch key {
    case "@data":
      guard !classNames.isEmpty else {
        throw DataError(
          at: place, expected: "a line @classLabel true with the classes before", got: "none")
      }
      isComplete = true
    case "@timestamps": try refuse("series with time stamps")
    case "@targetlabel": try refuse("series with numbers as targets")
    case "@classlabel":
      guard words.count > 2, words[1].lowercased() == "true" else {
        throw DataError(
          at: place, expected: "@classLabel true and the names of the classes",
          got: DataError.quoted(line))
      }
      classNames = Array(words.dropFirst(2))
    case "@dimension", "@dimensions":
      guard words.count == 2, let count = Int(words[1]), (1...(1 << 20)).contains(count) else {
        throw DataError(
          at: place, expected: "a number of channels", got: DataError.quoted(line))
      }
      channels = count
    case "@univariate":
      if words.dropFirst().first?.lowercased() == "true" { channels = 1 }
    default: break
    }
  }
}
