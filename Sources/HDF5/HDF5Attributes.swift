import CHDF5
import TensorIO

/// The attributes of an object: numbers and text; others are left out.
enum HDF5Attributes {
  static func read(
    _ file: hid_t, _ name: String, place: String, fileSize: Int
  ) throws(TensorFileError) -> [String: TensorAttribute] {
    let object = try HDF5Handle(
      H5Oopen(file, name, longwave_hdf5_default()), H5Oclose, place: place,
      expected: "a data set or group")
    var names: [String] = []
    let status = withUnsafeMutablePointer(to: &names) { pointer in
      H5Aiterate2(
        object.id, H5_INDEX_NAME, H5_ITER_INC, nil,
        { _, name, _, context in
          guard let name, let context else { return -1 }
          context.assumingMemoryBound(to: [String].self).pointee.append(String(cString: name))
          return 0
        }, pointer)
    }
    try check(status, place: place, expected: "attributes to list")
    var result: [String: TensorAttribute] = [:]
    for key in names {
      let place = "\(place), attribute \(key.quotedForMessage)"
      result[key] = try value(object.id, key, place: place, fileSize: fileSize)
    }
    return result
  }

  private static func value(
    _ object: hid_t, _ key: String, place: String, fileSize: Int
  ) throws(TensorFileError) -> TensorAttribute? {
    let attribute = try HDF5Handle(
      H5Aopen(object, key, longwave_hdf5_default()), H5Aclose, place: place,
      expected: "an attribute")
    let type = try HDF5Handle(
      H5Aget_type(attribute.id), H5Tclose, place: place, expected: "a type")
    let space = try HDF5Handle(
      H5Aget_space(attribute.id), H5Sclose, place: place, expected: "a shape")
    guard H5Sget_simple_extent_type(space.id) != H5S_NULL else { return nil }
    let extents = try HDF5Dataset.extents(space.id, place: place)
    let width = max(1, H5Tget_size(type.id))
    guard let elements = RawTensor.byteCount(of: extents, .uint8),
      let byteCount = RawTensor.byteCount(of: extents + [width], .uint8)
    else {
      throw TensorFileError(place: place, expected: "a size without overflow", got: "\(extents)")
    }
    try MemoryLimit.check(byteCount, fileSize: fileSize, place: place)
    switch H5Tget_class(type.id) {
    case H5T_INTEGER, H5T_FLOAT:
      var numbers = [Double](repeating: 0, count: elements)
      try check(
        H5Aread(attribute.id, longwave_hdf5_float64(), &numbers), place: place,
        expected: "numbers")
      if extents.isEmpty, let number = numbers.first { return .number(number) }
      return .numbers(numbers)
    case H5T_STRING:
      let texts =
        H5Tis_variable_str(type.id) > 0
        ? try variableTexts(attribute.id, type.id, space.id, elements, place)
        : try fixedTexts(attribute.id, type.id, elements, width, place)
      if extents.isEmpty, let text = texts.first { return .text(text) }
      return .texts(texts)
    default: return nil
    }
  }

  private static func variableTexts(
    _ attribute: hid_t, _ type: hid_t, _ space: hid_t, _ count: Int, _ place: String
  ) throws(TensorFileError) -> [String] {
    var pointers = [UnsafeMutablePointer<CChar>?](repeating: nil, count: count)
    let memory = try HDF5Handle(H5Tcopy(type), H5Tclose, place: place, expected: "a type of text")
    try check(H5Aread(attribute, memory.id, &pointers), place: place, expected: "text")
    let texts = pointers.map { $0.map { String(cString: $0) } ?? "" }
    H5Dvlen_reclaim(memory.id, space, longwave_hdf5_default(), &pointers)
    return texts
  }

  private static func fixedTexts(
    _ attribute: hid_t, _ type: hid_t, _ count: Int, _ width: Int, _ place: String
  ) throws(TensorFileError) -> [String] {
    var bytes = [UInt8](repeating: 0, count: count * width)
    try check(H5Aread(attribute, type, &bytes), place: place, expected: "text")
    let isPadded = H5Tget_strpad(type) == H5T_STR_SPACEPAD
    return (0..<count).map { index in
      var text = bytes[index * width..<(index + 1) * width].prefix { $0 != 0 }
      while isPadded, text.last == UInt8(ascii: " ") { text.removeLast() }
      return String(decoding: text, as: UTF8.self)
    }
  }
}
