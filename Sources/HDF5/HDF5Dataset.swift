import CHDF5
import TensorIO

/// A data set that is open; it lives within one use of the library.
struct HDF5Dataset: ~Copyable {
  private let dataset: HDF5Handle
  private let space: HDF5Handle
  private let type: HDF5Type
  private let shape: [Int]
  private let place: String

  init(_ file: hid_t, _ name: String, place: String) throws(TensorFileError) {
    let dataset = try HDF5Handle(
      H5Dopen2(file, name, longwave_hdf5_default()), H5Dclose, place: place,
      expected: "a data set")
    let stored = try HDF5Handle(
      H5Dget_type(dataset.id), H5Tclose, place: place, expected: "a type")
    guard let type = HDF5Type(stored.id) else {
      throw TensorFileError(
        place: place, expected: "numbers", got: HDF5Dataset.className(stored.id))
    }
    let space = try HDF5Handle(
      H5Dget_space(dataset.id), H5Sclose, place: place, expected: "a shape")
    guard H5Sget_simple_extent_type(space.id) != H5S_NULL else {
      throw TensorFileError(place: place, expected: "numbers", got: "an empty data set")
    }
    let shape = try HDF5Dataset.extents(space.id, place: place)
    guard RawTensor.byteCount(of: shape + [2], type.elementType) != nil else {
      throw TensorFileError(
        place: place, expected: "a shape whose size does not overflow", got: "\(shape)")
    }
    // Only together: a value that closes its handles cannot be made in parts.
    self.place = place
    self.type = type
    self.shape = shape
    self.dataset = dataset
    self.space = space
  }

  /// What can be said without reading.
  func entry(_ name: String) -> TensorEntry {
    TensorEntry(
      name: name, elementType: type.elementType, shape: type.isComplex ? shape + [2] : shape,
      isComplex: type.isComplex)
  }

  /// Reads positions along the axes of `entry`.
  func read(
    _ ranges: [StridedRange], expected entry: TensorEntry, fileSize: Int
  ) throws(TensorFileError) -> RawTensor {
    guard self.entry(entry.name) == entry else {
      throw TensorFileError(
        place: place, expected: entry.description, got: self.entry(entry.name).description)
    }
    var ranges = ranges
    let pair = type.isComplex ? ranges.removeLast() : nil
    let counts = ranges.map(\.count)
    let full = type.isComplex ? counts + [2] : counts
    let byteCount = RawTensor.byteCount(of: full, type.elementType) ?? Int.max
    try MemoryLimit.check(byteCount, fileSize: fileSize, place: place)
    try checkStorage(fileSize: fileSize)
    var status: herr_t = 0
    var failure: TensorFileError?
    let bytes = [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, filled in
      if byteCount > 0 {
        do throws(TensorFileError) {
          status = try transfer(into: buffer.baseAddress, ranges)
        } catch {
          failure = error
        }
      }
      filled = failure == nil && status >= 0 ? byteCount : 0
    }
    if let failure { throw failure }
    try check(status, place: place, expected: "\(byteCount) bytes of data")
    let tensor = RawTensor(bytes: bytes[...], elementType: type.elementType, shape: full)
    guard let pair, pair.count < 2 else { return tensor }
    return tensor.selecting(counts.map { StridedRange(0..<$0) } + [pair])
  }

  private func transfer(
    into target: UnsafeMutablePointer<UInt8>?, _ ranges: [StridedRange]
  ) throws(TensorFileError) -> herr_t {
    let memoryType = try type.inMemory(place: place)
    if ranges.isEmpty {
      return H5Dread(
        dataset.id, memoryType.id, longwave_hdf5_whole_space(), longwave_hdf5_whole_space(),
        longwave_hdf5_default(), target)
    }
    let counts = ranges.map { hsize_t($0.count) }
    try check(
      H5Sselect_hyperslab(
        space.id, H5S_SELECT_SET, ranges.map { hsize_t($0.start) },
        ranges.map { hsize_t($0.step) }, counts, nil),
      place: place, expected: "positions to select")
    let memory = try HDF5Handle(
      H5Screate_simple(Int32(counts.count), counts, nil), H5Sclose, place: place,
      expected: "a shape in memory")
    return H5Dread(
      dataset.id, memoryType.id, memory.id, space.id, longwave_hdf5_default(), target)
  }

  /// Refuses data in other files, filters that are missing, and chunks beyond the file.
  private func checkStorage(fileSize: Int) throws(TensorFileError) {
    let list = try HDF5Handle(
      H5Dget_create_plist(dataset.id), H5Pclose, place: place, expected: "a description")
    let layout = H5Pget_layout(list.id)
    guard layout != H5D_VIRTUAL, H5Pget_external_count(list.id) <= 0 else {
      throw TensorFileError(
        place: place, expected: "data in this file", got: "data in other files, which are not read")
    }
    if layout == H5D_CHUNKED {
      var extents = [hsize_t](repeating: 0, count: shape.count)
      H5Pget_chunk(list.id, Int32(extents.count), &extents)
      let size = RawTensor.byteCount(
        of: extents.map { Int(clamping: $0) } + [type.isComplex ? 2 : 1], type.elementType)
      try MemoryLimit.check(size ?? Int.max, fileSize: fileSize, place: place)
    }
    for index in 0..<UInt32(max(0, H5Pget_nfilters(list.id))) {
      var (flags, values, configuration) = (UInt32(0), 0, UInt32(0))
      var name = [CChar](repeating: 0, count: 64)
      let filter = H5Pget_filter2(
        list.id, index, &flags, &values, nil, name.count, &name, &configuration)
      guard filter >= 0, H5Zfilter_avail(filter) <= 0 else { continue }
      let text = String(
        decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      throw TensorFileError(
        place: place, expected: "filters that are installed",
        got: "filter \(filter) \(text.quotedForMessage), for which there is no plugin")
    }
  }

  /// The extents of a space; none for a scalar.
  static func extents(_ space: hid_t, place: String) throws(TensorFileError) -> [Int] {
    let rank = H5Sget_simple_extent_ndims(space)
    guard rank >= 0 else {
      throw HDF5Library.error(place: place, expected: "a shape")
    }
    var extents = [hsize_t](repeating: 0, count: Int(rank))
    H5Sget_simple_extent_dims(space, &extents, nil)
    return extents.map { Int(clamping: $0) }
  }

  private static func className(_ type: hid_t) -> String {
    switch H5Tget_class(type) {
    case H5T_STRING: "text"
    case H5T_COMPOUND: "structures"
    case H5T_ENUM: "an enumeration"
    case H5T_REFERENCE: "references"
    case H5T_VLEN: "lists of different lengths"
    case H5T_ARRAY: "arrays in arrays"
    default: "other data"
    }
  }
}
