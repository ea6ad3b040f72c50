import Training

#if canImport(Glibc)
  import Glibc
#endif

/// Figures of all kinds, with the sizes and values that are hard to draw.
enum FieldGallery {
  typealias Field = FieldFigure.Field

  /// A smooth field with a few waves, the last axis fastest.
  static func field(_ sizes: [Int], scale: Float = 1, shift: Float = 0, phase: Float = 0) -> Field {
    var values: [Float] = []
    for place in 0..<sizes.reduce(1, *) {
      var rest = place
      var value: Float = 1
      for (axis, size) in sizes.enumerated().reversed() {
        let x = Float(rest % size) / Float(size)
        rest /= size
        value *= sin(2 * .pi * (x * Float(axis + 1)) + phase + 0.4 * Float(axis)) + 0.35 * x
      }
      values.append(value * scale + shift)
    }
    return Field(values, sizes: sizes)
  }

  /// The cosine of a number of turns.
  static func cosine(_ turns: Float) -> Float { cos(2 * .pi * turns) }

  /// The field with every value changed.
  static func changed(_ field: Field, _ change: (Int, Float) -> Float) -> Field {
    Field(field.values.enumerated().map { change($0.offset, $0.element) }, sizes: field.sizes)
  }

  /// A row with all four fields.
  static func row(_ sizes: [Int], _ title: String = "", scale: Float = 1, shift: Float = 0)
    -> FieldFigure.Row
  {
    let truth = field(sizes, scale: scale, shift: shift)
    let error = field(sizes, scale: scale * 0.05, phase: 2.1)
    let prediction = changed(truth) { index, value in value + error.values[index] }
    return FieldFigure.Row(
      title, input: field(sizes, phase: 1), truth: truth, prediction: prediction)
  }

  static let square: FieldFigure = {
    var figure = FieldFigure(title: "Darcy flow, 64 × 64", axes: [.init("x"), .init("y")])
    figure.inputName = "permeability"
    figure.rows = [row([64, 64], "Worst of 100: sample 17, relative L² 0.0712")]
    return figure
  }()

  static let curve = FieldFigure(
    title: "Burgers, 256 points", axes: [.init("x", 0...(2 * .pi))], rows: [row([256])])

  static let strip: FieldFigure = {
    let time = FieldFigure.Axis("t", 0...2, includesEnd: true, isTime: true)
    return FieldFigure(
      title: "Vorticity", axes: [.init("x"), .init("y"), time], rows: [row([48, 48, 9])])
  }()

  static let spaceTime: FieldFigure = {
    let time = FieldFigure.Axis("t", 0...10, includesEnd: true, isTime: true)
    return FieldFigure(
      title: "Kuramoto–Sivashinsky", axes: [time, .init("x", 0...64)], rows: [row([120, 64])])
  }()

  static let rollout: RolloutFigure = {
    let curves = [1.0, 1.6].enumerated().map { index, rate in
      RolloutFigure.Curve(
        ["64 × 64", "128 × 128"][index],
        points: (0...40).map { (Double($0) / 4, 1e-3 * exp(rate * Double($0) / 4 * 0.7)) })
    }
    var figure = RolloutFigure(title: "Roll-out of the Navier–Stokes flow", curves: curves)
    figure.frames = strip
    figure.divergence = curves[1].divergence()
    return figure
  }()

  /// Figures with values and sizes at the limits, by what is special about them.
  static let hard: [(name: String, figure: FieldFigure)] = {
    var list: [(String, FieldFigure)] = []
    func add(_ name: String, _ axes: [FieldFigure.Axis], _ rows: [FieldFigure.Row]) {
      list.append((name, FieldFigure(title: name, axes: axes, rows: rows)))
    }
    func add(_ name: String, _ rows: [FieldFigure.Row]) { add(name, [], rows) }
    add("nothing", [])
    add("no fields", [.init("empty row")])
    add(
      "no points", [.init(truth: Field([], sizes: [0, 4]), prediction: Field([], sizes: [0, 4]))])
    for sizes in [
      [1], [2], [1, 1], [1, 7], [1024, 3], [31, 17], [5, 4, 1], [3, 1, 2], [4, 4, 4, 3],
    ] {
      add("grid of \(sizes)", [row(sizes)])
    }
    add("solve without truth", [.init(input: field([9, 9]), prediction: field([9, 9], phase: 2))])
    add("solve in one dimension", [.init(prediction: field([33]))])
    add("constant", [.init(truth: changed(field([8, 8])) { _, _ in 3 })])
    add("zeros", [.init(truth: changed(field([8, 8])) { _, _ in 0 }, prediction: field([8, 8]))])
    add("exact", [.init(truth: field([8, 8]), prediction: field([8, 8]))])
    add("huge", [row([16, 16], scale: 1.6e38)])
    add("tiny", [row([16, 16], scale: 1e-38)])
    add("small", [row([16, 16], scale: 3e-4)])
    add("far from zero", [row([16, 16], scale: 0.01, shift: 1000)])
    let gaps = changed(field([20, 20])) { index, value in
      index % 37 == 0 ? .nan : index % 41 == 0 ? .infinity : value
    }
    add("gaps", [.init(truth: field([20, 20]), prediction: gaps)])
    add(
      "gaps in a curve",
      [.init(truth: field([37]), prediction: changed(field([37])) { $0 % 5 == 0 ? .nan : $1 })])
    add("only gaps", [.init(prediction: changed(field([6, 6])) { _, _ in .nan })])
    add("flat domain", [.init("x", 0...100), .init("y", 0...1)], [row([64, 8])])
    add("tall domain", [.init("x", 0...1), .init("y (km)", -2000...2000)], [row([8, 64])])
    add("domain without extent", [.init("x", 1...1), .init("y", 0...1)], [row([4, 4])])
    add(
      "1-D input, image output",
      [.init(input: field([30]), truth: field([30, 20]), prediction: field([30, 20]))])
    add("two rows", [row([12, 12], "worst"), row([12, 12], "best")])
    add(
      String(repeating: "a very long title ", count: 20),
      [row([6, 6], String(repeating: "long ", count: 80))])
    return list
  }()
}
