import FoundationEssentials
import Glibc
import TensorIO
import Testing

/// The target holds the old contents or the new, and no temporary file stays.
@Suite struct AtomicFileTests {
  @Test func writesAndReplaces() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write("first, longer", to: folder.file("a"))
    #expect(try folder.text(of: "a") == "first, longer")
    chmod(folder.file("a"), 0o640)
    try AtomicFile.write([0x32], to: folder.file("a"))
    #expect(try folder.text(of: "a") == "2")
    var status = stat()
    #expect(stat(folder.file("a"), &status) == 0 && status.st_mode & 0o777 == 0o640)
    #expect(try folder.names() == ["a"])
  }

  @Test func shortWritesAndInterruptionsAreOvercome() throws {
    let folder = try TemporaryFolder()
    let calls = Counter()
    let stubborn: WriteCall = { descriptor, bytes, count in
      if calls.next() % 2 == 0 {
        errno = EINTR
        return -1
      }
      return Glibc.write(descriptor, bytes, min(count, 3))
    }
    try AtomicFile.write(to: folder.file("a"), writeCall: stubborn) {
      output throws(TensorFileError) in
      try output.write(Array("0123456789".utf8))
      try output.write([])
      try output.write(Array("abcd".utf8)[1...])
      #expect(output.byteCount == 13)
    }
    #expect(try folder.text(of: "a") == "0123456789bcd")
  }

  @Test func aFullDiskLeavesTheOldFile() throws {
    let folder = try TemporaryFolder()
    let path = try folder.put(Array("old".utf8), as: "a")
    let calls = Counter()
    let full: WriteCall = { descriptor, bytes, count in
      if calls.next() == 0 { return Glibc.write(descriptor, bytes, min(count, 2)) }
      errno = ENOSPC
      return -1
    }
    let error = #expect(throws: TensorFileError.self) {
      try AtomicFile.write(to: path, writeCall: full) { output throws(TensorFileError) in
        #expect((try? folder.hiddenNames())?.count == 1)
        // A body that goes on after the failure must not bring half a file into place.
        try? output.write([1, 2, 3])
        try? output.write([])
      }
    }
    #expect(error?.place == path)
    #expect(error?.expected == "to write 3 bytes after 0")
    #expect(error?.got == "No space left on device (errno 28): the disk is full")
    #expect(try folder.text(of: "a") == "old")
    #expect(try folder.names() == ["a"])
  }

  @Test func anErrorOfTheBodyLeavesTheOldFile() throws {
    let folder = try TemporaryFolder()
    let path = try folder.put(Array("old".utf8), as: "a")
    let mine = TensorFileError(place: "p", expected: "e", got: "g")
    #expect(throws: mine) {
      try AtomicFile.write(to: path) { output throws(TensorFileError) in
        try output.write([1])
        throw mine
      }
    }
    #expect(try folder.text(of: "a") == "old")
    #expect(try folder.names() == ["a"])
  }

  @Test func impossibleTargets() throws {
    let folder = try TemporaryFolder()
    let absent = #expect(throws: TensorFileError.self) {
      try AtomicFile.write("x", to: folder.file("no/such"))
    }
    #expect(absent?.place == folder.file("no/such"))
    #expect(absent?.got.contains("No such file or directory") == true)
    #expect(throws: TensorFileError.self) { try AtomicFile.write("x", to: "") }
    #expect(throws: TensorFileError.self) { try AtomicFile.write("x", to: "a\0b") }
    let notAFile = #expect(throws: TensorFileError.self) {
      try AtomicFile.write("x", to: folder.path)
    }
    #expect(notAFile?.expected == "a regular file or none")
    let renaming = #expect(throws: TensorFileError.self) {
      try AtomicFile.write(to: folder.file("folder")) { output throws(TensorFileError) in
        try output.write([1])
        mkdir(folder.file("folder"), 0o777)
      }
    }
    #expect(renaming?.expected == "to put the new file in place")
    #expect(try folder.names() == ["folder"])
  }

  @Test func symbolicLinksAreFollowed() throws {
    let folder = try TemporaryFolder()
    _ = try folder.put(Array("old".utf8), as: "a")
    symlink("a", folder.file("link"))
    try AtomicFile.write("new", to: folder.file("link"))
    #expect(try folder.text(of: "a") == "new")
    var status = stat()
    #expect(lstat(folder.file("link"), &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
    #expect(try folder.names() == ["a", "link"])
  }

  @Test(.enabled(if: geteuid() != 0, "the super-user may write anywhere"))
  func readOnlyFolder() throws {
    let folder = try TemporaryFolder()
    let path = try folder.put(Array("old".utf8), as: "a")
    chmod(folder.path, 0o555)
    defer { chmod(folder.path, 0o755) }
    let error = #expect(throws: TensorFileError.self) { try AtomicFile.write("new", to: path) }
    #expect(error?.got.contains("Permission denied") == true)
    #expect(try folder.text(of: "a") == "old")
  }

  @Test func leftoversOfTheKilledGoThoseOfTheLivingStay() throws {
    let folder = try TemporaryFolder()
    let leftover = AtomicFile.temporaryPrefix + "0123"
    _ = try folder.put([1], as: leftover)
    _ = try folder.put([1], as: "kept")
    _ = try folder.put([1], as: ".hidden")
    mkdir(folder.file(AtomicFile.temporaryPrefix + "folder"), 0o777)
    try AtomicFile.write(to: folder.file("a")) { output throws(TensorFileError) in
      #expect(try AtomicFile.removeLeftovers(in: folder.path) == [leftover])
      try output.write([7])
    }
    #expect(try folder.bytes(of: "a") == [7])
    #expect(
      try folder.names() == [".hidden", AtomicFile.temporaryPrefix + "folder", "a", "kept"])
    #expect(throws: TensorFileError.self) {
      try AtomicFile.removeLeftovers(in: folder.file("absent"))
    }
  }
}

extension TemporaryFolder {
  func hiddenNames() throws -> [String] {
    try names().filter { $0.hasPrefix(AtomicFile.temporaryPrefix) }
  }
}
