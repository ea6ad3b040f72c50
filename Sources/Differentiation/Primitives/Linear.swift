import LaneKernels
public import SequenceTensor

extension Variable {
  /// x·Wᵀ + b over the last axis.
  ///
  /// - Parameters:
  ///   - weight: `[outputs, inputs]`, as in PyTorch.
  ///   - bias: `[outputs]`.
  /// - Returns: `[…, outputs]`.
  /// - Precondition: the last axis has `inputs` channels.
  public func linear(weight: Variable, bias: Variable? = nil) -> Variable {
    require(
      weight.shape.rank == 2 && weight.shape[1] == shape.last,
      "Variable.linear: weight \(weight.shape) [outputs, inputs] for input \(shape)")
    if let bias {
      require(
        bias.shape == [weight.shape[0]], "Variable.linear: bias \(bias.shape) for \(weight.shape)")
    }
    let y = Tensor.product(
      value, .stored, weight.value, .transposed, adding: bias?.value)
    let (x, w) = (value, weight.value)
    let wanted = (self.needsGradient, weight.needsGradient, bias?.needsGradient ?? false)
    return Self.primitive(
      [self, weight] + (bias.map { [$0] } ?? []), value: y,
      arithmetic: 2 * Double(x.count) * Double(w.shape[0])
    ) { dy in
      let gradients = [
        wanted.0 ? Tensor.product(dy, .stored, w, .stored) : nil,
        wanted.1 ? Tensor.product(dy, .transposed, x, .stored) : nil,
      ]
      return bias == nil ? gradients : gradients + [wanted.2 ? dy.summedRows() : nil]
    }
  }

  /// The matrix product of `[…, m, k]`, leading axes joined to rows, and `[k, n]`.
  public func matmul(_ b: Variable) -> Variable {
    let (x, w) = (value, b.value)
    return Self.primitive(
      [self, b], value: Tensor.matmul(x, w), arithmetic: 2 * Double(x.count) * Double(w.shape.last)
    ) { dy in
      [
        Tensor.product(dy, .stored, w, .transposed),
        Tensor.product(x, .transposed, dy, .stored),
      ]
    }
  }

  /// Rows of a table: `[…, channels]` for tokens of shape `[…]`.
  ///
  /// - Parameters:
  ///   - tokens: indices into the table's rows.
  ///   - shape: the shape that the tokens are arranged in.
  ///   - table: `[vocabulary, channels]`.
  ///   - paddingToken: a token whose row gets no gradient (and is usually zero).
  /// - Precondition: every token is a row of the table.
  public static func embedding(
    _ tokens: [Int32], shape: Shape, table: Variable, paddingToken: Int32? = nil
  ) -> Variable {
    require(
      tokens.count == shape.count && table.shape.rank == 2,
      "Variable.embedding: \(tokens.count) tokens, shape \(shape), table \(table.shape)")
    let (rows, channels) = (table.shape[0], table.shape[1])
    let value = Tensor(uninitialized: Shape(shape.sizes + [channels])) { y in
      for (index, token) in tokens.enumerated() {
        require(
          token >= 0 && token < rows, "Variable.embedding: token \(token) outside 0..<\(rows)")
        (y + index * channels).update(
          from: table.value.pointer + Int(token) * channels, count: channels)
      }
    }
    return primitive([table], value: value) { [shape = table.shape] dy in
      var gradient = Tensor(zeros: shape)
      let out = gradient.mutablePointer()
      for (index, token) in tokens.enumerated() where token != paddingToken {
        lanes.accumulate(out + Int(token) * channels, dy.pointer + index * channels, channels)
      }
      return [gradient]
    }
  }
}
