import Differentiation
import Foundation
import Layers
import LongConvolution
import SequenceTensor
import TensorIO
import Testing

/// `longwave import` and `apply`: from an original's tensors to an output.
@Suite(.enabled(if: CommandLineTool.isBuilt, CommandLineTool.absence))
struct ImportTests {
  typealias Layer = LongConvolution<S4DFilter>

  /// A layer with random weights, and a file with them under the original's names.
  private static func original(in folder: TemporaryFolder) throws -> Layer {
    var random = RandomSource(seed: 7)
    var options = StateSpaceOptions.minimal
    options.stateSize = 6
    let layer = Layer(
      S4DFilter(channels: 4, options: options, using: &random), channels: 4, using: &random)
    var file = SafetensorsFile()
    for (name, tensor) in layer.referenceTensors({ $0.value }) {
      file.set("net.0.\(name)", floats: tensor.elements, shape: tensor.shape.sizes)
    }
    file.set("head.weight", floats: [1], shape: [1])
    try file.write(to: folder.path("model.safetensors"))
    return layer
  }

  @Test func fromTheOriginalsTensorsToAnOutput() throws {
    let folder = try TemporaryFolder()
    let layer = try Self.original(in: folder)
    let imported = try CommandLineTool.run([
      "import", folder.path("model.safetensors"), "--as", "s4d", "--prefix", "net.0", "--out",
      folder.path("layer.safetensors"),
    ])
    #expect(imported.code == 0, "\(imported.errors)")
    #expect(imported.output.contains("d_state = 6") && imported.output.contains("d_model = 4"))
    var random = RandomSource(seed: 8)
    let x = Tensor(normal: [2, 11, 4], using: &random)
    try NpyFile.write(
      RawTensor(floats: x.elements.span, shape: x.shape.sizes), to: folder.path("u.npy"))
    let applied = try CommandLineTool.run([
      "apply", folder.path("layer.safetensors"), "--input", folder.path("u.npy"), "--output",
      folder.path("y.npy"), "--threads", "1",
    ])
    #expect(applied.code == 0, "\(applied.errors)")
    let y = try NpyFile.read(folder.path("y.npy"))
    let expected = layer(Variable(x), mask: nil).value
    #expect(y.shape == expected.shape.sizes)
    let error = zip(try y.floats(), expected.elements).map { abs($0 - $1) }.max() ?? 1
    #expect(error < 1e-6)
  }

  /// Cases of the originals' outputs by the kind of their layer.
  static let originals = [
    ("ckconv", "ckconv_sine_1_L22"), ("ckconv", "ckconv_swish_2_L27"),
    ("flexconv", "flexconv_1d_0"), ("flexconv", "flexconv_1d_1"), ("ccnn.block", "ccnn_block_1"),
    ("ccnn.conv", "ccnn_separableckconv_1d_3"), ("ccnn.conv", "ccnn_flexconv_1d_1"),
    ("smpconv", "smpconv_1d_0"), ("dcls1d", "dcls1d_gauss_3"), ("dcls1d", "dcls1d_max_2"),
    ("multires", "multires_fading_4_L27"), ("multires", "multires_uniform_2_L31"),
    ("multiresnet", "multiresnet_0_L32"), ("multiresnet", "multiresnet_1_L41"),
    ("s4d", "s4d_minimal_0_L33"), ("s4", "s4_dplr_2_fout_L40"), ("safari.h3", "h3_1_L29"),
    ("safari.hyena", "hyena_operator_order3_6_L22"), ("safari.longconv", "longconv_causal_3_L33"),
  ]

  @Test(arguments: originals) func outputsAreTheOriginals(kind: String, name: String) throws {
    let folder = try TemporaryFolder()
    let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let golden = try SafetensorsFile(
      readingFrom: tests.appending(path: "GoldenTests/Fixtures/\(name).safetensors").path)
    var weights = SafetensorsFile(metadata: ["args": golden.metadata["args"] ?? "{}"])
    for name in golden.names
    where !["input", "output"].contains(name) && !name.hasPrefix("grad") && !name.hasPrefix("aux.")
    {
      weights.set(name, floats: try golden.floats(name), shape: try golden.shape(of: name))
    }
    try weights.write(to: folder.path("weights.safetensors"))
    let imported = try CommandLineTool.run([
      "import", folder.path("weights.safetensors"), "--as", kind, "--out",
      folder.path("layer.safetensors"),
    ])
    #expect(imported.code == 0, "\(imported.errors)")
    func stored(_ name: String) throws -> Tensor {
      let tensor = Tensor(try golden.floats(name), shape: Shape(try golden.shape(of: name)))
      let isChannelsLast = kind.contains("hyena") || kind == "safari.h3"
      return isChannelsLast || tensor.shape.rank < 3 ? tensor : tensor.transposed(1, 2)
    }
    let x = try stored("input")
    try NpyFile.write(
      RawTensor(floats: x.elements.span, shape: x.shape.sizes), to: folder.path("x.npy"))
    let applied = try CommandLineTool.run([
      "apply", folder.path("layer.safetensors"), "--input", folder.path("x.npy"), "--output",
      folder.path("y.npy"), "--threads", "1",
    ])
    #expect(applied.code == 0, "\(applied.errors)")
    let y = try NpyFile.read(folder.path("y.npy"))
    let expected = try stored("output")
    #expect(y.shape == expected.shape.sizes)
    let error = zip(try y.floats(), expected.elements).reduce(0) { max($0, abs($1.0 - $1.1)) }
    #expect(error < 2e-5 * max(1e-3, expected.maximumMagnitude()), "\(error)")
  }

