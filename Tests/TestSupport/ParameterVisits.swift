package import Differentiation
package import Testing

/// Expects that `forEachParameter` visits every stored parameter of a module, and of the modules
/// stored in it, exactly once, each under a name of its own.
///
/// Reflection finds what is stored; only tests use it.
package func expectEveryParameterVisited(
  _ module: some Module, sourceLocation: SourceLocation = #_sourceLocation
) {
  let stored = storedParameters(of: module)
  let visited = module.parameters
  let names = Dictionary(grouping: visited, by: \.name)
  for (name, group) in names where group.count > 1 {
    Issue.record("\(group.count) parameters are named \(name)", sourceLocation: sourceLocation)
  }
  for (path, parameter) in stored {
    let visits = visited.count { $0.parameter.id == parameter.id }
    #expect(visits == 1, "\(type(of: module))\(path) is visited", sourceLocation: sourceLocation)
  }
  let identities = Set(stored.map(\.1.id))
  for (name, parameter) in visited where !identities.contains(parameter.id) {
    Issue.record("\(name) is visited but not stored", sourceLocation: sourceLocation)
  }
}

/// Every parameter that a value holds, with its path in Swift.
private func storedParameters(of value: Any, path: String = "") -> [(String, Parameter)] {
  if let parameter = value as? Parameter { return [(path, parameter)] }
  return Mirror(reflecting: value).children.enumerated().flatMap { index, child in
    storedParameters(of: child.value, path: "\(path).\(child.label ?? "\(index)")")
  }
}
