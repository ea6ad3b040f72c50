/// Settings of a mixer that are another type's, under the same keys.
public protocol WrappedSettings: MixerSettings {
  /// The type whose keys these are.
  associatedtype Options: Sendable, Hashable, Codable

  /// The settings.
  var options: Options { get set }

  /// Settings with given options.
  init(_ options: Options)
}

extension WrappedSettings {
  /// Reads the options.
  public init(from decoder: any Decoder) throws { self.init(try Options(from: decoder)) }

  /// Writes the options.
  public func encode(to encoder: any Encoder) throws { try options.encode(to: encoder) }
}
