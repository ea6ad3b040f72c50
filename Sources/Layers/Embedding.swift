public import Differentiation
public import SequenceTensor

/// A table with one row a token; normal N(0, 1) rows as in PyTorch, the padding row zero.
public struct Embedding: Module {
  /// `[vocabulary, channels]`.
  public var weight: Parameter
  /// The token whose row stays zero.
  public let paddingToken: Int32?

  /// Creates a table with random rows.
  public init(
    vocabulary: Int, channels: Int, paddingToken: Int32? = 0, deviation: Float = 1,
    using random: inout RandomSource
  ) {
    require(
      vocabulary > 0 && channels > 0, "Embedding: vocabulary \(vocabulary), channels \(channels)")
    var table = Tensor(normal: [vocabulary, channels], deviation: deviation, using: &random)
    if let paddingToken {
      require(
        paddingToken >= 0 && paddingToken < vocabulary,
        "Embedding: padding token \(paddingToken) outside the vocabulary of \(vocabulary)")
      let row = table.mutablePointer() + Int(paddingToken) * channels
      row.update(repeating: 0, count: channels)
    }
    weight = Parameter(table)
    self.paddingToken = paddingToken
  }

  /// The rows of tokens.
  ///
  /// - Parameters:
  ///   - tokens: `shape.count` tokens in row-major order.
  ///   - shape: for example `[batch, length]`.
  ///   - tape: where the computation is recorded.
  /// - Returns: `shape` with the channels appended.
  public func callAsFunction(_ tokens: [Int32], shape: Shape, on tape: Tape?) -> Variable {
    .embedding(tokens, shape: shape, table: weight(on: tape), paddingToken: paddingToken)
  }

  /// Visits `weight`.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    body("weight", &weight)
  }
}
