public import Distillation
import Layers
import LongConvolution
public import SequenceTensor

/// One long filter of a model, and the recurrences in its place.
public struct DistilledLayer: Sendable {
  /// The block, from 0.
  public var block: Int
  /// Which of the block's filters.
  public var filter: Int
  /// The kind of filter.
  public var kind: String
  /// The taps that were distilled, `[length, channels]`.
  public var taps: Tensor
  /// The recurrence of each channel with its certificate.
  public var channels: [DistilledRecurrence]

  /// The number of direct taps.
  public var headLength: Int { channels.map(\.certificate.headLength).max() ?? 0 }

  /// `block 1`, or `block 1, filter 2` of several.
  public var name: String { filter == 0 ? "block \(block)" : "block \(block), filter \(filter)" }
}

/// The long filters of trained models, and recurrences in their place.
public enum ModelDistillation {
  /// The taps of the filters of a block that a recurrence could take the place of.
  public struct Bank: Sendable {
    /// The block, from 0.
    public var block: Int
    /// Which of the block's filters.
    public var filter: Int
    /// The kind of filter.
    public var kind: String
    /// `[length, channels]`.
    public var taps: Tensor
  }

  /// The taps of all long filters of a model, for sequences of a length.
  ///
  /// - Throws: `RunError` for a model without long filters, or whose filters are recurrences already;
  ///   `DistillationError` for a filter that looks into the future or cannot be summed.
  public static func banks(
    of model: some SequenceNetwork, length: Int, place: String
  ) throws -> [Bank] {
    var banks: [Bank] = []
    var others: Set<String> = []
    for (block, mixer) in model.innerMixers.enumerated() {
      guard let mixer = mixer as? any FilterReplaceable, !mixer.isRecurrence else {
        others.insert("\(type(of: mixer))")
        continue
      }
      var filter = 0
      _ = try mixer.replacingFilters { original in
        let name = "block \(block)" + (filter > 0 ? ", filter \(filter)" : "")
        do throws(DistillationError) {
          let taps = try FilterDistillation.taps(of: original, length: length)
          banks.append(
            Bank(block: block, filter: filter, kind: "\(type(of: original))", taps: taps))
          filter += 1
        } catch {
          var located = error
          located.place = "\(place): \(name): \(error.place)"
          throw located
        }
        return StreamedFilter(taps: Tensor(zeros: [1, original.channels]))
      }
    }
    guard !banks.isEmpty else {
      throw RunError(
        place: place,
        expected: "a model with long filters, such as hyena, sgconv, longconv or ckconv",
        got: others.isEmpty
          ? "no blocks"
          : "only \(others.sorted().joined(separator: ", ")), without long filters"
            + " or recurrences already")
    }
    return banks
  }

  /// Distils every long filter of a model.
  ///
  /// - Parameters:
  ///   - model: the model.
  ///   - length: the taps of sequences of this length are distilled.
  ///   - settings: what the recurrences should be.
  ///   - place: the name of the model, for messages.
  ///   - observe: told of every filter that is done.
  /// - Returns: the model with recurrences, their sizes, and what became of each filter.
  /// - Throws: as `banks(of:length:place:)`; `DistillationError` for an order above the length or an
  ///   error that was not reached.
  public static func distilled<Network: SequenceNetwork>(
    _ model: Network, length: Int, settings: DistillationSettings, place: String,
    observe: (DistilledLayer) -> Void = { _ in }
  ) throws -> (model: Network, filters: DistilledFilters, layers: [DistilledLayer]) {
    let banks = try banks(of: model, length: length, place: place)
    var layers: [DistilledLayer] = []
    for bank in banks {
      let channels: [DistilledRecurrence]
      do throws(DistillationError) {
        channels = try settings.recurrences(of: bank.taps)
      } catch {
        var located = error
        located.place = "\(place): block \(bank.block): \(error.place)"
        throw located
      }
      let layer = DistilledLayer(
        block: bank.block, filter: bank.filter, kind: bank.kind, taps: bank.taps,
        channels: channels)
      layers.append(layer)
      observe(layer)
    }
    var shapes = [[ModalFilterShape]](repeating: [], count: model.mixers.count)
    var result = model
    result.mapMixers { block, mixer in
      var own = layers.filter { $0.block == block }[...]
      guard let replaceable = mixer as? any FilterReplaceable, !own.isEmpty else { return mixer }
      return replaceable.replacingFilters { original in
        let new =
          own.popFirst().map { ModalFilter($0.channels) }
          ?? ModalFilter(
            zeros: ModalFilterShape(channels: original.channels, modes: 1, headLength: 0))
        shapes[block].append(new.shape)
        return new
      }
    }
    return (result, DistilledFilters(blocks: shapes), layers)
  }
}

extension SequenceMixer {
  /// Whether the mixer goes on by a recurrence of its own.
  var isRecurrence: Bool { (self as? any RecurrentMixer)?.isRecurrent == true }
}

extension SequenceNetwork {
  /// The mixers, out of what wraps them.
  var innerMixers: [any SequenceMixer] {
    mixers.map { ($0 as? AnySequenceMixer)?.mixer ?? $0 }
  }
}
