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

/// sums[t][l] = Σ_i table[i][t]·lines[i][l] for `columns` of a table [count, MODE_BLOCK] and lines
/// [count, n]. Two lines at a time share what is read of the table.
MODE_INLINE void KERNEL(sum_lines)(KERNEL(mode_line) sums[MODE_BLOCK][2], const float *table,
                                   const float *lines, long count, long columns, const int n) {
  const int step = KERNEL_SUMS / n;
  for (int first = 0; first < MODE_BLOCK && first < columns; first += step) {
    KERNEL(mode_line) s[KERNEL_SUMS] = {0};
    for (long i = 0; i < count; i++)
      for (int t = 0; t < step; t++)
        for (int l = 0; l < n; l++)
          s[t * n + l] += table[i * MODE_BLOCK + first + t] *
                          *(const KERNEL(mode_line) *)(lines + (i * n + l) * MODE_LINE);
    for (int t = 0; t < step; t++)
      for (int l = 0; l < n; l++) sums[first + t][l] = s[t * n + l];
  }
}

/// The sums and differences of points k and size - k; a point that is its own partner is its sum.
MODE_INLINE void KERNEL(fold_points)(float *even, float *odd, const float *x, long size,
                                     long stride, long width, const int n) {
  const long pairs = (size - 1) / 2;
  for (int l = 0; l < n; l++) {
    const float *from = x + l * MODE_LINE;
    float *e = even + l * MODE_LINE, *o = odd + l * MODE_LINE;
    KERNEL(write_line)(e, KERNEL(read_line)(from, width), MODE_LINE);
    for (long k = 1; k <= pairs; k++) {
      const KERNEL(mode_line) a = KERNEL(read_line)(from + k * stride, width);
      const KERNEL(mode_line) b = KERNEL(read_line)(from + (size - k) * stride, width);
      KERNEL(write_line)(e + k * n * MODE_LINE, a + b, MODE_LINE);
      KERNEL(write_line)(o + (k - 1) * n * MODE_LINE, a - b, MODE_LINE);
    }
    if (size % 2 == 0)
      KERNEL(write_line)(e + size / 2 * n * MODE_LINE,
                         KERNEL(read_line)(from + size / 2 * stride, width), MODE_LINE);
  }
}

// Calls `body(c, wide, n)` for lines of a row of `width` floats: two from its float c on, or one,
// of which `wide` floats are there (all but in a row shorter than a line).
#define FOR_EACH_LINES(width, body)                                                            \
  for (long c = 0; c < (width);) {                                                             \
    if ((width) - c >= 2 * MODE_LINE) {                                                        \
      body(c, MODE_LINE, 2);                                                                   \
      c += 2 * MODE_LINE;                                                                      \
    } else if ((width) >= MODE_LINE) {                                                         \
      if ((width) - c < MODE_LINE) c = (width)-MODE_LINE;                                      \
      body(c, MODE_LINE, 1);                                                                   \
      c += MODE_LINE;                                                                          \
    } else {                                                                                   \
      body(0, width, 1);                                                                       \
      break;                                                                                   \
    }                                                                                          \
  }

MODE_INLINE void KERNEL(modes_of_real_lines)(float *restrict z, const float *restrict x,
                                             const LaneModes *kept, const float *even,
                                             const float *odd, float *restrict scratch,
                                             long stride, long wide, const int n) {
  const long size = kept->size, evens = size / 2 + 1, odds = (size - 1) / 2;
  float *restrict e = scratch, *restrict o = scratch + evens * n * MODE_LINE;
  KERNEL(fold_points)(e, o, x, size, stride, wide, n);
  for (long first = 0; first < kept->positive; first += MODE_BLOCK) {
    const long columns = kept->positive - first;
    KERNEL(mode_line) re[MODE_BLOCK][2], im[MODE_BLOCK][2];
    KERNEL(sum_lines)(re, even + first * evens, e, evens, columns, n);
    KERNEL(sum_lines)(im, odd + first * odds, o, odds, columns, n);
    for (long t = 0; t < MODE_BLOCK && t < columns; t++)
      for (int l = 0; l < n; l++) {
        float *to = z + 2 * ((kept->positive_row + first + t) * stride + l * MODE_LINE);
        const KERNEL(mode_line) r = re[t][l], i = im[t][l];
        KERNEL(write_line)(to, __builtin_shufflevector(r, i, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5,
                                                       21, 6, 22, 7, 23), 2 * wide);
        KERNEL(write_line)(to + MODE_LINE,
                           __builtin_shufflevector(r, i, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13,
                                                   29, 14, 30, 15, 31), 2 * wide - MODE_LINE);
      }
  }
}

