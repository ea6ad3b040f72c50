import HDF5
import SequenceTensor
public import TensorIO

extension FieldDataset {
  /// The attribute by which `FieldFile` knows a file that `write(to:)` wrote.
  static let formatKey = "longwave.fields"
  static let axesKey = "longwave.fields.axes"
  static let stepsKey = "longwave.fields.steps"
  static let originKey = "longwave.fields.origin"
  /// The tensor of a file of trajectories, `[samples, t, x, (y, (z,)) channels]`.
  static let trajectoryKey = "trajectory"

  /// Writes the data set as HDF5, for `FieldFile` to read and for other programs.
  ///
  /// `inputs` and `targets` are `[samples, x, (y, (z,)) channels]`; `axis/x`, … are the
  /// coordinates; parameters are attributes of the root.
  ///
  /// - Parameter compressed: Whether to deflate, which other programs read as well.
  /// - Throws: `TensorFileError` when the file cannot be written.
  public func write(to path: String, compressed: Bool = false) throws(TensorFileError) {
    let compression: HDF5Compression = compressed ? .deflate(level: 4) : .none
    try HDF5File.write(to: path) { writer throws(TensorFileError) in
      for (key, tensor) in [("inputs", inputs), ("targets", targets)] {
        let raw = tensor.withSpan { RawTensor(floats: $0, shape: tensor.shape.sizes) }
        try writer.add(key, raw, compression: compression)
      }
      for axis in axes {
        guard let coordinates = axis.coordinates else { continue }
        try writer.add(
          "axis/\(axis.name)", RawTensor(doubles: coordinates.span, shape: [coordinates.count]))
      }
      try writer.setAttribute(Self.formatKey, .number(1))
      try writer.setAttribute(Self.axesKey, .texts(axes.map(\.name)))
      try writer.setAttribute(Self.stepsKey, .number(Double(targetSteps)))
      for (key, value) in parameters.sorted(by: { $0.key < $1.key }) {
        try writer.setAttribute(key, .number(value))
      }
    }
  }
}
