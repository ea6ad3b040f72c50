import LaneKernels
import LongConvolution
import SequenceTensor

/// The states of all modes of all sequences in one precision, with the coefficients that move them.
///
/// Channels are the last axis everywhere, so that the loops over them are vector operations.
struct ModalStates<Scalar: BinaryFloatingPoint & SIMDScalar & Sendable>: Sendable {
  let batch: Int
  let modes: Int
  let channels: Int
  let headLength: Int
  /// Poles and residues, `[modes, channels]` each: real and imaginary parts.
  private let poles: (real: [Scalar], imaginary: [Scalar])
  private let residues: (real: [Scalar], imaginary: [Scalar])
  /// `[K, channels]`.
  private let head: [Scalar]
  /// The states, `[batch, modes, channels]`.
  var real: [Scalar]
  var imaginary: [Scalar]
  /// The last K inputs, `[batch, K, channels]`, a ring.
  var history: [Scalar]
  /// Where the oldest input lies.
  var oldest = 0

  init(_ system: ModalFilter.System, head: [Float], batch: Int, modes: Int, channels: Int) {
    (self.batch, self.modes, self.channels) = (batch, modes, channels)
    headLength = head.count / channels
    func turned(_ value: (Int) -> Double) -> [Scalar] {
      (0..<modes).flatMap { mode in
        (0..<channels).map { Scalar(value($0 * modes + mode)) }
      }
    }
    let values = system.exponents.map { exponent in
      Self.stable(.exponential(exponent), isStable: exponent.real < 0)
    }
    poles = (turned { values[$0].real }, turned { values[$0].imaginary })
    residues = (
      turned { system.residues[$0].real }, turned { system.residues[$0].imaginary }
    )
    self.head = head.map { Scalar($0) }
    real = [Scalar](repeating: 0, count: batch * modes * channels)
    imaginary = real
    history = [Scalar](repeating: 0, count: batch * head.count)
  }

  /// A pole whose parts, once rounded, are still inside the unit circle if it is.
  private static func stable(_ pole: ComplexNumber, isStable: Bool) -> ComplexNumber {
    var pole = pole
    while isStable {
      let (a, b) = (Double(Scalar(pole.real)), Double(Scalar(pole.imaginary)))
      guard a * a + b * b >= 1 else { break }
      pole = pole * (1 - Double(Scalar.ulpOfOne))
    }
    return pole
  }

  /// The bytes of the states and of the last inputs.
  var byteCount: Int {
    (real.count + imaginary.count + history.count) * MemoryLayout<Scalar>.stride
  }

  /// Below this many modes moved a chunk is not worth other threads.
  private static var leastParallelWork: Int { 1 << 16 }
  /// Channels that one task moves.
  private static var columnGrain: Int { 128 }

