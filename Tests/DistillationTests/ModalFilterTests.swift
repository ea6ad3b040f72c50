import Longwave
import TestSupport
import Testing

@Suite struct ModalFilterTests {
  static func filter(channels: Int, modes: Int, head: Int, seed: UInt64 = 9) -> ModalFilter {
    ModalFilter(
      (0..<channels).map { channel in
        let made = FilterMaker.recurrence(
          pairs: modes - channel % 2, realPoles: channel % 2, seed: seed + UInt64(channel))
        return ModalRecurrence(
          head: (0..<head).map { 0.4 - 0.3 * Double($0) }, poles: made.poles,
          residues: made.residues)
      })
  }

  @Test func visitsItsParameters() {
    expectEveryParameterVisited(Self.filter(channels: 2, modes: 2, head: 1))
    expectEveryParameterVisited(Self.filter(channels: 2, modes: 2, head: 0))
  }

  /// The taps are those of the recurrences it was made from, at any length, with and without a tape.
  @Test(arguments: [0, 1, 4]) func taps(head: Int) throws {
    let made = (0..<3).map { channel in
      let recurrence = FilterMaker.recurrence(pairs: 2 + channel, seed: UInt64(channel))
      return ModalRecurrence(
        head: Array(repeating: 0.25, count: channel == 1 ? 0 : head), poles: recurrence.poles,
        residues: recurrence.residues)
    }
    let filter = ModalFilter(made)
    #expect(filter.headLength == head)
    for length in [1, 3, 50, 257] {
      let expected = FilterMaker.bank(made.map { $0.taps(length: length) })
      let scale = expected.maximumMagnitude()
      #expect(
        (filter.taps(length: length, on: nil).value - expected).maximumMagnitude() < 2e-5 * scale)
      let taped = filter.taps(length: length, on: Tape()).value
      #expect((taped - expected).maximumMagnitude() < 2e-5 * scale)
    }
    let back = filter.recurrence(channel: 2)
    #expect(back.order == made[2].order)
    #expect(abs(back.taps(length: 30)[29] - made[2].taps(length: 30)[29]) < 1e-5)
  }

  /// The gradients of poles, residues and head, for each way to make poles.
  @Test(arguments: ModalFilter.Parameterization.allCases) func gradients(
    _ kind: ModalFilter.Parameterization
  ) {
    var random = RandomSource(seed: 4)
    let shape: Shape = kind == .realExponent ? [2, 3] : [2, 3, 2]
    let poles =
      kind == .cartesian
      ? Tensor(uniform: shape, from: -0.65, to: 0.65, using: &random)
      : Tensor(uniform: shape, from: -2, to: -0.1, using: &random)
    let inputs = [
      poles, Tensor(normal: shape, using: &random), Tensor(normal: [2, 2], using: &random),
    ]
    func function(_ values: [Variable]) -> Variable {
      // Through a filter of the same values, so that its own parameters take the gradient.
      let filter = ModalFilter(
        poles: values[0].value, residues: values[1].value, head: values[2].value,
        parameterization: kind)
      guard let tape = values[0].tape else { return filter.taps(length: 20, on: nil) }
      let taps = filter.taps(length: 20, on: tape)
      return Variable.primitive(values, value: taps.value) { seed in
        let inner = Tape()
        let gradients = inner.gradients(of: filter.taps(length: 20, on: inner), seed: seed)
        return [filter.poles, filter.residues].map { gradients[$0.id] }
          + [filter.head.flatMap { gradients[$0.id] }]
      }
    }
    let error = GradientCheck.directionalError(of: function, at: inputs, using: &random)
    #expect(error < 2e-3)
  }

  /// Step by step, in odd chunks and in every prefill mode: what the convolution gives.
  @Test(arguments: [0, 1, 5]) func waysAgree(head: Int) {
    let filter = Self.filter(channels: 3, modes: 3, head: head)
    var random = RandomSource(seed: 1)
    let length = 333
    let x = Tensor(normal: [2, length, 3], using: &random)
    let whole = Variable(x).convolved(with: filter.taps(length: length, on: nil)).value
    let scale = whole.maximumMagnitude()
    for precision in [StatePrecision.single, .double] {
      for mode in PrefillMode.allCases {
        for prompt in [1, 2, 130, 301] {
          var state = filter.initialState(batch: 2, precision: precision)
          var parts = [filter.prefill(x.sliced(axis: 1, 0..<prompt), &state, mode: mode)]
          // On from a state that is not zero, in the same mode, then by chunks and steps.
          let middle = min(length, prompt + 17)
          parts.append(filter.prefill(x.sliced(axis: 1, prompt..<middle), &state, mode: mode))
          var place = middle
          for size in [1, 3, 77, 1, 200] where place < length {
            let end = min(length, place + size)
            parts.append(filter.chunk(x.sliced(axis: 1, place..<end), &state))
            place = end
          }
          while place < length {
            let row = x.sliced(axis: 1, place..<place + 1).reshaped(2, 3)
            parts.append(filter.step(row, &state).reshaped(2, 1, 3))
            place += 1
          }
          let found = Tensor.concatenated(parts, axis: 1)
          let error = (found - whole).maximumMagnitude() / scale
          #expect(error < 1e-5, "\(mode) \(precision) \(prompt): \(error)")
          #expect(state.position == length)
        }
      }
    }
  }

  /// The states themselves agree between the modes, not only what follows from them.
  @Test func statesAgree() {
    let filter = Self.filter(channels: 2, modes: 2, head: 2)
    var random = RandomSource(seed: 8)
    let x = Tensor(normal: [3, 400, 2], using: &random)
    var reference = filter.initialState(batch: 3, precision: .double)
    _ = filter.prefill(x, &reference, mode: .recurrence)
    for mode in PrefillMode.allCases {
      var state = filter.initialState(batch: 3)
      _ = filter.prefill(x, &state, mode: mode)
      let error = (state.modes - reference.modes).maximumMagnitude()
      #expect(error < 1e-5 * reference.modes.maximumMagnitude(), "\(mode): \(error)")
      #expect(zip(state.saved.history, reference.saved.history).allSatisfy { $0 == $1 })
    }
  }

  /// A million steps in single precision stay as close to double precision as the first thousand.
  @Test func staysStable() {
    let slow = ModalRecurrence(
      head: [], poles: [ComplexNumber(0.99999), ComplexNumber(0.6, 0.79999)],
      residues: [ComplexNumber(1e-3), ComplexNumber(0.02, 0.01)])
    let filter = ModalFilter([slow])
    var random = RandomSource(seed: 2)
    let x = Tensor(normal: [1, 50_000, 1], using: &random)
    var single = filter.initialState(batch: 1)
    var double = filter.initialState(batch: 1, precision: .double)
    var worst: Float = 0
    var largest: Float = 0
    for _ in 0..<20 {
      let a = filter.prefill(x, &single, mode: .recurrence)
      let b = filter.prefill(x, &double, mode: .recurrence)
      worst = max(worst, (a - b).maximumMagnitude())
      largest = max(largest, b.maximumMagnitude())
    }
    #expect(single.position == 1_000_000)
    #expect(worst < 1e-3 * largest, "\(worst) of \(largest)")
  }

  /// Poles so close to the circle that rounding could put them outside stay inside.
  @Test func roundsInside() {
    let filter = ModalFilter(
      poles: Tensor([-19, 0.3, -25, 2.2], shape: [1, 2, 2]),
      residues: Tensor([1, 0, 1, 0], shape: [1, 2, 2]), parameterization: .decay)
    var state = filter.initialState(batch: 1)
    var pulse = Tensor(zeros: [1, 200_000, 1])
    pulse[0, 0, 0] = 1
    let y = filter.prefill(pulse, &state, mode: .recurrence)
    #expect(y.maximumMagnitude() <= 2.001)
    #expect(state.modes.maximumMagnitude() <= 1.001)
  }

  /// A copy is a branch; a selection keeps some sequences; a saved state goes on as the other.
  @Test func branchesAndSaves() throws {
    let filter = Self.filter(channels: 2, modes: 2, head: 3)
    var random = RandomSource(seed: 5)
    let x = Tensor(normal: [3, 40, 2], using: &random)
    let next = Tensor(normal: [3, 9, 2], using: &random)
    var state = filter.initialState(batch: 3)
    _ = filter.chunk(x, &state)
    var branch = state
    let expected = filter.chunk(next, &state)
    #expect(filter.chunk(next, &branch).elements == expected.elements)
    var early = filter.initialState(batch: 3)
    _ = filter.chunk(x, &early)
    let saved = early.saved
    var restored = try filter.state(restoring: saved)
    #expect(restored.position == 40)
    #expect(filter.chunk(next, &restored).elements == expected.elements)
    var beam = early.selecting([2, 0, 2])
    let rows = [2, 0, 2].map { next.sliced(axis: 0, $0..<$0 + 1) }
    let found = filter.chunk(.concatenated(rows, axis: 0), &beam)
    for (row, from) in [2, 0, 2].enumerated() {
      #expect(
        found.sliced(axis: 0, row..<row + 1).elements
          == expected.sliced(axis: 0, from..<from + 1).elements)
    }
    let other = Self.filter(channels: 2, modes: 3, head: 3)
    #expect(throws: DistillationError.self) { try other.state(restoring: saved) }
    var damaged = saved
    damaged.real[0] = .nan
    #expect(throws: DistillationError.self) { try filter.state(restoring: damaged) }
  }
}
