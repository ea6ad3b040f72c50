import CFFTW
package import SequenceTensor

/// The sine and cosine transforms of one contiguous real grid in double precision, unscaled.
///
/// An axis of n points with values X has the coefficients Y of FFTW's real-to-real transforms:
///
/// | kind | points | FFTW, forward and inverse | logical length |
/// | --- | --- | --- | --- |
/// | `sineNodes` | the n interior nodes of n + 1 intervals | RODFT00, RODFT00 | 2(n + 1) |
/// | `sineCells` | the centres of n cells | RODFT10, RODFT01 | 2n |
/// | `cosineNodes` | all n nodes of n - 1 intervals | REDFT00, REDFT00 | 2(n - 1) |
/// | `cosineCells` | the centres of n cells | REDFT10, REDFT01 | 2n |
///
/// The inverse of the forward transform is the grid times the product of the logical lengths.
package final class DoubleTrigonometricTransform: Sendable {
  /// Which family of functions, at which points.
  package enum Kind: Sendable, Hashable {
    case sineNodes, sineCells, cosineNodes, cosineCells

    /// What a transform and its inverse multiply an axis of `count` points by.
    package func logicalLength(count: Int) -> Int {
      switch self {
      case .sineNodes: 2 * (count + 1)
      case .cosineNodes: 2 * (count - 1)
      case .sineCells, .cosineCells: 2 * count
      }
    }

    fileprivate var forward: fftw_r2r_kind {
      switch self {
      case .sineNodes: FFTW_RODFT00
      case .sineCells: FFTW_RODFT10
      case .cosineNodes: FFTW_REDFT00
      case .cosineCells: FFTW_REDFT10
      }
    }

    fileprivate var inverse: fftw_r2r_kind {
      switch self {
      case .sineNodes: FFTW_RODFT00
      case .sineCells: FFTW_RODFT01
      case .cosineNodes: FFTW_REDFT00
      case .cosineCells: FFTW_REDFT01
      }
    }
  }

  private struct Key: Hashable {
    let gridShape: Shape
    let kinds: [Kind]
  }

  /// The sizes of the grid.
  package let gridShape: Shape
  /// What a transform and its inverse multiply a grid by.
  package let logicalCount: Int
  private let forwardPlan: FFTWDoublePlan
  private let inversePlan: FFTWDoublePlan

  private static let plans = PlanCache<Key, DoubleTrigonometricTransform>()

  /// The transform of a grid with a kind for each axis, shared by all that ask for it.
  ///
  /// - Precondition: as many kinds as axes, and at least 2 points along an axis of
  ///   `cosineNodes`.
  package static func plan(_ gridShape: Shape, kinds: [Kind]) -> DoubleTrigonometricTransform {
    require(
      kinds.count == gridShape.rank
        && zip(kinds, gridShape.sizes).allSatisfy {
          $1 >= ($0 == .cosineNodes ? 2 : 1)
        },
      "DoubleTrigonometricTransform.plan: kinds \(kinds) for grid \(gridShape)")
    return plans.value(for: Key(gridShape: gridShape, kinds: kinds)) {
      DoubleTrigonometricTransform(gridShape, kinds: kinds)
    }
  }

  private init(_ gridShape: Shape, kinds: [Kind]) {
    self.gridShape = gridShape
    logicalCount = zip(kinds, gridShape.sizes).reduce(1) { $0 * $1.0.logicalLength(count: $1.1) }
    let sizes = gridShape.sizes.map { Int32($0) }
    let memory = UnsafeMutablePointer<Double>.allocate(capacity: 2 * gridShape.count)
    defer { memory.deallocate() }
    func plan(_ kinds: [fftw_r2r_kind]) -> FFTWDoublePlan {
      FFTWDoublePlan {
        fftw_plan_r2r(
          Int32(sizes.count), sizes, memory, memory + gridShape.count, kinds,
          FFTW_ESTIMATE | FFTW_UNALIGNED | FFTW_PRESERVE_INPUT)
      }
    }
    forwardPlan = plan(kinds.map(\.forward))
    inversePlan = plan(kinds.map(\.inverse))
  }

  /// Transforms `input` to `output`, each a grid in row-major order; they must not overlap.
  package func execute(
    _ direction: TransformDirection, from input: UnsafePointer<Double>,
    to output: UnsafeMutablePointer<Double>
  ) {
    let plan = direction == .forward ? forwardPlan : inversePlan
    fftw_execute_r2r(plan.handle, input.fftwInput, output)
  }
}
