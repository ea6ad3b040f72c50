public import SequenceTensor

extension Variable {
  /// The same elements under another shape; one size may be -1.
  public func reshaped(_ sizes: Int...) -> Variable {
    let known = sizes.reduce(1) { $1 == -1 ? $0 : $0 * $1 }
    let sizes = sizes.map { $0 == -1 ? value.count / max(1, known) : $0 }
    return reshaped(to: Shape(sizes))
  }

  /// The same elements under another shape.
  public func reshaped(to shape: Shape) -> Variable {
    Self.primitive([self], value: value.reshaped(to: shape)) { [old = self.shape] dy in
      [dy.reshaped(to: old)]
    }
  }

  /// The part whose index along `axis` lies in `range`.
  public func sliced(axis: Int, _ range: Range<Int>) -> Variable {
    let size = shape[axis]
    return Self.primitive([self], value: value.sliced(axis: axis, range)) { dy in
      [dy.padded(axis: axis, before: range.lowerBound, after: size - range.upperBound)]
    }
  }

  /// The tensor with zeros before and after it along `axis`.
  public func padded(axis: Int, before: Int = 0, after: Int = 0) -> Variable {
    let size = shape[axis]
    return Self.primitive(
      [self], value: value.padded(axis: axis, before: before, after: after)
    ) { dy in [dy.sliced(axis: axis, before..<before + size)] }
  }

  /// Variables joined end to end along `axis`.
  public static func concatenated(_ parts: [Variable], axis: Int) -> Variable {
    let sizes = parts.map { $0.shape[axis] }
    return primitive(parts, value: .concatenated(parts.map(\.value), axis: axis)) { dy in
      var start = 0
      return sizes.map { size in
        defer { start += size }
        return dy.sliced(axis: axis, start..<start + size)
      }
    }
  }

  /// The order of one axis reversed.
  public func flipped(axis: Int) -> Variable {
    Self.primitive([self], value: value.flipped(axis: axis)) { [$0.flipped(axis: axis)] }
  }

  /// Two axes exchanged.
  public func transposed(_ first: Int = -2, _ second: Int = -1) -> Variable {
    Self.primitive([self], value: value.transposed(first, second)) {
      [$0.transposed(first, second)]
    }
  }
}
