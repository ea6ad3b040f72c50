import LaneKernels
import SequenceTensor

/// Depthwise convolution with neighbouring channels side by side in the lanes of vectors.
///
/// Channels-last sequences are read and written as they lie, a cache line of channels at a time; the
/// transform needs no shuffles, and padding costs nothing (see LaneTransform.h and RingGeometry).
/// A group of channels of one sequence, or of a piece of it, is the unit of work; points live in
/// the scratch of the thread only.
struct LaneConvolution: ConvolutionBackend {
  let geometry: RingGeometry
  let plan: LaneTransformPlan

  var problem: ConvolutionProblem { geometry.problem }

  init(_ geometry: RingGeometry) {
    self.init(geometry, .cached(points: geometry.points))
  }

  init(_ geometry: RingGeometry, _ plan: LaneTransformPlan) {
    self.geometry = geometry
    self.plan = plan
  }

  var description: String {
    let levels = plan.radices.map { $0.map(String.init).joined(separator: "·") }
    let pieces = geometry.pieces == 1 ? "" : "\(geometry.pieces) pieces of "
    return "lane transform of \(pieces)\(plan.points) points,"
      + " \(levels.joined(separator: " × ")), \(LaneTransformPlan.vectorWidth) lanes"
  }

  // MARK: - Filters

  /// `[filters, groups, points, 2, lanes]` with the transform's padding, scaled by 1/P.
  func spectrum(of filter: Tensor, _ layout: FilterLayout) -> Tensor {
    let columns = LaneFilters(layout).columns(filter)
    let channels = columns.shape[2]
    let groups = LaneGroups(channels: channels)
    return Tensor(uninitialized: [layout.filters * groups.count, plan.floats]) { spectra in
      let work = LaneWorkers(plan, arrays: 0, tasks: layout.filters * groups.count)
      work.forEach { task, scratch in
        let (row, group) = (task / groups.count * problem.taps, task % groups.count)
        let taps = columns.pointer + row * channels + groups.first(group)
        var input = LaneInput()
        input.stride = channels
        input.channels = groups.channels(group)
        for (index, tap) in geometry.taps.enumerated() {
          input.set(
            index,
            LaneInputRun(
              position: tap.run.position, count: tap.run.sequence.count,
              values: taps + tap.run.sequence.lowerBound * channels, gate: nil,
              scale: tap.sign / Float(plan.points)))
        }
        let z = spectra + task * plan.floats
        // Lanes without a channel are left as they are; whoever looks at spectra finds zeros there.
        if input.channels < LaneTransformPlan.laneCount {
          z.update(repeating: 0, count: plan.floats)
        }
        scratch.part(input, z)
        scratch.blocks(LaneWork(part: z, channels: input.channels))
      }
    }
  }

  /// What the skip term adds to every bin of the filters, `[groups, lanes]`: a real constant in
  /// every bin is a tap at lag 0, so the input need not be read a second time for it.
  private func scaledSkips(_ skip: Tensor?, _ groups: LaneGroups) -> Tensor {
    var padded = Tensor(zeros: [groups.count * LaneTransformPlan.laneCount])
    guard let skip else { return padded }
    let pointer = padded.mutablePointer()
    let scale = 1 / Float(plan.points)
    for channel in 0..<skip.count { pointer[channel] = skip.pointer[channel] * scale }
    return padded
  }

  // MARK: - Forward

  func forward(_ operands: ConvolutionOperands, _ spectrum: FilterSpectrum) -> Tensor {
    if let pattern = spectrum.pattern { return keeping(pattern).forward(operands, spectrum) }
    let shape = operands.input.shape
    let groups = LaneGroups(channels: shape[2])
    let filters = LaneFilters(spectrum.layout)
    let skips = scaledSkips(operands.skip, groups)
    let units = shape[0] * geometry.pieces
    return Tensor(uninitialized: shape) { output in
      // Units of one group follow each other, while its filter is in the cache.
      LaneWorkers(plan, arrays: 1, tasks: groups.count * units).forEach { task, scratch in
        let (group, unit) = (task / units, task % units)
        let (at, piece) = place(shape, groups, group, unit)
        let z = scratch.array(0)
        scratch.part(
          at.input(operands.input, operands.preGate, geometry.inputs(piece)), z)
        var work = LaneWork(
          channels: groups.channels(group), multiply: z,
          filter: spectrum.values.pointer + filters.index(at.sequence, group) * plan.floats,
          skip: skips.pointer + group * LaneTransformPlan.laneCount)
        let rows = geometry.inputs(piece)[0].sequence.count
        if scratch.looksAhead(rows: rows, stride: shape[2]), let next = scratch.task(after: task) {
          let (place, piece) = place(shape, groups, next / units, next % units)
          work.lookAhead(
            place.pointer(operands.input, geometry.inputs(piece)[0]), rows: rows,
            stride: shape[2])
        }
        scratch.blocks(work)
        scratch.join(at.output(output, operands.postGate, geometry.outputRun(piece)), z)
      }
    }
  }
}

extension LaneConvolution {
  /// Where a unit, one of the pieces of the sequences of a batch, lies, and which piece it is.
  private func place(
    _ shape: Shape, _ groups: LaneGroups, _ group: Int, _ unit: Int
  ) -> (place: LanePlace, piece: Int) {
    let (sequence, piece) = unit.quotientAndRemainder(dividingBy: geometry.pieces)
    return (LanePlace(shape, sequence, groups, group), piece)
  }
}

// MARK: - Gradients

