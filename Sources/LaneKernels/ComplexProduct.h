// Products of small matrices of interleaved complex numbers.
//
// A row of the right factor stays as it lies in memory: the sums of its floats times the real
// parts, and those times the imaginary parts, of the left factor are taken apart and joined at the
// end, where the only exchange of real and imaginary parts is. So each complex product costs four
// real ones and nothing else. Sums run over k in order, whatever the block.

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpsabi"

#define PRODUCT_INLINE static inline __attribute__((always_inline))
#if KERNEL_LANES == 16
#define PRODUCT_ROWS 4
#define PRODUCT_LINES 2
#elif KERNEL_LANES == 8
#define PRODUCT_ROWS 2
#define PRODUCT_LINES 1
#else
#define PRODUCT_ROWS 1
#define PRODUCT_LINES 1
#endif

/// `rows` rows of c in `lines` lines of sixteen floats, of the last of which `wide` are there.
PRODUCT_INLINE void KERNEL(product_block)(float *c, long crow, const float *a, long arow,
                                          long astep, const float *b, long brow, long wide,
                                          long k, LaneConjugate conjugate, const int rows,
                                          const int lines) {
  KERNEL(mode_line) real[PRODUCT_ROWS][PRODUCT_LINES] = {0};
  KERNEL(mode_line) imaginary[PRODUCT_ROWS][PRODUCT_LINES] = {0};
  for (long t = 0; t < k; t++) {
    KERNEL(mode_line) right[PRODUCT_LINES];
    for (int l = 0; l < lines; l++)
      right[l] = KERNEL(read_line)(b + t * brow + l * LANE_MODE_LINE, wide);
    for (int r = 0; r < rows; r++) {
      const float *left = a + r * arow + t * astep;
      for (int l = 0; l < lines; l++) {
        real[r][l] += left[0] * right[l];
        imaginary[r][l] += left[1] * right[l];
      }
    }
  }
  // i·z, -i·z and i·conj(z) of the sums with imaginary parts differ in signs only.
  const float even = conjugate == LANE_CONJUGATE_NONE ? -1 : 1;
  const float odd = conjugate == LANE_CONJUGATE_LEFT ? -1 : 1;
  const float sign = conjugate == LANE_CONJUGATE_RIGHT ? -1 : 1;
  const KERNEL(mode_line) exchanged = {even, odd, even, odd, even, odd, even, odd,
                                       even, odd, even, odd, even, odd, even, odd};
  const KERNEL(mode_line) kept = {1, sign, 1, sign, 1, sign, 1, sign,
                                  1, sign, 1, sign, 1, sign, 1, sign};
  for (int r = 0; r < rows; r++)
    for (int l = 0; l < lines; l++) {
      const KERNEL(mode_line) z = imaginary[r][l];
      const KERNEL(mode_line) swapped =
          __builtin_shufflevector(z, z, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14);
      KERNEL(write_line)(c + r * crow + l * LANE_MODE_LINE,
                         real[r][l] * kept + swapped * exchanged, wide);
    }
}

/// All rows of c in `lines` lines.
PRODUCT_INLINE void KERNEL(product_lines)(float *c, long crow, const float *a, long arow,
                                          long astep, const float *b, long brow, long wide,
                                          long m, long k, LaneConjugate conjugate,
                                          const int lines) {
  long r = 0;
  for (; r + PRODUCT_ROWS <= m; r += PRODUCT_ROWS)
    KERNEL(product_block)(c + r * crow, crow, a + r * arow, arow, astep, b, brow, wide, k,
                          conjugate, PRODUCT_ROWS, lines);
  for (; r < m; r++)
    KERNEL(product_block)(c + r * crow, crow, a + r * arow, arow, astep, b, brow, wide, k,
                          conjugate, 1, lines);
}

static void KERNEL(complex_product)(float *restrict c, long crow, const float *restrict a,
                                    long arow, long astep, const float *restrict b, long brow,
                                    long m, long n, long k, LaneConjugate conjugate) {
  const long width = 2 * n;
  if (width < LANE_MODE_LINE) {
    KERNEL(product_lines)(c, crow, a, arow, astep, b, brow, width, m, k, conjugate, 1);
    return;
  }
  long at = 0;
  for (; at + PRODUCT_LINES * LANE_MODE_LINE <= width; at += PRODUCT_LINES * LANE_MODE_LINE)
    KERNEL(product_lines)(c + at, crow, a, arow, astep, b + at, brow, LANE_MODE_LINE, m, k,
                          conjugate, PRODUCT_LINES);
  for (; at < width; at += LANE_MODE_LINE) {
    // The last line overlaps the one before.
    if (width - at < LANE_MODE_LINE) at = width - LANE_MODE_LINE;
    KERNEL(product_lines)(c + at, crow, a, arow, astep, b + at, brow, LANE_MODE_LINE, m, k,
                          conjugate, 1);
  }
}

#undef PRODUCT_LINES
#undef PRODUCT_ROWS
#undef PRODUCT_INLINE
#pragma clang diagnostic pop
