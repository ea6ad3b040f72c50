import CHDF5
import TensorIO

/// How the elements of a data set are to be understood.
struct HDF5Type {
  let elementType: ElementType
  /// The names of the real and the imaginary part, of a compound of two.
  let complexNames: (String, String)?

  var isComplex: Bool { complexNames != nil }

  /// The meaning of a type in a file, or nil where it is no number.
  init?(_ type: hid_t) {
    let size = H5Tget_size(type)
    let kind = H5Tget_class(type)
    if kind == H5T_COMPOUND {
      guard H5Tget_nmembers(type) == 2, let first = HDF5Type.member(0, of: type),
        let second = HDF5Type.member(1, of: type), first.type == second.type,
        [["r", "i"], ["real", "imag"]].contains([first.name, second.name])
      else { return nil }
      elementType = first.type
      complexNames = (first.name, second.name)
      return
    }
    complexNames = nil
    switch (kind, size) {
    case (H5T_INTEGER, 1): elementType = HDF5Type.isSigned(type) ? .int8 : .uint8
    case (H5T_INTEGER, 2): elementType = HDF5Type.isSigned(type) ? .int16 : .uint16
    case (H5T_INTEGER, 4): elementType = HDF5Type.isSigned(type) ? .int32 : .uint32
    case (H5T_INTEGER, 8): elementType = HDF5Type.isSigned(type) ? .int64 : .uint64
    case (H5T_FLOAT, 2): elementType = HDF5Type.isBrainFloat(type) ? .bfloat16 : .float16
    case (H5T_FLOAT, 1...4): elementType = .float32
    case (H5T_FLOAT, _): elementType = .float64
    // h5py's way to store truth values: FALSE and TRUE of one byte.
    case (H5T_ENUM, 1) where H5Tget_nmembers(type) == 2: elementType = .bool
    default: return nil
    }
  }

  /// The type of elements that this module writes.
  init(_ elementType: ElementType) {
    self.elementType = elementType
    complexNames = nil
  }

  /// The type as it is in memory: little-endian, as a `RawTensor` has it.
  func inMemory(place: String) throws(TensorFileError) -> HDF5Handle {
    let part = try HDF5Type.scalar(elementType, place: place)
    guard let complexNames else { return part }
    let width = elementType.byteWidth
    let pair = try HDF5Handle(
      H5Tcreate(H5T_COMPOUND, 2 * width), H5Tclose, place: place, expected: "a type of pairs")
    try check(
      H5Tinsert(pair.id, complexNames.0, 0, part.id), place: place, expected: "a type of pairs")
    try check(
      H5Tinsert(pair.id, complexNames.1, width, part.id), place: place, expected: "a type of pairs")
    return pair
  }

  private static func scalar(
    _ elementType: ElementType, place: String
  ) throws(TensorFileError) -> HDF5Handle {
    let base: hid_t =
      switch elementType {
      case .int8: longwave_hdf5_int8()
      case .uint8: longwave_hdf5_uint8()
      case .int16: longwave_hdf5_int16()
      case .uint16: longwave_hdf5_uint16()
      case .int32: longwave_hdf5_int32()
      case .uint32: longwave_hdf5_uint32()
      case .int64: longwave_hdf5_int64()
      case .uint64: longwave_hdf5_uint64()
      case .float32, .float16, .bfloat16: longwave_hdf5_float32()
      case .float64: longwave_hdf5_float64()
      case .bool: longwave_hdf5_int8()
      }
    if elementType == .bool {
      let truth = try HDF5Handle(
        H5Tenum_create(base), H5Tclose, place: place, expected: "a type of truth values")
      for (name, value) in [("FALSE", Int8(0)), ("TRUE", 1)] {
        var value = value
        try check(
          H5Tenum_insert(truth.id, name, &value), place: place, expected: "a type of truth values")
      }
      return truth
    }
    let type = try HDF5Handle(H5Tcopy(base), H5Tclose, place: place, expected: "a type of numbers")
    // HDF5 has no name for these: sign, exponent's place and bits, mantissa's place and bits.
    switch elementType {
    case .float16: H5Tset_fields(type.id, 15, 10, 5, 0, 10)
    case .bfloat16: H5Tset_fields(type.id, 15, 7, 8, 0, 7)
    default: return type
    }
    H5Tset_precision(type.id, 16)
    H5Tset_ebias(type.id, elementType == .float16 ? 15 : 127)
    try check(H5Tset_size(type.id, 2), place: place, expected: "a type of 16 bits")
    return type
  }

  private static func member(
    _ index: UInt32, of type: hid_t
  ) -> (name: String, type: ElementType)? {
    guard let name = H5Tget_member_name(type, index) else { return nil }
    defer { H5free_memory(name) }
    let member = H5Tget_member_type(type, index)
    guard member >= 0 else { return nil }
    defer { H5Tclose(member) }
    guard H5Tget_class(member) == H5T_FLOAT, let part = HDF5Type(member) else { return nil }
    return (String(cString: name), part.elementType)
  }

  private static func isSigned(_ type: hid_t) -> Bool { H5Tget_sign(type) == H5T_SGN_2 }

  private static func isBrainFloat(_ type: hid_t) -> Bool {
    var (sign, exponent, exponentSize, mantissa, mantissaSize) = (0, 0, 0, 0, 0)
    H5Tget_fields(type, &sign, &exponent, &exponentSize, &mantissa, &mantissaSize)
    return exponentSize == 8
  }
}
