extension RunConfiguration: LayeredConfiguration {
  /// This configuration with the defaults of the method that a tree names, so that the tree can
  /// hold that method's settings.
  public func withMethod(of tree: ConfigurationTree) -> RunConfiguration {
    guard case .table(let keys) = tree, case .text(let name) = keys["modelName"],
      name != modelName, let filter = MixerConfiguration(named: name)
    else { return self }
    var changed = self
    changed.filter = filter
    return changed
  }
}
