import Differentiation
public import Layers
import SequenceTensor

/// A language model that reads a text bit by bit and gives the logits of what comes next.
///
/// A prompt is read at once, by transforms where the mixers are convolutions; what follows token by
/// token. All methods give the same logits up to rounding:
///
/// ```swift
/// var generator = try LanguageGenerator(model, length: prompt.count + 100)
/// var logits = generator.read(prompt)
/// for _ in 0..<100 {
///   let token = sampler.next(logits)
///   logits = generator.read([token])
/// }
/// ```
///
/// A value: a copy goes on by itself from the same place.
public struct LanguageGenerator: Sendable {
  /// How the logits are found.
  public let method: GenerationMethod
  /// How many tokens have been read.
  public private(set) var position = 0
  private let model: LanguageModel<AnySequenceMixer>
  /// The states, unless all is computed anew.
  private var state: LanguageModelState?
  /// All tokens, if all is computed anew.
  private var tokens: [Int32] = []

  /// A whole pass is made for a multiple of this many positions, so that spectra serve more than one.
  private static let paddedTo = 64

  /// Creates a generator before its first token.
  ///
  /// - Parameters:
  ///   - model: whose mixers look into the past only.
  ///   - method: how; by default the first of `GenerationMethod` that the mixers allow.
  ///   - length: how many tokens will be read at most. The taps of filters that are no recurrences
  ///     are taken for sequences of this length, also where all is computed anew.
  /// - Throws: `GenerationError` if a mixer does not allow the method.
  public init(
    _ model: LanguageModel<AnySequenceMixer>, method: GenerationMethod? = nil, length: Int
  ) throws(GenerationError) {
    require(length > 0, "LanguageGenerator: a length of \(length)")
    let methods = method.map { [$0] } ?? GenerationMethod.allCases
    var problem = GenerationError(
      place: "--method", expected: "one that the model allows", got: "none")
    for method in methods {
      do throws(GenerationError) {
        try self.init(model, by: method, length: length)
        return
      } catch {
        problem = error
      }
    }
    throw problem
  }

  private init(
    _ model: LanguageModel<AnySequenceMixer>, by method: GenerationMethod, length: Int
  ) throws(GenerationError) {
    self.method = method
    var model = model
    try model.mapMixers { index, mixer throws(GenerationError) in
      try Self.prepared(mixer, for: method, length: length, place: "block \(index)")
    }
    self.model = model
    guard method != .recompute else { return }
    state = model.initialState(batch: 1)
  }

  /// A mixer as a method needs it.
  private static func prepared(
    _ mixer: any SequenceMixer, for method: GenerationMethod, length: Int, place: String
  ) throws(GenerationError) -> any SequenceMixer {
    switch method {
    case .recurrence:
      guard let recurrent = mixer as? any RecurrentMixer, recurrent.isRecurrent else {
        throw GenerationError(
          place: place, expected: "a mixer that is a recurrence (longwave distill makes one)",
          got: "\(type(of: mixer))")
      }
      return mixer
    case .online:
      if let streamed = streamed(mixer, length: length, isForced: true) { return streamed }
      if let recurrent = mixer as? any RecurrentMixer, recurrent.isRecurrent { return mixer }
      throw GenerationError(
        place: place, expected: "a mixer around long filters", got: "\(type(of: mixer))")
    case .recompute: return streamed(mixer, length: length, isForced: false) ?? mixer
    }
  }

  /// The mixer with the taps of its filters for a length in their place, if it has causal filters and
  /// sequences are not cut into blocks.
  ///
  /// - Parameter isForced: whether also filters are replaced that have the same taps at every length.
  private static func streamed(
    _ mixer: any SequenceMixer, length: Int, isForced: Bool
  ) -> (any SequenceMixer)? {
    guard let mixer = mixer as? any FilterReplaceable else { return nil }
    var isPossible = true
    let result = mixer.replacingFilters { filter in
      guard !filter.isBidirectional else {
        isPossible = false
        return StreamedFilter(taps: Tensor(zeros: [1, filter.channels]))
      }
      if !isForced && filter.lengthSemantics != .resample { isPossible = false }
      return isPossible
        ? StreamedFilter(filter, length: length)
        : StreamedFilter(taps: Tensor(zeros: [1, filter.channels]))
    }
    guard isPossible, !isForced || (result as? any RecurrentMixer)?.isRecurrent == true else {
      return nil
    }
    return result
  }

  /// The bytes of what is carried from one token to the next: states, or the tokens themselves; `nil`
  /// if a mixer's state does not know its size.
  public var stateBytes: Int? {
    method == .recompute ? tokens.count * MemoryLayout<Int32>.stride : state?.byteCount
  }

  /// Reads the next tokens and returns the logits of the token after them.
  ///
  /// - Precondition: there is a token; every token is one of the model's vocabulary.
  public mutating func read(_ next: [Int32]) -> [Float] {
    require(!next.isEmpty, "LanguageGenerator.read: no tokens")
    position += next.count
    if var carried = state {
      // Out of self while it is moved, so that it is not copied.
      state = nil
      let logits = model.logits(of: next, &carried, lastOnly: true)
      state = carried
      return logits.elements
    }
    tokens += next
    let length = (tokens.count + Self.paddedTo - 1) / Self.paddedTo * Self.paddedTo
    let padded = tokens + [Int32](repeating: 0, count: length - tokens.count)
    let mask = SequenceMask(lengths: [tokens.count], length: length)
    let x = model.features(padded, mask: mask, on: nil)
    return model.logits(ofFeatures: x.sliced(axis: 1, position - 1..<position)).value.elements
  }
}
