/// Elements at regular distances in memory, to be copied into row-major order.
///
/// Offset and strides count elements; the strides may be in any order, as in Fortran arrays, and
/// zero, as in expanded tensors.
package struct StridedCopy {
  private var shape: [Int]
  private var strides: [Int]
  private let offset: Int
  private let count: Int

  /// Describes elements; their positions are checked against the source by `run`.
  package init(shape: [Int], strides: [Int], offset: Int = 0) {
    self.shape = []
    self.strides = []
    self.offset = offset
    count = shape.reduce(1, *)
    // Axes of one element say nothing, and axes that continue each other are one axis.
    for (extent, stride) in zip(shape, strides) where extent != 1 {
      if let previous = self.strides.last, previous == stride * extent {
        self.shape[self.shape.count - 1] *= extent
        self.strides[self.strides.count - 1] = stride
      } else {
        self.shape.append(extent)
        self.strides.append(stride)
      }
    }
  }

  /// The strides of a row-major tensor.
  package static func rowMajorStrides(_ shape: [Int]) -> [Int] {
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] * shape[axis + 1]
    }
    return strides
  }

  /// The strides of a tensor whose first axis is contiguous.
  package static func columnMajorStrides(_ shape: [Int]) -> [Int] {
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in shape.indices.dropFirst() { strides[axis] = strides[axis - 1] * shape[axis - 1] }
    return strides
  }

  /// Whether every position lies within `elementCount` elements, without overflow.
  package static func fits(
    shape: [Int], strides: [Int], offset: Int, elementCount: Int
  ) -> Bool {
    guard shape.count == strides.count, offset >= 0, shape.allSatisfy({ $0 >= 0 }),
      strides.allSatisfy({ $0 >= 0 })
    else { return false }
    if shape.contains(0) { return offset <= elementCount }
    var last = offset
    for (extent, stride) in zip(shape, strides) {
      let (distance, overflow) = (extent - 1).multipliedReportingOverflow(by: stride)
      let (sum, carry) = last.addingReportingOverflow(distance)
      if overflow || carry { return false }
      last = sum
    }
    return last < elementCount
  }

  /// Copies the elements.
  ///
  /// - Precondition: the positions fit into the source, and `width` is 1, 2, 4, 8 or 16 bytes.
  package func run(_ source: ArraySlice<UInt8>, width: Int) -> [UInt8] {
    source.withUnsafeBytes { run($0, width: width) }
  }

  func run(_ source: UnsafeRawBufferPointer, width: Int) -> [UInt8] {
    precondition(
      count == 0
        || Self.fits(
          shape: shape, strides: strides, offset: offset, elementCount: source.count / width),
      "StridedCopy: positions outside of the source")
    return [UInt8](unsafeUninitializedCapacity: count * width) { buffer, initialized in
      let target = UnsafeMutableRawBufferPointer(buffer)
      if count > 0 {
        switch width {
        case 1: copy(UInt8.self, source, target)
        case 2: copy(UInt16.self, source, target)
        case 4: copy(UInt32.self, source, target)
        case 8: copy(UInt64.self, source, target)
        default: copy(SIMD2<UInt64>.self, source, target)
        }
      }
      initialized = count * width
    }
  }

  /// Tiles of the axis that is closest in the source and the one that is closest in the target:
  /// either alone would touch a cache line for every element.
  private func copy<Element: BitwiseCopyable>(
    _: Element.Type, _ source: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer
  ) {
    let width = MemoryLayout<Element>.size
    func move(from position: Int, to place: Int) {
      let element = source.loadUnaligned(fromByteOffset: position * width, as: Element.self)
      target.storeBytes(of: element, toByteOffset: place * width, as: Element.self)
    }
    guard let last = shape.indices.last else { return move(from: offset, to: 0) }
    let targetStrides = Self.rowMajorStrides(shape)
    let near = shape.indices.min { strides[$0] < strides[$1] } ?? last
    let isStraight = near == last
    let nearCount = isStraight ? 1 : shape[near]
    let outer = shape.indices.filter { $0 != last && $0 != near }
    var index = [Int](repeating: 0, count: outer.count)
    var (from, to) = (offset, 0)
    while true {
      if isStraight && strides[last] == 1 {
        copyRow(source, from * width, target, to * width, shape[last] * width)
      } else {
        let tile = isStraight ? shape[last] : 32
        for nearStart in stride(from: 0, to: nearCount, by: tile) {
          for lastStart in stride(from: 0, to: shape[last], by: tile) {
            for i in nearStart..<min(nearStart + tile, nearCount) {
              let (rowFrom, rowTo) = (from + i * strides[near], to + i * targetStrides[near])
              for j in lastStart..<min(lastStart + tile, shape[last]) {
                move(from: rowFrom + j * strides[last], to: rowTo + j)
              }
            }
          }
        }
      }
      var axis = outer.count - 1
      while axis >= 0 {
        index[axis] += 1
        from += strides[outer[axis]]
        to += targetStrides[outer[axis]]
        if index[axis] < shape[outer[axis]] { break }
        from -= strides[outer[axis]] * shape[outer[axis]]
        to -= targetStrides[outer[axis]] * shape[outer[axis]]
        index[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }

  private func copyRow(
    _ source: UnsafeRawBufferPointer, _ from: Int, _ target: UnsafeMutableRawBufferPointer,
    _ to: Int, _ count: Int
  ) {
    UnsafeMutableRawBufferPointer(rebasing: target[to..<to + count])
      .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[from..<from + count]))
  }
}

extension RawTensor {
  /// Makes a tensor of elements that lie at regular distances.
  ///
  /// - Precondition: as of `StridedCopy.run`.
  package init(
    gathering source: ArraySlice<UInt8>, elementType: ElementType, shape: [Int], strides: [Int],
    offset: Int = 0
  ) {
    let isPlain = strides == StridedCopy.rowMajorStrides(shape) && offset >= 0
    let width = elementType.byteWidth
    if isPlain, let count = RawTensor.byteCount(of: shape, elementType) {
      let start = source.startIndex + offset * width
      self.init(bytes: source[start..<start + count], elementType: elementType, shape: shape)
      return
    }
    let bytes = StridedCopy(shape: shape, strides: strides, offset: offset)
      .run(source, width: width)
    self.init(bytes: bytes[...], elementType: elementType, shape: shape)
  }

  /// The elements at evenly spaced positions along each axis.
  ///
  /// - Throws: `TensorFileError` when there are positions that are not there.
  public func selecting(_ selection: TensorSelection) throws(TensorFileError) -> RawTensor {
    selecting(try selection.resolved(for: shape, place: "tensor"))
  }

  package func selecting(_ ranges: [StridedRange]) -> RawTensor {
    let strides = StridedCopy.rowMajorStrides(shape)
    return RawTensor(
      gathering: bytes, elementType: elementType, shape: ranges.map(\.count),
      strides: zip(strides, ranges).map { $0 * $1.step },
      offset: ranges.contains { $0.count == 0 }
        ? 0 : zip(strides, ranges).reduce(0) { $0 + $1.0 * $1.1.start })
  }
}
