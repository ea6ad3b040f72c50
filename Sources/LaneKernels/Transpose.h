// From channels-last sequences to contiguous complex rows and back.
//
// Squares of 8 positions by 8 complex rows are transposed in registers, a complex number moving
// as one 64-bit unit; what is left over at the edges goes one value at a time.

enum { SQUARE = 8 };

typedef long long KERNEL(v8) __attribute__((vector_size(64), aligned(4)));
typedef float KERNEL(f8) __attribute__((vector_size(32), aligned(4)));
typedef float KERNEL(f16) __attribute__((vector_size(64), aligned(4)));

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

// Runs BODY for the values outside the squares: all positions of index >= wide, and the last
// positions of the others, a few positions at a time so that cache lines are read once.
#define FOR_THE_REST(index, count, wide, BODY)                              \
  for (long n0 = 0; n0 < length; n0 += SQUARE) {                            \
    const long n1 = n0 + SQUARE < length ? n0 + SQUARE : length;            \
    for (long index = n0 < whole ? (wide) : 0; index < (count); index++)    \
      for (long n = n0; n < n1; n++) BODY                                   \
  }

// Hardware does not foresee lines that lie a row of channels apart, so the lines of the squares
// AHEAD positions on are asked for here.
enum { AHEAD = 3 * SQUARE };
#define PREFETCH(p, write)                                                  \
  if (p) __builtin_prefetch((p) + (n + i + AHEAD) * stride + c, write)

#define LOAD8(p) (*(const KERNEL(f8) *)(p))
#define LOAD16(p) (*(const KERNEL(f16) *)(p))

static void KERNEL(gather_batch_pair)(float *restrict z, long zstride, const float *restrict u0,
                                      const float *restrict u1, const float *g0, const float *g1,
                                      long length, long stride, long channels) {
  const long wide = channels / SQUARE * SQUARE, whole = length / SQUARE * SQUARE;
  for (long n = 0; n < whole; n += SQUARE)
    for (long c = 0; c < wide; c += SQUARE) {
      KERNEL(v8) m[SQUARE];
      for (long i = 0; i < SQUARE; i++) {
        const long at = (n + i) * stride + c;
        PREFETCH(u0, 0);
        PREFETCH(u1, 0);
        KERNEL(f8) a = LOAD8(u0 + at), b = LOAD8(u1 + at);
        if (g0) {
          a *= LOAD8(g0 + at);
          b *= LOAD8(g1 + at);
        }
        m[i] = (KERNEL(v8))__builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13,
                                                   6, 14, 7, 15);
      }
      KERNEL(transpose)(m);
      for (long g = 0; g < SQUARE; g++) *(KERNEL(v8) *)(z + 2 * ((c + g) * zstride + n)) = m[g];
    }
  FOR_THE_REST(c, channels, wide, {
    const long at = n * stride + c;
    z[2 * (c * zstride + n)] = g0 ? u0[at] * g0[at] : u0[at];
    z[2 * (c * zstride + n) + 1] = g0 ? u1[at] * g1[at] : u1[at];
  })
}

static void KERNEL(gather_channel_pair)(float *restrict z, long zstride, const float *restrict u,
                                        const float *gate, long length, long stride,
                                        long channels) {
  const long rows = channels / 2;
  const long wide = rows / SQUARE * SQUARE, whole = length / SQUARE * SQUARE;
  for (long n = 0; n < whole; n += SQUARE)
    for (long g = 0; g < wide; g += SQUARE) {
      KERNEL(v8) m[SQUARE];
      for (long i = 0; i < SQUARE; i++) {
        const long c = 2 * g, at = (n + i) * stride + c;
        PREFETCH(u, 0);
        KERNEL(f16) a = LOAD16(u + at);
        if (gate) a *= LOAD16(gate + at);
        m[i] = (KERNEL(v8))a;
      }
      KERNEL(transpose)(m);
      for (long i = 0; i < SQUARE; i++) *(KERNEL(v8) *)(z + 2 * ((g + i) * zstride + n)) = m[i];
    }
  FOR_THE_REST(g, rows, wide, {
    const long at = n * stride + 2 * g;
    z[2 * (g * zstride + n)] = gate ? u[at] * gate[at] : u[at];
    z[2 * (g * zstride + n) + 1] = gate ? u[at + 1] * gate[at + 1] : u[at + 1];
  })
  if (channels & 1)
    for (long n = 0; n < length; n++) {
      const long at = n * stride + 2 * rows;
      z[2 * (rows * zstride + n)] = gate ? u[at] * gate[at] : u[at];
      z[2 * (rows * zstride + n) + 1] = 0;
    }
}

