public import Differentiation
public import Layers
public import SequenceTensor

/// An affine map whose rows have their lengths as parameters of their own: y = x·Wᵀ + b with
/// W[o, :] = g[o]·v[o, :]/‖v[o, :]‖.
///
/// v and b start uniform in ±1/√inputs, g as the lengths of v's rows. Without normalisation it is
/// `Linear` under the same names.
///
/// Source: Salimans and Kingma, "Weight normalization" (2016); names as in PyTorch's `weight_norm`.
public struct WeightNormalizedLinear: Layer {
  /// v, or W without normalisation: `[outputs, inputs]`.
  public var direction: Parameter
  /// g, `[outputs]`; nil without normalisation.
  public var lengths: Parameter?
  /// b, `[outputs]`.
  public var bias: Parameter

  /// Creates a layer with random weights.
  public init(
    inputs: Int, outputs: Int, isNormalized: Bool = true, using random: inout RandomSource
  ) {
    require(
      inputs > 0 && outputs > 0, "WeightNormalizedLinear: \(inputs) inputs, \(outputs) outputs")
    let bound = 1 / Float(inputs).squareRoot()
    let v = Tensor(uniform: [outputs, inputs], from: -bound, to: bound, using: &random)
    direction = Parameter(v)
    lengths =
      isNormalized
      ? Parameter(
        Tensor((0..<outputs).map { Float(v.rowLength($0)) }), ParameterOptions(weightDecay: 0))
      : nil
    bias = Parameter(
      Tensor(uniform: [outputs], from: -bound, to: bound, using: &random),
      ParameterOptions(weightDecay: 0))
  }

  /// Maps `[…, inputs]` to `[…, outputs]`.
  public func callAsFunction(_ x: Variable) -> Variable {
    let direction = self.direction(on: x.tape)
    let weight = lengths.map { direction.rowsScaled(to: $0(on: x.tape)) } ?? direction
    return x.linear(weight: weight, bias: bias(on: x.tape))
  }

  /// Visits `weight_g` and `weight_v`, or `weight`, then `bias`.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    if var lengths {
      body("weight_g", &lengths)
      self.lengths = lengths
      body("weight_v", &direction)
    } else {
      body("weight", &direction)
    }
    body("bias", &bias)
  }
}

extension Variable {
  /// Rows of the same directions with other lengths: g[o]·v[o, :]/‖v[o, :]‖.
  ///
  /// - Parameter lengths: g, `[rows]`.
  /// - Precondition: `self` is `[rows, columns]`; no row is zero.
  public func rowsScaled(to lengths: Variable) -> Variable {
    let (rows, columns) = (shape.rows, shape.last)
    require(
      shape.rank == 2 && lengths.shape == [rows],
      "Variable.rowsScaled: \(shape) to lengths \(lengths.shape)")
    let (v, g) = (value, lengths.value)
    let norms = (0..<rows).map { v.rowLength($0) }
    let result = Tensor(uninitialized: shape) { y in
      for row in 0..<rows {
        let scale = Float(Double(g.pointer[row]) / norms[row])
        for i in row * columns..<(row + 1) * columns { y[i] = scale * v.pointer[i] }
      }
    }
    return Self.primitive([self, lengths], value: result) { dy in
      var dlengths = [Float](repeating: 0, count: rows)
      let dv = Tensor(uninitialized: v.shape) { dv in
        for row in 0..<rows {
          let at = row * columns..<(row + 1) * columns
          let along =
            at.reduce(0.0) { $0 + Double(v.pointer[$1]) * Double(dy.pointer[$1]) } / norms[row]
          dlengths[row] = Float(along)
          let scale = Double(g.pointer[row]) / norms[row]
          for i in at {
            dv[i] = Float(
              scale * (Double(dy.pointer[i]) - Double(v.pointer[i]) * along / norms[row]))
          }
        }
      }
      return [dv, Tensor(dlengths)]
    }
  }
}

extension Tensor {
  /// ‖row‖₂ in double precision.
  fileprivate func rowLength(_ row: Int) -> Double {
    let columns = shape.last
    return (row * columns..<(row + 1) * columns)
      .reduce(0.0) { $0 + Double(pointer[$1]) * Double(pointer[$1]) }.squareRoot()
  }
}
