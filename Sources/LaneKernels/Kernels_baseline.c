// The kernels for any processor: SSE2 on x86-64, NEON on arm64.
#define KERNEL(name) name##_baseline
#define KERNEL_SET "baseline"
#define KERNEL_WIDTH 4
#include "AllKernels.h"
