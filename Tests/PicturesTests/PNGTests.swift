import Pictures
import TensorIO
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite("PNG")
struct PNGTests {
  private let signature: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

  @Test(arguments: [(1, 1), (3, 2), (1, 300), (257, 5)])
  func pixelsComeBack(_ width: Int, _ height: Int) throws {
    let image = PixelImage(width: width, height: height) { column, row in
      Color(red: UInt8(column & 255), green: UInt8(row & 255), blue: UInt8((column ^ row) & 255))
    }
    let bytes = try image.png()
    #expect(bytes.starts(with: signature))
    let read = try PixelImage(png: bytes)
    #expect(read == image)
  }

  @Test func impossibleImagesAreRefused() {
    for (width, height) in [(0, 4), (4, 0), (40_000, 1)] {
      let image = PixelImage(width: width, height: height) { _, _ in Color(0) }
      #expect(throws: PictureError.self) { try image.png() }
    }
    #expect(throws: PictureError.self) { try PixelImage(png: []) }
    #expect(throws: PictureError.self) { try PixelImage(png: signature + [1, 2, 3]) }
    let image = PixelImage(width: 8, height: 8) { _, _ in Color(0) }
    #expect(throws: PictureError.self) {
      try PixelImage(png: Array(try image.png().dropLast(30)))
    }
  }

  @Test func base64MatchesTheStandard() {
    let vectors = [
      "": "", "f": "Zg==", "fo": "Zm8=", "foo": "Zm9v", "foob": "Zm9vYg==", "fooba": "Zm9vYmE=",
      "foobar": "Zm9vYmFy",
    ]
    for (text, encoded) in vectors { #expect(Base64.encoded(Array(text.utf8)) == encoded) }
    #expect(Base64.encoded([255, 255, 254]) == "///+")
  }

  @Test func filesAreWrittenWhole() throws {
    let path = "/tmp/longwave-png-\(getpid())-\(UInt64.random(in: 0...UInt64.max)).png"
    defer { unlink(path) }
    let image = PixelImage(width: 2, height: 2) { column, _ in Color(column == 0 ? 0xff0000 : 1) }
    try AtomicFile.write(image, to: path)
    let descriptor = open(path, O_RDONLY)
    #expect(descriptor >= 0)
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = read(descriptor, &bytes, bytes.count)
    #expect(try PixelImage(png: Array(bytes.prefix(max(count, 0)))) == image)
    #expect(throws: TensorFileError.self) { try AtomicFile.write(image, to: "/nowhere/at/all.png") }
  }
}

@Suite("Drawings")
struct DrawingTests {
  private let red = Drawing.Ink("red", Color(0xff0000))
  private let white = Color(0xffffff)

  private func rendered(_ drawing: Drawing, scale: Double = 1) throws -> PixelImage {
    try PixelImage(png: try drawing.png(scale: scale, background: white))
  }

  @Test func shapesLieWhereTheyBelong() throws {
    var drawing = Drawing(width: 20, height: 10)
    drawing.add(.fill(Drawing.Box(x: 2, y: 3, width: 4, height: 5), red))
    let image = try rendered(drawing, scale: 2)
    #expect(image.width == 40 && image.height == 20)
    for row in 0..<20 {
      for column in 0..<40 {
        let inside = (4..<12).contains(column) && (6..<16).contains(row)
        #expect(image[column, row] == (inside ? red.color : white))
      }
    }
  }

  @Test func enlargedImagesStaySharp() throws {
    let picture = PixelImage(width: 2, height: 2) { column, row in
      Color([0x10, 0x2000, 0x300000, 0x404040][column + 2 * row])
    }
    var drawing = Drawing(width: 12, height: 12)
    drawing.add(.image(picture, Drawing.Box(x: 1, y: 1, width: 10, height: 10)))
    let image = try rendered(drawing)
    #expect(image[0, 0] == white && image[11, 11] == white)
    for row in 1..<11 {
      for column in 1..<11 {
        #expect(image[column, row] == picture[(column - 1) / 5, (row - 1) / 5])
      }
    }
  }

  @Test func movedDrawingsMoveWhole() throws {
    var part = Drawing(width: 4, height: 4)
    part.add(.fill(Drawing.Box(x: 1, y: 1, width: 2, height: 2), red))
    part.add(.lines([[(0, 0), (4, 4)]], Drawing.Stroke(red)))
    part.add(.disc((2, 2), radius: 1, red, ring: Drawing.Stroke(red), tooltip: ""))
    part.write("x", 1, 3, Drawing.TextStyle(red))
    var (near, far) = (Drawing(width: 30, height: 30), Drawing(width: 30, height: 30))
    near.add(part, at: (0, 0))
    far.add(part, at: (20, 10))
    let (first, second) = (try rendered(near), try rendered(far))
    for row in 0..<12 {
      for column in 0..<9 { #expect(first[column, row] == second[column + 20, row + 10]) }
    }
  }

  @Test(arguments: [Drawing.TextStyle.Anchor.start, .middle, .end])
  func textsLieAtTheirAnchors(_ anchor: Drawing.TextStyle.Anchor) throws {
    var drawing = Drawing(width: 80, height: 30)
    var style = Drawing.TextStyle(red).anchored(anchor)
    drawing.write("mmm", 40, 20, style)
    let image = try rendered(drawing)
    let columns = (0..<80).filter { column in (0..<30).contains { image[column, $0] != white } }
    let (first, last) = (try #require(columns.first), try #require(columns.last))
    switch anchor {
    case .start: #expect(first >= 39 && last > 55)
    case .middle: #expect((40 - first - (last - 39)).magnitude <= 3)
    case .end: #expect(last <= 41 && first < 25)
    }
    style.isTurned = true
    style.halo = Color(0x0000ff)
    var turned = Drawing(width: 30, height: 80)
    turned.write("mmm", 20, 40, style)
    let rows = try rendered(turned)
    #expect((0..<80).filter { row in (0..<30).contains { rows[$0, row] != white } }.count > 20)
  }

  @Test func emptyAndEndlessDrawingsAreRefused() {
    for size in [0.0, .nan, .infinity, -4, 1e9] {
      let drawing = Drawing(width: size, height: 5)
      #expect(throws: PictureError.self) { try drawing.png(scale: 1, background: white) }
    }
  }
}
