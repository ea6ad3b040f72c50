import LongConvolution
import SequenceTensor
import Synchronization

/// What every filter must be before it is distilled.
enum FilterCheck {
  /// Throws unless the taps are finite, at least two, and fall off somewhere.
  ///
  /// A finite list of numbers always has a sum; it is the beginning of a filter that has none if the
  /// energy of its eighths never falls from the first to the last, as of a growing or a constant
  /// response.
  static func check(_ taps: [Double], place: String) throws(DistillationError) {
    guard taps.count >= 2 else {
      throw DistillationError(
        .size, place: place, expected: "at least 2 taps", got: "\(taps.count)")
    }
    if let index = taps.firstIndex(where: { !$0.isFinite }) {
      throw DistillationError(
        .notSummable, place: "\(place), tap \(index)", expected: "a finite number",
        got: "\(taps[index])")
    }
    guard taps.count >= 16 else { return }
    let eighth = taps.count / 8
    let energies = (0..<8).map { taps[$0 * eighth..<($0 + 1) * eighth].squaredNorm }
    let neverFalls = zip(energies, energies.dropFirst()).allSatisfy { $1 >= $0 * (1 - 1e-9) }
    guard !(neverFalls && energies[0] > 0) else {
      throw DistillationError(
        .notSummable, place: place, expected: "taps that fall off, so that they can be summed",
        got: "eighths of energies \(energies[0]) … \(energies[7]) that never fall")
    }
  }

  /// Throws unless an order and a head fit so many taps.
  static func check(order: Int, headLength: Int, count: Int, place: String)
    throws(DistillationError)
  {
    guard headLength >= 0, headLength < count else {
      throw DistillationError(
        .size, place: place, expected: "a head of 0 to \(count - 1) of the \(count) taps",
        got: "\(headLength)")
    }
    guard order > 0, order <= count - headLength else {
      throw DistillationError(
        .size, place: place, expected: "an order from 1 to the \(count - headLength) taps",
        got: "\(order)")
    }
  }
}

/// Banks of filters, `[length, channels]`, channel by channel in parallel.
enum FilterBank {
  /// The taps of every channel, mapped; the error of the first channel that has one.
  ///
  /// Channels behind one that has failed are not begun any more: what they give does not matter.
  static func mapped<Result>(
    _ taps: Tensor, _ body: ([Double], _ channel: Int) throws(DistillationError) -> Result
  ) throws(DistillationError) -> [Result] {
    guard taps.shape.rank == 2 else {
      throw DistillationError(
        .size, place: "bank of filters", expected: "[length, channels]", got: "\(taps.shape)")
    }
    let (length, channels) = (taps.shape[0], taps.shape[1])
    var results = [Swift.Result<Result, DistillationError>?](repeating: nil, count: channels)
    let firstFailure = Mutex(channels)
    results.withUnsafeMutableBufferPointer { results in
      withoutActuallyEscaping(body) { body in
        // Tasks write to their own places; the body is pure.
        nonisolated(unsafe) let (results, body) = (results, body)
        Parallel.forEach(tasks: channels) { channel, _ in
          guard firstFailure.withLock({ channel < $0 }) else { return }
          let own = (0..<length).map { Double(taps.pointer[$0 * channels + channel]) }
          do throws(DistillationError) {
            results[channel] = .success(try body(own, channel))
          } catch {
            var located = error
            located.place = "channel \(channel): \(error.place)"
            results[channel] = .failure(located)
            firstFailure.withLock { $0 = min($0, channel) }
          }
        }
      }
    }
    var values: [Result] = []
    for result in results.compactMap({ $0 }) { values.append(try result.get()) }
    return values
  }
}

extension Collection where Element == Double {
  /// Σ x².
  var squaredNorm: Double { reduce(0) { $0 + $1 * $1 } }

  /// ‖x‖₂.
  var euclideanNorm: Double { squaredNorm.squareRoot() }

  /// The largest magnitude, 0 of none.
  var maximumMagnitude: Double { reduce(0) { Swift.max($0, abs($1)) } }
}
