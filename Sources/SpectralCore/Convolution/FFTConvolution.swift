import LaneKernels
import SequenceTensor

/// Depthwise convolution row by row through FFTW.
///
/// Two real rows travel as the real and imaginary part of one complex row: rows b and b + 1 of a
/// batch, which share the filter, or, for the last row of an odd batch and where each sequence has
/// its own filter, channels c and c + 1 (see ChannelPairs.h). A worker gathers a group of channels into contiguous rows,
/// and for each row splits it into blocks, transforms a block, multiplies and transforms back
/// while the block is in the cache. Spectra live only in the worker's scratch.
struct FFTConvolution: ConvolutionBackend {
  let problem: ConvolutionProblem
  let transform: BlockTransform

  init(_ problem: ConvolutionProblem, effort: PlanningEffort) {
    self.problem = problem
    let length =
      problem.boundary == .circular
      ? problem.length : TransformLength.best(atLeast: problem.shortestTransform)
    transform = BlockTransform.cached(length: length, effort: effort)
  }

  var description: String {
    "FFTW of \(transform.length) points in \(transform.length / transform.blockLength) blocks"
      + " of \(transform.blockLength)"
  }

  func forward(_ operands: ConvolutionOperands, _ spectrum: FilterSpectrum) -> Tensor {
    let input = operands.input
    let work = RowWork(input.shape, transform, spectrum.layout, rowsHeld: 1)
    return Tensor(uninitialized: input.shape) { output in
      let passes = RowPasses(
        gather: { gather($0, $1, input, operands.preGate, into: $2.rows) },
        transform: { rows, row, scratch in
          let z = scratch.row(row)
          transform.begin(z, count: problem.length, into: scratch.blocks)
          multiply(rows, row, scratch, spectrum, skip: operands.skip)
          transform.end(scratch.blocks, into: z, count: problem.length)
        },
        scatter: {
          scatter(
            $0, $1, $2.rows, channels: input.shape[2], to: output, gate: operands.postGate)
        })
      work.forEach(batches: true, passes)
    }
  }

  /// Multiplies the blocks of one complex row with the filter of its channel or channels.
  private func multiply(
    _ rows: RowGroup, _ row: Int, _ scratch: RowScratch, _ spectrum: FilterSpectrum,
    skip: Tensor?
  ) {
    let count = transform.blockLength
    let (blocks, spectra) = (scratch.blocks, scratch.spectra)
    let first = spectrum.row(rows, rows.channel(row), transform)
    let skips = scaledSkips(skip, rows, row)
    if rows.second != nil {
      transform.forEachPair(split: BlockRows(blocks), join: BlockRows(blocks)) { pair in
        pair.forEachBlock { at in
          transform.execute(.forward, from: blocks + at, to: spectra)
          lanes.spectral_multiply(spectra, first + at, skips.0, false, count)
          transform.execute(.inverse, from: spectra, to: blocks + at)
        }
      }
      return
    }
    let second = spectrum.row(rows, rows.secondChannel(row), transform)
    transform.forEachPair(split: BlockRows(blocks), join: BlockRows(blocks)) { pair in
      let partner = transform.execute(.forward, pair, blocks: blocks, spectra: spectra)
      lanes.pair_multiply(
        spectra, partner, first + pair.block, second + pair.block, skips.0, skips.1, false, count,
        pair.shift, pair.own)
      transform.execute(.inverse, pair, blocks: blocks, spectra: spectra)
    }
  }

  /// What the skip term adds to every bin of a row's filters, which carry the factor 1/N: the
  /// input need not be read a second time for it.
  private func scaledSkips(_ skip: Tensor?, _ rows: RowGroup, _ row: Int) -> (Float, Float) {
    guard let skip else { return (0, 0) }
    let scale = 1 / Float(transform.length)
    return (
      skip.pointer[rows.channel(row)] * scale, skip.pointer[rows.secondChannel(row)] * scale
    )
  }
}

// MARK: - Filters

extension FFTConvolution {
  /// The spectra of all columns, `[filters, heads, N, 2]`, scaled by 1/N.
  func spectrum(of filter: Tensor, _ layout: FilterLayout) -> Tensor {
    let (heads, length) = (layout.heads, transform.length)
    return Tensor(uninitialized: [layout.filters, heads, length, 2]) { spectra in
      forEachColumnPair(layout.filters, heads) { index, column, paired, z, blocks, scratch in
        let taps = filter.pointer + index * problem.taps * heads + column
        gatherFilter(taps, stride: heads, columns: paired ? 2 : 1, into: z)
        transform.begin(z, count: length, into: blocks)
        let h0 = spectra + 2 * (index * heads + column) * length
        let h1 = paired ? h0 + 2 * length : scratch + 4 * transform.blockLength
        transform.forEachPair(split: BlockRows(blocks), join: BlockRows()) { pair in
          let (at, to) = (pair.block, pair.partner)
          let partner = transform.execute(.forward, pair, blocks: blocks, spectra: scratch)
          // The spectrum of a missing second channel goes to scratch, both halves on one spot.
          lanes.pair_separate(
            h0 + at, h0 + to, paired ? h1 + at : h1, paired ? h1 + to : h1, scratch, partner,
            1 / Float(length), transform.blockLength, pair.shift, pair.own)
        }
      }
    }
  }

