import Longwave
import Testing

extension GoldenComparison {
  /// Compares output, gradients and kernel of a layer as `longwave import` makes it.
  ///
  /// - Parameters:
  ///   - kind: which original.
  ///   - prefix: where its `train_length` lies.
  fileprivate mutating func expectImported(_ kind: String, under prefix: String = "") throws {
    let layer = try ImportedLayer(
      kind, arguments: importArguments(under: prefix), weights: weights())
    let mixer = try #require(layer.layer as? any SequenceMixer & ReferenceCompatible)
    try expectMixer(mixer)
  }

  /// The case's arguments, with the length that the original notes at its first use.
  func importArguments(under prefix: String = "") throws -> OriginalArguments {
    var arguments = golden.args
    guard golden.tensors[prefix + "train_length"] != nil,
      try tensor(prefix + "train_length").elements.first == 0
    else { return arguments }
    let length = try tensor("input").shape[2]
    let size = arguments["horizon"]?.text ?? arguments["kernel_cfg"]?.arguments?["size"]?.text
    let noted = size == "full" ? 2 * length - 1 : size == "same" || size == nil ? length : nil
    if let noted { arguments.values["train_length"] = .integer(noted) }
    return arguments
  }

  private mutating func expectMixer(_ mixer: some SequenceMixer & ReferenceCompatible) throws {
    let tape = Tape()
    let x = tape.variable(swapped(try tensor("input")))
    let y = mixer(x, mask: nil)
    try expect("output", equals: swapped(y.value))
    let length = x.shape[1]
    if golden.tensors["aux.kernel"] != nil {
      let owner = try #require(mixer as? any OriginalKernel, "\(golden.name): kernel")
      try expect("aux.kernel", equals: owner.originalKernel(length: length))
    }
    if golden.tensors["aux.rel_positions"] != nil {
      let layer = try #require(mixer as? DenseConvolution<CKConvFilter>)
      let positions = layer.filter.positions(length: length).map { Float($0) }
      try expect("aux.rel_positions", equals: Tensor(positions, shape: [1, 1, length]))
    }
    guard golden.tensors["grad_output"] != nil else { return }
    let gradients = tape.gradients(of: y, seed: swapped(try tensor("grad_output")))
    try expectGradients([("input", gradients[x].map(swapped))])
    try expectGradients(of: mixer, gradients)
  }

  /// Cases of grids are counted, not checked.
  fileprivate func requireOneDimension(_ arguments: [String]) throws {
    let dimensions = arguments.compactMap { golden.args[$0]?.number }
    if dimensions.contains(where: { $0 != 1 }) || golden.tensors["input"]?.count != 3 {
      throw GoldenSkip(reason: "two-dimensional")
    }
  }
}

/// `dcls1d_*`: the authors' `Dcls1d`.
func checkLearnableSpacings(_ c: inout GoldenComparison) throws {
  try c.expectImported("dcls1d")
}

/// `ckconv_*`: the authors' `CKConv` of 2021.
func checkCKConv(_ c: inout GoldenComparison) throws {
  try c.requireOneDimension(["dim_linear"])
  try c.expectImported("ckconv")
}

/// `flexconv_*`: the authors' `FlexConv` of 2022.
func checkFlexConv(_ c: inout GoldenComparison) throws {
  try c.requireOneDimension(["kernel_dim_linear"])
  try c.expectImported("flexconv")
}

/// `ccnn_*`: the convolutions and the block of CCNN.
func checkCCNN(_ c: inout GoldenComparison) throws {
  try c.requireOneDimension(["data_dim"])
  let isBlock = c.golden.tensors["linear1.weight"] != nil
  try c.expectImported(isBlock ? "ccnn.block" : "ccnn.conv", under: isBlock ? "conv1." : "")
}

/// `smpconv_*`: the authors' `CKConv` with an `SMPKernel`.
func checkSMPConv(_ c: inout GoldenComparison) throws {
  try c.requireOneDimension(["kernel_dim_linear"])
  try c.expectImported("smpconv")
}
