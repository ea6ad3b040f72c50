public import Layers
public import LongConvolution
public import SequenceTensor

/// The classifier that a run trains, its method chosen by the configuration.
public typealias ClassifierModel = SequenceClassifier<AnySequenceMixer>

extension RunConfiguration {
  /// The model of this configuration with random weights.
  public func makeModel(
    vocabulary: Int, classes: Int, using random: inout RandomSource
  ) -> ClassifierModel {
    ClassifierModel(
      vocabulary: vocabulary, classes: classes, options: model, using: &random
    ) { random in
      AnySequenceMixer(
        filter.settings.makeMixer(channels: model.channels, mixing: mixing, using: &random))
    }
  }
}
