/// A curve as a line of text.
public enum Sparkline {
  /// Values as blocks of eight heights, from the least to the greatest.
  ///
  /// - Parameters:
  ///   - values: the values; those that are not finite are left out.
  ///   - width: the most characters; each then stands for the mean of some values.
  public static func text(_ values: [Double], width: Int = 32) -> String {
    let finite = values.filter(\.isFinite)
    let count = min(finite.count, max(1, width))
    guard count > 0 else { return "" }
    let means = (0..<count).map { place in
      let range = place * finite.count / count..<(place + 1) * finite.count / count
      return finite[range].reduce(0, +) / Double(range.count)
    }
    let (least, most) = (means.min() ?? 0, means.max() ?? 0)
    let blocks = Array("▁▂▃▄▅▆▇█")
    return String(
      means.map { value in
        guard most > least else { return blocks[3] }
        return blocks[Int(((value - least) / (most - least) * 7).rounded())]
      })
  }
}
