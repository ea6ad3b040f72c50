import CCairo
public import TensorIO

extension PixelImage {
  /// The longest side of an image, which is a bound of cairo.
  static let longestSide = 32_767

  /// The image as the bytes of a PNG file.
  ///
  /// - Throws: ``PictureError`` if the image is empty, has a side of more than 32767 pixels, or
  ///   memory is short.
  public func png() throws(PictureError) -> [UInt8] {
    let surface = try PixelSurface(width: width, height: height)
    surface.setPixels(pixels)
    return try surface.png()
  }

  /// The image in the bytes of a PNG file; pixels that are not opaque are shown on black.
  ///
  /// - Throws: ``PictureError`` if the bytes are no PNG file.
  public init(png bytes: [UInt8]) throws(PictureError) {
    let surface = try PixelSurface(png: bytes)
    let pixels = surface.pixels
    let width = surface.width
    self.init(width: width, height: surface.height) { column, row in
      pixels[row * width + column]
    }
  }
}

/// Pixels that cairo draws on; freed with the last reference.
final class PixelSurface {
  let pointer: OpaquePointer
  var width: Int { Int(cairo_image_surface_get_width(pointer)) }
  var height: Int { Int(cairo_image_surface_get_height(pointer)) }

  /// A surface whose pixels are not defined yet.
  init(width: Int, height: Int) throws(PictureError) {
    let sides = 1...PixelImage.longestSide
    guard sides.contains(width), sides.contains(height) else {
      throw PictureError(
        place: "image", expected: "sides of 1 to \(PixelImage.longestSide) pixels",
        got: "\(width) × \(height)")
    }
    pointer = cairo_image_surface_create(CAIRO_FORMAT_RGB24, Int32(width), Int32(height))
    try check(cairo_surface_status(pointer), "an image of \(width) × \(height) pixels")
  }

  /// The pixels of a PNG file.
  init(png bytes: [UInt8]) throws(PictureError) {
    var rest = bytes[...]
    // Cairo calls this with a pointer to `rest` before the call below returns.
    let surface = withUnsafeMutablePointer(to: &rest) { source in
      cairo_image_surface_create_from_png_stream(
        { closure, target, count in
          guard let closure, let target else { return CAIRO_STATUS_READ_ERROR }
          let rest = closure.assumingMemoryBound(to: ArraySlice<UInt8>.self)
          let piece = rest.pointee.prefix(Int(count))
          guard piece.count == Int(count) else { return CAIRO_STATUS_READ_ERROR }
          for (offset, byte) in piece.enumerated() { target[offset] = byte }
          rest.pointee.removeFirst(piece.count)
          return CAIRO_STATUS_SUCCESS
        }, source)
    }
    guard let surface else {
      throw PictureError(place: "PNG", expected: "an image", got: "nothing")
    }
    pointer = surface
    try check(cairo_surface_status(pointer), "the bytes of a PNG file")
  }

  deinit { cairo_surface_destroy(pointer) }

  private func check(_ status: cairo_status_t, _ expected: String) throws(PictureError) {
    guard status != CAIRO_STATUS_SUCCESS else { return }
    let text = cairo_status_to_string(status).map { String(cString: $0) } ?? "an error"
    throw PictureError(place: "image", expected: expected, got: text)
  }

  func setPixels(_ pixels: [Color]) {
    cairo_surface_flush(pointer)
    guard let data = cairo_image_surface_get_data(pointer) else { return }
    let stride = Int(cairo_image_surface_get_stride(pointer))
    let width = width
    for row in 0..<height {
      UnsafeMutableRawPointer(data + row * stride).withMemoryRebound(
        to: UInt32.self, capacity: width
      ) { line in
        for column in 0..<width {
          let color = pixels[row * width + column]
          line[column] = UInt32(color.red) << 16 | UInt32(color.green) << 8 | UInt32(color.blue)
        }
      }
    }
    cairo_surface_mark_dirty(pointer)
  }

  var pixels: [Color] {
    cairo_surface_flush(pointer)
    guard let data = cairo_image_surface_get_data(pointer) else { return [] }
    let stride = Int(cairo_image_surface_get_stride(pointer))
    var pixels: [Color] = []
    pixels.reserveCapacity(width * height)
    for row in 0..<height {
      let line = UnsafeRawPointer(data + row * stride)
      for column in 0..<width {
        pixels.append(Color(line.load(fromByteOffset: 4 * column, as: UInt32.self) & 0xff_ffff))
      }
    }
    return pixels
  }

  func png() throws(PictureError) -> [UInt8] {
    cairo_surface_flush(pointer)
    var bytes: [UInt8] = []
    // As above, the pointer lives as long as the call.
    let status = withUnsafeMutablePointer(to: &bytes) { target in
      cairo_surface_write_to_png_stream(
        pointer,
        { closure, source, count in
          guard let closure else { return CAIRO_STATUS_WRITE_ERROR }
          closure.assumingMemoryBound(to: [UInt8].self).pointee.append(
            contentsOf: UnsafeBufferPointer(start: source, count: Int(count)))
          return CAIRO_STATUS_SUCCESS
        }, target)
    }
    try check(status, "the bytes of a PNG file")
    return bytes
  }
}

extension AtomicFile {
  /// Writes an image as a PNG file.
  ///
  /// - Throws: ``PictureError`` if the image is empty or too large, `TensorFileError` if the file
  ///   cannot be written.
  public static func write(_ image: PixelImage, to path: String) throws {
    try write(try image.png(), to: path)
  }
}
