/// Stops the program unless a condition holds, and says why.
///
/// The standard `precondition` is silent in optimised builds, where a wrong shape needs its
/// message most: the operation, the axes and both shapes.
@inlinable
package func require(
  _ condition: @autoclosure () -> Bool, _ message: @autoclosure () -> String,
  file: StaticString = #file, line: UInt = #line
) {
  if !condition() { fatalError(message(), file: file, line: line) }
}
