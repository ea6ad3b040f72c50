// One axis of a Fourier transform, computing only the modes that are kept.
//
// It is the product with a table of cos and -sin of 2π·kn/size (with weights; see
// AxisTable.swift). Points n and size - n, and modes k and -k, have the same cosines and opposite
// sines, so their sums and differences are taken first: that leaves half of the products for a
// real axis and a quarter for a complex one. Sixteen neighbouring floats (channels, or parts of
// complex channels) go together; the last sixteen of a row overlap those before.

// Functions that take vectors wider than the target's registers are inlined, so how such vectors
// would be passed does not matter.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpsabi"

typedef float KERNEL(mode_line) __attribute__((vector_size(64), aligned(4)));

#define MODE_INLINE static inline __attribute__((always_inline))
#define MODE_LINE LANE_MODE_LINE
#define MODE_BLOCK LANE_MODE_BLOCK
/// i times the complex numbers of a line.
#define TIMES_I(x)                                                                             \
  (__builtin_shufflevector(x, x, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14) *       \
   (KERNEL(mode_line)){-1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1})

/// The first `width` floats, at most a line, and zeros.
MODE_INLINE KERNEL(mode_line) KERNEL(read_line)(const float *p, long width) {
  if (width >= MODE_LINE) return *(const KERNEL(mode_line) *)p;
  float x[MODE_LINE] = {0};
  for (long i = 0; i < width; i++) x[i] = p[i];
  return *(const KERNEL(mode_line) *)x;
}

/// Writes the first `width` floats, at most a line.
MODE_INLINE void KERNEL(write_line)(float *p, KERNEL(mode_line) x, long width) {
  if (width >= MODE_LINE)
    *(KERNEL(mode_line) *)p = x;
  else
    for (long i = 0; i < width; i++) p[i] = x[i];
}

/// sums[t] = Σ_i table[i][t]·lines[i] for a table [count, MODE_BLOCK].
MODE_INLINE void KERNEL(sum_lines)(KERNEL(mode_line) sums[MODE_BLOCK], const float *table,
                                   const float *lines, long count) {
  for (int first = 0; first < MODE_BLOCK; first += KERNEL_SUMS) {
    KERNEL(mode_line) s[KERNEL_SUMS] = {0};
    for (long i = 0; i < count; i++) {
      const KERNEL(mode_line) x = *(const KERNEL(mode_line) *)(lines + i * MODE_LINE);
      for (int t = 0; t < KERNEL_SUMS; t++) s[t] += table[i * MODE_BLOCK + first + t] * x;
    }
    for (int t = 0; t < KERNEL_SUMS; t++) sums[first + t] = s[t];
  }
}

/// The sums and differences of points n and size - n; a point that is its own partner is its sum.
MODE_INLINE void KERNEL(fold_points)(float *even, float *odd, const float *x, long size,
                                     long stride, long width) {
  KERNEL(write_line)(even, KERNEL(read_line)(x, width), MODE_LINE);
  const long pairs = (size - 1) / 2;
  for (long n = 1; n <= pairs; n++) {
    const KERNEL(mode_line) a = KERNEL(read_line)(x + n * stride, width);
    const KERNEL(mode_line) b = KERNEL(read_line)(x + (size - n) * stride, width);
    KERNEL(write_line)(even + n * MODE_LINE, a + b, MODE_LINE);
    KERNEL(write_line)(odd + (n - 1) * MODE_LINE, a - b, MODE_LINE);
  }
  if (size % 2 == 0)
    KERNEL(write_line)(even + size / 2 * MODE_LINE,
                       KERNEL(read_line)(x + size / 2 * stride, width), MODE_LINE);
}

// For each line of a row, from its first float c: `wide` floats, all of a line but for short rows.
#define FOR_EACH_LINE(c, wide, width)                                                          \
  for (long next = 0, c, wide;                                                                 \
       next < (width) &&                                                                       \
       (c = next + MODE_LINE > (width) && (width) >= MODE_LINE ? (width)-MODE_LINE : next,     \
       wide = (width)-c, 1);                                                                   \
       next += MODE_LINE)

static void KERNEL(modes_of_real)(float *restrict z, const float *restrict x,
                                  const LaneModes *kept, const float *even, const float *odd,
                                  float *restrict scratch, long stride, long width) {
  const long size = kept->size, evens = size / 2 + 1, odds = (size - 1) / 2;
  float *restrict e = scratch, *restrict o = scratch + evens * MODE_LINE;
  FOR_EACH_LINE(c, wide, width) {
    KERNEL(fold_points)(e, o, x + c, size, stride, wide);
    for (long first = 0; first < kept->positive; first += MODE_BLOCK) {
      KERNEL(mode_line) re[MODE_BLOCK], im[MODE_BLOCK];
      KERNEL(sum_lines)(re, even + first * evens, e, evens);
      KERNEL(sum_lines)(im, odd + first * odds, o, odds);
      for (long t = 0; t < MODE_BLOCK && first + t < kept->positive; t++) {
        float *to = z + 2 * ((kept->positive_row + first + t) * stride + c);
        KERNEL(write_line)(to, __builtin_shufflevector(re[t], im[t], 0, 16, 1, 17, 2, 18, 3, 19, 4,
                                                       20, 5, 21, 6, 22, 7, 23), 2 * wide);
        KERNEL(write_line)(to + MODE_LINE,
                           __builtin_shufflevector(re[t], im[t], 8, 24, 9, 25, 10, 26, 11, 27, 12,
                                                   28, 13, 29, 14, 30, 15, 31),
                           2 * wide - MODE_LINE);
      }
    }
  }
}

