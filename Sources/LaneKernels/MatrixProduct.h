// Products of matrices by tiles of MATRIX_ROWS x MATRIX_COLUMNS sums that stay in registers.
//
// Both factors are packed beforehand, so that a tile reads each of them from one end to the other:
// the left one in blocks of MATRIX_ROWS rows, the right one in panels of MATRIX_COLUMNS columns,
// both ordered by the inner index and padded with zeros.

enum {
  KERNEL(MATRIX_VECTORS) = KERNEL_LANES == 8 ? 3 : 2,
  KERNEL(MATRIX_COLUMNS) = KERNEL(MATRIX_VECTORS) * KERNEL_LANES,
  KERNEL(MATRIX_ROWS) = KERNEL_LANES == 16 ? 12 : 4,
};
#define MATRIX_VECTORS KERNEL(MATRIX_VECTORS)
#define MATRIX_COLUMNS KERNEL(MATRIX_COLUMNS)
#define MATRIX_ROWS KERNEL(MATRIX_ROWS)

typedef float KERNEL(matrix_vector) __attribute__((vector_size(4 * KERNEL_LANES), aligned(4)));
typedef float KERNEL(four) __attribute__((vector_size(16), aligned(4)));

/// to[p][j] = x[p + j·outer] for j < count, 0 up to `width`.
static void KERNEL(matrix_pack_rows)(float *restrict to, const float *restrict x, long outer,
                                     long width, long count, long depth) {
  // Rows to columns, four by four.
  long j = 0;
  for (; j + 4 <= count; j += 4) {
    const float *rows = x + j * outer;
    long p = 0;
    for (; p + 4 <= depth; p += 4) {
      const KERNEL(four) a = *(const KERNEL(four) *)(rows + p);
      const KERNEL(four) b = *(const KERNEL(four) *)(rows + outer + p);
      const KERNEL(four) c = *(const KERNEL(four) *)(rows + 2 * outer + p);
      const KERNEL(four) d = *(const KERNEL(four) *)(rows + 3 * outer + p);
      const KERNEL(four) ab = __builtin_shufflevector(a, b, 0, 4, 1, 5);
      const KERNEL(four) cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
      const KERNEL(four) AB = __builtin_shufflevector(a, b, 2, 6, 3, 7);
      const KERNEL(four) CD = __builtin_shufflevector(c, d, 2, 6, 3, 7);
      float *out = to + p * width + j;
      *(KERNEL(four) *)out = __builtin_shufflevector(ab, cd, 0, 1, 4, 5);
      *(KERNEL(four) *)(out + width) = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
      *(KERNEL(four) *)(out + 2 * width) = __builtin_shufflevector(AB, CD, 0, 1, 4, 5);
      *(KERNEL(four) *)(out + 3 * width) = __builtin_shufflevector(AB, CD, 2, 3, 6, 7);
    }
    for (; p < depth; p++)
      for (long i = 0; i < 4; i++) to[p * width + j + i] = rows[i * outer + p];
  }
  for (; j < count; j++)
    for (long p = 0; p < depth; p++) to[p * width + j] = x[j * outer + p];
  for (; j < width; j++)
    for (long p = 0; p < depth; p++) to[p * width + j] = 0;
}

/// The blocks or panels of `depth` rows that lie `inner` apart: a row is read from one end to the
/// other and goes to all of them.
static inline __attribute__((always_inline)) void KERNEL(matrix_pack_columns)(
    float *restrict to, const float *restrict x, long inner, const long width, long count,
    long depth) {
  const long whole = count / width * width;
  for (long p = 0; p < depth; p++, x += inner, to += width) {
    for (long j = 0; j < whole; j += width)
      __builtin_memcpy(to + j * depth, x + j, 4 * (unsigned long)width);
    if (whole == count) continue;
    for (long j = 0; j < width; j++) to[whole * depth + j] = whole + j < count ? x[whole + j] : 0;
  }
}

