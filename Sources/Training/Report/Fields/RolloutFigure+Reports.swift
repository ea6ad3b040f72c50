public import NeuralOperators
public import SequenceTensor

extension RolloutFigure {
  /// The errors of roll-outs over time, with the frames of one sample.
  ///
  /// - Parameters:
  ///   - title: what the figure shows.
  ///   - reports: the roll-outs by name; the first one's divergence is marked.
  ///   - times: the time of each step; the steps themselves if there are none.
  ///   - truth: `[samples, x, (y,) steps·channels]`.
  ///   - prediction: of the first roll-out, of the same shape.
  ///   - sample: which sample's frames are shown.
  ///   - channels: the channels of a frame; the first is shown.
  ///   - axes: those of the grid.
  public init(
    title: String, reports: [(name: String, report: RolloutReport)], times: [Double]?,
    truth: Tensor, prediction: Tensor, sample: Int, channels: Int, axes: [FieldFigure.Axis]
  ) {
    let steps = truth.shape.last / channels
    let times = times ?? (1...steps).map(Double.init)
    self.init(
      title: title,
      curves: reports.map { entry in
        Curve(
          entry.name,
          points: zip(times, entry.report.errors).map { (time: $0, error: $1) })
      })
    divergence = reports.first?.report.divergenceStep.map { times[$0] }
    guard axes.count < 3 else { return }
    let grid = Array(truth.shape.sizes.dropFirst().dropLast())
    func field(_ all: Tensor) -> FieldFigure.Field {
      let one = all.sliced(axis: 0, sample..<sample + 1).elements
      // The first channel of every frame, time as the last axis.
      let values = stride(from: 0, to: one.count, by: channels).map { one[$0] }
      return FieldFigure.Field(values, sizes: grid + [steps])
    }
    var figure = FieldFigure(title: title)
    let first = times.first ?? 0
    let last = max(times.last ?? 1, first.nextUp)
    figure.axes =
      axes
      + [FieldFigure.Axis("t", first...last, includesEnd: true, isTime: true)]
    if axes.count == 2 { figure.stripAxis = 2 }
    figure.rows = [
      FieldFigure.Row("sample \(sample)", truth: field(truth), prediction: field(prediction))
    ]
    frames = figure
  }
}

extension Tensor {
  /// The frames `[samples, x, …, channels]` that lie one behind the other in the channels.
  public func frames(of channels: Int) -> [Tensor] {
    stride(from: 0, to: shape.last, by: channels).map {
      sliced(axis: -1, $0..<$0 + channels)
    }
  }

  /// Frames `[samples, x, …, channels]` one after the other: `[samples, frames, x, …, channels]`.
  public static func stacked(_ frames: [Tensor]) -> Tensor {
    .concatenated(
      frames.map { $0.reshaped(to: Shape([$0.shape[0], 1] + $0.shape.sizes.dropFirst())) },
      axis: 1)
  }
}
