#include "include/HistoryProduct.h"

// Four vectors of sums stay in registers while all taps pass.
enum { COLUMNS = 64 };

#define PRODUCT(NAME, TARGET)                                                               \
  TARGET static void NAME(float *restrict y, const float *restrict x, const float *restrict h, \
                          long taps, long channels) {                                       \
    for (long c = 0; c < channels; c += COLUMNS) {                                          \
      const long width = channels - c < COLUMNS ? channels - c : COLUMNS;                   \
      float sums[COLUMNS] = {0};                                                            \
      if (width == COLUMNS) {                                                               \
        for (long j = 0; j < taps; j++)                                                     \
          for (long i = 0; i < COLUMNS; i++)                                                \
            sums[i] += h[j * channels + c + i] * x[c + i - j * channels];                   \
      } else {                                                                              \
        for (long j = 0; j < taps; j++)                                                     \
          for (long i = 0; i < width; i++)                                                  \
            sums[i] += h[j * channels + c + i] * x[c + i - j * channels];                   \
      }                                                                                     \
      for (long i = 0; i < width; i++) y[c + i] = sums[i];                                  \
    }                                                                                       \
  }

PRODUCT(product_baseline, )
#if defined(__x86_64__)
PRODUCT(product_avx2, __attribute__((target("avx2,fma"))))
PRODUCT(product_avx512, __attribute__((target("avx512f,avx512vl,fma"))))
#endif

void history_product(float *y, const float *x, const float *h, long taps, long channels) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f")) return product_avx512(y, x, h, taps, channels);
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return product_avx2(y, x, h, taps, channels);
#endif
  product_baseline(y, x, h, taps, channels);
}
