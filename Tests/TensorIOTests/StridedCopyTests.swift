import TensorIO
import Testing

/// Strided and permuted copies against element by element indexing.
@Suite struct StridedCopyTests {
  static func element(_ tensor: RawTensor, _ index: [Int]) throws -> Int {
    let position = zip(index, tensor.shape).reduce(0) { $0 * $1.1 + $1.0 }
    return try tensor.integers()[position]
  }

  static func ramp(_ shape: [Int], _ type: ElementType = .int32) -> RawTensor {
    let count = shape.reduce(1, *)
    var bytes: [UInt8] = []
    for value in 0..<count {
      for byte in 0..<type.byteWidth {
        bytes.append(UInt8(truncatingIfNeeded: value >> (8 * byte)))
      }
    }
    return RawTensor(bytes: bytes[...], elementType: type, shape: shape)
  }

  @Test(arguments: [[40], [33, 70], [2, 37, 41], [3, 1, 5, 2], []])
  func columnMajorIsTransposition(shape: [Int]) throws {
    let source = Self.ramp(shape)
    let tensor = RawTensor(
      gathering: source.bytes, elementType: .int32, shape: shape,
      strides: StridedCopy.columnMajorStrides(shape))
    let strides = StridedCopy.columnMajorStrides(shape)
    var expected: [Int] = []
    var index = [Int](repeating: 0, count: shape.count)
    for _ in 0..<shape.reduce(1, *) {
      expected.append(zip(index, strides).reduce(0) { $0 + $1.0 * $1.1 })
      for axis in shape.indices.reversed() {
        index[axis] += 1
        if index[axis] < shape[axis] { break }
        index[axis] = 0
      }
    }
    #expect(try tensor.integers() == expected)
  }

  @Test(arguments: [ElementType.uint8, .int16, .int32, .int64])
  func selectionsOfEveryWidth(type: ElementType) throws {
    let tensor = Self.ramp([5, 4, 3], type)
    let part = try tensor.selecting(
      TensorSelection([StridedRange(1..<5, step: 2), nil, StridedRange(start: 2, count: 1)]))
    #expect(part.shape == [2, 4, 1] && part.elementType == type)
    #expect(try part.integers() == [14, 17, 20, 23, 38, 41, 44, 47])
    let none = try tensor.selecting(.rows(5..<5))
    #expect(none.shape == [0, 4, 3] && none.bytes.isEmpty)
    #expect(try tensor.selecting(.all) == tensor)
  }

  @Test func zeroStridesRepeat() throws {
    let one = Self.ramp([2])
    let tensor = RawTensor(
      gathering: one.bytes, elementType: .int32, shape: [2, 3], strides: [1, 0])
    #expect(try tensor.integers() == [0, 0, 0, 1, 1, 1])
  }

  @Test func refusesPositionsOutside() {
    let tensor = Self.ramp([5, 4])
    for axes in [
      [StridedRange(start: 0, count: 6)], [StridedRange(start: -1, count: 1)],
      [StridedRange(start: 4, count: 2)], [StridedRange(start: 0, count: 2, step: 0)],
      [StridedRange(start: 1, count: 2, step: .max)], [StridedRange(start: 0, count: -1)],
    ] {
      expectFileError("positions within axis 0 of extent 5") {
        _ = try tensor.selecting(TensorSelection(axes))
      }
    }
    expectFileError("at most 2 axes", "3") {
      _ = try tensor.selecting(TensorSelection([nil, nil, nil]))
    }
  }

  @Test func boundsWithoutOverflow() {
    #expect(StridedCopy.fits(shape: [3, 2], strides: [2, 1], offset: 0, elementCount: 6))
    #expect(!StridedCopy.fits(shape: [3, 2], strides: [2, 1], offset: 1, elementCount: 6))
    #expect(!StridedCopy.fits(shape: [3], strides: [.max], offset: 0, elementCount: 6))
    #expect(
      !StridedCopy.fits(shape: [.max, 2], strides: [1, .max], offset: 1, elementCount: .max))
    #expect(!StridedCopy.fits(shape: [2], strides: [-1], offset: 1, elementCount: 6))
    #expect(StridedCopy.fits(shape: [0, 9], strides: [9, 9], offset: 6, elementCount: 6))
  }
}
