import Glibc

/// A colour by what the eye sees: equal distances are about equal differences.
///
/// These are the coordinates of OKLab (Björn Ottosson, "A perceptual color space for image
/// processing", 2020): cube roots of three cone responses, rotated.
package struct PerceptualColor: Sendable, Hashable {
  /// The lightness: 0 for black and 1 for white.
  package var lightness: Double
  /// From green (negative) to red.
  package var greenRed: Double
  /// From blue (negative) to yellow.
  package var blueYellow: Double

  /// Creates a colour from its coordinates.
  package init(lightness: Double, greenRed: Double, blueYellow: Double) {
    self.lightness = lightness
    self.greenRed = greenRed
    self.blueYellow = blueYellow
  }

  /// Creates a colour from lightness, strength of colour and hue in degrees.
  package init(lightness: Double, chroma: Double, hue: Double) {
    let angle = hue * .pi / 180
    self.init(
      lightness: lightness, greenRed: chroma * cos(angle), blueYellow: chroma * sin(angle))
  }

  /// The coordinates of a colour of the screen.
  package init(_ color: Color) {
    let (red, green, blue) = (
      Self.linear(color.red), Self.linear(color.green), Self.linear(color.blue)
    )
    let long = cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    let medium = cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    let short = cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    self.init(
      lightness: 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
      greenRed: 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
      blueYellow: 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short)
  }

  /// The strength of the colour, 0 for grey.
  package var chroma: Double { (greenRed * greenRed + blueYellow * blueYellow).squareRoot() }

  /// The nearest colour of the screen; components that a screen does not have are clipped.
  package var color: Color {
    let long = lightness + 0.3963377774 * greenRed + 0.2158037573 * blueYellow
    let medium = lightness - 0.1055613458 * greenRed - 0.0638541728 * blueYellow
    let short = lightness - 0.0894841775 * greenRed - 1.2914855480 * blueYellow
    let (l, m, s) = (long * long * long, medium * medium * medium, short * short * short)
    return Color(
      red: Self.encoded(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
      green: Self.encoded(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
      blue: Self.encoded(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s))
  }

  /// How different two colours look; black and white are 1 apart.
  package func distance(to other: PerceptualColor) -> Double {
    let differences = [
      lightness - other.lightness, greenRed - other.greenRed, blueYellow - other.blueYellow,
    ]
    return differences.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  // The transfer function of sRGB, IEC 61966-2-1.
  private static func linear(_ component: UInt8) -> Double {
    let value = Double(component) / 255
    return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
  }

  private static func encoded(_ linear: Double) -> UInt8 {
    let value = min(max(linear, 0), 1)
    let encoded = value <= 0.0031308 ? value * 12.92 : 1.055 * pow(value, 1 / 2.4) - 0.055
    return UInt8((encoded * 255).rounded())
  }
}