extension LaneConvolution {
  func gradients(
    _ outputGradient: Tensor, _ operands: ConvolutionOperands, _ spectrum: FilterSpectrum
  ) -> ConvolutionGradients {
    if let pattern = spectrum.pattern {
      return keeping(pattern).gradients(outputGradient, operands, spectrum)
    }
    let shape = operands.input.shape
    let groups = LaneGroups(channels: shape[2])
    let filters = LaneFilters(spectrum.layout)
    let skips = scaledSkips(operands.skip, groups)
    var inputGradient = Tensor(uninitialized: shape) { _ in }
    let dx = inputGradient.mutablePointer()
    var preGradient = operands.preGate.map { _ in Tensor(uninitialized: shape) { _ in } }
    let dpre = preGradient?.mutablePointer()
    // A piece that reads further than it writes has the inputs of its outputs in other places.
    let keepsOutput = operands.postGate != nil && !geometry.isExtended
    var postGradient = keepsOutput ? Tensor(uninitialized: shape) { _ in } : nil
    let dpost = postGradient?.mutablePointer()
    let filterCount = spectrum.layout.filters
    var filterGradient = Tensor(zeros: [filterCount, problem.taps, shape[2]])
    let dh = filterGradient.mutablePointer()
    // A sum for each filter and group, over the sequences that meet the filter.
    let sumCount = filterCount * groups.count
    let units = shape[0] * geometry.pieces / filterCount
    let segments = LaneSegments(units: units, groups: sumCount)
    let sums = Tensor(uninitialized: [sumCount * segments.count, plan.floats]) { sums in
      LaneWorkers(plan, arrays: 2, tasks: sumCount * segments.count).forEach { task, scratch in
        let (filter, group) = (
          task / segments.count / groups.count, task / segments.count % groups.count
        )
        let (z, g) = (scratch.array(0), scratch.array(1))
        for unit in segments.units(task % segments.count) {
          let (at, piece) = place(shape, groups, group, filter * units + unit)
          let inputs = inputsOfGradients(piece)
          scratch.part(at.input(operands.input, operands.preGate, inputs), z)
          scratch.part(
            at.input(outputGradient, operands.postGate, geometry.outputGradients(piece)), g)
          var work = LaneWork(
            channels: groups.channels(group), gradients: z, g,
            filter: spectrum.values.pointer + filters.index(at.sequence, group) * plan.floats,
            skip: skips.pointer + group * LaneTransformPlan.laneCount,
            sum: sums + task * plan.floats,
            isFirst: unit == segments.units(task % segments.count).lowerBound,
            keepsOutput: keepsOutput)
          let rows = inputs[0].sequence.count
          if scratch.looksAhead(rows: rows, stride: shape[2]), unit + 1 < units {
            let (place, piece) = place(shape, groups, group, filter * units + unit + 1)
            work.lookAhead(
              place.pointer(operands.input, inputsOfGradients(piece)[0]),
              place.pointer(outputGradient, geometry.outputGradients(piece)[0]), rows: rows,
              stride: shape[2])
          }
          scratch.blocks(work)
          let run = geometry.inputGradientRun(piece)
          if let dpre {
            scratch.join(
              at.output(dx, operands.preGate, run, second: dpre, secondGate: operands.input), g)
          } else {
            scratch.join(at.output(dx, nil, run), g)
          }
          if let dpost { scratch.join(at.output(dpost, outputGradient, run), z) }
        }
      }
      LaneWorkers(plan, arrays: 0, tasks: sumCount).forEach { task, scratch in
        let first = sums + task * segments.count * plan.floats
        for segment in 1..<max(1, segments.count) {
          lanes.accumulate(first, first + segment * plan.floats, plan.floats)
        }
        let group = task % groups.count
        scratch.blocks(LaneWork(join: first, channels: groups.channels(group)))
        let taps = dh + task / groups.count * problem.taps * shape[2]
        scratch.join(tapsOutput(taps, groups, group, channels: shape[2]), first)
      }
    }
    _ = sums
    if operands.postGate != nil, !keepsOutput {
      var ungated = operands
      ungated.postGate = nil
      postGradient = forward(ungated, spectrum) * outputGradient
    }
    return ConvolutionGradients(
      input: inputGradient, filter: filterGradient, preGate: preGradient, postGate: postGradient)
  }

  /// The inputs that meet the gradients of a piece's outputs.
  private func inputsOfGradients(_ piece: Int) -> [RingGeometry.Run] {
    geometry.isExtended ? [geometry.inputGradientRun(piece)] : geometry.inputs(piece)
  }

  private func tapsOutput(
    _ dh: UnsafeMutablePointer<Float>, _ groups: LaneGroups, _ group: Int, channels: Int
  ) -> LaneOutput {
    var output = LaneOutput()
    output.stride = channels
    output.channels = groups.channels(group)
    for (index, tap) in geometry.taps.enumerated() {
      let at = dh + tap.run.sequence.lowerBound * channels + groups.first(group)
      output.set(
        index,
        LaneOutputRun(
          position: tap.run.position, count: tap.run.sequence.count,
          finish: LaneFinish(y1: at, m1: nil, y2: nil, m2: nil),
          scale: tap.sign / Float(plan.points)))
    }
    return output
  }
}

/// The sums of a filter's gradient are taken over segments of a batch, each in order, and then over
/// the segments: as many as keep many threads busy, whatever number of threads there is.
struct LaneSegments {
  let count: Int
  private let total: Int

  /// Tasks from which on one segment a group is enough.
  private static let tasks = 16

  init(units: Int, groups: Int) {
    total = units
    count = max(1, min(units, (Self.tasks + groups - 1) / groups))
  }

  func units(_ segment: Int) -> Range<Int> {
    segment * total / count..<(segment + 1) * total / count
  }
}
