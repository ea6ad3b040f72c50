public import Layers

/// The arguments of an original's constructor, by its names.
public struct OriginalArguments: Sendable, Equatable, Codable {
  /// The arguments.
  public var values: [String: ConfigurationTree]

  /// Arguments by name.
  public init(_ values: [String: ConfigurationTree] = [:]) { self.values = values }

  /// Reads a table.
  public init(from decoder: any Decoder) throws {
    values = try [String: ConfigurationTree](from: decoder)
  }

  /// Writes a table.
  public func encode(to encoder: any Encoder) throws { try values.encode(to: encoder) }

  /// An argument; `nil` if it was left out or is null.
  public subscript(_ name: String) -> ConfigurationTree? {
    values[name].flatMap { $0 == .null ? nil : $0 }
  }

  /// Sets an argument that was left out.
  public mutating func fill(_ name: String, _ value: @autoclosure () -> Int?) {
    guard self[name] == nil, let value = value() else { return }
    values[name] = .integer(value)
  }

  /// A whole number above 0.
  ///
  /// - Throws: `ReferenceError` if it was left out or is something else.
  public func size(_ name: String) throws(ReferenceError) -> Int {
    guard let number = self[name]?.number, let size = Int(exactly: number), size > 0 else {
      throw ReferenceError(
        place: "argument \(name)", expected: "a whole number above 0",
        got: self[name].map { "\($0)" } ?? "nothing")
    }
    return size
  }

  /// One of the cases of an enumeration by a name.
  ///
  /// - Throws: `ReferenceError` if there is no case of that name.
  public func named<Value>(
    _ name: String, default standard: String, _ value: (String) -> Value?
  ) throws(ReferenceError) -> Value {
    let text = self[name]?.text ?? standard
    guard let result = value(text) else {
      throw ReferenceError(
        place: "argument \(name)", expected: "one that this library has", got: text)
    }
    return result
  }
}

extension OriginalArguments {
  /// What an argument is.
  private enum Kind: String { case number = "a number", flag = "true or false", text = "a name" }

  private static let largest = 2_147_483_648.0

  private static let kinds: [String: Kind] = {
    let numbers = """
      d_model l_max L N H d_state channels rank n_ssm dt_min dt_max bandlimit seq_len filter_order
      order emb_dim num_inner_mlps w lr wd lr_pos_emb modulation_lr fast_decay_pct slow_decay_pct
      target shift num_heads inner_factor num_blocks short_filter_order lam ma_window_len
      kernel_dim n_scales init_scale decay_min decay_max kernel_size depth memory_size head_dim
      """
    let flags = """
      modulate normalized outer_mixing post_order_ffn bias causal bidirectional use_ma_smoothing
      smooth_freq dt_tie dt_fast is_real force_real indep_res_init linear has_output
      """
    let texts = """
      activation postact mode weight_init init measure dt_transform real_transform real_type
      imag_transform disc tree_select wavelet_init
      """
    let all = [(numbers, Kind.number), (flags, .flag), (texts, .text)].flatMap { names, kind in
      names.split(whereSeparator: \.isWhitespace).map { (String($0), kind) }
    }
    return Dictionary(uniqueKeysWithValues: all)
  }()

  /// The names of the arguments that mean something here.
  public static var names: [String] { kinds.keys.sorted() }

  /// Checks the kinds of all arguments, and that numbers are of a sane size.
  ///
  /// Those that mean nothing here, such as the original's dropout, may be anything.
  ///
  /// - Throws: `ReferenceError` with the argument.
  func validate() throws(ReferenceError) {
    for (name, value) in values.sorted(by: { $0.key < $1.key }) {
      guard let kind = Self.kinds[name] else { continue }
      // Learning rates can be tables, by parameter; they change no output.
      var fits = value == .null || value.arguments != nil
      switch kind {
      case .number: fits = fits || value.number.map { abs($0) <= Self.largest } ?? false
      case .flag: fits = fits || value.bool != nil
      case .text: fits = fits || value.text != nil
      }
      guard fits else {
        throw ReferenceError(
          place: "argument \(name)",
          expected: kind == .number ? "a number of at most 2³¹" : kind.rawValue, got: "\(value)")
      }
    }
  }
}

extension ConfigurationTree {
  /// The value if it is true or false.
  public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

  /// The value if it is a number.
  public var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// The value if it is text.
  public var text: String? { if case .text(let value) = self { value } else { nil } }

  /// The arguments inside if the value is a table.
  public var arguments: OriginalArguments? {
    if case .table(let values) = self { OriginalArguments(values) } else { nil }
  }
}
