import ArgumentParser
import Foundation
import Longwave

/// `longwave import`: layers with the weights of their original implementations.
struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Take over weights that were saved from an original implementation.",
    discussion: """
      Reads a safetensors file with the tensors of one layer under the original's names, makes the \
      layer, and writes it as a file that `longwave apply` and the library read. Sizes are told by \
      the weights; what they do not tell (an activation, a mode) is given under the names of the \
      original's constructor, or stands as JSON under `args` in the file's metadata.

      Kinds:
      \(Self.kinds.map { "  \($0.name): \($0.original)" }.joined(separator: "\n"))

      Example:
        longwave import model.safetensors --as safari.hyena --prefix backbone.layers.0.mixer \\
          --set activation=gelu --out hyena.safetensors
        longwave apply hyena.safetensors --input u.npy --output y.npy
      """)

  @Argument(help: "A safetensors file.")
  var file: String

  @Option(name: .customLong("as"), help: "Which original; see above.")
  var kind: String

  @Option(help: "What the names of the layer's tensors begin with, without the last dot.")
  var prefix = ""

  @Option(
    name: .customLong("set"),
    help: "An argument of the original's constructor, name=value, or table.name=value.")
  var settings: [String] = []

  @Option(help: "The file to write.")
  var out: String

  func validate() throws {
    guard Self.kinds.contains(where: { $0.name == kind }) else {
      throw ValidationError(
        "--as: expected one of \(Self.kinds.map(\.name).joined(separator: ", ")),"
          + " got \(kind)")
    }
    for setting in settings {
      guard let end = setting.firstIndex(of: "=") else {
        throw ValidationError("--set \(setting): expected name=value, got no =")
      }
      let name = String(setting[..<end].prefix { $0 != "." })
      guard OriginalArguments.names.contains(name) else {
        throw ValidationError(
          "--set \(setting): expected one of \(OriginalArguments.names.joined(separator: ", ")),"
            + " got \(setting[..<end])")
      }
    }
  }

  static let kinds = ImportedLayer.kinds + ImportedOperator.kinds

  func run() throws {
    let source = try SafetensorsFile(readingFrom: file)
    var arguments = try ImportedLayer.arguments(of: source, path: file)
    for setting in settings {
      let parts = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      arguments.set(String(parts[0]), to: ConfigurationTree(parsing: String(parts[1])))
    }
    let weights = try ReferenceWeights(file: source, path: file, under: prefix)
    if ImportedOperator.kinds.contains(where: { $0.name == kind }) {
      let imported = try ImportedOperator(kind, arguments: arguments, weights: weights)
      try imported.file().write(to: out)
      show(imported.parameters, imported.arguments)
      return
    }
    let layer = try ImportedLayer(kind, arguments: arguments, weights: weights)
    try layer.file().write(to: out)
    show(AnySequenceMixer(layer.layer).parameters, layer.arguments)
  }

  private func show(
    _ parameters: [(name: String, parameter: Parameter)], _ arguments: OriginalArguments
  ) {
    let count = parameters.reduce(0) { $0 + $1.parameter.value.count }
    print("\(kind): \(count) values in \(parameters.count) tensors")
    for (name, value) in arguments.values.sorted(by: { $0.key < $1.key }) {
      print("  \(name) = \(value)")
    }
    print("written to \(out)")
  }
}

/// `longwave apply`: an imported layer on an array.
struct ApplyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply", abstract: "Apply an imported layer to an array.",
    discussion: """
      Arrays are `.npy` files, [batch, length, channels] or [length, channels]; of neural operators \
      [batch, x, (y, (z,)) channels].

      Example:
        longwave apply hyena.safetensors --input u.npy --output y.npy
      """)

  @OptionGroup var common: CommonOptions

  @Argument(help: "A layer that `longwave import` has written.")
  var layer: String

  @Option(help: "The input, an .npy file.")
  var input: String

  @Option(help: "The output to write, an .npy file.")
  var output: String

  func run() throws {
    common.apply()
    let format = try SafetensorsFile(readingFrom: self.layer).metadata["format"]
    if format == ImportedOperator.format { return try applyOperator() }
    let layer = try ImportedLayer(readingFrom: self.layer)
    let raw = try NpyFile.read(input)
    let channels = layer.input.channels
    guard 2...3 ~= raw.shape.count, raw.shape.last == channels, !raw.shape.contains(0) else {
      throw TensorFileError(
        place: input, expected: "[batch, length, \(channels)] or [length, \(channels)]",
        got: "\(raw.shape)")
    }
    let shape = raw.shape.count == 2 ? [1] + raw.shape : raw.shape
    guard shape[1] >= layer.input.shortestLength else {
      throw TensorFileError(
        place: input, expected: "a length of at least \(layer.input.shortestLength)",
        got: "\(raw.shape)")
    }
    let values = try raw.floats()
    if let vocabulary = layer.input.vocabulary,
      let other = values.first(where: { !($0 >= 0 && $0 < Float(vocabulary)) || $0 != $0.rounded() }
      )
    {
      throw TensorFileError(
        place: input, expected: "tokens in 0..<\(vocabulary)", got: "\(other)")
    }
    let x = Variable(Tensor(values, shape: Shape(shape)))
    let y = try layer.fitted(to: shape[1])(x).value
    let sizes = raw.shape.count == 2 ? Array(y.shape.sizes.dropFirst()) : y.shape.sizes
    try NpyFile.write(RawTensor(floats: y.elements.span, shape: sizes), to: output)
    print("\(output): \(sizes)")
  }

  private func applyOperator() throws {
    let model = try ImportedOperator(readingFrom: layer)
    let raw = try NpyFile.read(input)
    guard raw.shape.count == model.axes + 2, raw.shape.last == model.inputs,
      !raw.shape.contains(0)
    else {
      throw TensorFileError(
        place: input, expected: "[batch, \(model.axes) axes of a grid, \(model.inputs) channels]",
        got: "\(raw.shape)")
    }
    let y = model(Variable(Tensor(try raw.floats(), shape: Shape(raw.shape)))).value
    try NpyFile.write(RawTensor(floats: y.elements.span, shape: y.shape.sizes), to: output)
    print("\(output): \(y.shape.sizes)")
  }
}
