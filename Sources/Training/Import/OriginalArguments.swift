public import Layers

/// The arguments of an original's constructor, by its names.
public struct OriginalArguments: Sendable, Equatable, Codable {
  /// The arguments.
  public var values: [String: ConfigurationTree]
  /// The table that these stand in, with a dot, for messages; empty for a constructor's own.
  let place: String

  /// Arguments by name.
  public init(_ values: [String: ConfigurationTree] = [:]) { self.init(values, under: "") }

  init(_ values: [String: ConfigurationTree], under place: String) {
    self.values = values
    self.place = place
  }

  /// Reads a table.
  public init(from decoder: any Decoder) throws {
    self.init(try [String: ConfigurationTree](from: decoder))
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

  /// Sets an argument that was left out.
  mutating func fill(_ name: String, tree value: @autoclosure () -> ConfigurationTree?) {
    guard values[name] == nil, let value = value() else { return }
    values[name] = value
  }

  /// A whole number above 0.
  ///
  /// - Throws: `ReferenceError` if it was left out or is something else.
  public func size(_ name: String) throws(ReferenceError) -> Int {
    guard let number = self[name]?.number, let size = Int(exactly: number), size > 0 else {
      throw refusal(of: name, expected: "a whole number above 0")
    }
    return size
  }

  /// The error that says what an argument should have been.
  func refusal(of name: String, expected: String) -> ReferenceError {
    ReferenceError(
      place: "argument \(place)\(name)", expected: expected,
      got: self[name].map { "\($0)" } ?? "nothing")
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
        place: "argument \(place)\(name)", expected: "one that this library has", got: text)
    }
    return result
  }
}

extension OriginalArguments {
  /// What an argument is.
  private enum Kind: String {
    case number = "a number", flag = "true or false", text = "a name", free = "anything"
  }

  private static let largest = 2_147_483_648.0

  private static let kinds: [String: Kind] = {
    let numbers = """
      d_model l_max L N H d_state channels n_ssm dt_min dt_max bandlimit seq_len filter_order
      order emb_dim num_inner_mlps w lr wd lr_pos_emb modulation_lr fast_decay_pct slow_decay_pct
      target shift num_heads inner_factor num_blocks short_filter_order lam ma_window_len
      kernel_dim n_scales init_scale decay_min decay_max kernel_size depth memory_size head_dim
      in_channels out_channels hidden_channels dim_linear omega_0 train_length
      kernel_dim_linear kernel_no_hidden kernel_no_layers kernel_omega_0 kernel_init_spatial_value
      kernel_input_scale kernel_sampling_rate_norm mask_init_value mask_threshold
      kernel_n_points kernel_radius kernel_coord_std kernel_count groups data_dim
      d_input d_output n_layers n_tokens max_length d_mem
      hyena_emb_dim hyena_filter_order hyena_w hyena_w_mod hyena_wd hyena_lr_pos_emb
      lifting_channel_ratio projection_channel_ratio channel_mlp_dropout channel_mlp_expansion
      conv_bias_kernel norm_groups ada_in_features init_std
      """
    let flags = """
      modulate normalized outer_mixing post_order_ffn bias causal bidirectional use_ma_smoothing
      smooth_freq dt_tie dt_fast is_real force_real indep_res_init linear has_output
      kernel_learn_omega_0 kernel_weight_norm kernel_steerable conv_use_fft conv_bias mask_use
      mask_dynamic_cropping has_mask is_separable batchnorm prenorm residual_long_conv
      hyena_training_additions complex_data separable use_channel_mlp preactivation
      """
    let texts = """
      activation postact mode weight_init init measure dt_transform real_transform real_type
      imag_transform disc tree_select wavelet_init activation_function norm_type kernel_type
      kernel_activ_function kernel_norm mask_type version padding_mode encoder hinit layer_type
      nonlinearity non_linearity fno_skip channel_mlp_skip horizontal_skip factorization
      implementation stabilizer fft_norm domain_padding_mode
      """
    // Checked where they are read: a number or text, a list of one number, a table.
    let others = """
      horizon stride padding dilated_kernel_size kernel_cfg conv_cfg mask_cfg norm n_modes
      max_n_modes rank domain_padding resolution_scaling_factor positional_embedding
      lifting_channels projection_channels
      """
    let lists = [(numbers, Kind.number), (flags, .flag), (texts, .text), (others, .free)]
    let all = lists.flatMap { names, kind in
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
      case .free: fits = true
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
