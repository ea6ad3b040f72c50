/// Colours for the numbers from 0 to 1, such that equal steps look equal.
///
/// Both maps are computed from a few points of a perceptually uniform space, see
/// `PerceptualColor`; both stay readable for colour-blind readers and in grey.
public struct ColorMap: Sendable, Hashable {
  /// The colours from 0 to 1, evenly spaced.
  public let colors: [Color]

  /// From a dark violet over blue and green to a light yellow, for values of one kind.
  ///
  /// Lightness grows linearly; the hues are a smooth curve through the points below.
  public static let sequential: ColorMap = {
    let points = [
      PerceptualColor(lightness: 0.22, chroma: 0.105, hue: 312),
      PerceptualColor(lightness: 0.345, chroma: 0.135, hue: 288),
      PerceptualColor(lightness: 0.47, chroma: 0.115, hue: 255),
      PerceptualColor(lightness: 0.595, chroma: 0.098, hue: 215),
      PerceptualColor(lightness: 0.72, chroma: 0.13, hue: 165),
      PerceptualColor(lightness: 0.845, chroma: 0.165, hue: 130),
      PerceptualColor(lightness: 0.97, chroma: 0.11, hue: 106),
    ]
    return ColorMap { position in
      PerceptualColor(
        lightness: 0.22 + 0.75 * position,
        greenRed: smooth(points.map(\.greenRed), at: position),
        blueYellow: smooth(points.map(\.blueYellow), at: position))
    }
  }()

  /// From blue over near-white to red, for signed values: both sides are equally dark and strong.
  public static let diverging = ColorMap { position in
    let signed = 2 * position - 1
    // Chroma rises faster than darkness, as far as screens have such light colours.
    let rest = 1 - signed.magnitude
    return PerceptualColor(
      lightness: 0.97 - 0.55 * signed.magnitude, chroma: 0.15 * (1 - rest * rest),
      hue: signed < 0 ? 258 : 30)
  }

  /// What stands for a value that is not a number or infinite; it is like no colour of the maps.
  public static let missing = PerceptualColor(lightness: 0.68, chroma: 0.25, hue: 340).color

  /// The colour of a position; positions outside of 0...1 take the colour of the nearer end.
  public subscript(position: Double) -> Color {
    guard position.isFinite else { return Self.missing }
    let last = colors.count - 1
    return colors[Int((min(max(position, 0), 1) * Double(last)).rounded())]
  }

  // An odd count, so that the middle of a signed scale is a colour of its own.
  private init(_ color: (Double) -> PerceptualColor) {
    colors = (0...256).map { color(Double($0) / 256).color }
  }

  /// The value at a position of a Catmull-Rom curve through evenly spaced values.
  private static func smooth(_ values: [Double], at position: Double) -> Double {
    let last = values.count - 1
    let place = position * Double(last)
    let index = min(Int(place), last - 1)
    let share = place - Double(index)
    let (from, to) = (values[index], values[index + 1])
    let before = index > 0 ? values[index - 1] : 2 * from - to
    let after = index + 1 < last ? values[index + 2] : 2 * to - from
    let slope = (to - before) / 2
    let nextSlope = (after - from) / 2
    let cube = 2 * (from - to) + slope + nextSlope
    let square = 3 * (to - from) - 2 * slope - nextSlope
    return from + share * (slope + share * (square + share * cube))
  }
}