// FINISH writes t·m1 and t·m2 at `at`, t = value + skip[c]·x·xgate, for one width of load.
#define FINISH(TYPE, LOAD, f, value, c, at)                       \
  {                                                               \
    TYPE t = (value);                                             \
    if ((f)->skip) {                                              \
      TYPE x = LOAD((f)->x + (at));                               \
      if ((f)->xgate) x *= LOAD((f)->xgate + (at));               \
      t += LOAD((f)->skip + (c)) * x;                             \
    }                                                             \
    *(TYPE *)((f)->y1 + (at)) = (f)->m1 ? t * LOAD((f)->m1 + (at)) : t; \
    if ((f)->y2) *(TYPE *)((f)->y2 + (at)) = t * LOAD((f)->m2 + (at));  \
  }
#define LOAD1(p) (*(p))

static void KERNEL(scatter_batch_pair)(const LaneFinish *first, const LaneFinish *second,
                                       const float *z, long zstride, long length, long stride,
                                       long channels) {
  const LaneFinish f = *first, s = *second;
  const long wide = channels / SQUARE * SQUARE, whole = length / SQUARE * SQUARE;
  for (long n = 0; n < whole; n += SQUARE)
    for (long c = 0; c < wide; c += SQUARE) {
      KERNEL(v8) m[SQUARE];
      for (long g = 0; g < SQUARE; g++)
        m[g] = *(const KERNEL(v8) *)(z + 2 * ((c + g) * zstride + n));
      KERNEL(transpose)(m);
      for (long i = 0; i < SQUARE; i++) {
        const long at = (n + i) * stride + c;
        PREFETCH(f.y1, 1);
        PREFETCH(s.y1, 1);
        const KERNEL(f16) both = (KERNEL(f16))m[i];
        const KERNEL(f8) re = __builtin_shufflevector(both, both, 0, 2, 4, 6, 8, 10, 12, 14);
        const KERNEL(f8) im = __builtin_shufflevector(both, both, 1, 3, 5, 7, 9, 11, 13, 15);
        FINISH(KERNEL(f8), LOAD8, &f, re, c, at)
        FINISH(KERNEL(f8), LOAD8, &s, im, c, at)
      }
    }
  FOR_THE_REST(c, channels, wide, {
    const float *value = z + 2 * (c * zstride + n);
    FINISH(float, LOAD1, &f, value[0], c, n * stride + c)
    FINISH(float, LOAD1, &s, value[1], c, n * stride + c)
  })
}

static void KERNEL(scatter_channel_pair)(const LaneFinish *finish, const float *z, long zstride,
                                         long length, long stride, long channels) {
  const LaneFinish f = *finish;
  const long wide = channels / 2 / SQUARE * SQUARE, whole = length / SQUARE * SQUARE;
  for (long n = 0; n < whole; n += SQUARE)
    for (long g = 0; g < wide; g += SQUARE) {
      KERNEL(v8) m[SQUARE];
      for (long i = 0; i < SQUARE; i++)
        m[i] = *(const KERNEL(v8) *)(z + 2 * ((g + i) * zstride + n));
      KERNEL(transpose)(m);
      for (long i = 0; i < SQUARE; i++) {
        const long c = 2 * g;
        PREFETCH(f.y1, 1);
        FINISH(KERNEL(f16), LOAD16, &f, (KERNEL(f16))m[i], c, (n + i) * stride + c)
      }
    }
  FOR_THE_REST(c, channels, 2 * wide, {
    FINISH(float, LOAD1, &f, z[2 * (c / 2 * zstride + n) + (c & 1)], c, n * stride + c)
  })
}

#undef FINISH
#undef LOAD1
#undef LOAD8
#undef LOAD16
#undef FOR_THE_REST
#undef PREFETCH

static void KERNEL(skip_gradient)(float *restrict out, const float *dy, const float *ygate,
                                  const float *x, const float *xgate, long length, long stride,
                                  long channels) {
  enum { WIDTH = 16 };
  for (long c = 0; c < channels; c += WIDTH) {
    const long width = channels - c < WIDTH ? channels - c : WIDTH;
    // Partial sums bound the rounding error of long sequences.
    for (long n0 = 0; n0 < length; n0 += SUM_BLOCK) {
      const long n1 = length - n0 < SUM_BLOCK ? length : n0 + SUM_BLOCK;
      float partial[WIDTH] = {0};
      for (long n = n0; n < n1; n++) {
        const long at = n * stride + c;
        for (long i = 0; i < width; i++) {
          const float g = ygate ? dy[at + i] * ygate[at + i] : dy[at + i];
          partial[i] += g * (xgate ? x[at + i] * xgate[at + i] : x[at + i]);
        }
      }
      for (long i = 0; i < width; i++) out[c + i] += partial[i];
    }
  }
}
