// Single steps of the complex transform round the contiguous FFTs of the blocks.
//
// A transform of N = R·M points is split into R transforms of M points without reordering:
// block r holds the bins R·k + r (decimation in frequency). The first step doubles as zero
// padding: values beyond `length` are zero and cost nothing.
//
// Loops are written in vectors of eight interleaved complex numbers, a cache line: compilers
// turn loops over real and imaginary parts into two-register permutations, several times slower.
// What is left over goes through the same code one number at a time.

enum { LANES = 8 };

typedef float KERNEL(c8) __attribute__((vector_size(64), aligned(4)));
typedef float KERNEL(c1) __attribute__((vector_size(8), aligned(4)));

#define INLINE static inline __attribute__((always_inline))
#define EVEN8(x) __builtin_shufflevector(x, x, 0, 0, 2, 2, 4, 4, 6, 6, 8, 8, 10, 10, 12, 12, 14, 14)
#define ODD8(x) __builtin_shufflevector(x, x, 1, 1, 3, 3, 5, 5, 7, 7, 9, 9, 11, 11, 13, 13, 15, 15)
#define SWAP8(x) __builtin_shufflevector(x, x, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14)
#define BACK8(x) __builtin_shufflevector(x, x, 14, 15, 12, 13, 10, 11, 8, 9, 6, 7, 4, 5, 2, 3, 0, 1)
#define MIX8(x, y) \
  __builtin_shufflevector(x, y, 0, 17, 2, 19, 4, 21, 6, 23, 8, 25, 10, 27, 12, 29, 14, 31)
#define SIGNS8 ((KERNEL(c8)){1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1})
#define REAL8 ((KERNEL(c8)){1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0})
#define EVEN1(x) __builtin_shufflevector(x, x, 0, 0)
#define ODD1(x) __builtin_shufflevector(x, x, 1, 1)
#define SWAP1(x) __builtin_shufflevector(x, x, 1, 0)
#define BACK1(x) (x)
#define SIGNS1 ((KERNEL(c1)){1, -1})
#define REAL1 ((KERNEL(c1)){1, 0})
#define MIX1(x, y) __builtin_shufflevector(x, y, 0, 3)

