import Glibc
import TensorIO
import Testing

/// Lines are whole or absent, and a resumed run takes up where its checkpoint was.
@Suite struct JSONLinesTests {
  @Test func appendsOverSeveralOpenings() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("metrics.jsonl")
    try JSONLinesWriter(path: path).append(#"{"step":1}"#)
    let writer = try JSONLinesWriter(path: path)
    let copy = writer
    try writer.append(#"{"step":2}"#)
    try copy.append("é")
    try writer.synchronize()
    #expect(try folder.text(of: "metrics.jsonl") == "{\"step\":1}\n{\"step\":2}\né\n")
    #expect(try JSONLinesWriter.lines(path: path) == [#"{"step":1}"#, #"{"step":2}"#, "é"])
  }

  @Test func oneCallALine() throws {
    let folder = try TemporaryFolder()
    let calls = Counter()
    let counting: WriteCall = { descriptor, bytes, count in
      _ = calls.next()
      return Glibc.write(descriptor, bytes, count)
    }
    let writer = try JSONLinesWriter(path: folder.file("m"), writeCall: counting)
    try writer.append("one")
    try writer.append("")
    #expect(calls.next() == 2)
    #expect(try JSONLinesWriter.lines(path: folder.file("m")) == ["one", ""])
  }

  @Test func aTornTailIsDropped() throws {
    let folder = try TemporaryFolder()
    let path = try folder.put(Array("1\n2\n3 to".utf8), as: "m")
    #expect(try JSONLinesWriter.lines(path: path) == ["1", "2"])
    try JSONLinesWriter(path: path).append("3")
    #expect(try folder.text(of: "m") == "1\n2\n3\n")
    let only = try folder.put(Array("torn".utf8), as: "n")
    #expect(try JSONLinesWriter.lines(path: only).isEmpty)
    _ = try JSONLinesWriter(path: only)
    #expect(try folder.bytes(of: "n").isEmpty)
  }

  @Test func aLineThatDoesNotFitIsTakenBack() throws {
    let folder = try TemporaryFolder()
    let path = try folder.put(Array("1\n".utf8), as: "m")
    let calls = Counter()
    let full: WriteCall = { descriptor, bytes, count in
      switch calls.next() {
      case 0: return Glibc.write(descriptor, bytes, 3)
      case 1:
        errno = ENOSPC
        return -1
      case 2:
        errno = EINTR
        return -1
      default: return Glibc.write(descriptor, bytes, count)
      }
    }
    let writer = try JSONLinesWriter(path: path, writeCall: full)
    let error = #expect(throws: TensorFileError.self) { try writer.append("second") }
    #expect(error?.place == path)
    #expect(error?.got.contains("the disk is full") == true)
    #expect(try folder.text(of: "m") == "1\n")
    try writer.append("2")
    #expect(try folder.text(of: "m") == "1\n2\n")
  }

  @Test(arguments: [
    ("1\n2\n3\n4\n", 2, "1\n2\n"), ("1\n2\n3 to", 9, "1\n2\n"), ("1\n9\n2\n", 2, "1\n"),
    ("1\n2\n", 9, "1\n2\n"), ("5\n6\n", 2, ""), ("", 2, ""), ("torn", 2, ""),
  ])
  func keepingLinesUpToAStep(before: String, step: Int, after: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.put(Array(before.utf8), as: "m")
    let kept = try JSONLinesWriter.keep(path: path) { Int($0).map { $0 <= step } ?? false }
    #expect(try folder.text(of: "m") == after)
    #expect(kept == after.count { $0 == "\n" })
    #expect(try folder.names() == ["m"])
  }

  @Test func filesThatAreNotThere() throws {
    let folder = try TemporaryFolder()
    #expect(try JSONLinesWriter.keep(path: folder.file("m")) { _ in true } == 0)
    #expect(try folder.names().isEmpty)
    #expect(throws: TensorFileError.self) {
      try JSONLinesWriter.lines(path: folder.file("m"))
    }
    let error = #expect(throws: TensorFileError.self) {
      try JSONLinesWriter(path: folder.file("no/m"))
    }
    #expect(error?.got.contains("No such file") == true)
  }
}
