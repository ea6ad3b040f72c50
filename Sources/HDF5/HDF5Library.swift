import CHDF5
import Synchronization
import TensorIO

/// The library behind this module: its one lock, its settings and its errors.
///
/// libhdf5 has global state and, built as it usually is, no protection for it; every call of this
/// module happens under one lock.
enum HDF5Library {
  private static let isReady = Mutex(false)

  /// Runs the body as the only user of the library.
  ///
  /// The body must not call this again.
  static func exclusively<Result: Sendable>(
    _ body: () throws(TensorFileError) -> Result
  ) throws(TensorFileError) -> Result {
    try isReady.withLock { (isReady) throws(TensorFileError) -> Result in
      if !isReady {
        H5open()
        LZFFilter.register()
        isReady = true
      }
      // Each thread has its own stack of errors, which is printed unless told otherwise.
      H5Eset_auto2(longwave_hdf5_error_stack(), nil, nil)
      H5Eclear2(longwave_hdf5_error_stack())
      return try body()
    }
  }

  /// What the library says went wrong, innermost first.
  static func error(place: String, expected: String) -> TensorFileError {
    var messages: [String] = []
    withUnsafeMutablePointer(to: &messages) { pointer in
      _ = H5Ewalk2(
        longwave_hdf5_error_stack(), H5E_WALK_UPWARD,
        { _, entry, context in
          if let text = entry?.pointee.desc, let context {
            context.assumingMemoryBound(to: [String].self).pointee.append(String(cString: text))
          }
          return 0
        }, pointer)
    }
    // The innermost says what was found, the ones around it what was being done.
    var told: [String] = []
    for message in messages where told.count < 2 && !told.contains(message) {
      told.append(message)
    }
    H5Eclear2(longwave_hdf5_error_stack())
    return TensorFileError(
      place: place, expected: expected,
      got: told.isEmpty ? "an unknown error of HDF5" : told.joined(separator: ": "))
  }
}

/// An object of the library that is closed at the end of its scope.
struct HDF5Handle: ~Copyable {
  let id: hid_t
  private let close: @convention(c) (hid_t) -> herr_t

  /// Takes a fresh handle; a negative one is the library's word for an error.
  init(
    _ id: hid_t, _ close: @convention(c) (hid_t) -> herr_t, place: @autoclosure () -> String,
    expected: @autoclosure () -> String
  ) throws(TensorFileError) {
    guard id >= 0 else { throw HDF5Library.error(place: place(), expected: expected()) }
    self.id = id
    self.close = close
  }

  deinit { _ = close(id) }
}

/// Throws what the library says unless the status is one of success.
func check(
  _ status: herr_t, place: @autoclosure () -> String, expected: @autoclosure () -> String
) throws(TensorFileError) {
  guard status >= 0 else { throw HDF5Library.error(place: place(), expected: expected()) }
}
