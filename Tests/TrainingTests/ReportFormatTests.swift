import Testing
import Training

@Suite("Numbers and durations as text")
struct ReportFormatTests {
  @Test(arguments: [
    (0.5, 2, "0.50"), (-1.25, 1, "-1.3"), (-0.001, 2, "0.00"), (1234.5678, 3, "1234.568"),
    (0.05, 3, "0.050"), (.nan, 2, "nan"), (-.infinity, 2, "-inf"), (1e20, 1, "1e20"),
  ])
  func fixedPlaces(_ value: Double, _ places: Int, _ text: String) {
    #expect(NumberFormat.fixed(value, places: places) == text)
  }

  @Test(arguments: [
    (0.43214, "0.4321"), (3.2e-5, "3.2e-5"), (12.3456, "12.35"), (0, "0"), (9.9999e-7, "1e-6"),
    (1e300, "1e300"), (.leastNonzeroMagnitude, "4.941e-324"), (-70, "-70.00"), (0.1, "0.1000"),
    (1.7976931348623157e308, "1.798e308"),
  ])
  func significantDigits(_ value: Double, _ text: String) {
    #expect(NumberFormat.significant(value) == text)
  }

  @Test(arguments: [
    (12_400.0, "12.4k"), (999.6, "1k"), (999_600, "1M"), (128_000, "128k"), (1_204_224, "1.2M"),
    (3, "3"), (0.25, "0.25"), (0, "0"), (7e18, "7e18"),
  ])
  func unitPrefixes(_ value: Double, _ text: String) {
    #expect(NumberFormat.compact(value) == text)
  }

  @Test func groupsAndPercentages() {
    #expect(NumberFormat.grouped(1_204_224) == "1,204,224")
    #expect(NumberFormat.grouped(-1000) == "-1,000")
    #expect(NumberFormat.grouped(999) == "999")
    #expect(NumberFormat.grouped(.min) == "-9,223,372,036,854,775,808")
    #expect(NumberFormat.percent(0.9125, places: 2) == "91.25%")
  }

  @Test(arguments: [
    (0.25, "0.25s"), (4.24, "4.2s"), (9.96, "10s"), (42, "42s"), (59.7, "1m 00s"),
    (100, "1m 40s"), (3599.7, "1h 00m"), (7500, "2h 05m"), (86_399, "1d 00h"),
    (273_600, "3d 04h"), (1e300, "over 1000d"), (-1, "–"), (.nan, "–"),
  ])
  func durations(_ seconds: Double, _ text: String) {
    #expect(DurationFormat.text(seconds: seconds) == text)
  }

  @Test func wholeDurationsHaveNoFraction() {
    #expect(DurationFormat.wholeText(seconds: 4.4) == "4s")
    #expect(DurationFormat.wholeText(seconds: 0.2) == "0s")
  }

  @Test(arguments: [1.0, 2, 9.999, 1000, 6.02e23, 1e-300, .leastNonzeroMagnitude, 1.7e308])
  func logarithmInvertsThePower(_ value: Double) {
    // Ten to the logarithm, by repeated square roots of ten: an oracle without a logarithm.
    let logarithm = DecimalScale.logarithm(value)
    var whole = logarithm.rounded(.down)
    var fraction = logarithm - whole
    var power = 1.0
    var root = 10.0
    for _ in 0..<60 {
      root = root.squareRoot()
      fraction *= 2
      if fraction >= 1 {
        power *= root
        fraction -= 1
      }
    }
    while whole > 0 { (power, whole) = (power * 10, whole - 1) }
    while whole < 0 { (power, whole) = (power / 10, whole + 1) }
    #expect((power - value).magnitude <= max(value * 1e-12, .leastNonzeroMagnitude))
  }
}
