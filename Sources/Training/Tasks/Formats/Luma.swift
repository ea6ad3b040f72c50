/// Colours to grey.
enum Luma {
  /// The luma of ITU-R BT.601, (299·R + 587·G + 114·B)/1000, rounded.
  ///
  /// With PIL's weights, which are these in multiples of 2⁻¹⁶: its conversion to `L`, which Long Range
  /// Arena's and S4's loaders use.
  static func of(red: UInt8, green: UInt8, blue: UInt8) -> UInt8 {
    let sum: Int = 19595 * Int(red) + 38470 * Int(green) + 7471 * Int(blue)
    return UInt8((sum + 0x8000) >> 16)
  }
}