  /// The gradients of the taps from the accumulated spectra `[filters, channels, N, 2]`.
  private func filterGradient(_ spectra: Tensor) -> Tensor {
    let (filters, channels) = (spectra.shape[0], spectra.shape[1])
    var gradient = Tensor(zeros: [filters, problem.taps, channels])
    let dh = gradient.mutablePointer()
    let length = transform.length
    forEachColumnPair(filters, channels) { index, channel, paired, z, blocks, scratch in
      let taps = dh + index * problem.taps * channels + channel
      let h0 = spectra.pointer + 2 * (index * channels + channel) * length
      let h1 = paired ? h0 + 2 * length : h0
      transform.forEachPair(split: BlockRows(), join: BlockRows(blocks)) { pair in
        let (at, to) = (pair.block, pair.partner)
        let partner = pair.own ? scratch : scratch + 2 * transform.blockLength
        lanes.pair_combine(
          scratch, partner, h0 + at, h0 + to, h1 + at, h1 + to, 1 / Float(length),
          transform.blockLength, pair.shift, pair.own)
        transform.execute(.inverse, pair, blocks: blocks, spectra: scratch)
      }
      transform.end(blocks, into: z, count: length)
      for (rows, position) in filterRuns {
        var finish = LaneFinish(
          y1: taps + rows.lowerBound * channels, m1: nil, y2: nil, m2: nil)
        lanes.scatter_channel_pair(
          &finish, z + 2 * position, length, rows.count, channels, paired ? 2 : 1)
      }
    }
    return gradient
  }

  /// Runs of used taps and where they lie in a circular filter of N points: lag 0 at 0.
  private var filterRuns: [(rows: Range<Int>, position: Int)] {
    let used = problem.usedTaps
    let centre = problem.centre
    let past = (centre..<used.upperBound, 0)
    guard used.lowerBound < centre else { return [past] }
    return [past, (used.lowerBound..<centre, transform.length - (centre - used.lowerBound))]
  }

  private func gatherFilter(
    _ taps: UnsafePointer<Float>, stride: Int, columns: Int,
    into z: UnsafeMutablePointer<Float>
  ) {
    z.update(repeating: 0, count: 2 * transform.length)
    for (rows, position) in filterRuns {
      lanes.gather_channel_pair(
        z + 2 * position, transform.length, taps + rows.lowerBound * stride, nil, rows.count,
        stride, columns)
    }
  }

  /// Runs `body(filter, column, hasSecond, z, blocks, scratch)` for columns 0, 2, 4, … of each
  /// filter in parallel.
  private func forEachColumnPair(
    _ filters: Int, _ columns: Int,
    _ body: (
      Int, Int, Bool, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>,
      UnsafeMutablePointer<Float>
    ) -> Void
  ) {
    let pairs = (columns + 1) / 2
    let tasks = filters * pairs
    let (length, block) = (2 * transform.length, 2 * transform.blockLength)
    let size = 2 * length + 3 * block
    let workers = Parallel.workerCount(tasks: tasks)
    var scratch = Tensor(uninitialized: [workers, size]) { _ in }
    let base = scratch.mutablePointer()
    Parallel.forEach(tasks: tasks, workers: workers) { task, worker in
      let z = base + worker * size
      let column = 2 * (task % pairs)
      body(task / pairs, column, column + 1 < columns, z, z + length, z + 2 * length)
    }
  }
}

// MARK: - Gradients