  /// The outputs of the next positions.
  ///
  /// - Parameters:
  ///   - x: `[batch, length, channels]`.
  ///   - wantsOutput: whether the outputs are computed and not the states alone.
  /// - Returns: `[batch, length, channels]`.
  mutating func advance(_ x: Tensor, wantsOutput: Bool = true) -> Tensor {
    let length = x.shape[1]
    let (batch, width) = (batch, channels)
    let blocks = (width + Self.columnGrain - 1) / Self.columnGrain
    let tasks = batch * blocks
    let isSmall = length * modes * width * batch < Self.leastParallelWork
    // Out of self, and so without a second owner, while pointers into them are in use.
    var (real, imaginary, history) = (real, imaginary, history)
    (self.real, self.imaginary, self.history) = ([], [], [])
    defer { (self.real, self.imaginary, self.history) = (real, imaginary, history) }
    let (poles, residues, head, oldest) = (poles, residues, head, oldest)
    let (modes, headLength) = (modes, headLength)
    let result = Tensor(uninitialized: wantsOutput ? [batch, length, width] : [0]) { y in
      real.withUnsafeMutableBufferPointer { real in
        imaginary.withUnsafeMutableBufferPointer { imaginary in
          history.withUnsafeMutableBufferPointer { history in
            poles.real.withUnsafeBufferPointer { poleReal in
              poles.imaginary.withUnsafeBufferPointer { poleImaginary in
                residues.real.withUnsafeBufferPointer { residueReal in
                  residues.imaginary.withUnsafeBufferPointer { residueImaginary in
                    head.withUnsafeBufferPointer { head in
                      guard
                        let real = real.baseAddress, let imaginary = imaginary.baseAddress,
                        let poleReal = poleReal.baseAddress,
                        let poleImaginary = poleImaginary.baseAddress,
                        let residueReal = residueReal.baseAddress,
                        let residueImaginary = residueImaginary.baseAddress
                      else { return }
                      let lanes = Lanes(
                        modes: modes, width: width, headLength: headLength, real: real,
                        imaginary: imaginary, history: history.baseAddress,
                        poleReal: poleReal, poleImaginary: poleImaginary,
                        residueReal: residueReal, residueImaginary: residueImaginary,
                        head: head.baseAddress)
                      guard !isSmall else {
                        // One position of a few layers takes less time than a loop's set-up.
                        for sequence in 0..<batch {
                          let start = sequence * length * width
                          lanes.advance(
                            x.pointer + start, to: wantsOutput ? y + start : nil, length: length,
                            sequence: sequence, columns: 0..<width, oldest: oldest)
                        }
                        return
                      }
                      Parallel.forEach(tasks: tasks) { task, _ in
                        let (sequence, block) = task.quotientAndRemainder(dividingBy: blocks)
                        let columns =
                          block * Self.columnGrain..<min(width, (block + 1) * Self.columnGrain)
                        lanes.advance(
                          x.pointer + sequence * length * width,
                          to: wantsOutput ? y + sequence * length * width : nil,
                          length: length, sequence: sequence, columns: columns,
                          oldest: oldest)
                      }
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
    if headLength > 0 { self.oldest = (oldest + length) % headLength }
    return result
  }

  /// The states and histories of some of the sequences, in the order given.
  func selecting(_ sequences: [Int]) -> ModalStates {
    func rows(_ values: [Scalar], _ count: Int) -> [Scalar] {
      sequences.flatMap { values[$0 * count..<($0 + 1) * count] }
    }
    return ModalStates(
      copying: self, batch: sequences.count, real: rows(real, modes * channels),
      imaginary: rows(imaginary, modes * channels),
      history: rows(history, headLength * channels))
  }

  private init(
    copying other: ModalStates, batch: Int, real: [Scalar], imaginary: [Scalar],
    history: [Scalar]
  ) {
    (modes, channels, headLength) = (other.modes, other.channels, other.headLength)
    (poles, residues, head) = (other.poles, other.residues, other.head)
    self.batch = batch
    (self.real, self.imaginary, self.history) = (real, imaginary, history)
    oldest = other.oldest
  }
}

/// Where the states of all sequences and their coefficients lie.
private struct Lanes<Scalar: BinaryFloatingPoint & SIMDScalar> {
  let modes, width, headLength: Int
  let real, imaginary: UnsafeMutablePointer<Scalar>
  let history: UnsafeMutablePointer<Scalar>?
  let poleReal, poleImaginary, residueReal, residueImaginary: UnsafePointer<Scalar>
  let head: UnsafePointer<Scalar>?

  /// Moves some channels of one sequence over its next positions.
  func advance(
    _ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>?, length: Int, sequence: Int,
    columns: Range<Int>, oldest: Int
  ) {
    let count = columns.count
    let sum = UnsafeMutablePointer<Scalar>.allocate(capacity: 2 * count)
    defer { sum.deallocate() }
    let input = sum + count
    var place = oldest
    for t in 0..<length {
      let row = x + t * width + columns.lowerBound
      if let history, let head, headLength > 0 {
        let ring = history + sequence * headLength * width + columns.lowerBound
        let slot = ring + place * width
        let first = head + columns.lowerBound
        for c in 0..<count {
          input[c] = slot[c]
          slot[c] = Scalar(row[c])
          sum[c] = first[c] * slot[c]
        }
        for lag in 1..<headLength {
          let from = ring + (place >= lag ? place - lag : place - lag + headLength) * width
          let taps = head + lag * width + columns.lowerBound
          for c in 0..<count { sum[c] += taps[c] * from[c] }
        }
        place = place + 1 == headLength ? 0 : place + 1
      } else {
        for c in 0..<count { (sum[c], input[c]) = (0, Scalar(row[c])) }
      }
      turn(
        row: sequence * modes * width + columns.lowerBound, coefficient: columns.lowerBound,
        count: count, input: input, sum: sum)
      if let y {
        let out = y + t * width + columns.lowerBound
        for c in 0..<count { out[c] = Float(sum[c]) }
      }
    }
  }

  /// s ← pole·s + input and sum += Re(residue·s) for some channels of all modes.
  @inline(__always)
  private func turn(
    row: Int, coefficient: Int, count: Int, input: UnsafePointer<Scalar>,
    sum: UnsafeMutablePointer<Scalar>
  ) {
    guard Scalar.self != Float.self else {
      // The scalars are floats already; only the type says so here.
      func floats(_ pointer: UnsafePointer<Scalar>) -> UnsafePointer<Float> {
        UnsafeRawPointer(pointer).assumingMemoryBound(to: Float.self)
      }
      func floats(_ pointer: UnsafeMutablePointer<Scalar>) -> UnsafeMutablePointer<Float> {
        UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: Float.self)
      }
      SequenceTensor.lanes.modal_step(
        floats(sum), floats(real + row), floats(imaginary + row), floats(poleReal + coefficient),
        floats(poleImaginary + coefficient), floats(residueReal + coefficient),
        floats(residueImaginary + coefficient), floats(input), modes, width, count)
      return
    }
    for mode in 0..<modes {
      let (a, b) = (real + row + mode * width, imaginary + row + mode * width)
      let at = coefficient + mode * width
      let (poleA, poleB) = (poleReal + at, poleImaginary + at)
      let (residueA, residueB) = (residueReal + at, residueImaginary + at)
      for c in 0..<count {
        let (s, t) = (a[c], b[c])
        let next = poleA[c] * s - poleB[c] * t + input[c]
        let other = poleA[c] * t + poleB[c] * s
        a[c] = next
        b[c] = other
        sum[c] += residueA[c] * next - residueB[c] * other
      }
    }
  }
}
