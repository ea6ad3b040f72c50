import LaneKernels
import SequenceTensor

/// Depthwise convolution by its definition, for short filters.
///
/// One pass over memory: gates, skip term and edges are part of the sums. The skip term is one more
/// tap of lag 0.
struct DirectConvolution: ConvolutionBackend {
  let problem: ConvolutionProblem

  var description: String { "direct sum over \(taps) taps" }

  /// The taps that are used, `[filters, taps, channels]`.
  func spectrum(of filter: Tensor, _ layout: FilterLayout) -> Tensor {
    layout.expanded(filter, copies: layout.width).sliced(axis: 1, problem.usedTaps)
  }

  private var taps: Int { problem.usedTaps.count }
  /// How many positions ahead of an output its sum begins: the used tap that is lag 0.
  private var future: Int { problem.centre - problem.usedTaps.lowerBound }
  private var past: Int { taps - 1 - future }

  func forward(_ operands: ConvolutionOperands, _ spectrum: FilterSpectrum) -> Tensor {
    let input = operands.input
    let filter = grouped(spectrum, skip: operands.skip, lastFirst: true)
    let work = DirectWork(input.shape, problem, before: past, after: future)
    return Tensor(uninitialized: input.shape) { y in
      work.forEachSection(of: DirectWork.piece, windows: 1) { section, scratch in
        for run in work.runs(section) {
          let x = work.rows(run, input, operands.preGate, before: past, scratch)
          convolve(
            x, filter, spectrum.layout, run,
            LaneFinish(
              y1: y + run.offset, m1: operands.postGate.map { $0.pointer + run.offset }, y2: nil,
              m2: nil))
        }
      }
    }
  }

  func gradients(
    _ outputGradient: Tensor, _ operands: ConvolutionOperands, _ spectrum: FilterSpectrum
  ) -> ConvolutionGradients {
    let input = operands.input
    let filter = grouped(spectrum, skip: operands.skip, lastFirst: true)
    // The adjoint sums over the taps first first.
    let adjoint = grouped(spectrum, skip: operands.skip, lastFirst: false)
    let work = DirectWork(
      input.shape, problem, before: max(past, future), after: max(past, future))
    var inputGradient = Tensor(uninitialized: input.shape) { _ in }
    let du = inputGradient.mutablePointer()
    var preGradient = operands.preGate.map { Tensor(uninitialized: $0.shape) { _ in } }
    let dpre = preGradient?.mutablePointer()
    var postGradient = operands.postGate.map { Tensor(uninitialized: $0.shape) { _ in } }
    let dpost = postGradient?.mutablePointer()
    // Sums of long sections: together at most an eighth of the input.
    let length = max(4, (taps + 15) / 16) * DirectWork.piece
    let size = taps * work.channels
    var sums = Tensor(zeros: [max(1, work.sectionCount(of: length)), taps, work.channels])
    let dh = sums.mutablePointer()
    work.forEachSection(of: length, windows: 2) { section, scratch in
      let lastTap = dh + section.index * size + size - work.channels
      for run in work.runs(section) {
        let at = run.offset
        let x = work.rows(run, input, operands.preGate, before: past, scratch)
        let g = work.rows(
          run, outputGradient, operands.postGate, before: future, scratch + work.windowSize)
        // With t = h ⋆ g + D·g and g = postGate·dy, du = preGate·t and dpreGate = input·t;
        // dpostGate = dy·(h * x + D·x).
        convolve(
          g, adjoint, spectrum.layout, run,
          LaneFinish(
            y1: du + at, m1: operands.preGate.map { $0.pointer + at }, y2: dpre.map { $0 + at },
            m2: input.pointer + at))
        if let dpost {
          convolve(
            x, filter, spectrum.layout, run,
            LaneFinish(y1: dpost + at, m1: outputGradient.pointer + at, y2: nil, m2: nil))
        }
        lanes.direct_filter_gradient(
          lastTap + run.channels.lowerBound, -work.channels, g.pointer + future * g.stride,
          g.stride, x.pointer, x.stride, run.channels.count, run.positions.count, taps)
      }
    }
    let filterGradient = totals(&sums, filters: spectrum.layout.filters).padded(
      axis: 1, before: problem.usedTaps.lowerBound,
      after: problem.taps - problem.usedTaps.upperBound)
    return ConvolutionGradients(
      input: inputGradient, filter: filterGradient, preGate: preGradient, postGate: postGradient)
  }

  private func convolve(
    _ rows: DirectRows, _ filters: Tensor, _ layout: FilterLayout, _ run: DirectRun,
    _ to: LaneFinish
  ) {
    var finish = to
    let first = layout.filter(of: run.batch) * (filters.count / layout.filters)
    lanes.direct_convolution(
      &finish, filters.pointer + first + run.channels.lowerBound * taps, rows.pointer,
      rows.stride, run.stride, run.channels.count, run.positions.count, taps)
  }

  /// The filters for the kernels, the skip term added to lag 0.
  private func grouped(_ spectrum: FilterSpectrum, skip: Tensor?, lastFirst: Bool) -> Tensor {
    var filter = spectrum.values
    let channels = spectrum.channels
    if let skip {
      let lagZero = filter.mutablePointer() + future * channels
      for index in 0..<spectrum.layout.filters {
        lanes.accumulate(lagZero + index * taps * channels, skip.pointer, channels)
      }
    }
    return Self.grouped(filter, lastFirst: lastFirst)
  }

  /// Filters `[…, taps, channels]` as the kernels read them, `[filters, groups, taps, 16]`.
  static func grouped(_ filters: Tensor, lastFirst: Bool) -> Tensor {
    let (taps, channels, group) = (filters.shape[-2], filters.shape[-1], DirectWork.group)
    let count = filters.count / (taps * channels)
    let groups = (channels + group - 1) / group
    return Tensor(uninitialized: [count, groups, taps, group]) { h in
      for index in 0..<count {
        let filter = filters.pointer + index * taps * channels
        lanes.direct_gather(
          h + index * groups * taps * group, taps * group, group,
          filter + (lastFirst ? (taps - 1) * channels : 0), nil, taps,
          lastFirst ? -channels : channels, channels, 0, taps, false)
      }
    }
  }

  /// The sums over the sections of each filter, `[filters, taps, channels]`: of neighbours, then of
  /// neighbouring sums, and so on.
  private func totals(_ sums: inout Tensor, filters: Int) -> Tensor {
    let sections = sums.shape[0] / filters
    let (taps, channels) = (sums.shape[1], sums.shape[2])
    let size = taps * channels
    let pointer = sums.mutablePointer()
    for filter in 0..<filters {
      let first = pointer + filter * sections * size
      Parallel.forEachRange(size, grain: 1024) { range in
        var distance = 1
        while distance < sections {
          for section in stride(from: 0, to: sections - distance, by: 2 * distance) {
            let at = first + section * size + range.lowerBound
            lanes.accumulate(at, at + distance * size, range.count)
          }
          distance *= 2
        }
      }
    }
    return sums.reshaped(filters, sections, size).sliced(axis: 1, 0..<1).reshaped(
      filters, taps, channels)
  }
}
