import Longwave
import Testing

@Suite struct HankelAnalysisTests {
  /// Random projections and FFTs give what LAPACK gives for the whole matrix.
  @Test(arguments: [301, 640]) func methodsAgree(length: Int) throws {
    let taps = FilterMaker.noise(count: length, seed: 3)
    let dense = try HankelAnalysis(taps: taps, count: 20, method: .dense)
    let quick = try HankelAnalysis(taps: taps, count: 20, method: .randomized)
    for (a, b) in zip(dense.singularValues, quick.singularValues) {
      #expect(abs(a - b) < 1e-8 * dense.singularValues[0])
    }
    #expect(dense.singularValues == dense.singularValues.sorted(by: >))
  }

  /// A pure delay has only singular values of 1: a start with one vector would find two of them.
  @Test func findsRepeatedValues() throws {
    var taps = [Double](repeating: 0, count: 300)
    taps[299] = 1
    taps[0] = 1
    let found = try HankelAnalysis(taps: taps, count: 12, method: .randomized)
    #expect(found.singularValues.count == 12)
    #expect(found.singularValues.allSatisfy { abs($0 - 1) < 1e-9 })
  }

  /// A recurrence of order 5 has 5 singular values, and the bound says that less will not do.
  @Test func countsTheStatesOfARecurrence() throws {
    let taps = FilterMaker.recurrence(pairs: 2, realPoles: 1, radii: 0.6...0.9, seed: 5)
      .taps(length: 500)
    let found = try HankelAnalysis(taps: taps, count: 10)
    #expect(found.singularValues[5] < 1e-8 * found.singularValues[0])
    #expect(found.singularValues[4] > 1e-6 * found.singularValues[0])
    #expect(found.relativeErrorBounds[5] < 1e-9)
    #expect(found.relativeErrorBounds[4] > 1e-9)
    #expect(found.leastOrder(forRelativeError: found.relativeErrorBounds[4] * 0.9) == 5)
    #expect(found.leastOrder(forRelativeError: 1.1) == 0)
  }

  /// No recurrence found is better than the lower bounds, in either norm.
  @Test func boundsHold() throws {
    for seed in 0..<4 as Range<UInt64> {
      let taps = FilterMaker.noise(count: 200, seed: seed)
      let analysis = try HankelAnalysis(taps: taps, count: 16)
      for order in [1, 3, 8, 15] {
        let found = try AutomaticDistiller().distilled(taps, order: order)
        let bound = analysis.relativeErrorBounds[order]
        #expect(bound > 0.05, "the bound says something")
        #expect(found.certificate.relativeL2Error >= bound)
        let absolute = try #require(analysis.absoluteErrorBound(order: order))
        #expect(found.certificate.unlimitedOutputErrorBound >= absolute)
      }
      #expect(analysis.absoluteErrorBound(order: 16) == nil)
    }
  }

  @Test func banksAndBadInput() throws {
    let (a, b) = (FilterMaker.noise(count: 64, seed: 1), FilterMaker.noise(count: 64, seed: 2))
    let bank = try HankelAnalysis.bank(FilterMaker.bank([a, b]), count: 4)
    let single = try HankelAnalysis(taps: b.map { Double(Float($0)) }, count: 4)
    #expect(bank.count == 2 && bank[1].singularValues == single.singularValues)
    #expect(throws: DistillationError.self) { try HankelAnalysis(taps: [1]) }
    #expect(throws: DistillationError.self) { try HankelAnalysis(taps: a, count: 0) }
    #expect(throws: DistillationError.self) { try HankelAnalysis.bank(Tensor(zeros: [4])) }
  }
}
