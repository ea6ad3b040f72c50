import CHDF5
public import TensorIO

/// How a data set is compressed.
public enum HDF5Compression: Hashable, Sendable {
  /// Not at all, in one piece.
  case none
  /// Deflated in chunks of about a mebibyte, bytes of equal weight together; levels 1 to 9.
  case deflate(level: Int)
}

/// A new HDF5 file, from the beginning to the end of `HDF5File.write(to:_:)`.
///
/// Equal calls give equal bytes: no times are stored.
public final class HDF5Writer {
  private let file: hid_t
  private let path: String
  private var shapes: [String: (elementType: ElementType, shape: [Int])] = [:]

  fileprivate init(_ file: hid_t, path: String) {
    self.file = file
    self.path = path
  }

  /// Writes a whole data set; groups in its name are made where they are missing.
  ///
  /// - Throws: `TensorFileError` when the name is taken or the disk is full.
  public func add(
    _ name: String, _ tensor: RawTensor, compression: HDF5Compression = .none
  ) throws(TensorFileError) {
    try create(
      name, elementType: tensor.elementType, shape: tensor.shape, compression: compression)
    try write(tensor, to: name)
  }

  /// Makes a data set whose rows are written afterwards; what is not written is zero.
  ///
  /// - Precondition: no extent is negative, and a level is from 1 to 9.
  /// - Throws: `TensorFileError` when the name is taken, or the elements are BF16, which other
  ///   programs do not know in HDF5.
  public func create(
    _ name: String, elementType: ElementType, shape: [Int], compression: HDF5Compression = .none
  ) throws(TensorFileError) {
    let place = place(name)
    guard elementType != .bfloat16 else {
      throw TensorFileError(place: place, expected: "an element type of NumPy", got: "BF16")
    }
    let (file, path) = (file, path)
    try HDF5Library.exclusively { () throws(TensorFileError) in
      let type = try HDF5Type(elementType).inMemory(place: place)
      let space = try HDF5Handle(
        shape.isEmpty
          ? H5Screate(H5S_SCALAR)
          : H5Screate_simple(Int32(shape.count), shape.map { hsize_t($0) }, nil),
        H5Sclose, place: place, expected: "a shape")
      let links = try HDF5Handle(
        H5Pcreate(longwave_hdf5_link_create()), H5Pclose, place: path, expected: "a new data set")
      H5Pset_create_intermediate_group(links.id, 1)
      let list = try HDF5Handle(
        H5Pcreate(longwave_hdf5_dataset_create()), H5Pclose, place: path,
        expected: "a new data set")
      H5Pset_obj_track_times(list.id, false)
      if case .deflate(let level) = compression, !shape.isEmpty, !shape.contains(0) {
        let chunk = HDF5Writer.chunk(of: shape, width: elementType.byteWidth)
        H5Pset_chunk(list.id, Int32(chunk.count), chunk.map { hsize_t($0) })
        H5Pset_shuffle(list.id)
        try check(
          H5Pset_deflate(list.id, UInt32(level)), place: place, expected: "a level from 1 to 9")
      }
      _ = try HDF5Handle(
        H5Dcreate2(
          file, name, type.id, space.id, links.id, list.id, longwave_hdf5_default()),
        H5Dclose, place: place, expected: "a new data set")
    }
    shapes[name] = (elementType, shape)
  }

  /// Writes rows of a data set that `create` made.
  ///
  /// - Parameters:
  ///   - tensor: Its element type is that of the data set, its shape the same but for axis 0.
  ///   - name: The data set.
  ///   - row: Where in axis 0 the rows begin.
  /// - Throws: `TensorFileError` when the rows do not fit or the disk is full.
  public func write(
    _ tensor: RawTensor, to name: String, at row: Int = 0
  ) throws(TensorFileError) {
    let place = place(name)
    guard let (elementType, shape) = shapes[name] else {
      throw TensorFileError(place: place, expected: "a data set that was created", got: "none")
    }
    guard tensor.elementType == elementType, tensor.shape.count == shape.count,
      tensor.shape.dropFirst() == shape.dropFirst(), row >= 0,
      shape.isEmpty ? row == 0 : tensor.shape[0] <= shape[0] - row
    else {
      throw TensorFileError(
        place: place, expected: "rows of \(elementType.rawValue) \(shape) from \(row) on",
        got: "\(tensor.elementType.rawValue) \(tensor.shape)")
    }
    if tensor.bytes.isEmpty { return }
    let file = file
    try HDF5Library.exclusively { () throws(TensorFileError) in
      let type = try HDF5Type(elementType).inMemory(place: place)
      let dataset = try HDF5Handle(
        H5Dopen2(file, name, longwave_hdf5_default()), H5Dclose, place: place,
        expected: "a data set")
      let space = try HDF5Handle(
        H5Dget_space(dataset.id), H5Sclose, place: place, expected: "a shape")
      let counts = tensor.shape.map { hsize_t($0) }
      let memory = try HDF5Handle(
        shape.isEmpty
          ? H5Screate(H5S_SCALAR) : H5Screate_simple(Int32(counts.count), counts, nil),
        H5Sclose, place: place, expected: "a shape")
      if !shape.isEmpty {
        let starts = [hsize_t(row)] + [hsize_t](repeating: 0, count: shape.count - 1)
        try check(
          H5Sselect_hyperslab(space.id, H5S_SELECT_SET, starts, nil, counts, nil), place: place,
          expected: "rows to select")
      }
      let status = tensor.bytes.withUnsafeBytes {
        H5Dwrite(
          dataset.id, type.id, memory.id, space.id, longwave_hdf5_default(), $0.baseAddress)
      }
      try check(status, place: place, expected: "to write \(tensor.bytes.count) bytes")
    }
  }