static void KERNEL(modes_of_complex)(float *restrict z, const float *restrict x,
                                     const LaneModes *kept, const float *even, const float *odd,
                                     float *restrict scratch, long stride, long width) {
  const long size = kept->size, evens = size / 2 + 1, odds = (size - 1) / 2;
  const long modes = kept->positive > kept->negative ? kept->positive : kept->negative + 1;
  float *restrict e = scratch, *restrict o = scratch + evens * MODE_LINE;
  FOR_EACH_LINE(c, wide, width) {
    KERNEL(fold_points)(e, o, x + c, size, stride, wide);
    for (long first = 0; first < modes; first += MODE_BLOCK) {
      KERNEL(mode_line) a[MODE_BLOCK], b[MODE_BLOCK];
      KERNEL(sum_lines)(a, even + first * evens, e, evens);
      KERNEL(sum_lines)(b, odd + first * odds, o, odds);
      for (long t = 0; t < MODE_BLOCK && first + t < modes; t++) {
        const long k = first + t;
        const KERNEL(mode_line) ib = TIMES_I(b[t]);
        if (k < kept->positive)
          KERNEL(write_line)(z + (kept->positive_row + k) * stride + c, a[t] + ib, wide);
        if (k > 0 && k <= kept->negative)
          KERNEL(write_line)(z + (kept->negative_row + kept->negative - k) * stride + c,
                             a[t] - ib, wide);
      }
    }
  }
}

/// The points from the even and odd parts of the modes.
MODE_INLINE void KERNEL(sum_modes)(float *y, const float *even, const float *odd,
                                   const float *parts, long modes, long size, long stride,
                                   long width) {
  for (long first = 0; first <= size / 2; first += MODE_BLOCK) {
    KERNEL(mode_line) p[MODE_BLOCK], q[MODE_BLOCK];
    KERNEL(sum_lines)(p, even + first * modes, parts, modes);
    KERNEL(sum_lines)(q, odd + first * modes, parts + modes * MODE_LINE, modes);
    for (long t = 0; t < MODE_BLOCK && first + t <= size / 2; t++) {
      const long n = first + t;
      KERNEL(write_line)(y + n * stride, p[t] + q[t], width);
      if (n > 0 && 2 * n < size)
        KERNEL(write_line)(y + (size - n) * stride, p[t] - q[t], width);
    }
  }
}

static void KERNEL(real_of_modes)(float *restrict y, const float *restrict z,
                                  const LaneModes *kept, const float *even, const float *odd,
                                  float *restrict scratch, long stride, long width) {
  const long modes = kept->positive;
  FOR_EACH_LINE(c, wide, width) {
    for (long k = 0; k < modes; k++) {
      const float *from = z + 2 * ((kept->positive_row + k) * stride + c);
      const KERNEL(mode_line) low = KERNEL(read_line)(from, 2 * wide);
      const KERNEL(mode_line) high = KERNEL(read_line)(from + MODE_LINE, 2 * wide - MODE_LINE);
      KERNEL(write_line)(scratch + k * MODE_LINE,
                         __builtin_shufflevector(low, high, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20,
                                                 22, 24, 26, 28, 30), MODE_LINE);
      KERNEL(write_line)(scratch + (modes + k) * MODE_LINE,
                         __builtin_shufflevector(low, high, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21,
                                                 23, 25, 27, 29, 31), MODE_LINE);
    }
    KERNEL(sum_modes)(y + c, even, odd, scratch, modes, kept->size, stride, wide);
  }
}

static void KERNEL(complex_of_modes)(float *restrict y, const float *restrict z,
                                     const LaneModes *kept, const float *even, const float *odd,
                                     float *restrict scratch, long stride, long width) {
  const long modes = kept->positive > kept->negative ? kept->positive : kept->negative + 1;
  FOR_EACH_LINE(c, wide, width) {
    for (long k = 0; k < modes; k++) {
      KERNEL(mode_line) a = {0}, b = {0};
      if (k < kept->positive)
        a = KERNEL(read_line)(z + (kept->positive_row + k) * stride + c, wide);
      if (k > 0 && k <= kept->negative)
        b = KERNEL(read_line)(z + (kept->negative_row + kept->negative - k) * stride + c, wide);
      const KERNEL(mode_line) difference = b - a;
      KERNEL(write_line)(scratch + k * MODE_LINE, a + b, MODE_LINE);
      KERNEL(write_line)(scratch + (modes + k) * MODE_LINE, TIMES_I(difference), MODE_LINE);
    }
    KERNEL(sum_modes)(y + c, even, odd, scratch, modes, kept->size, stride, wide);
  }
}

#undef FOR_EACH_LINE
#undef TIMES_I
#undef MODE_BLOCK
#undef MODE_LINE
#undef MODE_INLINE
#pragma clang diagnostic pop
