import Pictures
import TensorIO

/// Drawings as files and as parts of pages.
enum FigureFile {
  /// The drawing as an SVG element that is never wider than at scale one, or as a file.
  static func svg(
    _ drawing: Drawing, title: String, summary: String, standalone: Bool
  ) -> String {
    SVGChart.document(
      size: (drawing.width, drawing.height), title: title, summary: summary,
      standalone: standalone, keepsScale: true, content: drawing.markup())
  }

  /// Writes a drawing as PNG or SVG, by the end of the path.
  ///
  /// - Throws: `PictureError` for another ending, `TensorFileError` if the file cannot be written.
  static func write(_ drawing: Drawing, title: String, summary: String, to path: String) throws {
    let ending = path.split(separator: "/").last?.split(separator: ".").dropFirst().last ?? ""
    switch ending.lowercased() {
    case "png":
      let bytes = try drawing.png(background: ChartStyle.surface.color)
      try AtomicFile.write(bytes, to: path)
    case "svg":
      let text = svg(drawing, title: title, summary: summary, standalone: true)
      try AtomicFile.write(text, to: path)
    default:
      throw PictureError(
        place: path, expected: "a name that ends with .png or .svg",
        got: ending.isEmpty ? "no ending" : ".\(ending)")
    }
  }
}
