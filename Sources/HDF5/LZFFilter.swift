import CHDF5
import CLZF
import Glibc

/// The decoder of LZF, filter 32000 of HDF5, with which h5py and PDEBench compress.
///
/// The first of the client values is that of the filter's revision, the third the size of a
/// chunk. Source: the registry of HDF5 filters; the compression is that of liblzf.
enum LZFFilter {
  static let identifier: H5Z_filter_t = 32000
  private static let name: StaticString = "lzf"

  /// Makes the filter known; the plugin of another program under its number is replaced.
  static func register() {
    name.utf8Start.withMemoryRebound(to: CChar.self, capacity: name.utf8CodeUnitCount + 1) {
      var description = H5Z_class2_t(
        version: H5Z_CLASS_T_VERS, id: identifier, encoder_present: 0, decoder_present: 1,
        name: $0, can_apply: nil, set_local: nil, filter: decode)
      _ = withUnsafePointer(to: &description) { H5Zregister($0) }
    }
  }

  /// Replaces the buffer by what it inflates to; returns the size of that, or zero for an error.
  private static let decode: H5Z_func_t = { flags, valueCount, values, byteCount, size, buffer in
    guard Int32(flags) & H5Z_FLAG_REVERSE != 0, let size, let buffer, let source = buffer.pointee,
      byteCount > 0, byteCount <= UInt32.max
    else { return 0 }
    // Three bytes become at most 264.
    let limit = byteCount > Int.max / 100 ? Int.max : min(100 * byteCount, Int(UInt32.max))
    var capacity = valueCount >= 3 ? Int(values?[2] ?? 0) : 0
    if capacity == 0 { capacity = size.pointee }
    capacity = max(1, min(capacity, limit))
    while true {
      guard let target = H5allocate_memory(capacity, false) else { return 0 }
      let count = lzf_decompress(source, UInt32(byteCount), target, UInt32(capacity))
      if count > 0 {
        H5free_memory(source)
        buffer.pointee = target
        size.pointee = capacity
        return Int(count)
      }
      let isTooSmall = errno == E2BIG
      H5free_memory(target)
      guard isTooSmall, capacity < limit else { return 0 }
      capacity = min(2 * capacity, limit)
    }
  }
}
