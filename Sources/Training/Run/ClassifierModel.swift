public import LongConvolution
public import SequenceTensor

/// The classifier that a run trains.
public typealias ClassifierModel = SequenceClassifier<SGConvFilter>

extension RunConfiguration {
  /// The model of this configuration with random weights.
  public func makeModel(
    vocabulary: Int, classes: Int, using random: inout RandomSource
  ) -> ClassifierModel {
    ClassifierModel(
      vocabulary: vocabulary, classes: classes, options: model, mixing: mixing, using: &random
    ) { random in
      SGConvFilter(channels: model.channels, options: filter, using: &random)
    }
  }
}
