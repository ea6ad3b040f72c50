import SequenceTensor
import Testing

/// Value semantics, element access and the allocator.
@Suite(.serialized) struct TensorTests {
  @Test func copiesAreValues() {
    let original = Tensor.numbered([2, 3])
    var copy = original
    let shared = !copy.isUnique()
    #expect(shared)
    #expect(copy.pointer == original.pointer)
    copy[1, 2] = 100
    let alone = copy.isUnique()
    #expect(alone)
    #expect(original.elements == [1, 2, 3, 4, 5, 6])
    #expect(copy.elements == [1, 2, 3, 4, 5, 100])
    // A reshaped tensor shares storage too.
    var flat = copy.reshaped(6)
    flat.withMutableSpan { $0[0] = -1 }
    #expect(copy[0, 0] == 1 && flat[0] == -1)
    // Writing to a tensor that owns its storage does not move it.
    let before = flat.pointer
    flat[1] = 7
    #expect(flat.pointer == before)
    flat += flat
    #expect(flat.elements == [-2, 14, 6, 8, 10, 200])
  }

  @Test func access() {
    let x = Tensor.numbered([2, 3, 4])
    for index in NaiveTensor.indices([2, 3, 4]) {
      #expect(x[index[0], index[1], index[2]] == NaiveTensor(x)[index])
    }
    #expect(Tensor(scalar: 4).scalar == 4 && Tensor(scalar: 4).shape == [])
    #expect(x.withSpan { $0.count } == 24)
    #expect(x.withSpan { $0[23] } == 24)
    #expect(Tensor([1]) != Tensor(scalar: 1))
    #expect(Tensor([.nan]) != Tensor([.nan]))
    #expect(Tensor([1, 2]).description == "Tensor [2] [1.0, 2.0]")
    #expect(x.shape[-1] == 4 && x.shape.rows == 6 && x.shape.last == 4 && x.shape.rank == 3)
    #expect(Shape([]).last == 1 && Shape([]).count == 1)
  }

  @Test func wrongAccessStops() async {
    await #expect(processExitsWith: .failure) { _ = Tensor(zeros: [2, 3])[0, 3] }
    await #expect(processExitsWith: .failure) { _ = Tensor(zeros: [2, 3])[0] }
    await #expect(processExitsWith: .failure) { _ = Tensor(zeros: [2, 3])[0, -1] }
    await #expect(processExitsWith: .failure) { _ = Tensor([1, 2], shape: [3]) }
    await #expect(processExitsWith: .failure) { _ = Tensor(zeros: [2]).scalar }
    await #expect(processExitsWith: .failure) { _ = Shape([2, -1]) }
    await #expect(processExitsWith: .failure) { _ = Shape([Int.max, 2]) }
  }

  /// Storage begins on a cache line, whatever the size.
  @Test func alignment() {
    for count in [0, 1, 15, 64, 65, 1000, 100_000, 600_000] {
      #expect(UInt(bitPattern: Tensor(zeros: [count]).pointer) % 64 == 0)
    }
  }

  /// In a process of its own, so that no other test allocates at the same time.
  @Test func allocatorRecyclesAndCounts() async {
    await #expect(processExitsWith: .success) {
      TensorMemory.releaseCache()
      let before = TensorMemory.liveBytes
      TensorMemory.resetPeak()
      precondition(TensorMemory.peakBytes == before && TensorMemory.cachedBytes == 0)
      let size = 4 * 100_000
      var address: UInt = 0
      do {
        let first = Tensor(zeros: [100_000])
        address = UInt(bitPattern: first.pointer)
        let copy = first
        let live = TensorMemory.liveBytes - before
        precondition(live >= size && live <= size * 9 / 8 + 64, "live \(live)")
        precondition(copy.count == first.count)
      }
      precondition(TensorMemory.liveBytes == before)
      precondition(TensorMemory.peakBytes - before >= size)
      precondition(TensorMemory.cachedBytes >= size)
      do {
        // The same block serves any size of its step.
        let second = Tensor(zeros: [99_000])
        precondition(UInt(bitPattern: second.pointer) == address)
        precondition(TensorMemory.cachedBytes == 0)
      }
      TensorMemory.releaseCache()
      precondition(TensorMemory.cachedBytes == 0 && TensorMemory.liveBytes == before)
      TensorMemory.resetPeak()
      precondition(TensorMemory.peakBytes == before)
    }
  }
}
