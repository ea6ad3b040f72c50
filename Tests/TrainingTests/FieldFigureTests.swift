import Pictures
import Testing
import Training

@Suite("Figures of fields")
struct FieldFigureTests {
  typealias Field = FieldFigure.Field

  private func images(_ figure: FieldFigure) -> [(image: PixelImage, box: Drawing.Box)] {
    figure.drawing().elements.compactMap { element in
      if case .image(let image, let box) = element { (image, box) } else { nil }
    }
  }

  private func texts(_ figure: FieldFigure) -> [String] {
    figure.drawing().elements.compactMap { element in
      if case .text(let text, _, _) = element { text } else { nil }
    }
  }

  @Test func firstAxisLiesAcrossAndSecondUp() throws {
    let field = Field([0, 1, 2, 3, 4, 5], sizes: [2, 3])
    let image = try #require(
      images(FieldFigure(title: "", rows: [.init(truth: field)])).first?.image)
    #expect(image.width == 2 && image.height == 3)
    let map = ColorMap.sequential
    #expect(image[0, 2] == map[0] && image[0, 0] == map[0.4] && image[1, 2] == map[0.6])
    #expect(image[1, 0] == map[1])
  }

  @Test func truthAndPredictionShareTheirRange() throws {
    let truth = Field([0, 1, 2, 3], sizes: [2, 2])
    let prediction = Field([0, 1, 2, 6], sizes: [2, 2])
    let row = FieldFigure.Row(input: truth, truth: truth, prediction: prediction)
    let pictures = images(FieldFigure(title: "", rows: [row])).map(\.image)
      .filter { $0.width == 2 }
    try #require(pictures.count == 4)
    let (map, signed) = (ColorMap.sequential, ColorMap.diverging)
    #expect(pictures[0][1, 0] == map[1] && pictures[1][1, 0] == map[0.5])
    #expect(pictures[2][1, 0] == map[1] && pictures[2][0, 1] == map[0])
    // The error is 0 but in one place.
    #expect(pictures[3][1, 0] == signed[1] && pictures[3][0, 0] == signed[0.5])
    let expected = (9.0 / 14).squareRoot()
    let title = "error, relative L² \(NumberFormat.significant(expected, digits: 3))"
    #expect(texts(FieldFigure(title: "", rows: [row])).contains(title))
  }

  @Test func valuesThatAreNotFiniteAreShownAndCounted() throws {
    let field = Field([0, .nan, 2, -.infinity], sizes: [2, 2])
    let figure = FieldFigure(title: "", rows: [.init(prediction: field)])
    let image = try #require(images(figure).first?.image)
    #expect(image[0, 0] == ColorMap.missing && image[1, 0] == ColorMap.missing)
    #expect(image[0, 1] == ColorMap.sequential[0] && image[1, 1] == ColorMap.sequential[1])
    #expect(texts(figure).contains("prediction: 2 of 4 values are not finite"))
    let row = FieldFigure.Row(truth: Field([0, 1, 2, 3], sizes: [2, 2]), prediction: field)
    #expect(texts(FieldFigure(title: "", rows: [row])).contains("error, not finite"))
  }

  @Test func missingFieldsLeaveNoPanels() {
    let field = FieldGallery.field([4, 4])
    let alone = FieldFigure(title: "", rows: [.init(prediction: field)])
    #expect(texts(alone).contains("prediction"))
    #expect(!texts(alone).contains { $0.hasPrefix("error") || $0 == "truth" || $0 == "input" })
    #expect(images(alone).count == 2)
    #expect(texts(FieldFigure(title: "", rows: [.init()])) == ["no values"])
  }

  @Test func pixelsAreSquareInTheDomain() throws {
    for (width, height) in [(1.0, 1.0), (2, 1), (1, 2), (3, 1.5)] {
      let axes = [FieldFigure.Axis("x", 0...width), FieldFigure.Axis("y", 1...(1 + height))]
      let row = FieldGallery.row([16, 16])
      for entry in images(FieldFigure(title: "", axes: axes, rows: [row]))
      where entry.image.width == 16 {
        #expect((entry.box.width / entry.box.height / (width / height) - 1).magnitude < 1e-6)
      }
    }
  }

  @Test func stripsShowEvenSlices() throws {
    let values = (0..<2 * 3 * 9).map { Float($0 % 9) }
    var figure = FieldFigure(title: "", axes: [.init("x"), .init("y"), .init("t", 0...9)])
    figure.rows = [.init(truth: Field(values, sizes: [2, 3, 9]))]
    figure.maximumFrames = 3
    let frames = images(figure).map(\.image).filter { $0.width == 2 }
    #expect(frames.map { $0[0, 0] } == [0, 0.5, 1].map { ColorMap.sequential[$0] })
    #expect(Set(texts(figure)).isSuperset(of: ["t = 0", "t = 4", "t = 8"]))
    figure.stripAxis = 0
    figure.rows = [.init(truth: Field(values.map { $0 }, sizes: [9, 3, 2]))]
    #expect(images(figure).map(\.image).count { $0.width == 3 && $0.height == 2 } == 3)
  }

  @Test func channelsAreTakenApart() {
    let field = Field([1, 10, 2, 20, 3, 30], sizes: [3], channels: 2, channel: 1)
    #expect(field.values == [10, 20, 30] && field.sizes == [3])
  }

  @Test func hostileTextIsEscaped() throws {
    let hostile = "<script>\"&'</svg>"
    var figure = FieldFigure(title: hostile, axes: [.init(hostile), .init(hostile)])
    figure.rows = [FieldGallery.row([3, 3], hostile)]
    (figure.inputName, figure.predictionName) = (hostile, hostile)
    for svg in [figure.svg(), figure.svg(standalone: true)] {
      #expect(MarkupChecker(svg).problem == nil)
      #expect(!svg.contains("<script") && svg.contains("&lt;script&gt;"))
    }
    _ = try figure.png(scale: 1)
  }

  @Test func filesAreNamedByTheirKind() throws {
    let figure = FieldFigure(title: "", rows: [.init(truth: FieldGallery.field([3, 3]))])
    for path in ["/tmp/figure", "/tmp/figure.jpg", "/tmp/folder.png/figure", ""] {
      #expect(throws: PictureError.self) { try figure.write(to: path) }
    }
    #expect(throws: (any Error).self) { try figure.write(to: "/nowhere/at/all.png") }
  }

  @Test func pictureHasTheSizeOfTheDrawing() throws {
    let drawing = FieldGallery.square.drawing()
    let image = try PixelImage(png: try FieldGallery.square.png(scale: 1))
    #expect(image.width == Int(drawing.width.rounded(.up)))
    #expect(image.height == Int(drawing.height.rounded(.up)))
    #expect(image[0, 0] == Color(0xffffff))
  }
}

