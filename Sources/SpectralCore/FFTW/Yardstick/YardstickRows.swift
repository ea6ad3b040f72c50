package import SequenceTensor

/// How sequences lie in memory for the yardstick: in rows, as FFTW likes them best.
///
/// Packed values are `[groups, rows, values of a row]`. A group is what shares a transform of
/// filters: one channel, or two. Whatever the form, a group has as many rows as the batch.
package struct YardstickRows: Sendable {
  /// What one row is.
  package enum Form: String, CaseIterable, Sendable {
    /// One sequence of one channel: real values, `[channels, batch, length]`.
    case realRows = "real rows"
    /// Two real sequences as the real and imaginary parts: those of batch items b and b + 1, or
    /// of channels c and c + 1 if the batch is odd.
    case complexPairs = "complex pairs"
  }

  package let form: Form
  let batch: Int
  let channels: Int
  let length: Int

  package init(_ form: Form, batch: Int, channels: Int, length: Int) {
    require(
      batch > 0 && channels > 0 && length > 0,
      "YardstickRows: batch \(batch), channels \(channels), length \(length)")
    (self.form, self.batch, self.channels, self.length) = (form, batch, channels, length)
  }

  /// Channels in a group.
  var groupChannels: Int { form == .realRows ? 1 : 2 }

  var groups: Int { (channels + groupChannels - 1) / groupChannels }

  /// Floats of a row.
  var rowLength: Int { form == .realRows ? length : 2 * length }

  /// The packed shape.
  var shape: Shape { [groups, batch, rowLength] }

  /// Whether the parts of a row are neighbouring channels, which have filters of their own.
  var mixesChannels: Bool { form == .complexPairs && batch % 2 == 1 }

  /// Whether the parts of a row are neighbouring batch items; a group has rows of two channels.
  private var pairsBatch: Bool { form == .complexPairs && batch % 2 == 0 }

  /// Which channel of its group a row belongs to; the first of the two if it mixes them.
  func groupChannel(row: Int) -> Int { pairsBatch && row % batch >= batch / 2 ? 1 : 0 }

  /// Whether a row holds anything: a missing second channel of the last group does not.
  func isUsed(row: Int) -> Bool {
    row / batch * groupChannels + groupChannel(row: row) < channels
  }

  /// The filters of these rows: packed as a batch of one.
  package var filters: YardstickRows {
    YardstickRows(form, batch: 1, channels: channels, length: length)
  }

  /// Values `[batch, length, channels]` in rows.
  package func packed(_ values: Tensor) -> Tensor {
    require(
      values.shape == [batch, length, channels],
      "YardstickRows: \(values.shape) is not [\(batch), \(length), \(channels)]")
    var result = Tensor(zeros: shape)
    let rows = result.mutablePointer()
    forEachSequence { at, step, to, toStep in
      for n in 0..<length { rows[to + n * toStep] = values.pointer[at + n * step] }
    }
    return result
  }

  /// The values `[batch, length, channels]` of rows.
  package func unpacked(_ rows: Tensor) -> Tensor {
    require(rows.shape == shape, "YardstickRows: \(rows.shape) is not \(shape)")
    return Tensor(uninitialized: [batch, length, channels]) { values in
      forEachSequence { at, step, to, toStep in
        for n in 0..<length { values[at + n * step] = rows.pointer[to + n * toStep] }
      }
    }
  }

  /// Runs `body` with the first position and the stride of each sequence, unpacked and packed.
  private func forEachSequence(
    _ body: (_ at: Int, _ step: Int, _ to: Int, _ toStep: Int) -> Void
  ) {
    Parallel.forEach(tasks: batch * channels) { task, _ in
      let (item, channel) = (task / channels, task % channels)
      var row = channel / groupChannels * batch + item
      var part = 0
      if mixesChannels { part = channel % 2 }
      if pairsBatch {
        row = channel / 2 * batch + channel % 2 * (batch / 2) + item / 2
        part = item % 2
      }
      body(
        item * length * channels + channel, channels, row * rowLength + part,
        form == .realRows ? 1 : 2)
    }
  }
}
