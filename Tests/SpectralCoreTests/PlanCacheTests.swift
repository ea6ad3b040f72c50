import Dispatch
import SequenceTensor
import SpectralCore
import Synchronization
import TestSupport
import Testing

/// Caches and plans under many threads at once.
@Suite struct PlanCacheTests {
  private final class Plan: Sendable {}

  @Test func allThreadsGetOnePlan() {
    let cache = PlanCache<Int, Plan>()
    let made = Atomic<Int>(0)
    let seen = Mutex<[Int: Set<ObjectIdentifier>]>([:])
    // Whoever asks keeps the plan, so that no identity is used twice.
    let kept = Mutex<[Plan]>([])
    DispatchQueue.concurrentPerform(iterations: 400) { i in
      let plan = cache.value(for: i % 7) {
        made.wrappingAdd(1, ordering: .relaxed)
        return Plan()
      }
      kept.withLock { $0.append(plan) }
      seen.withLock { _ = $0[i % 7, default: []].insert(ObjectIdentifier(plan)) }
    }
    #expect(seen.withLock { $0.count == 7 && $0.values.allSatisfy { $0.count == 1 } })
    #expect(cache.count == 7 && made.load(ordering: .relaxed) >= 7)
    cache.removeAll()
    #expect(cache.count == 0)
  }

  @Test func aKeptPlanIsNotMadeAgain() {
    let cache = PlanCache<String, Plan>()
    let first = cache.value(for: "a") { Plan() }
    let again = cache.value(for: "a") {
      Issue.record("made a plan that is there")
      return Plan()
    }
    #expect(first === again)
  }

  /// Who comes second with a plan of its own gets the one that is there.
  @Test func theFirstPlanMadeIsKept() {
    let cache = PlanCache<Int, Plan>()
    var first: Plan?
    let second = cache.value(for: 1) {
      // As another thread would while this one is still planning.
      first = cache.value(for: 1) { Plan() }
      return Plan()
    }
    #expect(first === second && cache.count == 1)
  }

  /// Planning (which FFTW allows one thread at a time), executing and dropping plans, all at once.
  @Test func convolutionsOfManyLengthsAtOnce() {
    let wrong = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: 60) { i in
      var random = RandomSource(seed: UInt64(i))
      let length = 400 + i % 20 * 17
      let boundary = Boundary.allCases[i % 3]
      let problem = ConvolutionProblem(length: length, taps: 90, boundary: boundary)
      let o = ConvolutionOperands(input: Tensor(normal: [1, length, 2], using: &random))
      let filter = Tensor(normal: [90, 2], using: &random)
      let plan = ConvolutionPlanner.plan(problem, using: .fftw)
      let error = relativeError(
        plan(o, plan.spectrum(of: filter)).elements, DirectOracle(problem).forward(o, filter))
      if !(error < 1e-6) { wrong.withLock { $0.append("\(problem): \(error)") } }
    }
    #expect(wrong.withLock { $0 } == [])
  }

  @Test func realTransformsOfManySizesAtOnce() {
    let wrong = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: 80) { i in
      let grid: Shape = i % 2 == 0 ? [450 + i / 4] : [9 + i / 8, 11]
      var random = RandomSource(seed: UInt64(i))
      let x = Tensor(normal: Shape([1] + grid.sizes + [1]), using: &random)
      let found = RealTransform(gridShape: grid).forward(x).values.elements
      let wide = x.elements.map(Double.init)
      let expected = NaiveDFT(grid.sizes).forward(wide)
      let double = DoubleRealTransform.plan(grid).forward(wide)
      if !(relativeError(found, expected) < 5e-7 && relativeError(double, expected) < 1e-13) {
        wrong.withLock { $0.append("\(grid)") }
      }
    }
    #expect(wrong.withLock { $0 } == [])
  }
}
