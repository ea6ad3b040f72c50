import SequenceTensor

/// `count` numbers from `first` to `last` at equal distances; `first` alone for one.
func evenlySpaced(from first: Double, to last: Double, count: Int) -> [Double] {
  guard count > 1 else { return count == 1 ? [first] : [] }
  let step = (last - first) / Double(count - 1)
  // From both ends, so that the ends are exact and the middle of an odd count is.
  return (0..<count).map { i in
    i < count / 2 ? first + step * Double(i) : last - step * Double(count - 1 - i)
  }
}

/// Positions as a column, `[count, 1]`.
func column(_ positions: [Double]) -> Tensor {
  Tensor(positions.map { Float($0) }, shape: [positions.count, 1])
}
