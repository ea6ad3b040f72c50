import Testing
import Training

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Data that was read before: the same as read anew, and read anew when anything is another.
struct DataCacheTests {
  /// The files of a cache.
  static func files(_ cache: DataCache) throws -> [String] {
    guard FileManager.default.fileExists(atPath: cache.folder) else { return [] }
    return try names(in: cache.folder)
  }

  @Test func pairsAreReadOnce() throws {
    try withTemporaryFolder { folder in
      var tiny = try TinyTask(.retrieval, folder: folder)
      let cache = DataCache(folder: "\(folder)/cache")
      let plain = try tiny.configuration.loadParts()
      let first = try tiny.configuration.loadParts(cache: cache)
      #expect(try Self.files(cache).count == 1)
      // Another content of the cached file shows that it is what is read.
      let path = try "\(cache.folder)/\(Self.files(cache)[0])"
      let stamp = try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
      let second = try tiny.configuration.loadParts(cache: cache)
      #expect(
        try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date == stamp)
      for parts in [first, second] {
        #expect(parts.vocabulary == plain.vocabulary && parts.problem == plain.problem)
        for (a, b) in [
          (parts.train, plain.train), (parts.validation, plain.validation),
          (parts.test, plain.test),
        ] {
          #expect(a.fingerprint == b.fingerprint && a.count == b.count && a.name == b.name)
        }
      }
      // Another setting and another file are other keys.
      tiny.configuration.data.maximumLength = 8
      let shorter = try tiny.configuration.loadParts(cache: cache)
      #expect(try Self.files(cache).count == 2)
      #expect(shorter.train.lengths.max() == 8)
      let rows = "1\t0\t1\tanother paper\tabout it\n0\t0\t1\ta\tb"
      try write(rows, to: "\(folder)/data/new_aan_pairs.test.tsv")
      #expect(try tiny.configuration.loadParts(cache: cache).test.count == 2)
      #expect(try Self.files(cache).count == 3)
    }
  }

  @Test func aDamagedCacheIsMadeAgain() throws {
    try withTemporaryFolder { folder in
      let tiny = try TinyTask(.pathfinder, folder: folder)
      let cache = DataCache(folder: "\(folder)/cache")
      let plain = try tiny.configuration.loadParts(cache: cache)
      let path = try "\(cache.folder)/\(Self.files(cache)[0])"
      let good = try bytes(of: path)
      var flipped = good
      flipped[flipped.count - 1] ^= 1
      for damaged in [flipped, Array(good.dropLast(3)), [], Array("{}".utf8)] {
        try write(damaged, to: path)
        #expect(
          try tiny.configuration.loadParts(cache: cache).train.fingerprint
            == plain.train.fingerprint)
        let isWritten = try bytes(of: path) == good
        #expect(isWritten)
      }
      // A file that belongs to another key does not count.
      var other = tiny.configuration
      other.training.seed = 9
      _ = try other.loadParts(cache: cache)
      #expect(try Self.files(cache).count == 1, "the split is no part of the key")
    }
  }

  @Test func mistakesAreToldAndNotKept() throws {
    try withTemporaryFolder { folder in
      let tiny = try TinyTask(.pathfinder, folder: folder)
      let cache = DataCache(folder: "\(folder)/cache")
      try write("imgs/0 sample_0.png 0 2 1\n", to: "\(folder)/data/metadata/0.npy")
      let error = #expect(throws: DataError.self) {
        try tiny.configuration.loadParts(cache: cache)
      }
      #expect(error?.expected == "the label 0 or 1")
      #expect(try Self.files(cache) == [])
    }
  }

  @Test func textsAndExpressions() throws {
    try withTemporaryFolder { folder in
      for (part, label) in [("train", "a"), ("train", "b"), ("test", "a"), ("test", "b")] {
        for index in 0..<6 {
          try write("text \(index) \(label)ß", to: "\(folder)/texts/\(part)/\(label)/\(index).txt")
        }
      }
      var texts = try RunConfiguration(task: .text)
      texts.data.folder = "\(folder)/texts"
      texts.data.level = .character
      let tiny = try TinyRun(folder: folder)
      let cache = DataCache(folder: "\(folder)/cache")
      for configuration in [texts, tiny.configuration] {
        let plain = try configuration.loadData()
        for _ in 0..<2 {
          let found = try configuration.loadData(cache: cache)
          for (a, b) in [
            (found.train, plain.train), (found.validation, plain.validation),
            (found.test, plain.test),
          ] {
            #expect(a.examples == b.examples && a.classNames == b.classNames && a.name == b.name)
            #expect(a.vocabulary == b.vocabulary)
          }
        }
      }
      #expect(try Self.files(cache).count == 2)
      // One text more is another key.
      try write("new", to: "\(folder)/texts/train/a/7.txt")
      #expect(
        try texts.loadData(cache: cache).train.examples.count
          == texts.loadData().train.examples.count)
      #expect(try Self.files(cache).count == 3)
    }
  }

  @Test func whereTheCacheIs() {
    func folder(_ environment: [String: String]) -> String? {
      DataCache.standard(environment: environment)?.folder
    }
    #expect(folder(["LONGWAVE_CACHE": "/c", "XDG_CACHE_HOME": "/x", "HOME": "/h"]) == "/c")
    #expect(folder(["LONGWAVE_CACHE": "", "XDG_CACHE_HOME": "/x", "HOME": "/h"]) == "/x/longwave")
    #expect(folder(["HOME": "/h"]) == "/h/.cache/longwave")
    #expect(folder([:]) == nil)
  }

  /// A cache that cannot be written is done without.
  @Test func withoutAPlace() throws {
    try withTemporaryFolder { folder in
      let tiny = try TinyTask(.retrieval, folder: folder)
      try write("a file", to: "\(folder)/cache")
      let parts = try tiny.configuration.loadParts(cache: DataCache(folder: "\(folder)/cache"))
      #expect(parts.train.count == 12)
    }
  }
}
