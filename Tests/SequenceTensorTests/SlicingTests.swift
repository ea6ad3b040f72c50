import SequenceTensor
import Testing

/// Rearrangements against index arithmetic, along every axis.
@Suite struct SlicingTests {
  static let shapes: [[Int]] = [
    [5], [1], [3, 4], [4, 1], [2, 3, 5], [1, 4, 1], [3, 2, 2, 3], [2, 0, 3], [0],
  ]

  @Test(arguments: shapes) func slices(sizes: [Int]) {
    let x = Tensor.numbered(sizes)
    let naive = NaiveTensor(x)
    for axis in sizes.indices {
      for lower in 0...sizes[axis] {
        for upper in lower...sizes[axis] {
          var kept = sizes
          kept[axis] = upper - lower
          let expected = NaiveTensor(kept) { index in
            var whole = index
            whole[axis] += lower
            return naive[whole]
          }
          #expect(x.sliced(axis: axis, lower..<upper) == expected)
          #expect(x.sliced(axis: axis - sizes.count, lower..<upper) == expected)
        }
      }
    }
  }

  @Test(arguments: shapes) func pads(sizes: [Int]) {
    let x = Tensor.numbered(sizes)
    let naive = NaiveTensor(x)
    for axis in sizes.indices {
      for (before, after) in [(0, 0), (2, 0), (0, 3), (1, 2)] {
        var whole = sizes
        whole[axis] += before + after
        let expected = NaiveTensor(whole) { index in
          var inner = index
          inner[axis] -= before
          return inner[axis] >= 0 && inner[axis] < sizes[axis] ? naive[inner] : 0
        }
        #expect(x.padded(axis: axis, before: before, after: after) == expected)
      }
    }
  }

  @Test(arguments: shapes) func concatenates(sizes: [Int]) {
    for axis in sizes.indices {
      let parts = [3, 1, 0, 2].enumerated().map { position, size in
        var part = sizes
        part[axis] = size
        return Tensor.numbered(part, from: 1000 * position)
      }
      var whole = sizes
      whole[axis] = 6
      let naive = parts.map(NaiveTensor.init)
      let owner = [0, 0, 0, 1, 3, 3]
      let start = [0, 3, 4, 4]
      let expected = NaiveTensor(whole) { index in
        let part = owner[index[axis]]
        var inner = index
        inner[axis] -= start[part]
        return naive[part][inner]
      }
      #expect(Tensor.concatenated(parts, axis: axis) == expected)
    }
  }

  @Test(arguments: shapes) func flips(sizes: [Int]) {
    let x = Tensor.numbered(sizes)
    let naive = NaiveTensor(x)
    for axis in sizes.indices {
      let expected = NaiveTensor(sizes) { index in
        var mirrored = index
        mirrored[axis] = sizes[axis] - 1 - index[axis]
        return naive[mirrored]
      }
      #expect(x.flipped(axis: axis) == expected)
    }
  }

  @Test(arguments: shapes + [[2, 3, 2, 3, 2]]) func transposes(sizes: [Int]) {
    let x = Tensor.numbered(sizes)
    let naive = NaiveTensor(x)
    for first in sizes.indices {
      for second in sizes.indices {
        var swapped = sizes
        swapped.swapAt(first, second)
        let expected = NaiveTensor(swapped) { index in
          var from = index
          from.swapAt(first, second)
          return naive[from]
        }
        #expect(x.transposed(first, second) == expected)
      }
    }
  }

  @Test func reshapes() {
    let x = Tensor.numbered([2, 3, 4])
    #expect(x.reshaped(6, 4).shape == [6, 4])
    #expect(x.reshaped(-1, 8).shape == [3, 8])
    #expect(x.reshaped(4, -1, 3).elements == x.elements)
    #expect(Tensor(scalar: 3).reshaped(1, 1).shape == [1, 1])
  }

  @Test func wrongArgumentsStop() async {
    await #expect(processExitsWith: .failure) {
      _ = Tensor(zeros: [2, 3]).sliced(axis: 1, 2..<4)
    }
    await #expect(processExitsWith: .failure) { _ = Tensor(zeros: [2, 3]).flipped(axis: 2) }
    await #expect(processExitsWith: .failure) {
      _ = Tensor(zeros: [2, 3]).padded(axis: 0, before: -1)
    }
    await #expect(processExitsWith: .failure) {
      _ = Tensor.concatenated([Tensor(zeros: [2, 3]), Tensor(zeros: [2, 4])], axis: 0)
    }
    await #expect(processExitsWith: .failure) { _ = Tensor(zeros: [2, 3]).reshaped(4, -1) }
    await #expect(processExitsWith: .failure) { _ = Tensor(zeros: [2, 3]).reshaped(7) }
  }
}
