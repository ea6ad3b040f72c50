import SequenceTensor

/// Which group of spectra a group of lanes meets.
///
/// Where the channels of a head fill whole groups of lanes, one group of spectra with the head in
/// every lane serves them all; otherwise each group of lanes has spectra of its own.
struct LaneFilters {
  private let layout: FilterLayout
  /// Groups of lanes that meet the same group of spectra.
  private let sharing: Int

  init(_ layout: FilterLayout) {
    self.layout = layout
    let lanes = LaneTransformPlan.laneCount
    sharing = layout.width % lanes == 0 ? layout.width / lanes : 1
  }

  /// The columns whose spectra are needed, `[filters, taps, columns]`.
  func columns(_ filter: Tensor) -> Tensor {
    layout.expanded(filter, copies: layout.width / sharing)
  }

  /// The place among all spectra of those that a group of a sequence meets.
  func index(_ sequence: Int, _ group: Int) -> Int {
    let groups = LaneGroups(channels: layout.channels / sharing).count
    return layout.filter(of: sequence) * groups + group / sharing
  }
}
