import LaneKernels
package import SequenceTensor

/// FFTW at its best on depthwise causal convolution: what benchmarks measure plans against.
///
/// It is no backend: values lie in the rows that FFTW likes before the clock starts (see
/// `YardstickRows`), so that no transposition counts against it, and its plans are searched for
/// by measuring, for seconds. A row is padded, transformed, multiplied, transformed back and
/// cropped in scratch of one thread; the multiplications are those of the lane kernels. Rows
/// run in parallel, but those of one group at once only where their sums allow: give it two
/// channels a thread for gradients.
package struct FFTWYardstick: Sendable, CustomStringConvertible {
  /// Where values lie.
  package let rows: YardstickRows
  private let transform: YardstickTransform

  /// Plans for a shape and a filter as long as the input.
  ///
  /// - Parameters:
  ///   - rows: the shape, and how its values lie.
  ///   - planningSeconds: how long FFTW may look for one plan.
  package init(_ rows: YardstickRows, planningSeconds: Double) {
    self.rows = rows
    transform = .fastest(
      rows.form, atLeast: 2 * rows.length - 1, seconds: planningSeconds)
  }

  /// For example `FFTW, real rows, N = 2048`.
  package var description: String {
    "FFTW, \(rows.form.rawValue), \(transform.description)"
  }

  /// The spectra of packed filters, scaled by 1/N.
  package func spectra(of filter: Tensor) -> Tensor {
    require(
      filter.shape == rows.filters.shape,
      "FFTWYardstick: filter \(filter.shape) is not \(rows.filters.shape)")
    return Tensor(uninitialized: [rows.groups, groupFloats]) { spectra in
      forEach(tasks: rows.groups) { group, scratch in
        transformFilter(filter, group, scratch, into: spectra + group * groupFloats)
      }
    }
  }

  /// The convolution of packed input with packed filters, whose spectra live in scratch only.
  package func forward(_ input: Tensor, filter: Tensor, skip: Tensor) -> Tensor {
    guard hasGroupsEnough else {
      return forward(input, spectra: spectra(of: filter), skip: skip)
    }
    return Tensor(uninitialized: rows.shape) { output in
      forEach(tasks: rows.groups) { group, scratch in
        transformFilter(filter, group, scratch, into: scratch.filter)
        for row in rowRange(group) where rows.isUsed(row: row) {
          begin(input, row, in: scratch.row)
          multiply(scratch.row, row, scratch.filter, skip, conjugate: false)
          end(scratch.row, row, to: output)
        }
      }
    }
  }

  /// The convolution of packed input with filters whose spectra are known.
  package func forward(_ input: Tensor, spectra: Tensor, skip: Tensor) -> Tensor {
    var kept: UnsafeMutablePointer<Float>?
    return forward(input, spectra, skip, keeping: &kept)
  }

  /// What a step of training computes, packed.
  ///
  /// The gradient of the skip term is that of lag 0 of the filter.
  package struct Step {
    package let output: Tensor
    package let inputGradient: Tensor
    package let filterGradient: Tensor
  }

  /// The convolution, and then its gradients.
  ///
  /// - Parameter keepsSpectra: whether the second half reads the spectra of the input from
  ///   memory or computes them again.
  package func step(
    _ input: Tensor, filter: Tensor, skip: Tensor, outputGradient: Tensor, keepsSpectra: Bool
  ) -> Step {
    let spectra = spectra(of: filter)
    let size = transform.spectrumFloats
    var memory = Tensor(uninitialized: [keepsSpectra ? rows.groups * rows.batch : 0, size]) { _ in }
    var kept = keepsSpectra ? memory.mutablePointer() : nil
    let output = forward(input, spectra, skip, keeping: &kept)
    var inputGradient = Tensor(uninitialized: rows.shape) { _ in }
    let du = inputGradient.mutablePointer()
    let filterGradient = Tensor(uninitialized: rows.filters.shape) { taps in
      forEach(tasks: rows.groups) { group, scratch in
        scratch.sums.update(repeating: 0, count: groupFloats)
        for row in rowRange(group) where rows.isUsed(row: row) {
          if kept == nil { begin(input, row, in: scratch.row) }
          begin(outputGradient, row, in: scratch.secondRow)
          correlate(kept.map { $0 + row * size } ?? transform.spectrum(scratch.row), row, scratch)
          let h = spectra.pointer + group * groupFloats
          multiply(scratch.secondRow, row, h, skip, conjugate: true)
          end(scratch.secondRow, row, to: du)
        }
        finishFilter(scratch, group, to: taps)
      }
    }
    return Step(output: output, inputGradient: inputGradient, filterGradient: filterGradient)
  }
}

// MARK: - Rows

extension FFTWYardstick {
  /// The memory of one worker.
  private struct Scratch {
    let row: UnsafeMutablePointer<Float>
    let secondRow: UnsafeMutablePointer<Float>
    /// Spectra of the filters of a group.
    let filter: UnsafeMutablePointer<Float>
    /// Sums of the spectra of their gradients.
    let sums: UnsafeMutablePointer<Float>
  }

  /// Floats of the spectra of a group's filters.
  private var groupFloats: Int { rows.groupChannels * transform.spectrumFloats }

  /// Whether groups alone keep the threads busy.
  private var hasGroupsEnough: Bool { rows.groups >= 2 * Parallel.threadCount }

  private func rowRange(_ group: Int) -> Range<Int> {
    group * rows.batch..<(group + 1) * rows.batch
  }

