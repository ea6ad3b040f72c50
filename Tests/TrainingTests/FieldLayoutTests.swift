import Pictures
import TensorIO
import Testing
import Training

#if canImport(Glibc)
  import Glibc
#endif

@Suite("Layout of figures")
struct FieldLayoutTests {
  /// About where a text is; a little smaller than what is drawn around it.
  private func box(_ text: String, _ point: Drawing.Point, _ style: Drawing.TextStyle)
    -> Drawing.Box
  {
    let narrow = text.count { ".,:;'|ijl !-".contains($0) }
    let width = (0.6 * Double(text.count - narrow) + 0.32 * Double(narrow)) * style.size
    let height = 0.85 * style.size
    let share = style.anchor.share
    if style.isTurned {
      return Drawing.Box(
        x: point.x - 0.75 * style.size, y: point.y - (1 - share) * width, width: height,
        height: width)
    }
    return Drawing.Box(
      x: point.x - share * width, y: point.y - 0.75 * style.size, width: width, height: height)
  }

  /// No text is on another text or on an image, and nothing is outside of the drawing.
  private func expectTidy(_ drawing: Drawing, _ name: String) {
    var boxes: [(what: String, box: Drawing.Box, isText: Bool)] = []
    for element in drawing.elements {
      switch element {
      case .text(let text, let point, let style):
        boxes.append((text, box(text, point, style), true))
      case .image(_, let box): boxes.append(("image", box, false))
      default: break
      }
    }
    for (index, entry) in boxes.enumerated() {
      let inside =
        entry.box.x >= -0.5 && entry.box.y >= -0.5
        && entry.box.x + entry.box.width <= drawing.width + 0.5
        && entry.box.y + entry.box.height <= drawing.height + 0.5
      #expect(
        inside, "\(name): \(entry.what) at \(entry.box) of \(drawing.width) × \(drawing.height)")
      for other in boxes[..<index] {
        #expect(
          !entry.box.overlaps(other.box),
          "\(name): \(entry.what) at \(entry.box) on \(other.what) at \(other.box)")
      }
    }
  }

  private let ordinary = [
    FieldGallery.square, FieldGallery.curve, FieldGallery.strip, FieldGallery.spaceTime,
  ]

  @Test func labelsDoNotOverlap() {
    for figure in ordinary { expectTidy(figure.drawing(), figure.title) }
    expectTidy(FieldGallery.rollout.drawing(), "roll-out")
  }

  @Test func hardFiguresStayTidyAndSound() throws {
    for (name, figure) in FieldGallery.hard {
      expectTidy(figure.drawing(), String(name.prefix(40)))
      let checker = MarkupChecker(figure.svg(standalone: true))
      #expect(checker.problem == nil, "\(name)")
      for value in checker.coordinates {
        #expect(value.allSatisfy { "MLHVhvz0123456789.- ".contains($0) }, "\(name): \(value)")
      }
      let image = try PixelImage(png: try figure.png(scale: 1))
      #expect(image.width > 100, "\(name)")
    }
  }

  @Test(arguments: [360.0, 700, 1120])
  func narrowFiguresStayTidy(_ width: Double) {
    for var figure in ordinary {
      figure.width = width
      figure.showsTitle = false
      expectTidy(figure.drawing(), "\(figure.title) at \(width)")
    }
  }

  /// `LONGWAVE_PICTURES=folder` keeps the pictures for a look.
  @Test func galleryIsWritten() throws {
    let wanted = getenv("LONGWAVE_PICTURES").map { String(cString: $0) }
    let folder = wanted ?? "/tmp/longwave-pictures-\(getpid())"
    mkdir(folder, 0o755)
    var paths: [String] = []
    func written(_ name: String, _ write: (String) throws -> Void) throws {
      for ending in wanted == nil ? ["svg"] : ["png", "svg"] {
        paths.append("\(folder)/\(name).\(ending)")
        try write(paths[paths.count - 1])
      }
    }
    defer {
      if wanted == nil {
        for path in paths { unlink(path) }
        rmdir(folder)
      }
    }
    for (index, figure) in ordinary.enumerated() {
      try written("figure-\(index)") { try figure.write(to: $0) }
    }
    try written("rollout") { try FieldGallery.rollout.write(to: $0) }
    if wanted != nil {
      for (name, figure) in FieldGallery.hard {
        let file = String(name.prefix(24).map { $0.isLetter || $0.isNumber ? $0 : "-" })
        try figure.write(to: "\(folder)/hard-\(file).png")
      }
      try AtomicFile.write(FieldReportTests.fullReport().html(), to: "\(folder)/report.html")
    }
    for path in paths { #expect(access(path, R_OK) == 0) }
  }
}
