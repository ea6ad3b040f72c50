import Pictures
import Testing

@Suite("Colour maps")
struct ColorMapTests {
  private func perceived(_ map: ColorMap) -> [PerceptualColor] {
    map.colors.map { PerceptualColor($0) }
  }

  @Test func perceptualCoordinatesMatchPublishedOnes() {
    // From the table of Ottosson's article, through sRGB white and the primaries.
    let white = PerceptualColor(Color(0xffffff))
    #expect((white.lightness - 1).magnitude < 1e-6 && white.chroma < 1e-6)
    let red = PerceptualColor(Color(0xff0000))
    #expect((red.lightness - 0.6279554).magnitude < 1e-5)
    #expect((red.greenRed - 0.2248631).magnitude < 1e-5)
    #expect((red.blueYellow - 0.1258463).magnitude < 1e-5)
  }

  @Test func everyColorComesBackFromItsCoordinates() {
    for hex in stride(from: UInt32(0), through: 0xff_ffff, by: 70_003) {
      #expect(PerceptualColor(Color(hex)).color == Color(hex))
    }
  }

  @Test func sequentialLightnessGrowsLinearly() {
    let colors = perceived(.sequential)
    for (index, color) in colors.enumerated() {
      let wanted = 0.22 + 0.75 * Double(index) / Double(colors.count - 1)
      // A larger deviation would mean that a screen cannot show the colour.
      #expect((color.lightness - wanted).magnitude < 0.004, "\(index)")
    }
    for (before, after) in zip(colors, colors.dropFirst(2)) {
      #expect(after.lightness > before.lightness)
    }
  }

  @Test func equalStepsLookEqual() {
    for map in [ColorMap.sequential, .diverging] {
      let colors = perceived(map)
      // Over eight steps, so that rounding to eight bits does not count.
      let steps = stride(from: 0, to: 128, by: 8).flatMap { start in
        [
          colors[start].distance(to: colors[start + 8]),
          colors[256 - start].distance(to: colors[248 - start]),
        ]
      }
      let (least, most) = (steps.min() ?? 0, steps.max() ?? 1)
      #expect(least > 0.015 && most < 1.8 * least, "\(least) \(most)")
    }
  }

  @Test func divergingSidesMirrorEachOther() {
    let colors = perceived(.diverging)
    #expect(colors[128].chroma < 0.003 && colors[128].lightness > 0.95)
    for index in 0..<128 {
      let (low, high) = (colors[index], colors[256 - index])
      #expect((low.lightness - high.lightness).magnitude < 0.006, "\(index)")
      #expect((low.chroma - high.chroma).magnitude < 0.01, "\(index)")
      if index < 124 { #expect(low.lightness < colors[index + 4].lightness, "\(index)") }
    }
    // Blue below, red above.
    #expect(colors[0].blueYellow < -0.1 && colors[256].greenRed > 0.1)
  }

  @Test func missingValuesLookLikeNothingElse() {
    let missing = PerceptualColor(ColorMap.missing)
    for map in [ColorMap.sequential, .diverging] {
      for color in perceived(map) { #expect(color.distance(to: missing) > 0.15) }
    }
  }

  @Test func positionsOutsideTakeTheEnds() {
    let map = ColorMap.sequential
    #expect(map[-3] == map.colors[0] && map[7] == map.colors[256])
    #expect(map[0.5] == map.colors[128])
    #expect(map[.nan] == ColorMap.missing && map[.infinity] == ColorMap.missing)
  }
}