extension FFTConvolution {
  func gradients(
    _ outputGradient: Tensor, _ operands: ConvolutionOperands, _ spectrum: FilterSpectrum
  ) -> ConvolutionGradients {
    let input = operands.input
    let channels = input.shape[2]
    let work = RowWork(input.shape, transform, spectrum.layout, rowsHeld: 2)
    var inputGradient = Tensor(uninitialized: input.shape) { _ in }
    let du = inputGradient.mutablePointer()
    var preGradient = operands.preGate.map { Tensor(uninitialized: $0.shape) { _ in } }
    let dpre = preGradient?.mutablePointer()
    var postGradient = operands.postGate.map { Tensor(uninitialized: $0.shape) { _ in } }
    let dpost = postGradient?.mutablePointer()
    let accumulated = Tensor(
      uninitialized: [spectrum.layout.filters, channels, transform.length, 2]
    ) { sums in
      let passes = RowPasses(
        gather: {
          gather($0, $1, input, operands.preGate, into: $2.rows)
          gather($0, $1, outputGradient, operands.postGate, into: $2.secondRows)
        },
        transform: { rows, row, scratch in
          let (x, g) = (scratch.row(row), scratch.secondRow(row))
          transform.begin(x, count: problem.length, into: scratch.blocks)
          transform.begin(g, count: problem.length, into: scratch.secondBlocks)
          correlate(
            rows, row, scratch, spectrum, sums, skip: operands.skip,
            keepsOutput: operands.postGate != nil)
          if operands.postGate != nil {
            transform.end(scratch.blocks, into: x, count: problem.length)
          }
          transform.end(scratch.secondBlocks, into: g, count: problem.length)
        },
        // With t = h ⋆ g + D·g and g = postGate·dy, du = preGate·t and dpreGate = input·t;
        // dpostGate = dy·(h * x + D·x).
        scatter: {
          scatter(
            $0, $1, $2.secondRows, channels: channels, to: du, gate: operands.preGate,
            second: dpre, secondGate: input)
          if let dpost {
            scatter($0, $1, $2.rows, channels: channels, to: dpost, gate: outputGradient)
          }
        })
      // The groups of a channel run in order: sums over the batch have the same order always.
      work.forEach(batches: false, passes)
    }
    return ConvolutionGradients(
      input: inputGradient, filter: filterGradient(accumulated), preGate: preGradient,
      postGate: postGradient)
  }

  /// Adds conj(X)·G of one complex row to the sums of its channels and leaves in the second
  /// blocks h ⋆ g and, if wanted, in the first h * x.
  private func correlate(
    _ rows: RowGroup, _ row: Int, _ scratch: RowScratch, _ spectrum: FilterSpectrum,
    _ sums: UnsafeMutablePointer<Float>, skip: Tensor?, keepsOutput: Bool
  ) {
    let skips = scaledSkips(skip, rows, row)
    let (blocks, gradientBlocks) = (scratch.blocks, scratch.secondBlocks)
    let both = BlockRows(blocks, gradientBlocks)
    let joined = keepsOutput ? both : BlockRows(gradientBlocks)
    let count = transform.blockLength
    let (x, g) = (scratch.spectra, scratch.spectra + 4 * count)
    let channel = rows.channel(row)
    let h0 = spectrum.row(rows, channel, transform)
    let sum0 = sums + 2 * (rows.filter * spectrum.channels + channel) * transform.length
    if rows.isFirst {
      let sumCount = rows.second == nil ? rows.secondChannel(row) - channel + 1 : 1
      sum0.update(repeating: 0, count: sumCount * 2 * transform.length)
    }
    if rows.second != nil {
      transform.forEachPair(split: both, join: joined) { pair in
        pair.forEachBlock { at in
          transform.execute(.forward, from: blocks + at, to: x)
          transform.execute(.forward, from: gradientBlocks + at, to: g)
          lanes.spectral_correlate(sum0 + at, x, g, count)
          lanes.spectral_multiply(g, h0 + at, skips.0, true, count)
          transform.execute(.inverse, from: g, to: gradientBlocks + at)
          if keepsOutput {
            lanes.spectral_multiply(x, h0 + at, skips.0, false, count)
            transform.execute(.inverse, from: x, to: blocks + at)
          }
        }
      }
      return
    }
    let paired = rows.secondChannel(row) != channel
    let h1 = spectrum.row(rows, rows.secondChannel(row), transform)
    // The missing second channel of an odd count is zero: its sum goes to a spot in scratch.
    let sum1 = paired ? sum0 + 2 * transform.length : scratch.spare
    transform.forEachPair(split: both, join: joined) { pair in
      let (at, to) = (pair.block, pair.partner)
      let xp = transform.execute(.forward, pair, blocks: blocks, spectra: x)
      let gp = transform.execute(.forward, pair, blocks: gradientBlocks, spectra: g)
      lanes.pair_correlate(
        sum0 + at, sum0 + to, paired ? sum1 + at : sum1, paired ? sum1 + to : sum1 + 2 * count,
        x, xp, g, gp, count, pair.shift, pair.own)
      lanes.pair_multiply(
        g, gp, h0 + at, h1 + at, skips.0, skips.1, true, count, pair.shift, pair.own)
      transform.execute(.inverse, pair, blocks: gradientBlocks, spectra: g)
      if keepsOutput {
        lanes.pair_multiply(
          x, xp, h0 + at, h1 + at, skips.0, skips.1, false, count, pair.shift, pair.own)
        transform.execute(.inverse, pair, blocks: blocks, spectra: x)
      }
    }
  }
}

extension FilterSpectrum {
  /// The N complex values that a channel of a group of rows meets.
  fileprivate func row(
    _ rows: RowGroup, _ channel: Int, _ transform: BlockTransform
  ) -> UnsafePointer<Float> {
    let column = rows.filter * heads + channel / layout.width
    return values.pointer + 2 * column * transform.length
  }
}
