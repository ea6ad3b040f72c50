import LaneKernels
import SequenceTensor
import Testing

/// The kernels of one instruction set that this processor has.
struct InstructionSet: Sendable, CustomTestStringConvertible {
  let name: String
  let kernels: LaneKernels

  var testDescription: String { name }

  /// Every set that can run here; the baseline always can.
  static let all = ["baseline", "avx2", "avx512"].compactMap { name in
    lane_kernels_named(name).map { InstructionSet(name: name, kernels: $0.pointee) }
  }

  /// Counts round the widths of registers, and none.
  static let counts = [0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 64, 100, 257]
}

/// Random values by name, the same for every instruction set.
func normals(_ count: Int, _ stream: UInt64 = 0) -> [Float] {
  var random = RandomSource(seed: 99, stream: stream)
  return (0..<count).map { _ in Float(random.normal()) }
}

/// The largest difference between values and their reference, in units of `scale`.
func largestError(_ found: [Float], _ expected: [Double], scale: Double = 1) -> Double {
  precondition(found.count == expected.count, "largestError: \(found.count), \(expected.count)")
  return zip(found, expected).reduce(0) { worst, pair in
    let error = abs(Double(pair.0) - pair.1) / scale
    return error.isNaN ? .infinity : max(worst, error)
  }
}

/// Whether no value differs from its reference by more than a bound of its own.
func allWithin(
  _ found: [Float], _ expected: [Double], _ bound: (_ index: Int, _ expected: Double) -> Double
) -> Bool {
  found.count == expected.count
    && expected.indices.allSatisfy {
      abs(Double(found[$0]) - expected[$0]) <= bound($0, expected[$0])
    }
}

@Suite struct DispatchTests {
  @Test func setsByName() {
    #expect(InstructionSet.all.contains { $0.name == "baseline" })
    for set in InstructionSet.all { #expect(String(cString: set.kernels.name) == set.name) }
    #expect(lane_kernels_named("mmx") == nil)
    let best = String(cString: lane_kernels_best().pointee.name)
    #expect(InstructionSet.all.contains { $0.name == best })
  }
}