  private func forEach(tasks: Int, _ body: (Int, Scratch) -> Void) {
    let (row, spectra) = (transform.rowFloats, groupFloats)
    let workers = Parallel.workerCount(tasks: tasks)
    let size = 2 * row + 2 * spectra
    var memory = Tensor(uninitialized: [workers, size]) { _ in }
    let base = memory.mutablePointer()
    Parallel.forEach(tasks: tasks, workers: workers) { task, worker in
      let first = base + worker * size
      body(
        task,
        Scratch(
          row: first, secondRow: first + row, filter: first + 2 * row,
          sums: first + 2 * row + spectra))
    }
  }

  private func forward(
    _ input: Tensor, _ spectra: Tensor, _ skip: Tensor,
    keeping kept: inout UnsafeMutablePointer<Float>?
  ) -> Tensor {
    require(
      input.shape == rows.shape, "FFTWYardstick: input \(input.shape) is not \(rows.shape)")
    let rowsPerTask = hasGroupsEnough ? rows.batch : 1
    let (kept, size) = (kept, transform.spectrumFloats)
    return Tensor(uninitialized: rows.shape) { output in
      forEach(tasks: rows.groups * rows.batch / rowsPerTask) { task, scratch in
        for row in task * rowsPerTask..<(task + 1) * rowsPerTask where rows.isUsed(row: row) {
          begin(input, row, in: scratch.row)
          if let kept {
            (kept + row * size).update(
              from: transform.spectrum(scratch.row), count: 2 * transform.bins)
          }
          let h = spectra.pointer + row / rows.batch * groupFloats
          multiply(scratch.row, row, h, skip, conjugate: false)
          end(scratch.row, row, to: output)
        }
      }
    }
  }

  /// Pads and transforms a row.
  private func begin(_ values: Tensor, _ row: Int, in buffer: UnsafeMutablePointer<Float>) {
    let (used, count) = (rows.rowLength, transform.length * rows.rowLength / rows.length)
    buffer.update(from: values.pointer + row * used, count: used)
    (buffer + used).update(repeating: 0, count: count - used)
    transform.forward(buffer)
  }

  /// Transforms a row back and crops it.
  private func end(
    _ buffer: UnsafeMutablePointer<Float>, _ row: Int, to output: UnsafeMutablePointer<Float>
  ) {
    transform.inverse(buffer)
    (output + row * rows.rowLength).update(from: buffer, count: rows.rowLength)
  }
}

// MARK: - Spectra

extension FFTWYardstick {
  /// Multiplies with the filter or its conjugate; the skip term adds a constant to every bin.
  private func multiply(
    _ buffer: UnsafeMutablePointer<Float>, _ row: Int, _ filter: UnsafePointer<Float>,
    _ skip: Tensor, conjugate: Bool
  ) {
    let z = transform.spectrum(buffer)
    let first = row / rows.batch * rows.groupChannels
    let scale = 1 / Float(transform.length)
    func scaledSkip(_ channel: Int) -> Float {
      channel < rows.channels ? skip.pointer[channel] * scale : 0
    }
    if rows.mixesChannels {
      lanes.pair_multiply(
        z, z, filter, filter + transform.spectrumFloats, scaledSkip(first),
        scaledSkip(first + 1), conjugate, transform.bins, 0, true)
    } else {
      let channel = rows.groupChannel(row: row)
      lanes.spectral_multiply(
        z, filter + channel * transform.spectrumFloats, scaledSkip(first + channel), conjugate,
        transform.bins)
    }
  }

  /// Adds conj(U)·G to the sums of a row's channels, G being the spectrum of the second row.
  private func correlate(_ u: UnsafePointer<Float>, _ row: Int, _ scratch: Scratch) {
    let g = transform.spectrum(scratch.secondRow)
    let (sums, size) = (scratch.sums, transform.spectrumFloats)
    if rows.mixesChannels {
      lanes.pair_correlate(
        sums, sums, sums + size, sums + size, u, u, g, g, transform.bins, 0, true)
    } else {
      lanes.spectral_correlate(
        sums + rows.groupChannel(row: row) * size, u, g, transform.bins)
    }
  }

  private func transformFilter(
    _ filter: Tensor, _ group: Int, _ scratch: Scratch, into spectra: UnsafeMutablePointer<Float>
  ) {
    begin(filter, group, in: scratch.row)
    let z = transform.spectrum(scratch.row)
    let scale = 1 / Float(transform.length)
    let (h0, h1) = (spectra, spectra + (rows.groupChannels - 1) * transform.spectrumFloats)
    switch rows.form {
    case .realRows: lanes.scale(h0, z, scale, 2 * transform.bins)
    case .complexPairs:
      lanes.pair_separate(h0, h0, h1, h1, z, z, scale, transform.bins, 0, true)
    }
  }

  /// The gradients of the filters of a group from its sums.
  private func finishFilter(
    _ scratch: Scratch, _ group: Int, to taps: UnsafeMutablePointer<Float>
  ) {
    let z = transform.spectrum(scratch.row)
    let scale = 1 / Float(transform.length)
    let (h0, h1) = (scratch.sums, scratch.sums + transform.spectrumFloats)
    switch rows.form {
    case .realRows: lanes.scale(z, h0, scale, 2 * transform.bins)
    case .complexPairs:
      lanes.pair_combine(z, z, h0, h0, h1, h1, scale, transform.bins, 0, true)
    }
    end(scratch.row, group, to: taps)
  }
}