@Suite("Values as colours")
struct FieldValueTests {
  @Test func coarsePointsAreMeansOverTheirArea() {
    let plane = FieldPlane(columns: 3, rows: 1, values: [3, 6, 12])
    #expect(plane.reduced(to: 2).values == [4, 10])
    #expect(plane.reduced(to: 1).values == [7])
    #expect(plane.reduced(to: 3).values == plane.values)
    let field = FieldGallery.field([37, 53])
    let fine = FieldPlane(columns: 37, rows: 53, values: field.values)
    let coarse = fine.reduced(to: 16)
    #expect(coarse.columns == 16 && coarse.rows == 16)
    let means = [fine, coarse].map { plane in
      plane.values.reduce(0.0) { $0 + Double($1) } / Double(plane.values.count)
    }
    #expect((means[0] - means[1]).magnitude < 1e-6)
  }

  @Test func gapsSurviveTheReduction() {
    var values = [Float](repeating: 1, count: 1024 * 16)
    values[5000] = .nan
    values[9000] = .infinity
    let coarse = FieldPlane(columns: 1024, rows: 16, values: values).reduced(to: 100)
    #expect(coarse.values.count { !$0.isFinite } == 2)
    #expect(coarse.values.filter(\.isFinite).allSatisfy { ($0 - 1).magnitude < 1e-6 })
  }

  @Test func scalesCoverTheFiniteValues() {
    func field(_ values: [Float]) -> FieldFigure.Field { .init(values, sizes: [values.count]) }
    let scale = ColorScale(rangeOf: [field([.nan, -2]), field([6, .infinity])])
    #expect(scale.lower == -2 && scale.upper == 6)
    #expect(scale.color(2) == ColorMap.sequential[0.5])
    #expect(scale.color(.nan) == ColorMap.missing && scale.color(-.infinity) == ColorMap.missing)
    for value: Float in [0, 5, -1e-30, 3e38] {
      let constant = ColorScale(rangeOf: [field([value, value])])
      #expect(constant.lower < constant.upper && constant.color(value) == ColorMap.sequential[0.5])
    }
    #expect(ColorScale(rangeOf: []).upper == 1)
    let signed = ColorScale(errors: field([-3, 1, .nan]))
    #expect(signed.lower == -3 && signed.upper == 3)
    #expect(signed.color(0) == ColorMap.diverging[0.5])
    #expect(ColorScale(errors: field([0])).color(0) == ColorMap.diverging[0.5])
  }
}
