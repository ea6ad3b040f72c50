// Chooses the instruction set once, at first use.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "include/LaneKernels.h"

extern const LaneKernels lane_kernels_baseline;
#if defined(__x86_64__)
extern const LaneKernels lane_kernels_avx512;
extern const LaneKernels lane_kernels_avx2;

static bool has_avx512(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl");
}

static bool has_avx2(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
         __builtin_cpu_supports("bmi2");
}
#endif

const LaneKernels *lane_kernels_named(const char *name) {
#if defined(__x86_64__)
  if (strcmp(name, "avx512") == 0) return has_avx512() ? &lane_kernels_avx512 : 0;
  if (strcmp(name, "avx2") == 0) return has_avx2() ? &lane_kernels_avx2 : 0;
#endif
  return strcmp(name, "baseline") == 0 ? &lane_kernels_baseline : 0;
}

const LaneKernels *lane_kernels_best(void) {
  const char *wanted = getenv("LONGWAVE_ISA");
  const LaneKernels *chosen = wanted ? lane_kernels_named(wanted) : 0;
#if defined(__x86_64__)
  if (!chosen && has_avx512()) chosen = &lane_kernels_avx512;
  if (!chosen && has_avx2()) chosen = &lane_kernels_avx2;
#endif
  return chosen ? chosen : &lane_kernels_baseline;
}

void lane_prefer_huge_pages(void *block, long bytes) {
#if defined(MADV_HUGEPAGE)
  madvise(block, (size_t)bytes, MADV_HUGEPAGE);
#endif
}

bool lane_enter_parallel(bool inside) {
  static _Thread_local bool state = false;
  const bool before = state;
  state = inside;
  return before;
}

#if defined(__x86_64__)
// Flush to zero (results) and denormals are zero (operands).
enum { SUBNORMAL_BITS = 0x8040 };

uint64_t lane_flush_subnormals(void) {
  const unsigned mode = __builtin_ia32_stmxcsr();
  if ((mode & SUBNORMAL_BITS) != SUBNORMAL_BITS) __builtin_ia32_ldmxcsr(mode | SUBNORMAL_BITS);
  return mode;
}

void lane_restore_subnormals(uint64_t mode) {
  if ((mode & SUBNORMAL_BITS) != SUBNORMAL_BITS) __builtin_ia32_ldmxcsr((unsigned)mode);
}
#elif defined(__aarch64__)
uint64_t lane_flush_subnormals(void) {
  uint64_t mode;
  __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
  __asm__ volatile("msr fpcr, %0" : : "r"(mode | (1ull << 24)));
  return mode;
}

void lane_restore_subnormals(uint64_t mode) { __asm__ volatile("msr fpcr, %0" : : "r"(mode)); }
#else
uint64_t lane_flush_subnormals(void) { return 0; }
void lane_restore_subnormals(uint64_t mode) { (void)mode; }
#endif

void lane_single_threaded_libraries(void) {
  // OpenMP's thread count belongs to the calling thread, so each of our workers sets its own.
  // Looked up by name because only oneDNN links an OpenMP runtime, and it may not.
  static _Thread_local bool done = false;
  if (done) return;
  done = true;
  void (*set)(int) = (void (*)(int))dlsym(RTLD_DEFAULT, "omp_set_num_threads");
  if (set) set(1);
}