static void KERNEL(matrix_pack)(float *to, const float *x, long inner, long outer, bool is_left,
                                long count, long depth) {
  if (outer == 1) {
    if (is_left)
      KERNEL(matrix_pack_columns)(to, x, inner, MATRIX_ROWS, count, depth);
    else
      KERNEL(matrix_pack_columns)(to, x, inner, MATRIX_COLUMNS, count, depth);
    return;
  }
  const long width = is_left ? MATRIX_ROWS : MATRIX_COLUMNS;
  for (long j = 0; j < count; j += width)
    KERNEL(matrix_pack_rows)(to + j * depth, x + j * outer, outer, width,
                             count - j < width ? count - j : width, depth);
}

/// One tile: c = start + a·b, the start being c itself, a row for all rows, or zero.
static inline __attribute__((always_inline)) void KERNEL(matrix_tile)(
    float *c, long stride, const float *restrict a, const float *restrict b, long depth,
    const float *row, bool accumulates) {
  typedef KERNEL(matrix_vector) vector;
  vector sum[MATRIX_ROWS][MATRIX_VECTORS];
#pragma clang loop unroll(full)
  for (int i = 0; i < MATRIX_ROWS; i++)
#pragma clang loop unroll(full)
    for (int v = 0; v < MATRIX_VECTORS; v++)
      sum[i][v] = accumulates ? *(const vector *)(c + i * stride + v * KERNEL_LANES)
                  : row       ? *(const vector *)(row + v * KERNEL_LANES)
                              : (vector){0};
  for (long p = 0; p < depth; p++) {
    vector x[MATRIX_VECTORS];
#pragma clang loop unroll(full)
    for (int v = 0; v < MATRIX_VECTORS; v++)
      x[v] = *(const vector *)(b + p * MATRIX_COLUMNS + v * KERNEL_LANES);
#pragma clang loop unroll(full)
    for (int i = 0; i < MATRIX_ROWS; i++)
#pragma clang loop unroll(full)
      for (int v = 0; v < MATRIX_VECTORS; v++) sum[i][v] += a[p * MATRIX_ROWS + i] * x[v];
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < MATRIX_ROWS; i++)
#pragma clang loop unroll(full)
    for (int v = 0; v < MATRIX_VECTORS; v++)
      *(vector *)(c + i * stride + v * KERNEL_LANES) = sum[i][v];
}

static void KERNEL(matrix_block)(float *c, long stride, const float *a, const float *b, long rows,
                                 long columns, long depth, const float *row, bool accumulates) {
  for (long j = 0; j < columns; j += MATRIX_COLUMNS) {
    const float *panel = b + j * depth;
    const long width = columns - j < MATRIX_COLUMNS ? columns - j : MATRIX_COLUMNS;
    for (long i = 0; i < rows; i += MATRIX_ROWS) {
      float *to = c + i * stride + j;
      const float *block = a + i * depth;
      const long height = rows - i < MATRIX_ROWS ? rows - i : MATRIX_ROWS;
      if (width == MATRIX_COLUMNS && height == MATRIX_ROWS) {
        if (accumulates)
          KERNEL(matrix_tile)(to, stride, block, panel, depth, 0, true);
        else
          KERNEL(matrix_tile)(to, stride, block, panel, depth, row ? row + j : 0, false);
        continue;
      }
      float tile[MATRIX_ROWS * MATRIX_COLUMNS];
      KERNEL(matrix_tile)(tile, MATRIX_COLUMNS, block, panel, depth, 0, false);
      for (long y = 0; y < height; y++)
        for (long x = 0; x < width; x++)
          to[y * stride + x] = tile[y * MATRIX_COLUMNS + x] +
                               (accumulates ? to[y * stride + x] : row ? row[j + x] : 0);
    }
  }
}

#undef MATRIX_VECTORS
#undef MATRIX_COLUMNS
#undef MATRIX_ROWS
