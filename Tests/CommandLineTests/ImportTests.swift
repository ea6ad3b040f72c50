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
