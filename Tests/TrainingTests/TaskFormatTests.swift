import Pictures
import TensorIO
import Testing
import Training

/// Readers of the formats of tasks, on samples made here, and what they say about broken ones.
@Suite struct TaskFormatTests {
  static let idx: [UInt8] = [0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 255]

  @Test func idx() throws {
    try withTemporaryFolder { folder in
      try write(Self.idx, to: "\(folder)/a")
      let file = try IDXFile(path: "\(folder)/a", axes: 2)
      #expect(file.sizes == [2, 3] && file.values == [1, 2, 3, 4, 5, 255])
      func expect(_ bytes: [UInt8], _ place: String, expected: String, got: String) throws {
        try write(bytes, to: "\(folder)/b")
        expectDataError(place, expected: expected, got: got, folder: folder) {
          _ = try IDXFile(path: "\(folder)/b", axes: 2)
        }
      }
      try expect(
        [0, 0, 9] + Self.idx.dropFirst(3), "b: byte 0",
        expected: "00 00 08, the start of an idx file of bytes", got: "0 0 9")
      try expect(
        [0, 0, 8, 3] + Self.idx.dropFirst(4), "b: byte 3", expected: "2 axes", got: "3")
      try expect(
        Self.idx.dropLast(), "b", expected: "6 values for extents [2, 3]", got: "5")
      try expect(
        Array(Self.idx.prefix(7)), "b", expected: "12 bytes of header", got: "7 bytes in all")
      // Extents whose product is no number.
      try expect(
        [0, 0, 8, 2] + [UInt8](repeating: 255, count: 8), "b",
        expected: "\(Int.max) values for extents [4294967295, 4294967295]", got: "0")
    }
  }

  /// "hello\n" as gzip makes it (no name, no time).
  static let gzip: [UInt8] = [
    0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0xe7, 2, 0, 0x20, 0x30,
    0x3a, 0x36, 6, 0, 0, 0,
  ]

  @Test func filesInGzip() throws {
    try withTemporaryFolder { folder in
      try write(">x\nacg\nTnR\n", to: "\(folder)/plain.fa")
      let record = try FASTAFile(path: "\(folder)/plain.fa").records[0]
      #expect(record == FASTAFile.Record(title: "x", bases: [0, 1, 2, 3, 4, 4]))
      try write(Self.gzip, to: "\(folder)/a.gz")
      // It is unpacked: the message is about what it holds.
      expectDataError(
        "a.gz:1", expected: "a line that begins with > before the bases", got: "'hello'",
        folder: folder
      ) { _ = try FASTAFile(path: "\(folder)/a.gz") }
      try write(Array(Self.gzip.dropLast(9)), to: "\(folder)/cut.gz")
      let error = #expect(throws: DataError.self) { try FASTAFile(path: "\(folder)/cut.gz") }
      #expect(error?.got.contains("cut short") == true || error?.got.contains("damaged") == true)
    }
  }

  @Test func fasta() throws {
    try withTemporaryFolder { folder in
      func read(_ text: String) throws -> [FASTAFile.Record] {
        try write(text, to: "\(folder)/a.fa")
        return try FASTAFile(path: "\(folder)/a.fa").records
      }
      let records = try read(">a b\r\nAC\r\n\r\ngu\r\n>c\nN\n")
      #expect(records.map(\.bases) == [[0, 1, 2, 3], [4]])
      expectDataError(
        "a.fa:3:2", expected: "a code of a nucleotide (ACGTU RYSWKMBDHVN)", got: "'!'",
        folder: folder
      ) { _ = try read(">a\nAC\nG!\n") }
      expectDataError(
        "a.fa", expected: "bases of the record 'a'", got: "none", folder: folder
      ) { _ = try read(">a\n>b\nA\n") }
    }
  }

