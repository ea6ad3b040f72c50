"""Makes the files in this folder: small files of other programs, for the tests to read.

Needs numpy, scipy, h5py and torch. Every array holds values that the tests can compute:
element n in row-major order is n, or as said beside it.
"""

import pickle
from collections import OrderedDict

import h5py
import numpy as np
import scipy.io
import torch

ramp = np.arange(24.0).reshape(2, 3, 4)

# NumPy: stored and deflated, Fortran order, complex numbers, and an array of text to skip.
arrays = {
    "ramp": ramp.astype(np.float32),
    "columns": np.asfortranarray(ramp),
    "complex": np.array([1 + 2j, 3 - 4j], dtype=np.complex64),
    "text": np.array(["a", "bc"]),
    "scalar": np.array(7, dtype=np.int16),
}
np.savez("stored.npz", **arrays)
np.savez_compressed("deflated.npz", **arrays)

# MATLAB 5, plain and deflated.
matlab = {
    "a": ramp,
    "narrow": np.arange(6, dtype=np.int32).reshape(2, 3),
    "single": np.arange(3, dtype=np.float32),
    "z": np.array([[1 + 2j, 3 - 4j, 5j]]),
    "flag": np.array([[True, False]]),
    "word": "text",
    "cell": np.array([1, "x"], dtype=object),
    "nothing": np.zeros((0, 3)),
}
scipy.io.savemat("plain.mat", matlab)
scipy.io.savemat("deflated.mat", matlab, do_compression=True)

# MATLAB 7.3: HDF5 behind a header of 512 bytes, the axes reversed.
with h5py.File("matlab73.mat", "w", userblock_size=512) as file:
    def put(name, array, kind):
        file[name] = array.T
        file[name].attrs["MATLAB_class"] = np.bytes_(kind)

    put("a", ramp, "double")
    put("flag", np.array([[1, 0, 1]], dtype=np.uint8), "logical")
    put("word", np.array([[116, 119]], dtype=np.uint16), "char")
    pair = np.array([[1, 3, 5], [2, 4, 6]], dtype=np.float64)
    parts = np.zeros((3, 2), dtype=[("real", "<f8"), ("imag", "<f8")])
    parts["real"] = pair.T
    parts["imag"] = -pair.T
    file["z"] = parts
    file["z"].attrs["MATLAB_class"] = np.bytes_("double")
    file["nothing"] = np.array([0, 3], dtype=np.uint64)
    file["nothing"].attrs["MATLAB_class"] = np.bytes_("double")
    file["nothing"].attrs["MATLAB_empty"] = np.uint8(1)
with open("matlab73.mat", "r+b") as file:
    text = b"MATLAB 7.3 MAT-file, made for a test"
    file.write(text.ljust(116) + b"\0" * 8 + b"\0\2IM")

# HDF5: filters, types, groups, attributes, and what must be skipped.
with h5py.File("types.h5", "w", libver=("v108", "v110")) as file:
    file["plain"] = ramp.astype(np.float32)
    file.create_dataset("big", data=ramp.astype(">f8"))
    file.create_dataset("half", data=np.array([0.5, -2, 65504], dtype=np.float16))
    file.create_dataset("flags", data=np.array([True, False, True]))
    file.create_dataset("z", data=np.array([1 + 2j, 3 - 4j]))
    file.create_dataset("word", data="text")
    file["scalar"] = np.int64(-5)
    file.create_dataset("none", dtype="f4")
    file.attrs["Nu"] = 0.01
    file.attrs["name"] = "Burgers"
    file.attrs["fixed"] = np.bytes_("ab")
    file.attrs["list"] = np.array([1, 2, 3])
    file.create_group("0001/grid").create_dataset("x", data=np.arange(5, dtype=np.int16))
    steps = np.arange(24, dtype=np.int32).reshape(6, 4) // 8
    file.create_dataset("lzf", data=steps, chunks=(3, 4), compression="lzf")
    file["0001"].attrs["config"] = "sim: {n: 1}"
with h5py.File("filters.h5", "w") as file:
    numbers = np.arange(6 * 5 * 4, dtype=np.int16).reshape(6, 5, 4)
    file.create_dataset("lzf_shuffle", data=numbers, chunks=(4, 4, 4), compression="lzf", shuffle=True)
    file.create_dataset("gzip", data=numbers, chunks=(6, 5, 2), compression="gzip", shuffle=True, fletcher32=True)
with h5py.File("elsewhere.h5", "w") as file:
    file["link"] = h5py.ExternalLink("types.h5", "/plain")
    file.create_dataset("external", (4,), "u1", external=[("types.h5", 0, 4)])
    layout = h5py.VirtualLayout((2, 3, 4), "f4")
    layout[:] = h5py.VirtualSource("types.h5", "plain", (2, 3, 4))
    file.create_virtual_dataset("virtual", layout)

# PyTorch: views with strides, shared storage, every type, containers, protocols, state.
base = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4)
views = {
    "base": base,
    "transposed": base.permute(2, 1, 0),
    "row": base[1, 1],
    "every_other": base[:, :, ::2],
    "expanded": torch.tensor([3.0]).expand(4),
    "empty": torch.zeros(0, 3),
    "Re": 100,
    "visc": 0.01,
    "note": "hello",
    "nested": [torch.tensor(5), (torch.tensor([1.5], dtype=torch.float64), {"z": torch.tensor([1 + 2j])})],
    3: torch.tensor([True, False]),
}
for protocol in (2, 4, 5):
    torch.save(views, f"views{protocol}.pt", pickle_protocol=protocol)
types = ("bool", "uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "float64")
torch.save({name: torch.tensor([0, 1, 1], dtype=getattr(torch, name)) for name in types}, "types.pt")
torch.save(torch.nn.Linear(2, 1).double().requires_grad_(False).state_dict(), "state.pt")
torch.save(base, "bare.pt")
torch.save(base, "legacy.pt", _use_new_zipfile_serialization=False)


class Command:
    def __reduce__(self):
        import os

        return os.system, ("echo pwned > pwned",)


torch.save({"x": base, "command": Command()}, "command.pt")
