/// Aligned memory for numbers in double precision, freed with its last owner.
///
/// One thread at a time may use it; it is the workspace of one solution.
final class DoubleBuffer {
  let pointer: UnsafeMutablePointer<Double>
  let count: Int

  /// Creates memory that is set to zero.
  init(count: Int) {
    self.count = count
    let raw = UnsafeMutableRawPointer.allocate(byteCount: max(1, count) * 8, alignment: 64)
    pointer = raw.bindMemory(to: Double.self, capacity: max(1, count))
    pointer.update(repeating: 0, count: count)
  }

  deinit { UnsafeMutableRawPointer(pointer).deallocate() }

  var array: [Double] { Array(UnsafeBufferPointer(start: pointer, count: count)) }

  var isFinite: Bool {
    // A sum is finite only if its terms are; products with zero keep it from overflowing.
    var sum = 0.0
    for index in 0..<count { sum += pointer[index] * 0 }
    return sum == 0
  }
}