  @Test func argumentsThatAreRefused() throws {
    let folder = try TemporaryFolder()
    let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let golden = try SafetensorsFile(
      readingFrom: tests.appending(path: "GoldenTests/Fixtures/ccnn_block_1.safetensors").path)
    var weights = SafetensorsFile(metadata: ["args": golden.metadata["args"] ?? "{}"])
    for name in golden.names where !name.contains("put") && !name.hasPrefix("grad") {
      weights.set(name, floats: try golden.floats(name), shape: try golden.shape(of: name))
    }
    for name in golden.names where name.contains("output_linear") && !name.hasPrefix("grad") {
      weights.set(name, floats: try golden.floats(name), shape: try golden.shape(of: name))
    }
    try weights.write(to: folder.path("weights.safetensors"))
    func message(_ setting: String) throws -> String {
      try CommandLineTool.run([
        "import", folder.path("weights.safetensors"), "--as", "ccnn.block", "--out",
        folder.path("layer.safetensors"), "--set", setting,
      ]).errors
    }
    #expect(try message("data_dim=2").contains("argument data_dim: expected 1"))
    #expect(try message("mask_cfg.type=hann").contains("argument mask_cfg.type"))
    #expect(try message("kernel_cfg.type=MLP").contains("argument kernel_cfg.type"))
    #expect(try message("kernel_cfg.norm=GroupNorm").contains("argument kernel_cfg.norm"))
    #expect(try message("kernel_cfg.no_hidden=1e300").contains("argument kernel_cfg.no_hidden"))
    #expect(try message("conv_cfg=3").contains("argument conv_cfg: expected a table"))
    #expect(try message("norm=InstanceNorm").contains("argument norm"))
    #expect(try message("data_dim=1").isEmpty)
  }

  @Test func whatCannotBeImported() throws {
    let folder = try TemporaryFolder()
    _ = try Self.original(in: folder)
    func message(_ arguments: String..., code: Int32 = 1) throws -> String {
      let all = ["import", folder.path("model.safetensors"), "--out", folder.path("x")] + arguments
      let result = try CommandLineTool.run(all)
      #expect(result.code == code)
      #expect(!FileManager.default.fileExists(atPath: folder.path("x")))
      return result.errors
    }
    #expect(try message("--as", "mamba", code: 64).contains("expected one of safari.hyena"))
    #expect(try message("--as", "s4d", "--set", "l_max", code: 64).contains("name=value"))
    #expect(try message("--as", "s4d", "--set", "l_mx=3", code: 64).contains("got l_mx"))
    #expect(try message("--as", "s4d", "--prefix", "net.1").contains("'net.1.'"))
    #expect(try message("--as", "sgconv", "--prefix", "net.0").contains("d_model"))
    let odd = try message("--as", "s4d", "--prefix", "net.0", "--set", "d_state=8")
    #expect(odd.contains("expected a tensor") && odd.contains("net.0"))
  }

  @Test func whatCannotBeApplied() throws {
    let folder = try TemporaryFolder()
    _ = try Self.original(in: folder)
    try NpyFile.write(
      RawTensor(floats: [Float](repeating: 1, count: 6).span, shape: [2, 3]),
      to: folder.path("u.npy"))
    let arguments = ["--input", folder.path("u.npy"), "--output", folder.path("y.npy")]
    let notALayer = try CommandLineTool.run(
      ["apply", folder.path("model.safetensors")] + arguments)
    #expect(notALayer.code == 1 && notALayer.errors.contains("longwave layer 1"))
    _ = try CommandLineTool.run([
      "import", folder.path("model.safetensors"), "--as", "s4d", "--prefix", "net.0", "--out",
      folder.path("layer.safetensors"),
    ])
    let shape = try CommandLineTool.run(
      ["apply", folder.path("layer.safetensors")] + arguments)
    #expect(shape.code == 1 && shape.errors.contains("[length, 4], got [2, 3]"))
    #expect(!FileManager.default.fileExists(atPath: folder.path("y.npy")))
  }
}
