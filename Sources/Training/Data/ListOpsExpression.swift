/// The operators of ListOps, in the order in which the generator numbers them.
package enum ListOpsOperator: Int, CaseIterable, Sendable {
  case minimum, maximum, median, sumModulo10

  /// The token that opens a list with this operator.
  package var token: String {
    switch self {
    case .minimum: "[MIN"
    case .maximum: "[MAX"
    case .median: "[MED"
    case .sumModulo10: "[SM"
    }
  }
}

/// One node of an expression in prefix order: a digit, or an operator with its argument count.
package struct ListOpsNode: Equatable, Sendable {
  /// The node as one number: 0...9 are digits, then four operators per argument count.
  package var code: UInt16

  /// The most arguments that the code has room for.
  package static let maximumArguments = 16_000

  package init(digit: Int) { code = UInt16(digit) }

  package init(operation: ListOpsOperator, arguments: Int) {
    code = UInt16(10 + 4 * arguments + operation.rawValue)
  }

  /// The digit, or `nil` for an operator.
  package var digit: Int? { code < 10 ? Int(code) : nil }

  /// The number of arguments of an operator.
  package var arguments: Int { (Int(code) - 10) / 4 }

  /// The operator of a node that is no digit.
  package var operation: ListOpsOperator {
    ListOpsOperator.allCases[(Int(code) - 10) % 4]
  }
}

/// A ListOps expression as its nodes in prefix order.
package struct ListOpsExpression {
  package var nodes: ArraySlice<ListOpsNode>

  package init(nodes: ArraySlice<ListOpsNode>) { self.nodes = nodes }

  /// The digit that the expression stands for.
  ///
  /// MED of an even number of arguments is the mean of the two middle ones without its fraction,
  /// as the original's `int(np.median(…))`; SM is the sum modulo 10.
  package var value: Int {
    // From the last node to the first, an operator finds its arguments on top of the stack.
    var stack: [Int] = []
    for node in nodes.reversed() {
      if let digit = node.digit {
        stack.append(digit)
        continue
      }
      let arguments = stack.suffix(node.arguments)
      let result =
        switch node.operation {
        case .minimum: arguments.reduce(9, min)
        case .maximum: arguments.reduce(0, max)
        case .median: Self.median(arguments)
        case .sumModulo10: arguments.reduce(0, +) % 10
        }
      stack.removeLast(node.arguments)
      stack.append(result)
    }
    return stack.last ?? 0
  }

  private static func median(_ values: ArraySlice<Int>) -> Int {
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  /// Appends the text form with the parentheses of the original's binary tree.
  ///
  /// A list of n arguments is n + 1 nested pairs: the operator with its first argument, that with
  /// the second, …, and at last that with `]`. So n + 1 parentheses open before the operator, and
  /// one closes after every argument and after `]`.
  package func appendText(to text: inout [UInt8]) {
    var remaining: [Int] = []
    for node in nodes {
      if !remaining.isEmpty { text.append(UInt8(ascii: " ")) }
      if let digit = node.digit {
        text.append(UInt8(ascii: "0") + UInt8(digit))
      } else {
        for _ in 0...node.arguments { text.append(contentsOf: "( ".utf8) }
        text.append(contentsOf: node.operation.token.utf8)
        remaining.append(node.arguments)
        continue
      }
      while let count = remaining.last {
        text.append(contentsOf: " )".utf8)
        if count > 1 {
          remaining[remaining.count - 1] = count - 1
          break
        }
        text.append(contentsOf: " ] )".utf8)
        remaining.removeLast()
      }
    }
  }
}
