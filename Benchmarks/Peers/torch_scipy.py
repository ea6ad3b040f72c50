"""Depthwise causal convolutions with skip term in PyTorch and in SciPy, timed.

`longwave bench peers` runs this once a shape, in turn with Longwave; it also runs alone:

    python Benchmarks/Peers/torch_scipy.py --shape 8x256x1024 --threads 2

Each system that is installed gives one JSON object a line, with the shortest times in
milliseconds. What a system cannot do is left out: SciPy has no gradients.
"""

import argparse
import importlib.util
import json
import sys
import time


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shape", required=True, help="BATCHxCHANNELSxLENGTH")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=1.0, help="for each measurement")
    parser.add_argument("--repeats", type=int, default=3, help="of each measurement at least")
    arguments = parser.parse_args()
    try:
        shape = [int(part) for part in arguments.shape.split("x")]
    except ValueError:
        shape = []
    if len(shape) != 3 or min(shape) < 1:
        parser.error(f"--shape: expected BATCHxCHANNELSxLENGTH, got {arguments.shape}")
    return shape, arguments


def shortest(call, arguments):
    """The shortest time of a call in milliseconds, after two calls to warm up."""
    call()
    call()
    times = []
    start = time.perf_counter()
    while len(times) < arguments.repeats or time.perf_counter() - start < arguments.seconds:
        begin = time.perf_counter()
        call()
        times.append(time.perf_counter() - begin)
    return min(times) * 1e3


def time_torch(shape, arguments):
    import torch

    torch.set_num_threads(arguments.threads)
    batch, channels, length = shape
    size = 2 * length
    u = torch.randn(batch, channels, length)
    h = torch.randn(channels, length) / length
    skip = torch.randn(channels, 1)
    seed = torch.randn_like(u)

    def convolve(u, spectrum, skip):
        product = torch.fft.rfft(u, n=size) * spectrum
        return torch.fft.irfft(product, n=size)[..., :length] + skip * u

    times = {}
    with torch.no_grad():
        times["forward_ms"] = shortest(
            lambda: convolve(u, torch.fft.rfft(h, n=size), skip), arguments
        )
        known = torch.fft.rfft(h, n=size)
        times["forward_fixed_filter_ms"] = shortest(lambda: convolve(u, known, skip), arguments)

    leaves = [tensor.requires_grad_() for tensor in (u, h, skip)]

    def step():
        for leaf in leaves:
            leaf.grad = None
        convolve(u, torch.fft.rfft(h, n=size), skip).backward(seed)

    times["forward_backward_ms"] = shortest(step, arguments)
    return f"PyTorch {torch.__version__}", times


def time_scipy(shape, arguments):
    import numpy
    import scipy
    import scipy.fft
    import scipy.signal

    batch, channels, length = shape
    size = scipy.fft.next_fast_len(2 * length - 1, real=True)
    random = numpy.random.default_rng(0)
    u = random.standard_normal((batch, channels, length), dtype=numpy.float32)
    h = random.standard_normal((1, channels, length), dtype=numpy.float32) / length
    skip = random.standard_normal((channels, 1), dtype=numpy.float32)

    def transformed(spectrum):
        product = scipy.fft.rfft(u, n=size) * spectrum
        return scipy.fft.irfft(product, n=size)[..., :length] + skip * u

    def signal(function):
        return function(u, h, axes=-1)[..., :length] + skip * u

    ways = [
        lambda: transformed(scipy.fft.rfft(h, n=size)),
        lambda: signal(scipy.signal.fftconvolve),
        lambda: signal(scipy.signal.oaconvolve),
    ]
    with scipy.fft.set_workers(arguments.threads):
        known = scipy.fft.rfft(h, n=size)
        return f"SciPy {scipy.__version__}", {
            "forward_ms": min(shortest(way, arguments) for way in ways),
            "forward_fixed_filter_ms": shortest(lambda: transformed(known), arguments),
        }


def main():
    shape, arguments = parse_arguments()
    systems = {"torch": time_torch, "scipy": time_scipy}
    installed = [name for name in systems if importlib.util.find_spec(name)]
    if not installed:
        sys.exit(f"expected the package torch or scipy, got neither in {sys.executable}")
    for name in installed:
        system, times = systems[name](shape, arguments)
        line = {"case": "conv", "system": system}
        line.update(zip(("batch", "channels", "length"), shape))
        line.update({key: round(value, 4) for key, value in times.items()})
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
