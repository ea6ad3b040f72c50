// The kernels for x86-64 processors of level v3.
#if defined(__x86_64__)
#define KERNEL(name) name##_avx2
#define KERNEL_SET "avx2"
#define KERNEL_WIDTH 8
#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#include "AllKernels.h"
#pragma clang attribute pop
#endif
