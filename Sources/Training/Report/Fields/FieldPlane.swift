package import Pictures

/// Values over two axes, the first across and the second up.
package struct FieldPlane {
  /// The points of the first axis.
  package let columns: Int
  /// The points of the second axis.
  package let rows: Int
  /// The values, the second axis fastest.
  package let values: [Float]

  /// Creates a plane from its values, the second axis fastest.
  package init(columns: Int, rows: Int, values: [Float]) {
    self.columns = columns
    self.rows = rows
    self.values = values
  }

  /// The plane with at most so many points along each axis.
  ///
  /// A coarser point is the mean over its area, in which a point of the plane counts by the part
  /// that lies inside. One value that is not finite makes the whole area so: it must not vanish.
  package func reduced(to limit: Int) -> FieldPlane {
    let (width, height) = (min(columns, max(limit, 1)), min(rows, max(limit, 1)))
    guard width < columns || height < rows else { return self }
    let across = Self.weights(from: columns, to: width)
    let up = Self.weights(from: rows, to: height)
    var result: [Float] = []
    result.reserveCapacity(width * height)
    for column in across {
      for row in up {
        var sum = 0.0
        for (offset, share) in column.shares.enumerated() {
          let start = (column.first + offset) * rows + row.first
          for (index, weight) in row.shares.enumerated() {
            sum += share * weight * Double(values[start + index])
          }
        }
        result.append(Float(sum))
      }
    }
    return FieldPlane(columns: width, rows: height, values: result)
  }

  /// The image, the second axis upwards.
  package func image(_ scale: ColorScale) -> PixelImage {
    PixelImage(width: columns, height: rows) { column, row in
      scale.color(values[column * rows + rows - 1 - row])
    }
  }

  /// For each coarse point the fine ones that it covers, with weights that sum to one.
  private static func weights(
    from count: Int, to coarse: Int
  ) -> [(first: Int, shares: [Double])] {
    (0..<coarse).map { place in
      // In units of 1/coarse of a fine point, so that the borders are whole numbers.
      let (start, end) = (place * count, (place + 1) * count)
      let first = start / coarse
      let last = (end - 1) / coarse
      let shares = (first...last).map { index in
        Double(min(end, (index + 1) * coarse) - max(start, index * coarse)) / Double(count)
      }
      return (first, shares)
    }
  }
}
