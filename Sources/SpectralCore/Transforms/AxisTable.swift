import LaneKernels
import SequenceTensor

/// The cosines and negative sines of one axis, in the order in which the kernels read them.
///
/// Computed in double precision and kept by what they depend on.
struct AxisTable: Sendable {
  /// `[blocks, terms, LANE_MODE_BLOCK]`; columns beyond the last are zero.
  let even: Tensor
  let odd: Tensor

  /// From points to modes, or back.
  enum Direction: Hashable { case analysis, synthesis }

  private struct Key: Hashable {
    let size: Int
    let magnitudes: Int
    let isHalved: Bool
    let weights: AxisWeights
    let direction: Direction
  }

  private static let tables = PlanCache<Key, AxisTable>()

  static func cached(
    _ modes: AxisModes, weights: AxisWeights, direction: Direction
  ) -> AxisTable {
    let key = Key(
      size: modes.size, magnitudes: modes.magnitudes, isHalved: modes.isHalved, weights: weights,
      direction: direction)
    return tables.value(for: key) {
      AxisTable(modes, weights: weights, direction: direction)
    }
  }

  private init(_ modes: AxisModes, weights: AxisWeights, direction: Direction) {
    let (size, magnitudes) = (modes.size, modes.magnitudes)
    func root(_ k: Int, _ n: Int) -> (cosine: Float, sine: Float) {
      let root = unitRoot(k * n % size, of: size)
      let weight = weights.weight(of: k, in: modes)
      return (Float(weight * root.cosine), Float(weight * root.sine))
    }
    switch direction {
    case .analysis:
      even = Self.blocks(terms: size / 2 + 1, columns: magnitudes) { root($1, $0).cosine }
      // Points 0 and size/2 have no sine.
      odd = Self.blocks(terms: (size - 1) / 2, columns: magnitudes) { root($1, $0 + 1).sine }
    case .synthesis:
      even = Self.blocks(terms: magnitudes, columns: size / 2 + 1) { root($0, $1).cosine }
      odd = Self.blocks(terms: magnitudes, columns: size / 2 + 1) { root($0, $1).sine }
    }
  }

  private static func blocks(
    terms: Int, columns: Int, _ value: (_ term: Int, _ column: Int) -> Float
  ) -> Tensor {
    let width = Int(LANE_MODE_BLOCK)
    let blocks = (columns + width - 1) / width
    return Tensor(uninitialized: [blocks, terms, width]) { table in
      for block in 0..<blocks {
        for term in 0..<terms {
          for column in block * width..<(block + 1) * width {
            table[(block * terms + term) * width + column % width] =
              column < columns ? value(term, column) : 0
          }
        }
      }
    }
  }
}
