package import SequenceTensor

/// The arguments of ListOps expressions in another order.
///
/// Every operator of ListOps gives the same for its arguments in any order, so that an expression stands
/// for as many training examples as there are orders, and a few thousand are not learned by heart.
package struct ListOpsArguments {
  private let opening: Set<Int32>
  private let closing: Int32?

  /// Finds the tokens of lists in a vocabulary.
  package init(_ vocabulary: Vocabulary) {
    opening = Set(ListOpsOperator.allCases.compactMap { vocabulary.identifier(of: $0.token) })
    closing = vocabulary.identifier(of: "]")
  }

  /// The expression with the arguments of each list in a random order.
  ///
  /// Tokens outside of all lists stay where they are, and a sequence that was cut within a list stays
  /// as it is.
  package func shuffled(_ tokens: [Int32], using random: inout RandomSource) -> [Int32] {
    /// The arguments so far of each list that is open, the operator first; outermost, the sequence.
    var open: [[[Int32]]] = [[]]
    for token in tokens {
      if opening.contains(token) {
        open.append([[token]])
      } else if token == closing {
        guard open.count > 1, let list = open.popLast() else { return tokens }
        var arguments = Array(list.dropFirst())
        random.shuffle(&arguments)
        open[open.count - 1].append(list[0] + arguments.joined() + [token])
      } else {
        open[open.count - 1].append([token])
      }
    }
    return open.count == 1 ? Array(open[0].joined()) : tokens
  }
}
