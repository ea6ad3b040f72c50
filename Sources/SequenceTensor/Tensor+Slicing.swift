extension Tensor {
  /// The part of the tensor whose index along `axis` lies in `range`, copied.
  ///
  /// - Precondition: the range lies within the axis.
  public func sliced(axis: Int, _ range: Range<Int>) -> Tensor {
    let axis = shape.resolved(axis)
    require(
      range.lowerBound >= 0 && range.upperBound <= shape.sizes[axis],
      "Tensor.sliced: \(range) outside axis \(axis) of \(shape)")
    let inner = shape.sizes[(axis + 1)...].reduce(1, *)
    let outer = shape.sizes[..<axis].reduce(1, *)
    return Tensor(uninitialized: shape.replacing(axis: axis, with: range.count)) { y in
      for o in 0..<outer {
        (y + o * range.count * inner).update(
          from: pointer + (o * shape.sizes[axis] + range.lowerBound) * inner,
          count: range.count * inner)
      }
    }
  }

  /// The tensor with zeros before and after it along `axis`.
  public func padded(axis: Int, before: Int = 0, after: Int = 0) -> Tensor {
    require(before >= 0 && after >= 0, "Tensor.padded: negative padding \(before), \(after)")
    let axis = shape.resolved(axis)
    let inner = shape.sizes[(axis + 1)...].reduce(1, *)
    let outer = shape.sizes[..<axis].reduce(1, *)
    let size = shape.sizes[axis]
    let whole = before + size + after
    return Tensor(uninitialized: shape.replacing(axis: axis, with: whole)) { y in
      for o in 0..<outer {
        let row = y + o * whole * inner
        row.update(repeating: 0, count: before * inner)
        (row + before * inner).update(from: pointer + o * size * inner, count: size * inner)
        (row + (before + size) * inner).update(repeating: 0, count: after * inner)
      }
    }
  }

  /// Tensors joined end to end along `axis`.
  ///
  /// - Precondition: there is a tensor, and all other axes agree.
  public static func concatenated(_ tensors: [Tensor], axis: Int) -> Tensor {
    guard let first = tensors.first else { preconditionFailure("Tensor.concatenated: no tensors") }
    let axis = first.shape.resolved(axis)
    let total = tensors.reduce(0) { $0 + $1.shape.sizes[axis] }
    let others = first.shape.replacing(axis: axis, with: 0)
    for tensor in tensors {
      require(
        tensor.shape.rank == first.shape.rank
          && tensor.shape.replacing(axis: axis, with: 0) == others,
        "Tensor.concatenated: \(first.shape) and \(tensor.shape) differ beyond axis \(axis)")
    }
    let inner = first.shape.sizes[(axis + 1)...].reduce(1, *)
    let outer = first.shape.sizes[..<axis].reduce(1, *)
    return Tensor(uninitialized: first.shape.replacing(axis: axis, with: total)) { y in
      var start = 0
      for tensor in tensors {
        let size = tensor.shape.sizes[axis]
        for o in 0..<outer {
          (y + (o * total + start) * inner).update(
            from: tensor.pointer + o * size * inner, count: size * inner)
        }
        start += size
      }
    }
  }

  /// The tensor with the order of one axis reversed.
  public func flipped(axis: Int) -> Tensor {
    let axis = shape.resolved(axis)
    let inner = shape.sizes[(axis + 1)...].reduce(1, *)
    let outer = shape.sizes[..<axis].reduce(1, *)
    let size = shape.sizes[axis]
    return Tensor(uninitialized: shape) { y in
      for o in 0..<outer {
        for i in 0..<size {
          (y + (o * size + size - 1 - i) * inner).update(
            from: pointer + (o * size + i) * inner, count: inner)
        }
      }
    }
  }

  /// The tensor with two axes exchanged.
  public func transposed(_ first: Int = -2, _ second: Int = -1) -> Tensor {
    let (a, b) = (
      min(shape.resolved(first), shape.resolved(second)),
      max(shape.resolved(first), shape.resolved(second))
    )
    guard a != b else { return self }
    let sizes = shape.sizes
    let outer = sizes[..<a].reduce(1, *)
    let middle = sizes[(a + 1)..<b].reduce(1, *)
    let inner = sizes[(b + 1)...].reduce(1, *)
    var swapped = sizes
    swapped.swapAt(a, b)
    return Tensor(uninitialized: Shape(swapped)) { y in
      for o in 0..<outer {
        for i in 0..<sizes[a] {
          for m in 0..<middle {
            for j in 0..<sizes[b] {
              let from = (((o * sizes[a] + i) * middle + m) * sizes[b] + j) * inner
              let to = (((o * sizes[b] + j) * middle + m) * sizes[a] + i) * inner
              if inner == 1 {
                y[to] = pointer[from]
              } else {
                (y + to).update(from: pointer + from, count: inner)
              }
            }
          }
        }
      }
    }
  }
}