static void KERNEL(modes_of_real)(float *restrict z, const float *restrict x,
                                  const LaneModes *kept, const float *even, const float *odd,
                                  float *restrict scratch, long stride, long width) {
#define BODY(c, wide, n) \
  KERNEL(modes_of_real_lines)(z + 2 * (c), x + (c), kept, even, odd, scratch, stride, wide, n)
  FOR_EACH_LINES(width, BODY)
#undef BODY
}

MODE_INLINE void KERNEL(modes_of_complex_lines)(float *restrict z, const float *restrict x,
                                                const LaneModes *kept, const float *even,
                                                const float *odd, float *restrict scratch,
                                                long stride, long wide, const int n) {
  const long size = kept->size, evens = size / 2 + 1, odds = (size - 1) / 2;
  const long modes = kept->positive > kept->negative ? kept->positive : kept->negative + 1;
  float *restrict e = scratch, *restrict o = scratch + evens * n * MODE_LINE;
  KERNEL(fold_points)(e, o, x, size, stride, wide, n);
  for (long first = 0; first < modes; first += MODE_BLOCK) {
    KERNEL(mode_line) a[MODE_BLOCK][2], b[MODE_BLOCK][2];
    KERNEL(sum_lines)(a, even + first * evens, e, evens, modes - first, n);
    KERNEL(sum_lines)(b, odd + first * odds, o, odds, modes - first, n);
    for (long k = first; k < first + MODE_BLOCK && k < modes; k++)
      for (int l = 0; l < n; l++) {
        const KERNEL(mode_line) ib = TIMES_I(b[k - first][l]);
        float *to = z + l * MODE_LINE;
        if (k < kept->positive)
          KERNEL(write_line)(to + (kept->positive_row + k) * stride, a[k - first][l] + ib, wide);
        if (k > 0 && k <= kept->negative)
          KERNEL(write_line)(to + (kept->negative_row + kept->negative - k) * stride,
                             a[k - first][l] - ib, wide);
      }
  }
}

static void KERNEL(modes_of_complex)(float *restrict z, const float *restrict x,
                                     const LaneModes *kept, const float *even, const float *odd,
                                     float *restrict scratch, long stride, long width) {
#define BODY(c, wide, n) \
  KERNEL(modes_of_complex_lines)(z + (c), x + (c), kept, even, odd, scratch, stride, wide, n)
  FOR_EACH_LINES(width, BODY)
#undef BODY
}

/// The points from the even and odd parts of the modes.
MODE_INLINE void KERNEL(sum_modes)(float *y, const float *even, const float *odd,
                                   const float *parts, long modes, long size, long stride,
                                   long width, const int n) {
  const long points = size / 2 + 1;
  for (long first = 0; first < points; first += MODE_BLOCK) {
    KERNEL(mode_line) p[MODE_BLOCK][2], q[MODE_BLOCK][2];
    KERNEL(sum_lines)(p, even + first * modes, parts, modes, points - first, n);
    KERNEL(sum_lines)(q, odd + first * modes, parts + modes * n * MODE_LINE, modes,
                      points - first, n);
    for (long k = first; k < first + MODE_BLOCK && k < points; k++)
      for (int l = 0; l < n; l++) {
        const KERNEL(mode_line) a = p[k - first][l], b = q[k - first][l];
        KERNEL(write_line)(y + k * stride + l * MODE_LINE, a + b, width);
        if (k > 0 && 2 * k < size)
          KERNEL(write_line)(y + (size - k) * stride + l * MODE_LINE, a - b, width);
      }
  }
}

