// From channels-last sequences to contiguous complex rows and back.
//
// Whole cache lines of SQUARE positions, 2·SQUARE real values each, are transposed in registers,
// a complex number moving as one 64-bit unit. Lines that channels or positions do not fill go
// through the same code by way of buffers.

// Functions that take vectors wider than the target's registers are inlined, so how such vectors
// would be passed does not matter. (Popped at the end of ChannelPairs.h, the last user.)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpsabi"

enum { SQUARE = 8, LINE = 2 * SQUARE };

typedef long long KERNEL(v8) __attribute__((vector_size(64), aligned(4)));
typedef float KERNEL(line) __attribute__((vector_size(64), aligned(4)));

#define LOAD_LINE(p) (*(const KERNEL(line) *)(p))
#define STORE_LINE(p, x) (*(KERNEL(line) *)(p) = (KERNEL(line))(x))

/// out[i][j] = in[j][i] for an 8 x 8 square of 64-bit values, in place.
static inline __attribute__((always_inline)) void KERNEL(transpose)(KERNEL(v8) m[SQUARE]) {
  KERNEL(v8) a[SQUARE], b[SQUARE];
  for (int i = 0; i < SQUARE; i += 2) {
    a[i] = __builtin_shufflevector(m[i], m[i + 1], 0, 8, 2, 10, 4, 12, 6, 14);
    a[i + 1] = __builtin_shufflevector(m[i], m[i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
  }
  for (int i = 0; i < SQUARE; i += 4)
    for (int j = i; j < i + 2; j++) {
      b[j] = __builtin_shufflevector(a[j], a[j + 2], 0, 1, 8, 9, 4, 5, 12, 13);
      b[j + 2] = __builtin_shufflevector(a[j], a[j + 2], 2, 3, 10, 11, 6, 7, 14, 15);
    }
  for (int i = 0; i < 4; i++) {
    m[i] = __builtin_shufflevector(b[i], b[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    m[i + 4] = __builtin_shufflevector(b[i], b[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
}

// Hardware does not foresee lines that lie a row of channels apart, so the lines of the squares
// AHEAD positions on are asked for here.
enum { AHEAD = 3 * SQUARE };
#define PREFETCH(p, write) \
  if (p) __builtin_prefetch((p) + (i + AHEAD) * stride, write)

/// z[g][i] = (u0, u1) at [i, g] for LINE channels.
static inline __attribute__((always_inline)) void KERNEL(gather_batch_lines)(
    float *z, long zstride, const float *u0, const float *u1, const float *g0, const float *g1,
    long stride) {
  KERNEL(v8) low[SQUARE], high[SQUARE];
  for (long i = 0; i < SQUARE; i++) {
    PREFETCH(u0, 0);
    PREFETCH(u1, 0);
    KERNEL(line) a = LOAD_LINE(u0 + i * stride), b = LOAD_LINE(u1 + i * stride);
    if (g0) {
      a *= LOAD_LINE(g0 + i * stride);
      b *= LOAD_LINE(g1 + i * stride);
    }
    low[i] = (KERNEL(v8))__builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21,
                                                 6, 22, 7, 23);
    high[i] = (KERNEL(v8))__builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13,
                                                  29, 14, 30, 15, 31);
  }
  KERNEL(transpose)(low);
  for (long g = 0; g < SQUARE; g++) STORE_LINE(z + 2 * g * zstride, low[g]);
  KERNEL(transpose)(high);
  for (long g = 0; g < SQUARE; g++) STORE_LINE(z + 2 * (SQUARE + g) * zstride, high[g]);
}

/// z[g][i] = (u at [i, 2g], u at [i, 2g + 1]) for LINE channels.
static inline __attribute__((always_inline)) void KERNEL(gather_channel_lines)(
    float *z, long zstride, const float *u, const float *gate, long stride) {
  KERNEL(v8) m[SQUARE];
  for (long i = 0; i < SQUARE; i++) {
    PREFETCH(u, 0);
    KERNEL(line) a = LOAD_LINE(u + i * stride);
    if (gate) a *= LOAD_LINE(gate + i * stride);
    m[i] = (KERNEL(v8))a;
  }
  KERNEL(transpose)(m);
  for (long g = 0; g < SQUARE; g++) STORE_LINE(z + 2 * g * zstride, m[g]);
}

/// lines[i] = x·gate at [i, ..<width] of `count` positions; the rest of `lines` is left alone.
static void KERNEL(copy_lines)(float *lines, const float *x, const float *gate, long stride,
                               long count, long width) {
  for (long i = 0; i < count; i++)
    for (long c = 0; c < width; c++)
      lines[i * LINE + c] = gate ? x[i * stride + c] * gate[i * stride + c] : x[i * stride + c];
}

/// Copies `rows` rows of `count` complex numbers.
static void KERNEL(copy_rows)(float *to, long to_stride, const float *from, long from_stride,
                              long rows, long count) {
  for (long g = 0; g < rows; g++)
    for (long i = 0; i < 2 * count; i++) to[2 * g * to_stride + i] = from[2 * g * from_stride + i];
}

static void KERNEL(gather_batch_pair)(float *restrict z, long zstride, const float *restrict u0,
                                      const float *restrict u1, const float *g0, const float *g1,
                                      long length, long stride, long channels) {
  for (long n = 0; n < length; n += SQUARE)
    for (long c = 0; c < channels; c += LINE) {
      const long at = n * stride + c, count = length - n, width = channels - c;
      float *to = z + 2 * (c * zstride + n);
      if (count >= SQUARE && width >= LINE) {
        KERNEL(gather_batch_lines)(to, zstride, u0 + at, u1 + at, g0 ? g0 + at : 0,
                                   g1 ? g1 + at : 0, stride);
        continue;
      }
      const long some = count < SQUARE ? count : SQUARE, wide = width < LINE ? width : LINE;
      float a[SQUARE * LINE] = {0}, b[SQUARE * LINE] = {0}, rows[2 * SQUARE * LINE];
      KERNEL(copy_lines)(a, u0 + at, g0 ? g0 + at : 0, stride, some, wide);
      KERNEL(copy_lines)(b, u1 + at, g1 ? g1 + at : 0, stride, some, wide);
      KERNEL(gather_batch_lines)(rows, SQUARE, a, b, 0, 0, LINE);
      KERNEL(copy_rows)(to, zstride, rows, SQUARE, wide, some);
    }
}

static void KERNEL(gather_channel_pair)(float *restrict z, long zstride, const float *restrict u,
                                        const float *gate, long length, long stride,
                                        long channels) {
  for (long n = 0; n < length; n += SQUARE)
    for (long c = 0; c < channels; c += LINE) {
      const long at = n * stride + c, count = length - n, width = channels - c;
      float *to = z + c * zstride + 2 * n;
      if (count >= SQUARE && width >= LINE) {
        KERNEL(gather_channel_lines)(to, zstride, u + at, gate ? gate + at : 0, stride);
        continue;
      }
      const long some = count < SQUARE ? count : SQUARE, wide = width < LINE ? width : LINE;
      float a[SQUARE * LINE] = {0}, rows[SQUARE * LINE];
      KERNEL(copy_lines)(a, u + at, gate ? gate + at : 0, stride, some, wide);
      KERNEL(gather_channel_lines)(rows, SQUARE, a, 0, LINE);
      KERNEL(copy_rows)(to, zstride, rows, SQUARE, (wide + 1) / 2, some);
    }
}

/// Writes a line t of channels where `finish` wants it.
static inline __attribute__((always_inline)) void KERNEL(finish_line)(const LaneFinish *finish,
                                                                      long at, KERNEL(line) t) {
  STORE_LINE(finish->y1 + at, finish->m1 ? t * LOAD_LINE(finish->m1 + at) : t);
  if (finish->y2) STORE_LINE(finish->y2 + at, t * LOAD_LINE(finish->m2 + at));
}

/// The same for `count` lines that are not full.
static void KERNEL(finish_part)(const LaneFinish *finish, long at, const float *lines,
                                long stride, long count, long width) {
  for (long i = 0; i < count; i++)
    for (long c = 0; c < width; c++) {
      const float t = lines[i * LINE + c];
      const long to = at + i * stride + c;
      finish->y1[to] = finish->m1 ? t * finish->m1[to] : t;
      if (finish->y2) finish->y2[to] = t * finish->m2[to];
    }
}

/// The real and the imaginary parts of LINE rows of SQUARE complex numbers to lines.
static inline __attribute__((always_inline)) void KERNEL(scatter_batch_lines)(
    const LaneFinish *first, const LaneFinish *second, const float *z, long zstride, long at,
    long stride) {
  KERNEL(v8) low[SQUARE], high[SQUARE];
  for (long g = 0; g < SQUARE; g++) low[g] = (KERNEL(v8))LOAD_LINE(z + 2 * g * zstride);
  KERNEL(transpose)(low);
  for (long g = 0; g < SQUARE; g++)
    high[g] = (KERNEL(v8))LOAD_LINE(z + 2 * (SQUARE + g) * zstride);
  KERNEL(transpose)(high);
  for (long i = 0; i < SQUARE; i++) {
    PREFETCH(first->y1 + at, 1);
    PREFETCH(second->y1 + at, 1);
    const KERNEL(line) a = (KERNEL(line))low[i], b = (KERNEL(line))high[i];
    KERNEL(finish_line)(first, at + i * stride,
                        __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22,
                                                24, 26, 28, 30));
    KERNEL(finish_line)(second, at + i * stride,
                        __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23,
                                                25, 27, 29, 31));
  }
}

static inline __attribute__((always_inline)) void KERNEL(scatter_channel_lines)(
    const LaneFinish *finish, const float *z, long zstride, long at, long stride) {
  KERNEL(v8) m[SQUARE];
  for (long g = 0; g < SQUARE; g++) m[g] = (KERNEL(v8))LOAD_LINE(z + 2 * g * zstride);
  KERNEL(transpose)(m);
  for (long i = 0; i < SQUARE; i++) {
    PREFETCH(finish->y1 + at, 1);
    KERNEL(finish_line)(finish, at + i * stride, (KERNEL(line))m[i]);
  }
}

static void KERNEL(scatter_batch_pair)(const LaneFinish *first, const LaneFinish *second,
                                       const float *z, long zstride, long length, long stride,
                                       long channels) {
  const LaneFinish f = *first, s = *second;
  for (long n = 0; n < length; n += SQUARE)
    for (long c = 0; c < channels; c += LINE) {
      const long at = n * stride + c, count = length - n, width = channels - c;
      const float *from = z + 2 * (c * zstride + n);
      if (count >= SQUARE && width >= LINE) {
        KERNEL(scatter_batch_lines)(&f, &s, from, zstride, at, stride);
        continue;
      }
      const long some = count < SQUARE ? count : SQUARE, wide = width < LINE ? width : LINE;
      float rows[2 * SQUARE * LINE] = {0}, a[SQUARE * LINE], b[SQUARE * LINE];
      const LaneFinish to_a = {.y1 = a}, to_b = {.y1 = b};
      KERNEL(copy_rows)(rows, SQUARE, from, zstride, wide, some);
      KERNEL(scatter_batch_lines)(&to_a, &to_b, rows, SQUARE, 0, LINE);
      KERNEL(finish_part)(&f, at, a, stride, some, wide);
      KERNEL(finish_part)(&s, at, b, stride, some, wide);
    }
}

static void KERNEL(scatter_channel_pair)(const LaneFinish *finish, const float *z, long zstride,
                                         long length, long stride, long channels) {
  const LaneFinish f = *finish;
  for (long n = 0; n < length; n += SQUARE)
    for (long c = 0; c < channels; c += LINE) {
      const long at = n * stride + c, count = length - n, width = channels - c;
      const float *from = z + c * zstride + 2 * n;
      if (count >= SQUARE && width >= LINE) {
        KERNEL(scatter_channel_lines)(&f, from, zstride, at, stride);
        continue;
      }
      const long some = count < SQUARE ? count : SQUARE, wide = width < LINE ? width : LINE;
      float rows[SQUARE * LINE] = {0}, a[SQUARE * LINE];
      const LaneFinish to_a = {.y1 = a};
      KERNEL(copy_rows)(rows, SQUARE, from, zstride, (wide + 1) / 2, some);
      KERNEL(scatter_channel_lines)(&to_a, rows, SQUARE, 0, LINE);
      KERNEL(finish_part)(&f, at, a, stride, some, wide);
    }
}

#undef LOAD_LINE
#undef STORE_LINE
#undef PREFETCH