  @Test func cifar() throws {
    try withTemporaryFolder { folder in
      var record = [UInt8](repeating: 0, count: 3073)
      (record[0], record[1], record[1025], record[2049]) = (7, 10, 20, 30)
      (record[1024], record[2048], record[3072]) = (255, 255, 255)
      try write(record, to: "\(folder)/a.bin")
      let file = try CIFARFile(paths: ["\(folder)/a.bin", "\(folder)/a.bin"])
      #expect(file.labels == [7, 7] && file.colors.count == 2 * 3072)
      #expect(Array(file.colors.prefix(3)) == [10, 20, 30])
      // 0.299·10 + 0.587·20 + 0.114·30 = 18.15.
      #expect(file.grey[0] == 18 && file.grey[1023] == 255 && file.grey[1] == 0)
      try write(record.dropLast(), to: "\(folder)/b.bin")
      expectDataError(
        "b.bin", expected: "records of 3073 bytes, at least one", got: "3072 bytes",
        folder: folder
      ) { _ = try CIFARFile(paths: ["\(folder)/b.bin"]) }
      record[0] = 10
      try write(record, to: "\(folder)/b.bin")
      expectDataError(
        "b.bin: byte 0", expected: "a class from 0 to 9", got: "10", folder: folder
      ) { _ = try CIFARFile(paths: ["\(folder)/b.bin"]) }
    }
  }

  @Test func pathfinder() throws {
    try withTemporaryFolder { folder in
      // Numbers decide on the order, not letters: 10 comes after 2.
      for (number, label) in [(2, 1), (10, 0)] {
        let image = PixelImage(width: 2, height: 2) { column, row in
          let value = UInt8(number + 100 * (row * 2 + column) % 256)
          return Color(red: value, green: value, blue: value)
        }
        try write(image.png(), to: "\(folder)/imgs/\(number)/sample_0.png")
        try write(
          "imgs/\(number) sample_0.png 0 \(label) 0.5 6\n", to: "\(folder)/metadata/\(number).npy")
      }
      let images = try PathfinderFolder(path: folder)
      #expect(images.side == 2 && images.labels == [1, 0])
      #expect(images.pixels == [2, 102, 202, 46, 10, 110, 210, 54])
      try write("imgs/2 sample_0.png 0 2\n", to: "\(folder)/metadata/2.npy")
      expectDataError(
        "metadata/2.npy:1", expected: "the label 0 or 1", got: "'2'", folder: folder
      ) { _ = try PathfinderFolder(path: folder) }
      try write("imgs/2 sample_0.png 0 1\n", to: "\(folder)/metadata/2.npy")
      try write(Array("no image".utf8), to: "\(folder)/imgs/2/sample_0.png")
      let error = #expect(throws: DataError.self) { try PathfinderFolder(path: folder) }
      #expect(error?.place == "\(folder)/imgs/2/sample_0.png")
    }
  }

  static let header = "#remark\n@problemName X\n@univariate false\n@classLabel true a b c\n@data\n"

  @Test func timeSeries() throws {
    try withTemporaryFolder { folder in
      func read(_ text: String) throws -> TimeSeriesFile {
        try write(text, to: "\(folder)/a.ts")
        return try TimeSeriesFile(path: "\(folder)/a.ts")
      }
      let file = try read(Self.header + "1,2,?:4,5,6:b\n7.5:-1e1:c\n")
      #expect(file.channels == 2 && file.classNames == ["a", "b", "c"])
      #expect(file.cases.map(\.label) == [1, 2] && file.cases.map(\.line) == [6, 7])
      #expect(file.cases[1].values == [7.5, -10])
      #expect(file.cases[0].values.filter { !$0.isNaN } == [1, 4, 2, 5, 6])
      #expect(file.cases[0].values[4].isNaN)
      for (text, place, expected, got) in [
        (Self.header, "a.ts", "series after @data", "none"),
        ("@classLabel true a b\n1:a\n", "a.ts:2", "a line @key value before @data", "'1:a'"),
        (Self.header + "1,2:3:a\n", "a.ts:6", "2 values in channel 2 as in the first", "1"),
        (Self.header + "1:2:a\n1:a\n", "a.ts:7", "2 channels and a class", "1 channels"),
        (
          Self.header + "1,x:a\n", "a.ts:6", "a number as value 2 of channel 1", "'x'"
        ),
        (
          Self.header + "1:d\n", "a.ts:6", "a class of the header (a b c) behind the last colon",
          "'d'"
        ),
        (
          "@timeStamps true\n", "a.ts:1",
          "@timeStamps false: series with time stamps are not read", "'@timeStamps true'"
        ),
      ] {
        expectDataError(place, expected: expected, got: got, folder: folder) {
          _ = try read(text)
        }
      }
    }
  }

