package import LaneKernels
import Synchronization

/// A 64-byte aligned block of floats from the caching allocator.
///
/// `@unchecked Sendable` is sound because `Tensor` writes to a block only while it holds the one
/// reference to it (`isKnownUniquelyReferenced`), and every other access reads.
final class Storage: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Float>
  private let capacity: Int

  /// A block of at least `count` floats with undefined contents.
  init(count: Int) {
    (pointer, capacity) = BlockCache.shared.take(BlockCache.capacity(for: count))
  }

  deinit { BlockCache.shared.give(pointer, capacity) }
}

/// Freed blocks by size, so that a training step touches no fresh pages after the first.
///
/// Sizes are rounded up to one of eight steps per power of two (at most 12.5 % waste). Blocks
/// beyond `limit` bytes in the cache go back to the system.
struct BlockCache: ~Copyable {
  static let shared = BlockCache()
  static let alignment = 64
  private static let hugePage = 2 << 20

  private struct State {
    var free: [Int: [UInt]] = [:]
    var cachedBytes = 0
    var liveBytes = 0
    var peakBytes = 0

    mutating func add(_ bytes: Int) {
      liveBytes += bytes
      peakBytes = max(peakBytes, liveBytes)
    }
  }
  private let state = Mutex(State())
  private static let limit = 8 << 30

  static func capacity(for count: Int) -> Int {
    guard count > 64 else { return 64 }
    let step = 1 << (Int.bitWidth - 1 - (count - 1).leadingZeroBitCount - 3)
    return max(16, (count + step - 1) / step * step + 15) / 16 * 16
  }

  /// A block of a capacity, or a freed one up to about half as large again: batches of many
  /// lengths would otherwise each keep blocks of their own.
  func take(_ wanted: Int) -> (UnsafeMutablePointer<Float>, Int) {
    let stride = MemoryLayout<Float>.stride
    let found: (address: UInt, capacity: Int)? = state.withLock { state in
      var capacity = wanted
      for _ in 0..<5 {
        if let address = state.free[capacity]?.popLast() {
          state.cachedBytes -= capacity * stride
          state.add(capacity * stride)
          return (address, capacity)
        }
        capacity = Self.capacity(for: capacity + 1)
      }
      state.add(wanted * stride)
      return nil
    }
    if let found, let pointer = UnsafeMutablePointer<Float>(bitPattern: found.address) {
      return (pointer, found.capacity)
    }
    let (capacity, bytes) = (wanted, wanted * stride)
    let isLarge = bytes >= Self.hugePage
    let block = UnsafeMutableRawPointer.allocate(
      byteCount: bytes, alignment: isLarge ? Self.hugePage : Self.alignment)
    // A column of a long sequence touches a new 4 KiB page every few positions; huge pages spare
    // the address translation.
    if isLarge { lane_prefer_huge_pages(block, bytes) }
    return (block.bindMemory(to: Float.self, capacity: capacity), capacity)
  }

  func give(_ pointer: UnsafeMutablePointer<Float>, _ capacity: Int) {
    let bytes = capacity * MemoryLayout<Float>.stride
    let address = UInt(bitPattern: pointer)
    let kept = state.withLock { state in
      state.liveBytes -= bytes
      guard state.cachedBytes + bytes <= Self.limit else { return false }
      state.cachedBytes += bytes
      state.free[capacity, default: []].append(address)
      return true
    }
    if !kept { UnsafeMutableRawPointer(pointer).deallocate() }
  }

  /// Returns every cached block to the system.
  func empty() {
    let blocks = state.withLock { state in
      defer {
        state.free = [:]
        state.cachedBytes = 0
      }
      return state.free.values.flatMap { $0 }
    }
    for block in blocks { UnsafeMutableRawPointer(bitPattern: block)?.deallocate() }
  }

  var statistics: (live: Int, peak: Int, cached: Int) {
    state.withLock { ($0.liveBytes, $0.peakBytes, $0.cachedBytes) }
  }

  func resetPeak() { state.withLock { $0.peakBytes = $0.liveBytes } }
}

/// What the memory of all tensors in the process amounts to.
public enum TensorMemory {
  /// Bytes held by tensors now.
  public static var liveBytes: Int { BlockCache.shared.statistics.live }

  /// The largest `liveBytes` since the start or the last `resetPeak()`.
  public static var peakBytes: Int { BlockCache.shared.statistics.peak }

  /// Bytes of freed blocks that wait to be used again.
  public static var cachedBytes: Int { BlockCache.shared.statistics.cached }

  /// Starts measuring `peakBytes` anew.
  public static func resetPeak() { BlockCache.shared.resetPeak() }

  /// Gives all cached blocks back to the system.
  public static func releaseCache() { BlockCache.shared.empty() }
}

/// The hot loops for this processor.
package let lanes: LaneKernels = lane_kernels_best().pointee