  /// Adds an attribute to the file, or to a data set or group.
  ///
  /// - Throws: `TensorFileError` when there is no such object, or the attribute exists.
  public func setAttribute(
    _ key: String, _ value: TensorAttribute, of name: String = ""
  ) throws(TensorFileError) {
    let place = "\(place(name)), attribute \(key.quotedForMessage)"
    let file = file
    try HDF5Library.exclusively { () throws(TensorFileError) in
      let object = try HDF5Handle(
        H5Oopen(file, name.isEmpty ? "/" : name, longwave_hdf5_default()), H5Oclose,
        place: place, expected: "a data set or group")
      try HDF5Attributes.write(object.id, key, value, place: place)
    }
  }

  private func place(_ name: String) -> String { "\(path), dataset \(name.quotedForMessage)" }

  /// As many rows as make a mebibyte, or a part of a row that is longer.
  private static func chunk(of shape: [Int], width: Int) -> [Int] {
    var chunk = shape
    for axis in shape.indices {
      let rest = chunk[(axis + 1)...].reduce(width, *)
      chunk[axis] = max(1, min(shape[axis], (1 << 20) / max(1, rest)))
      if chunk[axis] > 1 { break }
    }
    return chunk
  }
}

extension HDF5File {
  /// Writes a file so that a reader finds either the old contents or all of the new.
  ///
  /// - Throws: `TensorFileError` of `body`, or with the library's words; see `AtomicFile`.
  public static func write(
    to path: String, _ body: (HDF5Writer) throws(TensorFileError) -> Void
  ) throws(TensorFileError) {
    try AtomicFile.replace(path) { temporary throws(TensorFileError) in
      let file = try HDF5Library.exclusively { () throws(TensorFileError) -> hid_t in
        let access = try HDF5Handle(
          H5Pcreate(longwave_hdf5_file_access()), H5Pclose, place: path, expected: "a new file")
        // The temporary file has a lock of its own.
        H5Pset_file_locking(access.id, false, true)
        H5Pset_fclose_degree(access.id, H5F_CLOSE_STRONG)
        let file = H5Fcreate(
          temporary, longwave_hdf5_truncate(), longwave_hdf5_default(), access.id)
        guard file >= 0 else { throw HDF5Library.error(place: path, expected: "a new file") }
        return file
      }
      var failure: TensorFileError?
      do throws(TensorFileError) { try body(HDF5Writer(file, path: path)) } catch {
        failure = error
      }
      let close = { () throws(TensorFileError) in
        // Closing writes what is left, and so can fail.
        try check(H5Fclose(file), place: path, expected: "to write the end of the file")
      }
      if let failure {
        try? HDF5Library.exclusively(close)
        throw failure
      }
      try HDF5Library.exclusively(close)
    }
  }
}

extension HDF5Attributes {
  fileprivate static func write(
    _ object: hid_t, _ key: String, _ value: TensorAttribute, place: String
  ) throws(TensorFileError) {
    let (count, numbers, texts): (Int?, [Double]?, [String]) =
      switch value {
      case .number(let number): (nil, [number], [])
      case .numbers(let numbers): (numbers.count, numbers, [])
      case .text(let text): (nil, nil, [text])
      case .texts(let texts): (texts.count, nil, texts)
      }
    let space = try HDF5Handle(
      count.map { H5Screate_simple(1, [hsize_t($0)], nil) } ?? H5Screate(H5S_SCALAR), H5Sclose,
      place: place, expected: "a shape")
    let width = max(1, texts.map(\.utf8.count).max() ?? 0)
    let type = try HDF5Handle(
      H5Tcopy(numbers == nil ? longwave_hdf5_string() : longwave_hdf5_float64()), H5Tclose,
      place: place, expected: "a type")
    if numbers == nil {
      H5Tset_size(type.id, width)
      H5Tset_strpad(type.id, H5T_STR_NULLPAD)
      H5Tset_cset(type.id, H5T_CSET_UTF8)
    }
    let attribute = try HDF5Handle(
      H5Acreate2(
        object, key, type.id, space.id, longwave_hdf5_default(), longwave_hdf5_default()),
      H5Aclose, place: place, expected: "a new attribute")
    if let numbers {
      try check(H5Awrite(attribute.id, type.id, numbers), place: place, expected: "to write it")
    } else {
      let bytes = texts.flatMap { text in
        Array(text.utf8) + [UInt8](repeating: 0, count: width - text.utf8.count)
      }
      try check(H5Awrite(attribute.id, type.id, bytes), place: place, expected: "to write it")
    }
  }
}
