import Differentiation
import LaneKernels
import SequenceTensor

/// One piece of a multiscale filter: where it starts, how far it is stretched, its weight.
struct MultiscalePiece {
  let start: Int
  let factor: Int
  /// `[channels]`.
  let gain: Tensor
}

extension Variable {
  /// Σ over pieces of gain·stretch(piece), each from its start: the first `rows` taps.
  ///
  /// - Parameters:
  ///   - pieces: `[d, channels]` each.
  ///   - layout: where each piece goes.
  ///   - interpolation: how a piece is stretched by its factor.
  ///   - rows: how many taps are wanted.
  /// - Returns: `[rows, channels]`.
  static func multiscale(
    _ pieces: [Variable], layout: [MultiscalePiece], interpolation: SGConvMode.Interpolation,
    rows: Int
  ) -> Variable {
    let channels = pieces[0].shape[1]
    let size = pieces[0].shape[0]
    /// Calls `body(tap, source row, weight)` for every contribution of a piece.
    func forEachTap(_ piece: MultiscalePiece, _ body: (Int, Int, Float) -> Void) {
      for t in 0..<max(0, min(size * piece.factor, rows - piece.start)) {
        switch interpolation {
        case .nearest: body(piece.start + t, t / piece.factor, 1)
        case .linear:
          // Tap centres are aligned, and the ends repeat (`align_corners=False`).
          let position = max(0, (Double(t) + 0.5) / Double(piece.factor) - 0.5)
          let low = min(Int(position), size - 1)
          let weight = Float(position - Double(low))
          body(piece.start + t, low, 1 - weight)
          if weight != 0 { body(piece.start + t, min(low + 1, size - 1), weight) }
        }
      }
    }
    var taps = Tensor(zeros: [rows, channels])
    let out = taps.mutablePointer()
    for (piece, place) in zip(pieces, layout) {
      let weighted = piece.value * place.gain
      forEachTap(place) { tap, row, weight in
        lanes.accumulate_scaled(
          out + tap * channels, weighted.pointer + row * channels, weight, channels)
      }
    }
    return primitive(pieces, value: taps) { dy in
      layout.map { place in
        var gradient = Tensor(zeros: [size, channels])
        let sum = gradient.mutablePointer()
        forEachTap(place) { tap, row, weight in
          lanes.accumulate_scaled(
            sum + row * channels, dy.pointer + tap * channels, weight, channels)
        }
        return gradient * place.gain
      }
    }
  }
}
