/// The difference of a prediction from its truth.
struct FieldError {
  /// Prediction minus truth.
  let field: FieldFigure.Field
  /// ‖prediction − truth‖ / ‖truth‖ in L2; not a number if any value is not finite.
  let relative: Double
  /// What the panel of the error says above it.
  let title: String

  /// The error of a row, if it has both fields.
  init?(_ row: FieldFigure.Row) {
    guard let truth = row.truth, let prediction = row.prediction else { return nil }
    var (error, size) = (0.0, 0.0)
    let differences = zip(truth.values, prediction.values).map { wanted, given -> Float in
      let difference = Double(given) - Double(wanted)
      error += difference * difference
      size += Double(wanted) * Double(wanted)
      return Float(difference)
    }
    field = FieldFigure.Field(differences, sizes: truth.sizes)
    relative = size > 0 ? (error / size).squareRoot() : error > 0 ? .infinity : error
    if relative.isFinite {
      title = "error, relative L² \(NumberFormat.significant(relative, digits: 3))"
    } else {
      title = error.isFinite && size == 0 ? "error; the truth is zero" : "error, not finite"
    }
  }
}
