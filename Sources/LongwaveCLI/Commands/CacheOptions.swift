import ArgumentParser
import Foundation
import Longwave

/// The option that says whether data that was read before is taken from a cache.
struct CacheOptions: ParsableArguments {
  @Flag(
    name: .customLong("no-cache"),
    help: ArgumentHelp(
      "Read the data anew, and leave no copy in the cache (of listops, text, retrieval, pathfinder).",
      discussion:
        "The cache is $LONGWAVE_CACHE, else $XDG_CACHE_HOME/longwave or ~/.cache/longwave."))
  var isOff = false

  /// The cache; `nil` where none is wanted.
  var cache: DataCache? {
    isOff ? nil : DataCache.standard(environment: ProcessInfo.processInfo.environment)
  }

  /// The data of ListOps or of the classification of texts.
  func loadData(
    _ configuration: RunConfiguration, vocabulary: Vocabulary? = nil
  ) throws -> DatasetSplits {
    try configuration.loadData(vocabulary: vocabulary, cache: cache)
  }

  /// The data of any other task.
  func loadParts(
    _ configuration: RunConfiguration, vocabulary: Vocabulary? = nil
  ) throws -> SequenceParts {
    try configuration.loadParts(vocabulary: vocabulary, cache: cache)
  }
}