MODE_INLINE void KERNEL(real_of_modes_lines)(float *restrict y, const float *restrict z,
                                             const LaneModes *kept, const float *even,
                                             const float *odd, float *restrict scratch,
                                             long stride, long wide, const int n) {
  const long modes = kept->positive;
  for (long k = 0; k < modes; k++)
    for (int l = 0; l < n; l++) {
      const float *from = z + 2 * ((kept->positive_row + k) * stride + l * MODE_LINE);
      const KERNEL(mode_line) low = KERNEL(read_line)(from, 2 * wide);
      const KERNEL(mode_line) high = KERNEL(read_line)(from + MODE_LINE, 2 * wide - MODE_LINE);
      KERNEL(write_line)(scratch + (k * n + l) * MODE_LINE,
                         __builtin_shufflevector(low, high, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20,
                                                 22, 24, 26, 28, 30), MODE_LINE);
      KERNEL(write_line)(scratch + ((modes + k) * n + l) * MODE_LINE,
                         __builtin_shufflevector(low, high, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21,
                                                 23, 25, 27, 29, 31), MODE_LINE);
    }
  KERNEL(sum_modes)(y, even, odd, scratch, modes, kept->size, stride, wide, n);
}

static void KERNEL(real_of_modes)(float *restrict y, const float *restrict z,
                                  const LaneModes *kept, const float *even, const float *odd,
                                  float *restrict scratch, long stride, long width) {
#define BODY(c, wide, n) \
  KERNEL(real_of_modes_lines)(y + (c), z + 2 * (c), kept, even, odd, scratch, stride, wide, n)
  FOR_EACH_LINES(width, BODY)
#undef BODY
}

MODE_INLINE void KERNEL(complex_of_modes_lines)(float *restrict y, const float *restrict z,
                                                const LaneModes *kept, const float *even,
                                                const float *odd, float *restrict scratch,
                                                long stride, long wide, const int n) {
  const long modes = kept->positive > kept->negative ? kept->positive : kept->negative + 1;
  for (long k = 0; k < modes; k++)
    for (int l = 0; l < n; l++) {
      const float *from = z + l * MODE_LINE;
      KERNEL(mode_line) a = {0}, b = {0};
      if (k < kept->positive)
        a = KERNEL(read_line)(from + (kept->positive_row + k) * stride, wide);
      if (k > 0 && k <= kept->negative)
        b = KERNEL(read_line)(from + (kept->negative_row + kept->negative - k) * stride, wide);
      const KERNEL(mode_line) difference = b - a;
      KERNEL(write_line)(scratch + (k * n + l) * MODE_LINE, a + b, MODE_LINE);
      KERNEL(write_line)(scratch + ((modes + k) * n + l) * MODE_LINE, TIMES_I(difference),
                         MODE_LINE);
    }
  KERNEL(sum_modes)(y, even, odd, scratch, modes, kept->size, stride, wide, n);
}

static void KERNEL(complex_of_modes)(float *restrict y, const float *restrict z,
                                     const LaneModes *kept, const float *even, const float *odd,
                                     float *restrict scratch, long stride, long width) {
#define BODY(c, wide, n) \
  KERNEL(complex_of_modes_lines)(y + (c), z + (c), kept, even, odd, scratch, stride, wide, n)
  FOR_EACH_LINES(width, BODY)
#undef BODY
}

#undef FOR_EACH_LINES
#undef TIMES_I
#undef MODE_BLOCK
#undef MODE_LINE
#undef MODE_INLINE
#pragma clang diagnostic pop
