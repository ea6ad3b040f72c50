// The names of HDF5 that are macros in C, and so unseen by Swift, as functions.
#ifndef LONGWAVE_HDF5_SHIM_H
#define LONGWAVE_HDF5_SHIM_H
// Later versions keep the signatures of 1.10 under this name.
#define H5_USE_110_API
#include <hdf5.h>

static inline hid_t longwave_hdf5_int8(void) { return H5T_STD_I8LE; }
static inline hid_t longwave_hdf5_uint8(void) { return H5T_STD_U8LE; }
static inline hid_t longwave_hdf5_int16(void) { return H5T_STD_I16LE; }
static inline hid_t longwave_hdf5_uint16(void) { return H5T_STD_U16LE; }
static inline hid_t longwave_hdf5_int32(void) { return H5T_STD_I32LE; }
static inline hid_t longwave_hdf5_uint32(void) { return H5T_STD_U32LE; }
static inline hid_t longwave_hdf5_int64(void) { return H5T_STD_I64LE; }
static inline hid_t longwave_hdf5_uint64(void) { return H5T_STD_U64LE; }
static inline hid_t longwave_hdf5_float32(void) { return H5T_IEEE_F32LE; }
static inline hid_t longwave_hdf5_float64(void) { return H5T_IEEE_F64LE; }
static inline hid_t longwave_hdf5_string(void) { return H5T_C_S1; }
static inline size_t longwave_hdf5_variable(void) { return H5T_VARIABLE; }
static inline hid_t longwave_hdf5_file_access(void) { return H5P_FILE_ACCESS; }
static inline hid_t longwave_hdf5_file_create(void) { return H5P_FILE_CREATE; }
static inline hid_t longwave_hdf5_dataset_create(void) { return H5P_DATASET_CREATE; }
static inline hid_t longwave_hdf5_link_create(void) { return H5P_LINK_CREATE; }
static inline hid_t longwave_hdf5_default(void) { return H5P_DEFAULT; }
static inline unsigned longwave_hdf5_read_only(void) { return H5F_ACC_RDONLY; }
static inline unsigned longwave_hdf5_truncate(void) { return H5F_ACC_TRUNC; }
static inline hid_t longwave_hdf5_error_stack(void) { return H5E_DEFAULT; }
static inline hid_t longwave_hdf5_whole_space(void) { return H5S_ALL; }
static inline hsize_t longwave_hdf5_unlimited(void) { return H5S_UNLIMITED; }
#endif