  @Test func tables() throws {
    try withTemporaryFolder { folder in
      func read(_ text: String) throws -> NumberTable {
        try write(text, to: "\(folder)/a.csv")
        return try NumberTable(path: "\(folder)/a.csv")
      }
      let table = try read("date,x,y\n2016-07-01,1,2.5\n2016-07-02,-3,4e1\n")
      #expect(table.columns == ["x", "y"] && table.rows == 2)
      #expect(table.values == [1, 2.5, -3, 40])
      #expect(try read("x\n1\n").values == [1])
      for (text, place, expected, got) in [
        ("x,y\n1\n", "a.csv:2", "2 cells", "1"),
        ("x,y\n1,\n", "a.csv:2, column y", "a number", "''"),
        ("x,y\n1,nan\n", "a.csv:2, column y", "a number", "'nan'"),
        ("x\n", "a.csv", "rows after the header", "none"),
      ] {
        expectDataError(place, expected: expected, got: got, folder: folder) {
          _ = try read(text)
        }
      }
    }
  }

  @Test func pairsOfDocuments() throws {
    try withTemporaryFolder { folder in
      func read(_ text: String, _ honoursQuotes: Bool) throws -> [DocumentPairFile.Pair] {
        try write(text, to: "\(folder)/a.tsv")
        return try DocumentPairFile(path: "\(folder)/a.tsv", honoursQuotes: honoursQuotes).pairs
      }
      func texts(_ pairs: [DocumentPairFile.Pair]) -> [[String]] {
        pairs.map { pair in
          [pair.first, pair.second].map { String(decoding: $0, as: UTF8.self) }
        }
      }
      let plain = "1.0\t5\t6\tone \"a\"\ttwo\r\n0.0\t7\t8\tx\ty"
      for honoursQuotes in [false, true] {
        let pairs = try read(plain, honoursQuotes)
        #expect(pairs.map(\.label) == [1, 0] && pairs.map(\.line) == [1, 2])
        #expect(texts(pairs) == [["one \"a\"", "two"], ["x", "y"]])
      }
      let quoted = "1\t5\t6\t\"a\tb\n\"\"c\"\" \"\td\n0\t1\t2\te\t\"f\"\n"
      let pairs = try read(quoted, true)
      #expect(texts(pairs) == [["a\tb\n\"c\" ", "d"], ["e", "f"]])
      #expect(pairs.map(\.line) == [1, 3])
      expectDataError(
        "a.tsv:2", expected: "5 columns (label, two numbers, two texts)", got: "2",
        folder: folder
      ) { _ = try read("1\t5\t6\ta\tb\n\"c\"\td\n", false) }
      expectDataError(
        "a.tsv:1", expected: "a quotation mark that ends the cell", got: "none", folder: folder
      ) { _ = try read("1\t5\t6\ta\t\"b\n", true) }
      expectDataError(
        "a.tsv:1", expected: "the label 0 or 1", got: "'0.5'", folder: folder
      ) { _ = try read("0.5\t5\t6\ta\tb\n", true) }
      expectDataError(
        "a.tsv:1", expected: "a text in column 5", got: "''", folder: folder
      ) { _ = try read("1\t5\t6\ta\t\n", true) }
    }
  }
}
