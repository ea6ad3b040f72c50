// The kernels for x86-64 processors of level v4. The features are spelled out because the level's
// own name makes the compiler prefer vectors of half the width.
#if defined(__x86_64__)
#define KERNEL(name) name##_avx512
#define KERNEL_SET "avx512"
#define KERNEL_WIDTH 16
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx2,fma,bmi,bmi2,f16c,lzcnt,movbe,popcnt"))), apply_to = function)
#include "AllKernels.h"
#pragma clang attribute pop
#endif
