/// Copies between channels-last arrays and contiguous rows of one channel each.
///
/// Strided transforms straight on channels-last arrays would need no copies, but FFTW runs them
/// up to four times slower on long axes: every step of a transform then touches another cache
/// line for each point.
enum ChannelRows {
  /// Positions handled together, so that a cache line is read once for all its channels.
  private static let block = 8

  /// `rows[c·pitch + i] = source[i·stride + c]` for c below `width` and i below `count`.
  @inline(__always)
  static func gather<Element>(
    to rows: UnsafeMutablePointer<Element>, pitch: Int, from source: UnsafePointer<Element>,
    stride: Int, width: Int, count: Int
  ) {
    forEachBlock(count) { start, end in
      for c in 0..<width {
        let row = rows + c * pitch
        for i in start..<end { row[i] = source[i &* stride &+ c] }
      }
    }
  }

  /// `target[i·stride + c] = rows[c·pitch + i]` for c below `width` and i below `count`.
  @inline(__always)
  static func scatter<Element>(
    to target: UnsafeMutablePointer<Element>, stride: Int,
    from rows: UnsafeMutablePointer<Element>, pitch: Int, width: Int, count: Int
  ) {
    forEachBlock(count) { start, end in
      for i in start..<end {
        let to = target + i * stride
        for c in 0..<width { to[c] = rows[c &* pitch &+ i] }
      }
    }
  }

  @inline(__always)
  private static func forEachBlock(_ count: Int, _ body: (Int, Int) -> Void) {
    var start = 0
    while start < count {
      let end = min(count, start + block)
      body(start, end)
      start = end
    }
  }
}

extension UnsafeMutablePointer<Float> {
  /// Interleaved complex values as pairs; a tensor's storage is aligned for them.
  var pairs: UnsafeMutablePointer<SIMD2<Float>> {
    UnsafeMutableRawPointer(self).assumingMemoryBound(to: SIMD2<Float>.self)
  }
}

extension UnsafePointer<Float> {
  /// Interleaved complex values as pairs; a tensor's storage is aligned for them.
  var pairs: UnsafePointer<SIMD2<Float>> {
    UnsafeRawPointer(self).assumingMemoryBound(to: SIMD2<Float>.self)
  }
}
