/// How a convolution of one sequence is cut into products in a ring of 2P positions.
///
/// A position that runs out of the ring at one end comes back at the other with its sign changed,
/// so every piece is chosen such that nothing wanted is met by what came round.
struct RingGeometry: Hashable {
  let problem: ConvolutionProblem
  /// P; the ring has twice as many positions.
  let points: Int
  /// Outputs of a piece.
  let piece: Int
  /// Whether a piece reads the inputs round its outputs; if not, it is the whole sequence.
  let isExtended: Bool

  /// Lags of the filter into the past and into the future.
  var past: Int { problem.usedTaps.upperBound - 1 - problem.centre }
  var future: Int { problem.centre - problem.usedTaps.lowerBound }

  /// The number of pieces.
  var pieces: Int { (problem.length + piece - 1) / piece }

  /// Values of a sequence that stand side by side in the ring from `position` on.
  struct Run {
    let position: Int
    let sequence: Range<Int>
  }

  /// The outputs of a piece.
  func outputs(_ index: Int) -> Range<Int> {
    index * piece..<min(problem.length, (index + 1) * piece)
  }

  /// The inputs that the outputs of a piece are made of.
  func inputs(_ index: Int) -> [Run] {
    isExtended ? extended(outputs(index), before: past, after: future) : [whole]
  }

  /// Where the outputs of a piece appear.
  func outputRun(_ index: Int) -> Run {
    isExtended ? Run(position: past, sequence: outputs(index)) : whole
  }

  /// Where the inputs stand, and the gradients with respect to them appear, in the backward pass.
  func inputGradientRun(_ index: Int) -> Run {
    isExtended ? Run(position: future, sequence: outputs(index)) : whole
  }

  /// The gradients of outputs that the inputs at a piece's positions reached.
  func outputGradients(_ index: Int) -> [Run] {
    isExtended ? extended(outputs(index), before: future, after: past) : [whole]
  }

  /// The taps in the ring, lag 0 first; those at negative lags stand at its end, with their sign
  /// changed.
  var taps: [(run: Run, sign: Float)] {
    let (used, centre) = (problem.usedTaps, problem.centre)
    let past = (Run(position: 0, sequence: centre..<used.upperBound), Float(1))
    guard future > 0 else { return [past] }
    return [past, (Run(position: 2 * points - future, sequence: used.lowerBound..<centre), -1)]
  }

  private var whole: Run { Run(position: 0, sequence: 0..<problem.length) }

  private func extended(_ range: Range<Int>, before: Int, after: Int) -> [Run] {
    let (start, end, length) = (range.lowerBound - before, range.upperBound + after, problem.length)
    let middle = max(0, start)..<min(length, end)
    var runs = [Run(position: middle.lowerBound - start, sequence: middle)]
    guard problem.boundary == .circular else { return runs }
    if start < 0 { runs.append(Run(position: 0, sequence: length + start..<length)) }
    if end > length { runs.append(Run(position: length - start, sequence: 0..<end - length)) }
    return runs
  }
}

extension RingGeometry {
  /// The ways to bring a problem to a ring, the cheapest first.
  ///
  /// `cost` is in nanoseconds for one sequence of one channel.
  static func candidates(
    _ problem: ConvolutionProblem
  ) -> [(geometry: RingGeometry, cost: Double)] {
    let reach = RingGeometry(problem: problem, points: 0, piece: 1, isExtended: false)
    let (past, future, length) = (reach.past, reach.future, problem.length)
    // A single piece in a ring that holds all of it always serves.
    let whole = (length + past + future + 1) / 2
    var geometries: Set<RingGeometry> = []
    func add(_ points: Int, piece: Int, isExtended: Bool) {
      geometries.insert(
        RingGeometry(problem: problem, points: points, piece: piece, isExtended: isExtended))
    }
    if problem.boundary != .circular {
      for points in LaneTransformLength.candidates(atLeast: (length + max(past, future) + 1) / 2) {
        add(points, piece: length, isExtended: false)
      }
    }
    // Overlapping pieces: from those that are mostly overlap to a single one.
    var least = max(LaneTransformLength.shortest, (past + future + 1) / 2 + 1)
    while true {
      for points in LaneTransformLength.candidates(atLeast: min(least, whole)) {
        let room = 2 * points - past - future
        guard room > 0 else { continue }
        // Equal pieces, so that the last is not mostly empty.
        let pieces = (length + room - 1) / room
        add(points, piece: (length + pieces - 1) / pieces, isExtended: true)
      }
      if least >= whole { break }
      least *= 2
    }
    func cost(_ geometry: RingGeometry) -> Double {
      // Values beyond half of the ring fill the imaginary parts too, which the first and the last
      // step can leave out otherwise.
      let isFull = geometry.isExtended || geometry.piece > geometry.points
      let point = LaneTransformLength.costOfPoint(geometry.points) * (isFull ? 1.45 : 1)
      return Double(geometry.pieces)
        * (Double(geometry.points) * point + LaneTransformLength.costOfTask)
    }
    // Of equal costs the longer transform, and then the one that does not overlap, comes first, so
    // that the order does not depend on a hash.
    func key(_ geometry: RingGeometry) -> (Double, Int, Int, Int) {
      (cost(geometry), -geometry.points, geometry.isExtended ? 1 : 0, geometry.piece)
    }
    return geometries.sorted { key($0) < key($1) }.map { ($0, cost($0)) }
  }
}