// The arithmetic of W complex numbers side by side.
#define COMPLEX_ARITHMETIC(W)                                             \
  INLINE KERNEL(c##W) KERNEL(load##W)(const float *p, long n) {           \
    return *(const KERNEL(c##W) *)(p + 2 * n);                            \
  }                                                                       \
  INLINE void KERNEL(store##W)(float *p, long n, KERNEL(c##W) x) {        \
    *(KERNEL(c##W) *)(p + 2 * n) = x;                                     \
  }                                                                       \
  /* x·w */                                                               \
  INLINE KERNEL(c##W) KERNEL(times##W)(KERNEL(c##W) x, KERNEL(c##W) w) {  \
    const KERNEL(c##W) re = EVEN##W(w), t = ODD##W(w) * SWAP##W(x);       \
    return MIX##W(re * x - t, re * x + t);                                \
  }                                                                       \
  /* x·conj(w) */                                                         \
  INLINE KERNEL(c##W) KERNEL(over##W)(KERNEL(c##W) x, KERNEL(c##W) w) {   \
    const KERNEL(c##W) re = EVEN##W(w), t = ODD##W(w) * SWAP##W(x);       \
    return MIX##W(re * x + t, re * x - t);                                \
  }                                                                       \
  /* x - i·y */                                                           \
  INLINE KERNEL(c##W) KERNEL(less_i##W)(KERNEL(c##W) x, KERNEL(c##W) y) { \
    return x + SWAP##W(y) * SIGNS##W;                                     \
  }                                                                       \
  /* x + i·y */                                                           \
  INLINE KERNEL(c##W) KERNEL(plus_i##W)(KERNEL(c##W) x, KERNEL(c##W) y) { \
    return x - SWAP##W(y) * SIGNS##W;                                     \
  }                                                                       \
  /* The conjugates of the W numbers that end at n, last first. */        \
  INLINE KERNEL(c##W) KERNEL(load_back##W)(const float *p, long n) {      \
    return BACK##W(KERNEL(load##W)(p, n + 1 - W)) * SIGNS##W;             \
  }                                                                       \
  INLINE void KERNEL(store_back##W)(float *p, long n, KERNEL(c##W) x) {   \
    KERNEL(store##W)(p, n + 1 - W, BACK##W(x) * SIGNS##W);                \
  }
COMPLEX_ARITHMETIC(8)
COMPLEX_ARITHMETIC(1)
#undef COMPLEX_ARITHMETIC

// Runs BODY(8) and for what is left over BODY(1), for n from `begin` to `end`.
#define IN_LANES(begin, end, BODY)          \
  {                                         \
    long n = (begin);                       \
    const long last = (end);                \
    for (; n + LANES <= last; n += LANES) { \
      BODY(8)                               \
    }                                       \
    for (; n < last; n++) {                 \
      BODY(1)                               \
    }                                       \
  }

static void KERNEL(split2)(float *restrict even, float *restrict odd, const float *restrict z,
                           const float *restrict w, long half, long length) {
  const long both = length > half ? length - half : 0;
  const long some = length < half ? length : half;
#define BODY(W)                                                                   \
  const KERNEL(c##W) a = KERNEL(load##W)(z, n), b = KERNEL(load##W)(z, n + half); \
  KERNEL(store##W)(even, n, a + b);                                               \
  KERNEL(store##W)(odd, n, KERNEL(times##W)(a - b, KERNEL(load##W)(w, n)));
  IN_LANES(0, both, BODY)
#undef BODY
#define BODY(W)                                 \
  const KERNEL(c##W) a = KERNEL(load##W)(z, n); \
  KERNEL(store##W)(even, n, a);                 \
  KERNEL(store##W)(odd, n, KERNEL(times##W)(a, KERNEL(load##W)(w, n)));
  IN_LANES(both, some, BODY)
#undef BODY
  for (long i = 2 * some; i < 2 * half; i++) even[i] = odd[i] = 0;
}

static void KERNEL(join2)(float *restrict z, const float *restrict even,
                          const float *restrict odd, const float *restrict w, long half,
                          long length) {
  const long both = length > half ? length - half : 0;
  const long some = length < half ? length : half;
#define BODY(W)                                                                           \
  const KERNEL(c##W) e = KERNEL(load##W)(even, n);                                        \
  const KERNEL(c##W) t = KERNEL(over##W)(KERNEL(load##W)(odd, n), KERNEL(load##W)(w, n)); \
  KERNEL(store##W)(z, n, e + t);                                                          \
  if (n < both) KERNEL(store##W)(z, n + half, e - t);
  IN_LANES(0, both, BODY)
  IN_LANES(both, some, BODY)
#undef BODY
}

static void KERNEL(split4)(float *restrict z, const float *restrict w, long quarter) {
  for (long n = 0; n < quarter; n += LANES, w += 6 * LANES) {
    const KERNEL(c8) a = KERNEL(load8)(z, n), b = KERNEL(load8)(z, n + quarter);
    const KERNEL(c8) c = KERNEL(load8)(z, n + 2 * quarter), d = KERNEL(load8)(z, n + 3 * quarter);
    const KERNEL(c8) s = a + c, t = a - c, u = b + d, v = b - d;
    const KERNEL(c8) p = KERNEL(less_i8)(t, v), q = s - u, r = KERNEL(plus_i8)(t, v);
    KERNEL(store8)(z, n, s + u);
    KERNEL(store8)(z, n + quarter, KERNEL(times8)(p, KERNEL(load8)(w, 0)));
    KERNEL(store8)(z, n + 2 * quarter, KERNEL(times8)(q, KERNEL(load8)(w, LANES)));
    KERNEL(store8)(z, n + 3 * quarter, KERNEL(times8)(r, KERNEL(load8)(w, 2 * LANES)));
  }
}

static void KERNEL(join4)(float *restrict z, const float *restrict w, long quarter) {
  for (long n = 0; n < quarter; n += LANES, w += 6 * LANES) {
    const KERNEL(c8) a = KERNEL(load8)(z, n);
    const KERNEL(c8) b = KERNEL(over8)(KERNEL(load8)(z, n + quarter), KERNEL(load8)(w, 0));
    const KERNEL(c8) c = KERNEL(over8)(KERNEL(load8)(z, n + 2 * quarter), KERNEL(load8)(w, LANES));
    const KERNEL(c8) d =
        KERNEL(over8)(KERNEL(load8)(z, n + 3 * quarter), KERNEL(load8)(w, 2 * LANES));
    const KERNEL(c8) s = a + c, t = a - c, u = b + d, v = b - d;
    KERNEL(store8)(z, n, s + u);
    KERNEL(store8)(z, n + quarter, KERNEL(plus_i8)(t, v));
    KERNEL(store8)(z, n + 2 * quarter, s - u);
    KERNEL(store8)(z, n + 3 * quarter, KERNEL(less_i8)(t, v));
  }
}

static void KERNEL(spectral_multiply)(float *restrict z, const float *restrict h, float skip,
                                      bool conjugate, long count) {
#define BODY(W)                                                  \
  const KERNEL(c##W) x = KERNEL(load##W)(z, n);                  \
  const KERNEL(c##W) f = KERNEL(load##W)(h, n) + skip * REAL##W; \
  KERNEL(store##W)(z, n, conjugate ? KERNEL(over##W)(x, f) : KERNEL(times##W)(x, f));
  IN_LANES(0, count, BODY)
#undef BODY
}

static void KERNEL(spectral_correlate)(float *restrict a, const float *restrict u,
                                       const float *restrict g, long count) {
#define BODY(W)                                                                         \
  const KERNEL(c##W) p = KERNEL(over##W)(KERNEL(load##W)(g, n), KERNEL(load##W)(u, n)); \
  KERNEL(store##W)(a, n, KERNEL(load##W)(a, n) + p);
  IN_LANES(0, count, BODY)
#undef BODY
}
