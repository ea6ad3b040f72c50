import ArgumentParser

/// The points of a grid, as options have them: 256, or 64x128.
enum GridSizes {
  /// The points along each axis; one number stands for all axes, if their number is known.
  static func read(_ text: String, _ option: String, axes: Int? = nil) throws -> [Int] {
    let sizes = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    guard !sizes.isEmpty, sizes.allSatisfy({ $0 ?? 0 > 0 && $0 ?? 0 <= 1 << 24 }) else {
      throw ValidationError("\(option): expected points as in 256 or 64x128, got \(text)")
    }
    let known = sizes.compactMap { $0 }
    guard let axes else { return known }
    guard known.count == 1 || known.count == axes else {
      throw ValidationError("\(option): expected 1 or \(axes) sizes, got \(text)")
    }
    return known.count == axes ? known : Array(repeating: known[0], count: axes)
  }
}
