import Longwave
import Testing

@Suite struct DistillerTests {
  static let methods: [any Distiller] = [
    BalancedTruncation(), BalancedTruncation(window: .padded),
    BalancedTruncation(refitsResidues: false), PronyDistiller(), PronyDistiller(refinements: 0),
    VectorFitting(), ModalInterpolation(), ModalInterpolation(objective: .frequency(weights: nil)),
    AutomaticDistiller(),
  ]

  /// A filter that is a recurrence is found again by every method.
  @Test(arguments: methods.indices) func findsRecurrences(_ index: Int) throws {
    let method = Self.methods[index]
    for (pairs, real, head) in [(1, 0, 1), (2, 1, 1), (3, 0, 0), (0, 1, 3)] {
      let taps = FilterMaker.recurrence(
        pairs: pairs, realPoles: real, radii: 0.7...0.9, seed: UInt64(pairs + 7)
      ).withFirst(head).taps(length: 400)
      let order = 2 * pairs + real
      let found = try method.distilled(taps, order: order, headLength: head)
      #expect(
        found.certificate.relativeL2Error < 1e-7,
        "\(method.name), \(pairs), \(real): \(found.certificate.relativeL2Error)")
      #expect(found.certificate.order <= order)
      #expect(found.recurrence.head == Array(taps.prefix(head)))
    }
  }

  /// Whatever the filter, poles are inside the unit circle and the order is what was asked for.
  @Test(arguments: methods.indices) func isStable(_ index: Int) throws {
    let method = Self.methods[index]
    for order in [1, 2, 7] {
      let taps = FilterMaker.noise(count: 91, seed: UInt64(order))
      let found = try method.distilled(taps, order: order)
      #expect(found.recurrence.poleRadii.allSatisfy { $0 < 1 }, "\(method.name)")
      #expect(found.recurrence.poles.allSatisfy { $0.imaginary >= 0 }, "\(method.name)")
      #expect(found.certificate.order <= order, "\(method.name)")
      #expect(found.recurrence.taps(length: 1)[0] == taps[0], "\(method.name)")
      #expect(found.certificate.relativeL2Error < 1.2, "\(method.name)")
    }
  }

  /// Moving the poles gains, and so do exchanges: the automatic method is the best of all.
  @Test func optimisationGains() throws {
    let taps = FilterMaker.noise(count: 300, seed: 11)
    let quick = try BalancedTruncation().distilled(taps, order: 8).certificate.relativeL2Error
    let moved = try ModalInterpolation().distilled(taps, order: 8).certificate.relativeL2Error
    let best = try AutomaticDistiller().distilled(taps, order: 8).certificate.relativeL2Error
    #expect(moved < 0.99 * quick)
    #expect(best <= moved * (1 + 1e-9))
    let direct = try AutomaticDistiller(iterations: 0).distilled(taps, order: 8)
    #expect(direct.certificate.relativeL2Error >= best)
  }

  /// Modes that cancel each other are exact in double precision only.
  @Test func precisionDecides() throws {
    struct Fixed: Distiller {
      let name: String
      let result: ModalRecurrence
      func recurrence(_ taps: [Double], order: Int, headLength: Int) -> ModalRecurrence { result }
    }
    let pole = ComplexNumber(0.9, 0)
    let taps = (0..<64).map { lag in (0..<lag).reduce(1.0) { value, _ in value * 0.9 } }
    func fixed(_ name: String, gain: Double, beside size: Double) -> Fixed {
      let recurrence = ModalRecurrence(
        head: [1], poles: [pole, pole, pole],
        residues: [ComplexNumber(0.9 * gain, 0), ComplexNumber(size, 0), ComplexNumber(-size, 0)])
      return Fixed(name: name, result: recurrence)
    }
    let methods = [
      fixed("mild", gain: 1.001, beside: 0), fixed("cancelling", gain: 1, beside: 1e6),
    ]
    func chosen(_ precision: StatePrecision) throws -> String {
      try AutomaticDistiller(methods: methods, iterations: 0, precision: precision)
        .distilled(taps, order: 3).method
    }
    #expect(try chosen(.double) == "cancelling")
    #expect(try chosen(.single) == "mild")
  }

  /// The frequency objective counts what comes after the last tap, the time objective does not.
  @Test func objectivesDiffer() throws {
    let taps = Array(
      FilterMaker.recurrence(pairs: 3, radii: 0.99...0.995, seed: 2).taps(length: 120))
    let time = try ModalInterpolation().distilled(taps, order: 4)
    let frequency = try ModalInterpolation(objective: .frequency(weights: nil))
      .distilled(taps, order: 4)
    func infinite(_ found: DistilledRecurrence) -> Double {
      let response = found.recurrence.taps(length: 20_000)
      return response.enumerated().reduce(0) {
        let error = $1.element - ($1.offset < taps.count ? taps[$1.offset] : 0)
        return $0 + error * error
      }
    }
    #expect(time.certificate.relativeL2Error < frequency.certificate.relativeL2Error)
    #expect(infinite(frequency) < infinite(time))
    // A weight on low frequencies makes them better there than equal weights do.
    let low = try ModalInterpolation(objective: .frequency(weights: [1, 1, 0.001, 0.001, 0.001]))
      .distilled(taps, order: 4)
    #expect(low.recurrence != frequency.recurrence)
    #expect(throws: DistillationError.self) {
      try ModalInterpolation(objective: .frequency(weights: [1, -1])).distilled(taps, order: 4)
    }
  }

  /// For a bound the order is the least that was found to do, and the certificate keeps it.
  @Test func automaticOrder() throws {
    let taps = FilterMaker.recurrence(pairs: 3, radii: 0.7...0.9, seed: 4).taps(length: 300)
    let found = try AutomaticDistiller().distilled(taps, relativeError: 1e-6)
    #expect(found.certificate.relativeL2Error <= 1e-6)
    #expect(found.certificate.order == 6)
    let loose = try AutomaticDistiller().distilled(taps, relativeError: 0.9)
    #expect(loose.certificate.relativeL2Error <= 0.9)
    #expect(loose.certificate.order < 6)
    let problem = #expect(throws: DistillationError.self) {
      try AutomaticDistiller(exchanges: 0).distilled(
        FilterMaker.noise(count: 120, seed: 1), relativeError: 1e-3, largestOrder: 4)
    }
    #expect(problem?.kind == .bound)
    #expect(throws: DistillationError.self) {
      try AutomaticDistiller().distilled(taps, relativeError: 0)
    }
  }

  /// The certified bounds hold for the worst input, and are reached by it.
  @Test func certificateBoundsOutputs() throws {
    let taps = FilterMaker.noise(count: 80, seed: 6)
    let found = try BalancedTruncation().distilled(taps, order: 6)
    let errors = zip(taps, found.recurrence.taps(length: 80)).map { $0 - $1 }
    // The input that has the sign of each reversed error.
    let worst = errors.reversed().map { $0 < 0 ? -1.0 : 1.0 }
    let output = zip(errors, worst.reversed()).reduce(0) { $0 + $1.0 * $1.1 }
    #expect(abs(output - found.certificate.outputErrorBound) < 1e-12)
    let tail = found.recurrence.taps(length: 50_000)[80...].reduce(0) { $0 + abs($1) }
    let unlimited = found.certificate.unlimitedOutputErrorBound
    #expect(unlimited >= found.certificate.outputErrorBound + tail * (1 - 1e-9))
    let square = errors.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let size = taps.reduce(0) { $0 + $1 * $1 }.squareRoot()
    #expect(abs(found.certificate.relativeL2Error - square / size) < 1e-12)
    #expect(found.certificate.frequencyError <= found.certificate.outputErrorBound * (1 + 1e-12))
    #expect(found.certificate.frequencyError >= square * (1 - 1e-12))
  }

  /// Banks are distilled channel by channel, and an error says which.
  @Test func banks() throws {
    let filters = (0..<3).map { FilterMaker.noise(count: 70, seed: $0) }
    let found = try BalancedTruncation().distilled(
      bank: FilterMaker.bank(filters), order: 4, headLength: 2)
    #expect(found.count == 3)
    let alone = try BalancedTruncation().distilled(
      filters[2].map { Double(Float($0)) }, order: 4, headLength: 2)
    #expect(found[2] == alone)
    var damaged = FilterMaker.bank(filters)
    damaged[5, 1] = .nan
    damaged[7, 2] = .nan
    let problem = #expect(throws: DistillationError.self) {
      try BalancedTruncation().distilled(bank: damaged, order: 4)
    }
    #expect(problem?.kind == .notSummable && problem?.place.hasPrefix("channel 1") == true)
  }

  @Test func refusesWhatCannotBe() throws {
    func kind(_ taps: [Double], order: Int = 2, headLength: Int = 1) -> DistillationError.Kind? {
      do throws(DistillationError) {
        _ = try AutomaticDistiller().distilled(taps, order: order, headLength: headLength)
        return nil
      } catch { return error.kind }
    }
    let good = FilterMaker.noise(count: 40, seed: 1)
    #expect(kind(good) == nil)
    #expect(
      kind((0..<100).map { ComplexNumber.exponential(.init(0.01 * Double($0))).real })
        == .notSummable)
    #expect(kind([Double](repeating: 1, count: 100)) == .notSummable)
    #expect(kind(good + [.infinity]) == .notSummable)
    #expect(kind(good, order: 41) == .size)
    #expect(kind(good, order: 0) == .size)
    #expect(kind(good, headLength: 40) == .size)
    #expect(kind(good, headLength: -1) == .size)
    #expect(kind([1]) == .size)
    // Zero is a filter, and so is a delay.
    #expect(kind([Double](repeating: 0, count: 32)) == nil)
    #expect(kind([1] + [Double](repeating: 0, count: 31)) == nil)
  }
}

extension ModalRecurrence {
  /// The same modes after a head of another length.
  fileprivate func withFirst(_ count: Int) -> ModalRecurrence {
    ModalRecurrence(
      head: (0..<count).map { Double($0) * 0.3 - 0.5 }, poles: poles, residues: residues)
  }
}
