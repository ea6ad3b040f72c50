// Elementwise arithmetic and sums over rows.

// Marks a loop whose element i depends on no other element: its result may lie where an input lies.
// Without the promise the compiler looks whether they overlap, and works one by one if they do.
#define EACH _Pragma("clang loop vectorize(assume_safety)")

static void KERNEL(add)(float *y, const float *a, const float *b, long n) {
  EACH for (long i = 0; i < n; i++) y[i] = a[i] + b[i];
}

static void KERNEL(subtract)(float *y, const float *a, const float *b, long n) {
  EACH for (long i = 0; i < n; i++) y[i] = a[i] - b[i];
}

static void KERNEL(multiply)(float *y, const float *a, const float *b, long n) {
  EACH for (long i = 0; i < n; i++) y[i] = a[i] * b[i];
}

static void KERNEL(divide)(float *y, const float *a, const float *b, long n) {
  EACH for (long i = 0; i < n; i++) y[i] = a[i] / b[i];
}

static void KERNEL(scale)(float *y, const float *a, float factor, long n) {
  EACH for (long i = 0; i < n; i++) y[i] = a[i] * factor;
}

static void KERNEL(affine)(float *y, const float *a, float s, float t, long n) {
  EACH for (long i = 0; i < n; i++) y[i] = a[i] * s + t;
}

static void KERNEL(accumulate)(float *y, const float *x, long n) {
  EACH for (long i = 0; i < n; i++) y[i] += x[i];
}

static void KERNEL(accumulate_scaled)(float *y, const float *x, float factor, long n) {
  EACH for (long i = 0; i < n; i++) y[i] += x[i] * factor;
}

// Sixteen columns at a time: rows are often short, and a loop of unknown length costs more than
// the work of one. All are read before one is written, since y may be x.
#define ROWS(TERM)                                                      \
  for (long r = 0; r < rows; r++, x += n, y += n) {                     \
    long c = 0;                                                         \
    for (; c + 16 <= n; c += 16) {                                      \
      float found[16];                                                  \
      for (long i = c; i < c + 16; i++) found[i - c] = (TERM);          \
      for (long i = 0; i < 16; i++) y[c + i] = found[i];                \
    }                                                                   \
    for (long i = c; i < n; i++) y[i] = (TERM);                         \
  }

static void KERNEL(add_row)(float *y, const float *x, const float *row, long rows, long n) {
  ROWS(x[i] + row[i])
}

static void KERNEL(multiply_row)(float *y, const float *x, const float *row, long rows, long n) {
  ROWS(x[i] * row[i])
}

static void KERNEL(affine_rows)(float *y, const float *x, const float *scale, const float *shift,
                                long rows, long n) {
  ROWS(x[i] * scale[i] + shift[i])
}

static void KERNEL(add_gated_rows)(float *y, const float *x, const float *gate, const float *row,
                                   long rows, long n) {
  ROWS(y[i] + x[i] * gate[i] + row[i])
}

#undef ROWS

// Sums over many rows go through partial sums of SUM_BLOCK rows, so that the rounding error
// grows with the number of blocks and not with the number of rows. COLUMNS at a time stay in
// registers.
enum { SUM_BLOCK = 64, SUM_COLUMNS = 64 };

#define SUM_OVER_ROWS(TERM)                                             \
  for (long c = 0; c < n; c += SUM_COLUMNS) {                           \
    const long width = n - c < SUM_COLUMNS ? n - c : SUM_COLUMNS;       \
    for (long r0 = 0; r0 < rows; r0 += SUM_BLOCK) {                     \
      const long r1 = rows - r0 < SUM_BLOCK ? rows : r0 + SUM_BLOCK;    \
      float partial[SUM_COLUMNS] = {0};                                 \
      if (width == SUM_COLUMNS) {                                       \
        for (long r = r0; r < r1; r++)                                  \
          for (long i = 0; i < SUM_COLUMNS; i++) {                      \
            const long at = r * n + c + i;                              \
            (void)at;                                                   \
            partial[i] += (TERM);                                       \
          }                                                             \
      } else {                                                          \
        for (long r = r0; r < r1; r++)                                  \
          for (long i = 0; i < width; i++) {                            \
            const long at = r * n + c + i;                              \
            partial[i] += (TERM);                                       \
          }                                                             \
      }                                                                 \
      for (long i = 0; i < width; i++) out[c + i] += partial[i];        \
    }                                                                   \
  }

static void KERNEL(sum_rows)(float *restrict out, const float *restrict x, long rows, long n) {
  SUM_OVER_ROWS(x[at])
}

static void KERNEL(sum_products)(float *restrict out, const float *restrict a,
                                 const float *restrict b, long rows, long n) {
  SUM_OVER_ROWS(a[at] * b[at])
}

static void KERNEL(sum_squared_deviations)(float *restrict out, const float *restrict x,
                                           const float *restrict mean, long rows, long n) {
  SUM_OVER_ROWS((x[at] - mean[c + i]) * (x[at] - mean[c + i]))
}

#undef SUM_OVER_ROWS

static double KERNEL(sum)(const float *x, long n) {
#pragma clang fp reassociate(on)
  double total = 0;
  for (long i = 0; i < n; i++) total += (double)x[i];
  return total;
}

static double KERNEL(sum_of_squares)(const float *x, long n) {
#pragma clang fp reassociate(on)
  double total = 0;
  for (long i = 0; i < n; i++) total += (double)x[i] * (double)x[i];
  return total;
}
