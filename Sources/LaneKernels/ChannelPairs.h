// Two channels with filters of their own in one complex transform.
//
// For z = u0 + i·u1 of real u0, u1 the spectra are U0[k] = (Z[k] + conj Z[-k])/2 and
// U1[k] = (Z[k] - conj Z[-k])/2i, so every kernel here walks a block and, backwards, the block
// of the negative bins (`p` for partner): value j of the one meets value (n - shift - j) mod n of
// the other. `shift` is 0 for residue 0 and else 1. A block that is its own partner (`own`) is
// walked only half way; there `z` and `zp` are the same array. A bin that is its own negative
// meets itself; storing the partner first lets its own value win.

// Runs BODY(W, k, back) once for each pair, W pairs at a time: bins k, k + 1, ... of the block
// and back, back - 1, ... of its partner.
#define FOR_EACH_PAIR(BODY)                                    \
  {                                                            \
    const long meet = shift == 0 ? count : count - 1;          \
    const long wide = own ? meet / 2 : count;                  \
    const long end = own ? meet / 2 + 1 : count;               \
    long k = 0;                                                \
    if (shift == 0) {                                          \
      BODY(1, 0, 0)                                            \
      k = 1;                                                   \
    }                                                          \
    for (; k + LANES <= wide; k += LANES) BODY(8, k, meet - k) \
    for (; k < end; k++) BODY(1, k, meet - k)                  \
  }

static void KERNEL(pair_multiply)(float *z, float *zp, const float *h0, const float *h1,
                                  float skip0, float skip1, bool conjugate, long count, int shift,
                                  bool own) {
// W[k] = S·Z[k] + D·conj Z[-k] and conj W[-k] = S·conj Z[-k] + D·Z[k] for the half sum S and the
// half difference D of the two filters' spectra at k.
#define BODY(W, K, BACK)                                                    \
  {                                                                         \
    const KERNEL(c##W) a = KERNEL(load##W)(h0, K) + skip0 * REAL##W;        \
    const KERNEL(c##W) b = KERNEL(load##W)(h1, K) + skip1 * REAL##W;        \
    const KERNEL(c##W) x = 0.5f * KERNEL(load##W)(z, K);                    \
    const KERNEL(c##W) y = 0.5f * KERNEL(load_back##W)(zp, BACK);           \
    const KERNEL(c##W) both = x + y, apart = x - y;                         \
    const KERNEL(c##W) p =                                                  \
        conjugate ? KERNEL(over##W)(both, a) : KERNEL(times##W)(both, a);   \
    const KERNEL(c##W) q =                                                  \
        conjugate ? KERNEL(over##W)(apart, b) : KERNEL(times##W)(apart, b); \
    KERNEL(store_back##W)(zp, BACK, p - q);                                 \
    KERNEL(store##W)(z, K, p + q);                                          \
  }
  FOR_EACH_PAIR(BODY)
#undef BODY
}

static void KERNEL(pair_correlate)(float *a0, float *a0p, float *a1, float *a1p, const float *u,
                                   const float *up, const float *g, const float *gp, long count,
                                   int shift, bool own) {
// a0 += conj(U0)·G0 and a1 += conj(U1)·G1; at the negative bins their conjugates. With the
// factors 2 of U and G left in, the products are four times too large; the factors i of U1 and G1
// cancel.
#define BODY(W, K, BACK)                                                                 \
  {                                                                                      \
    const KERNEL(c##W) x = KERNEL(load##W)(u, K), y = KERNEL(load_back##W)(up, BACK);    \
    const KERNEL(c##W) v = KERNEL(load##W)(g, K), w = KERNEL(load_back##W)(gp, BACK);    \
    const KERNEL(c##W) p = 0.25f * KERNEL(over##W)(v + w, x + y);                        \
    const KERNEL(c##W) q = 0.25f * KERNEL(over##W)(v - w, x - y);                        \
    const KERNEL(c##W) s0 = KERNEL(load##W)(a0, K) + p, s1 = KERNEL(load##W)(a1, K) + q; \
    KERNEL(store_back##W)(a0p, BACK, KERNEL(load_back##W)(a0p, BACK) + p);               \
    KERNEL(store_back##W)(a1p, BACK, KERNEL(load_back##W)(a1p, BACK) + q);               \
    KERNEL(store##W)(a0, K, s0);                                                         \
    KERNEL(store##W)(a1, K, s1);                                                         \
  }
  FOR_EACH_PAIR(BODY)
#undef BODY
}

static void KERNEL(pair_separate)(float *h0, float *h0p, float *h1, float *h1p, const float *f,
                                  const float *fp, float scale, long count, int shift, bool own) {
  const float half = 0.5f * scale;
// The spectra of two real filters from that of h0 + i·h1, times `scale`.
#define BODY(W, K, BACK)                                                                \
  {                                                                                     \
    const KERNEL(c##W) x = half * KERNEL(load##W)(f, K);                                \
    const KERNEL(c##W) y = half * KERNEL(load_back##W)(fp, BACK);                       \
    const KERNEL(c##W) sum = x + y, rest = KERNEL(less_i##W)((KERNEL(c##W)){0}, x - y); \
    KERNEL(store_back##W)(h0p, BACK, sum);                                              \
    KERNEL(store_back##W)(h1p, BACK, rest);                                             \
    KERNEL(store##W)(h0, K, sum);                                                       \
    KERNEL(store##W)(h1, K, rest);                                                      \
  }
  FOR_EACH_PAIR(BODY)
#undef BODY
}

static void KERNEL(pair_combine)(float *f, float *fp, const float *h0, const float *h0p,
                                 const float *h1, const float *h1p, float scale, long count,
                                 int shift, bool own) {
  const float half = 0.5f * scale;
// The spectrum of Re h0 + i·Re h1 from those of complex h0 and h1, times `scale`.
#define BODY(W, K, BACK)                                                                      \
  {                                                                                           \
    const KERNEL(c##W) a = half * (KERNEL(load##W)(h0, K) + KERNEL(load_back##W)(h0p, BACK)); \
    const KERNEL(c##W) b = half * (KERNEL(load##W)(h1, K) + KERNEL(load_back##W)(h1p, BACK)); \
    KERNEL(store_back##W)(fp, BACK, KERNEL(less_i##W)(a, b));                                 \
    KERNEL(store##W)(f, K, KERNEL(plus_i##W)(a, b));                                          \
  }
  FOR_EACH_PAIR(BODY)
#undef BODY
}

#undef FOR_EACH_PAIR
#pragma clang diagnostic pop
