public import Distillation
import Layers
import LongConvolution
import TensorIO

/// The sizes of the recurrences that stand in the place of the long filters of a model's blocks: what
/// a checkpoint needs beside the configuration to make a distilled model again.
public struct DistilledFilters: Sendable, Hashable, Codable {
  /// For each block the sizes of its filters, in the order of `FilterReplaceable`.
  public var blocks: [[ModalFilterShape]]

  /// Creates a list.
  public init(blocks: [[ModalFilterShape]]) { self.blocks = blocks }

  private static let key = "distilled"
  /// What the model of the configuration, made before its filters are replaced, may take at most where
  /// the file holds less.
  private static let mostValues = 1 << 28

  func write(to file: inout SafetensorsFile) throws { try file.setMetadata(Self.key, self) }

  /// Reads the list of a checkpoint; `nil` if its model was not distilled.
  ///
  /// - Throws: `TensorFileError` for sizes that no filter has.
  init?(from file: SafetensorsFile, path: String) throws {
    guard file.metadata[Self.key] != nil else { return nil }
    self = try file.metadata(Self.key, DistilledFilters.self, path: path)
    for shape in blocks.joined() {
      guard shape.channels > 0, shape.modes > 0, shape.headLength >= 0 else {
        throw TensorFileError(
          place: "\(path): metadata \(Self.key)", expected: "sizes of filters", got: "\(shape)")
      }
    }
  }

  /// How many values the filters hold, which a file has to hold at least.
  ///
  /// - Throws: `TensorFileError` if there are not as many blocks as the configuration has, or the
  ///   configuration's own filters are too large to be made.
  func leastValues(of configuration: RunConfiguration, path: String) throws -> Int {
    let model = configuration.model
    let place = "\(path): metadata \(Self.key)"
    guard blocks.count == model.layers else {
      throw TensorFileError(
        place: place, expected: "filters of \(model.layers) blocks", got: "of \(blocks.count)")
    }
    let original = ConfigurationCheck.product(
      configuration.filter.settings.leastValues(channels: model.channels), model.layers)
    guard original <= Self.mostValues else {
      throw TensorFileError(
        place: place, expected: "original filters of at most \(Self.mostValues) values",
        got: "\(original)")
    }
    return blocks.joined().reduce(0) { sum, shape in
      let count = ConfigurationCheck.product(
        shape.channels, max(shape.modes, shape.headLength))
      return sum.addingReportingOverflow(count).overflow ? .max : sum + count
    }
  }
}

extension SequenceNetwork {
  /// The model with filters of zeros of these sizes in the place of its own, for a checkpoint to fill.
  ///
  /// Sizes that do not fit leave a model that no checkpoint fits, which reading it tells.
  func withFilters(of filters: DistilledFilters?) -> Self {
    guard let filters else { return self }
    var model = self
    model.mapMixers { index, mixer in
      guard let replaceable = mixer as? any FilterReplaceable, index < filters.blocks.count else {
        return mixer
      }
      var shapes = filters.blocks[index][...]
      return replaceable.replacingFilters { filter in
        var shape =
          shapes.popFirst()
          ?? ModalFilterShape(channels: filter.channels, modes: 1, headLength: 0)
        shape.channels = filter.channels
        return ModalFilter(zeros: shape)
      }
    }
    return model
  }
}
