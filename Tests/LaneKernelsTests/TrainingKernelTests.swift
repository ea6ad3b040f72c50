import Foundation
import LaneKernels
import SequenceTensor
import Testing

/// Dropout, the loss and the optimiser's step.
@Suite struct TrainingKernelTests {
  private static func mask(
    _ set: InstructionSet, key: UInt64, first: UInt64, count: Int,
    threshold: UInt32 = 1 << 30
  ) -> [Float] {
    var y = [Float](repeating: 42, count: count + 1)
    set.kernels.dropout(
      &y, [Float](repeating: 1, count: count), key, first, threshold, 2, count)
    #expect(y.removeLast() == 42)
    return y
  }

  @Test(arguments: InstructionSet.all) func dropoutStatistics(set: InstructionSet) {
    let count = 1 << 18
    for (key, threshold) in [(3, 1 << 30), (0xdead_beef_0000_0001, 1 << 31)] as [(UInt64, UInt32)] {
      let y = Self.mask(set, key: key, first: 0, count: count, threshold: threshold)
      #expect(y.allSatisfy { $0 == 0 || $0 == 2 })
      let dropped = y.map { $0 == 0 ? 1.0 : 0.0 }
      let p = Double(threshold) / 0x1p32
      let deviation = (p * (1 - p) / Double(count)).squareRoot()
      #expect(abs(dropped.reduce(0, +) / Double(count) - p) < 4 * deviation)
      // Neighbours at distances that layers have do not drop together.
      for lag in [1, 2, 16, 64, 256, 4096] {
        let both = (lag..<count).reduce(0.0) { $0 + (dropped[$1] - p) * (dropped[$1 - lag] - p) }
        #expect(abs(both / (p * (1 - p)) / Double(count)) < 5 / Double(count).squareRoot())
      }
    }
    #expect(Self.mask(set, key: 1, first: 0, count: 100, threshold: 0).allSatisfy { $0 == 2 })
  }

  /// The mask of a position is the same however the work is cut, also past 2³² positions.
  @Test(arguments: InstructionSet.all, [0, 12345, (1 << 32) - 100] as [UInt64])
  func maskDependsOnKeyAndPosition(set: InstructionSet, first: UInt64) {
    let whole = Self.mask(set, key: 77, first: first, count: 400)
    var pieces: [Float] = []
    for count in [0, 1, 99, 3, 97, 16, 184] {
      let at = first + UInt64(pieces.count)
      pieces += Self.mask(set, key: 77, first: at, count: count)
    }
    #expect(pieces == whole)
    if let baseline = InstructionSet.all.first {
      #expect(Self.mask(baseline, key: 77, first: first, count: 400) == whole)
    }
  }

  /// Keys in a row must not give one mask shifted by a position, as a sum of both would.
  @Test(arguments: InstructionSet.all) func masksOfKeysAreUnrelated(set: InstructionSet) {
    let count = 4000
    let mask = Self.mask(set, key: 1000, first: 0, count: count, threshold: 1 << 31)
    let keys: [UInt64] = [1001, 1002, 999, 1000 + (1 << 32), 1000 + (1 << 33)]
    for key in keys {
      let other = Self.mask(set, key: key, first: 0, count: count, threshold: 1 << 31)
      for lag in -3...3 {
        let range = max(0, -lag)..<min(count, count - lag)
        let equal = range.filter { mask[$0] == other[$0 + lag] }.count
        #expect(abs(Double(equal) / Double(range.count) - 0.5) < 0.05, "key \(key), lag \(lag)")
      }
    }
    // Nor may a block of 2³² positions repeat the one before.
    let next = Self.mask(set, key: 1000, first: 1 << 32, count: count, threshold: 1 << 31)
    #expect(abs(zip(mask, next).filter { $0 == $1 }.count - count / 2) < 200)
  }

  @Test(arguments: InstructionSet.all) func softmaxCrossEntropy(set: InstructionSet) {
    for n in [1, 2, 3, 10, 16, 33, 256] {
      let rows = 4
      // Row 2 has logits that would overflow without taking off the largest.
      let logits = normals(rows * n, UInt64(n)).enumerated().map { i, x in
        i / n == 2 ? 300 + 50 * x : 3 * x
      }
      let labels: [Int32] = [0, Int32(n - 1), Int32(n / 2), -1]
      let weight: Float = 0.25
      var losses = [Float](repeating: 42, count: rows)
      var gradient = [Float](repeating: 42, count: rows * n)
      set.kernels.softmax_cross_entropy(&losses, &gradient, logits, labels, weight, rows, n)
      for r in 0..<rows {
        let row = logits[r * n..<(r + 1) * n].map(Double.init)
        let largest = row.max() ?? 0
        let sum = row.reduce(0) { $0 + exp($1 - largest) }
        guard labels[r] >= 0 else {
          #expect(losses[r] == 0 && gradient[(r * n)...].allSatisfy { $0 == 0 })
          continue
        }
        let label = Int(labels[r])
        let loss = log(sum) + largest - row[label]
        #expect(abs(Double(losses[r]) - loss) <= 1e-6 * max(1, loss), "\(n), row \(r)")
        let expected = row.indices.map {
          0.25 * (exp(row[$0] - largest) / sum - ($0 == label ? 1 : 0))
        }
        #expect(largestError(Array(gradient[r * n..<(r + 1) * n]), expected) < 3e-7)
      }
    }
  }

  @Test(arguments: InstructionSet.all, InstructionSet.counts)
  func adamW(set: InstructionSet, n: Int) {
    let (rate, beta1, beta2, epsilon, decay) = (0.01, 0.9, 0.999, 1e-8, 0.1)
    var (value, first, second) = (
      normals(n, 1), [Float](repeating: 0, count: n), [Float](repeating: 0, count: n)
    )
    var right = value.map { (value: Double($0), m: 0.0, v: 0.0) }
    for step in 1...5 {
      let gradient = normals(n, 10 + UInt64(step))
      let (correction1, correction2) = (1 - pow(beta1, Double(step)), 1 - pow(beta2, Double(step)))
      set.kernels.adamw(
        &value, &first, &second, gradient, Float(rate), Float(beta1), Float(beta2),
        Float(epsilon), Float(decay), Float(correction1), Float(correction2), 0.5, n)
      for i in 0..<n {
        let g = 0.5 * Double(gradient[i])
        right[i].m = beta1 * right[i].m + (1 - beta1) * g
        right[i].v = beta2 * right[i].v + (1 - beta2) * g * g
        let direction =
          right[i].m / correction1 / ((right[i].v / correction2).squareRoot() + epsilon)
        right[i].value -= rate * (direction + decay * right[i].value)
      }
    }
    #expect(largestError(value, right.map(\.value)) < 2e-6)
    #expect(largestError(first, right.map(\.m)) < 2e-7)
    #expect(largestError(second, right.map(\.v)) < 1e-7)
  }
}
