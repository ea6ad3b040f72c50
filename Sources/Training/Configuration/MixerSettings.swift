public import Layers
public import LongConvolution
public import SequenceTensor

/// The settings of one kind of mixer, as they stand under `filter` in a configuration.
///
/// A method becomes trainable from the command line by one conformance and one entry in
/// `MixerConfiguration.kinds`.
public protocol MixerSettings: Sendable, Hashable, Codable {
  /// The name that `--model` takes.
  static var modelName: String { get }

  /// The defaults for training.
  init(forTraining: Void)

  /// These settings with what depends on the data filled in.
  ///
  /// - Parameter longest: the longest training sequence.
  func resolved(longest: Int) -> Self

  /// Checks what the types cannot.
  ///
  /// - Throws: `ConfigurationError` with the key under `filter`.
  func validate(_ run: RunConfiguration) throws(ConfigurationError)

  /// Whether a position sees only what stands before it, as language models need it.
  var isCausal: Bool { get }

  /// A number of values that a mixer of these settings has at least, so that a damaged file is
  /// refused before memory is asked for.
  func leastValues(channels: Int) -> Int

  /// A mixer with random weights.
  func makeMixer(
    channels: Int, mixing: LongConvolutionOptions, using random: inout RandomSource
  ) -> any SequenceMixer
}

extension MixerSettings {
  /// The settings themselves: nothing depends on the data.
  public func resolved(longest: Int) -> Self { self }

  /// Most methods look into the past only.
  public var isCausal: Bool { true }
}

/// Settings of a filter, whose mixer is a long convolution with it.
public protocol FilterSettings: MixerSettings {
  /// The filter.
  associatedtype Filter: LongFilter

  /// A filter with random weights.
  func makeFilter(channels: Int, using random: inout RandomSource) -> Filter
}

extension FilterSettings {
  /// A long convolution with the filter.
  public func makeMixer(
    channels: Int, mixing: LongConvolutionOptions, using random: inout RandomSource
  ) -> any SequenceMixer {
    let filter = makeFilter(channels: channels, using: &random)
    return LongConvolution(filter, channels: channels, options: mixing, using: &random)
  }
}

/// What mixes along the sequence in each block of a run's model: a method with its settings.
public struct MixerConfiguration: Sendable, Hashable {
  /// The methods there are; the first is the default.
  public static let kinds: [any MixerSettings.Type] = [
    SGConvOptions.self, HyenaSettings.self, MultiHyenaSettings.self, FreeFilterSettings.self,
    S4DSettings.self, S4Settings.self, S5Settings.self, H3Settings.self,
    MultiresolutionSettings.self, RationalSettings.self, CKConvSettings.self,
    FlexConvSettings.self, SMPConvSettings.self, GatedConvolutionSettings.self,
    AdaptiveFrequencySettings.self,
  ]

  /// The names of the methods.
  public static var names: [String] { kinds.map { $0.modelName } }

  /// The settings of the method.
  public var settings: any MixerSettings

  /// Other names that methods go by in papers and in the originals.
  private static let otherNames = [
    "multiresconv": "multires", "multiresnet": "multires", "multiresolution": "multires",
    "longconvs": "longconv", "simplelongconv": "longconv", "freefilter": "longconv",
    "mhhyena": "multihyena", "rational": "rtf", "flexnet": "flexconv", "smp": "smpconv",
    "gconv": "gnconv", "hornet": "gnconv", "s4dlin": "s4d", "s4legs": "s4",
  ]

  /// The name of a method as `--model` and `modelName` have it, from that name or another one it goes by,
  /// in any case and with hyphens and underscores or without; `nil` if there is none.
  public static func name(of text: String) -> String? {
    let plain = text.lowercased().filter { $0 != "-" && $0 != "_" && $0 != " " }
    return names.first { $0 == plain } ?? otherNames[plain]
  }

  /// The defaults of a method; `nil` if there is none of that name.
  public init?(named name: String) {
    guard let name = Self.name(of: name),
      let kind = Self.kinds.first(where: { $0.modelName == name })
    else { return nil }
    settings = kind.init(forTraining: ())
  }

  init(_ kind: any MixerSettings.Type, from decoder: any Decoder) throws {
    settings = try kind.init(from: decoder)
  }

  /// The name of the method.
  public var name: String { type(of: settings).modelName }

  /// The settings of a method that the run is known to have.
  ///
  /// - Precondition: the run has that method.
  public subscript<Settings: MixerSettings>(_ type: Settings.Type) -> Settings {
    get {
      guard let settings = settings as? Settings else {
        preconditionFailure("MixerConfiguration: \(Settings.modelName) of a run of \(name)")
      }
      return settings
    }
    set { settings = newValue }
  }

  /// Whether methods and settings are the same.
  public static func == (a: MixerConfiguration, b: MixerConfiguration) -> Bool {
    AnyHashable(a.settings) == AnyHashable(b.settings)
  }

  /// Hashes the settings.
  public func hash(into hasher: inout Hasher) { hasher.combine(AnyHashable(settings)) }
}
