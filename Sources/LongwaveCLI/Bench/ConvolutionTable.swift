import Longwave

/// The table of `bench conv` for people.
enum ConvolutionTable {
  private static let titles = ["forward", "fixed filter", "with gradients"]
  private static let (time, ratio) = (9, 8)

  static func head(comparesWithFFTW: Bool) -> String {
    guard comparesWithFFTW else {
      return BenchText.shapeHead + titles.map { BenchText.pad($0, 16) }.joined() + "  (ms)"
    }
    let width = 2 * time + 1 + ratio
    let first =
      BenchText.pad("", BenchText.shapeHead.count)
      + titles.map { BenchText.pad($0 + ", ms", width) }.joined()
    let second =
      BenchText.shapeHead
      + titles.map { _ in
        BenchText.pad("Longwave", time) + BenchText.pad("FFTW", time) + " "
          + BenchText.pad("ratio", ratio)
      }.joined()
    return first + "\n" + second
  }

  static func row(_ record: ConvolutionRecord) -> String {
    let cells = ConvolutionTask.allCases.map { task in
      guard let fftw = record.fftw[task], let form = record.fftwForm[task] else {
        return BenchText.pad(BenchText.number(record.ours[task]), 16)
      }
      return BenchText.pad(BenchText.number(record.ours[task]), time)
        + BenchText.pad(BenchText.number(fftw), time) + (form == .realRows ? "r" : "c")
        + BenchText.pad(BenchText.ratio(record.ratio(task)), ratio)
    }
    return BenchText.columns(record.shape) + cells.joined()
  }

  /// The geometric means and the lowest ratios, also up to 16384 positions and beyond alone.
  static func summary(_ records: [ConvolutionRecord]) -> [String] {
    let border = 16384
    let parts = [
      ("up to \(border)", records.filter { $0.shape.length <= border }),
      ("beyond", records.filter { $0.shape.length > border }),
    ]
    let hasBoth = parts.allSatisfy { !$0.1.isEmpty }
    return ([("", records)] + (hasBoth ? parts : [])).flatMap { name, records -> [String] in
      let ratios = ConvolutionTask.allCases.map { task in records.compactMap { $0.ratio(task) } }
      guard ratios.allSatisfy({ !$0.isEmpty }) else { return [] }
      func line(_ title: String, _ value: ([Double]) -> Double?) -> String {
        let title = title + String(repeating: " ", count: max(0, 25 - title.count))
        return title
          + ratios.map { BenchText.pad(BenchText.ratio(value($0)), 2 * time + 1 + ratio) }.joined()
      }
      return [
        line("geometric mean \(name)", BenchText.geometricMean), line("  lowest") { $0.min() },
      ]
    }
  }
}
