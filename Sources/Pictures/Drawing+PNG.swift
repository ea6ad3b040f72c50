import CCairo

extension Drawing {
  /// The drawing on a background, as the bytes of a PNG file.
  ///
  /// Texts are in the sans-serif font of the system.
  ///
  /// - Parameters:
  ///   - scale: Pixels for each unit of length; 2 for sharp screens and print.
  ///   - background: The colour below everything.
  /// - Throws: ``PictureError`` if the drawing is empty or larger than 32767 pixels.
  package func png(scale: Double = 2, background: Color) throws(PictureError) -> [UInt8] {
    let surface = try PixelSurface(
      width: Self.pixels(width * scale), height: Self.pixels(height * scale))
    guard let context = cairo_create(surface.pointer) else {
      throw PictureError(place: "drawing", expected: "a place to draw", got: "nothing")
    }
    defer { cairo_destroy(context) }
    let painter = Painter(context: context)
    painter.use(background)
    cairo_paint(context)
    cairo_scale(context, scale, scale)
    for element in elements { try painter.draw(element) }
    guard cairo_status(context) == CAIRO_STATUS_SUCCESS else {
      let text = cairo_status_to_string(cairo_status(context)).map { String(cString: $0) }
      throw PictureError(place: "drawing", expected: "a finished picture", got: text ?? "an error")
    }
    return try surface.png()
  }

  private static func pixels(_ length: Double) -> Int {
    length.isFinite ? Int(min(max(length, 0), 1e6).rounded(.up)) : 0
  }
}

/// Draws elements with cairo.
private struct Painter {
  let context: OpaquePointer

  func draw(_ element: Drawing.Element) throws(PictureError) {
    switch element {
    case .lines(let lines, let stroke): draw(lines, stroke)
    case .frame(let box, let stroke):
      cairo_rectangle(context, box.x, box.y, box.width, box.height)
      finish(stroke)
    case .fill(let box, let ink):
      cairo_rectangle(context, box.x, box.y, box.width, box.height)
      use(ink.color)
      cairo_fill(context)
    case .disc(let centre, let radius, let ink, let ring, _):
      cairo_new_sub_path(context)
      cairo_arc(context, centre.x, centre.y, radius, 0, 2 * .pi)
      use(ink.color)
      cairo_fill_preserve(context)
      if let ring { finish(ring) } else { cairo_new_path(context) }
    case .text(let text, let point, let style): draw(text, point, style)
    case .image(let image, let box): try draw(image, box)
    }
  }

  func use(_ color: Color, opacity: Double = 1) {
    cairo_set_source_rgba(
      context, Double(color.red) / 255, Double(color.green) / 255, Double(color.blue) / 255,
      opacity)
  }

  private func finish(_ stroke: Drawing.Stroke) {
    use(stroke.ink.color, opacity: stroke.opacity)
    cairo_set_line_width(context, stroke.width)
    cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND)
    // Caps would close the gaps between dashes.
    cairo_set_line_cap(
      context, stroke.dashes.isEmpty ? CAIRO_LINE_CAP_ROUND : CAIRO_LINE_CAP_BUTT)
    cairo_set_dash(context, stroke.dashes, Int32(stroke.dashes.count), 0)
    cairo_stroke(context)
  }

  private func draw(_ lines: [[Drawing.Point]], _ stroke: Drawing.Stroke) {
    for line in lines {
      guard let first = line.first else { continue }
      cairo_move_to(context, first.x, first.y)
      if line.count == 1 { cairo_line_to(context, first.x, first.y) }
      for point in line.dropFirst() { cairo_line_to(context, point.x, point.y) }
    }
    finish(stroke)
  }

  private func draw(_ text: String, _ point: Drawing.Point, _ style: Drawing.TextStyle) {
    cairo_save(context)
    defer { cairo_restore(context) }
    cairo_select_font_face(
      context, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
      style.isBold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL)
    cairo_set_font_size(context, style.size)
    // A zero byte would end the text for cairo.
    let shown = text.replacing("\0", with: "\u{FFFD}")
    var extents = cairo_text_extents_t()
    cairo_text_extents(context, shown, &extents)
    let share = style.anchor.share
    cairo_translate(context, point.x, point.y)
    if style.isTurned { cairo_rotate(context, -.pi / 2) }
    cairo_move_to(context, -share * extents.x_advance, 0)
    if let halo = style.halo {
      cairo_text_path(context, shown)
      use(halo)
      cairo_set_line_width(context, 4)
      cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND)
      cairo_set_dash(context, nil, 0, 0)
      cairo_stroke(context)
      cairo_move_to(context, -share * extents.x_advance, 0)
    }
    use(style.ink.color)
    cairo_show_text(context, shown)
  }

  private func draw(_ image: PixelImage, _ box: Drawing.Box) throws(PictureError) {
    guard image.width > 0, image.height > 0, box.width > 0, box.height > 0 else { return }
    let surface = try PixelSurface(width: image.width, height: image.height)
    surface.setPixels(image.pixels)
    cairo_save(context)
    defer { cairo_restore(context) }
    // Only inside of the box: what filters the edges would bleed over them.
    cairo_rectangle(context, box.x, box.y, box.width, box.height)
    cairo_clip(context)
    cairo_translate(context, box.x, box.y)
    let (across, down) = (box.width / Double(image.width), box.height / Double(image.height))
    cairo_scale(context, across, down)
    cairo_set_source_surface(context, surface.pointer, 0, 0)
    let pattern = cairo_get_source(context)
    var (dx, dy) = (1.0, 1.0)
    cairo_user_to_device_distance(context, &dx, &dy)
    let enlarges = dx >= 1 && dy >= 1
    cairo_pattern_set_filter(pattern, enlarges ? CAIRO_FILTER_NEAREST : CAIRO_FILTER_GOOD)
    cairo_pattern_set_extend(pattern, CAIRO_EXTEND_PAD)
    cairo_paint(context)
  }
}
