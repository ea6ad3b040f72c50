extension RunConfiguration: LayeredConfiguration {
  /// This configuration with the defaults of the method and the task that a tree names, so that the
  /// tree can hold their settings.
  public func withMethod(of tree: ConfigurationTree) -> RunConfiguration {
    guard case .table(let keys) = tree else { return self }
    var changed = self
    if case .text(let name) = keys["modelName"], name != modelName,
      let filter = MixerConfiguration(named: name)
    {
      changed.filter = filter
    }
    if case .text(let name) = keys["task"], let task = TrainingTask(rawValue: name),
      task != self.task
    {
      changed.takeDefaults(of: task)
    }
    return changed
  }
}
