/// A drawing as a list of lines, shapes, texts and images, independent of how it is shown.
///
/// Each element has a style class, which a page's style sheet may change in the dark, and a
/// colour, which a file of pixels has. Lengths are pixels at scale one; the origin is top left.
package struct Drawing: Sendable {
  /// A point, from the top left.
  package typealias Point = (x: Double, y: Double)

  /// A rectangle, from the top left.
  package struct Box: Sendable, Hashable {
    /// The left edge.
    package var x: Double
    /// The upper edge.
    package var y: Double
    /// The width.
    package var width: Double
    /// The height.
    package var height: Double

    /// Creates a rectangle.
    package init(x: Double, y: Double, width: Double, height: Double) {
      self.x = x
      self.y = y
      self.width = width
      self.height = height
    }

    /// Whether two rectangles share more than an edge.
    package func overlaps(_ other: Box) -> Bool {
      x < other.x + other.width && other.x < x + width && y < other.y + other.height
        && other.y < y + height
    }
  }

  /// A style class and its colour on a light page.
  package struct Ink: Sendable, Hashable {
    /// The class in a page, such as `lw-muted`.
    package var name: String
    /// The colour in a file of pixels.
    package var color: Color

    /// Creates an ink.
    package init(_ name: String, _ color: Color) {
      self.name = name
      self.color = color
    }
  }

  /// How a line is drawn.
  package struct Stroke: Sendable, Hashable {
    /// Class and colour; the class holds width and dashes as well.
    package var ink: Ink
    /// The width.
    package var width = 1.0
    /// The lengths of dashes and gaps; empty for a full line.
    package var dashes: [Double] = []
    /// From 0, invisible, to 1.
    package var opacity = 1.0

    /// Creates a stroke.
    package init(_ ink: Ink, width: Double = 1, dashes: [Double] = [], opacity: Double = 1) {
      self.ink = ink
      self.width = width
      self.dashes = dashes
      self.opacity = opacity
    }
  }

  /// How a text is drawn.
  package struct TextStyle: Sendable, Hashable {
    /// Which part of the text lies at its point.
    package enum Anchor: String, Sendable, Hashable {
      /// The beginning.
      case start
      /// The middle.
      case middle
      /// The end.
      case end

      /// How much of the text lies before its point.
      package var share: Double {
        switch self {
        case .start: 0
        case .middle: 0.5
        case .end: 1
        }
      }
    }

    /// Class and colour; the class holds size and weight as well.
    package var ink: Ink
    /// The size of the font.
    package var size = 12.0
    /// Whether the letters are bold.
    package var isBold = false
    /// Which part of the text lies at its point.
    package var anchor = Anchor.start
    /// Whether the text runs from bottom to top.
    package var isTurned = false
    /// The colour around the letters that keeps them readable over lines.
    package var halo: Color?

    /// Creates a style.
    package init(_ ink: Ink, size: Double = 12, isBold: Bool = false, halo: Color? = nil) {
      self.ink = ink
      self.size = size
      self.isBold = isBold
      self.halo = halo
    }

    /// The style with another anchor.
    package func anchored(_ anchor: Anchor) -> TextStyle {
      var style = self
      style.anchor = anchor
      return style
    }
  }

  /// One thing to draw.
  package enum Element: Sendable {
    /// Lines through points; a line of one point is a dot.
    case lines([[Point]], Stroke)
    /// A frame.
    case frame(Box, Stroke)
    /// A filled rectangle.
    case fill(Box, Ink)
    /// A disc, with a ring around it or without, and a text for those who point at it.
    case disc(Point, radius: Double, Ink, ring: Stroke?, tooltip: String)
    /// A text on its base line.
    case text(String, Point, TextStyle)
    /// An image; its pixels stay sharp where they are enlarged.
    case image(PixelImage, Box)
  }

  /// The width.
  package var width: Double
  /// The height.
  package var height: Double
  /// What is drawn, the lowest first.
  package var elements: [Element] = []

  /// Creates an empty drawing.
  package init(width: Double, height: Double) {
    self.width = width
    self.height = height
  }

  /// Adds an element on top.
  package mutating func add(_ element: Element) { elements.append(element) }

  /// Adds a text, unless it is empty.
  package mutating func write(_ text: String, _ x: Double, _ y: Double, _ style: TextStyle) {
    if !text.isEmpty { elements.append(.text(text, (x, y), style)) }
  }

  /// Adds another drawing with its origin at a point.
  package mutating func add(_ drawing: Drawing, at origin: Point) {
    elements += drawing.elements.map { $0.moved(by: origin) }
  }
}

extension Drawing.Element {
  /// The element at another place.
  func moved(by offset: Drawing.Point) -> Drawing.Element {
    func moved(_ point: Drawing.Point) -> Drawing.Point {
      (point.x + offset.x, point.y + offset.y)
    }
    func moved(_ box: Drawing.Box) -> Drawing.Box {
      Drawing.Box(
        x: box.x + offset.x, y: box.y + offset.y, width: box.width, height: box.height)
    }
    return switch self {
    case .lines(let lines, let stroke): .lines(lines.map { $0.map { moved($0) } }, stroke)
    case .frame(let box, let stroke): .frame(moved(box), stroke)
    case .fill(let box, let ink): .fill(moved(box), ink)
    case .disc(let centre, let radius, let ink, let ring, let tooltip):
      .disc(moved(centre), radius: radius, ink, ring: ring, tooltip: tooltip)
    case .text(let text, let point, let style): .text(text, moved(point), style)
    case .image(let image, let box): .image(image, moved(box))
    }
  }
}
