// Two channels with filters of their own in one complex transform.
//
// For z = u0 + i·u1 of real u0, u1 the spectra are U0[k] = (Z[k] + conj Z[-k])/2 and
// U1[k] = (Z[k] - conj Z[-k])/2i, so every kernel here walks a block and, backwards, the block
// of the negative bins (`p` for partner): value j of the one meets value (n - shift - j) mod n of
// the other. `shift` is 0 for residue 0 and else 1. A block that is its own partner (`own`) is
// walked only half way; there `z` and `zp` are the same array.

// Runs BODY(j, p, self) once for each pair; `self` marks a bin that is its own negative.
#define FOR_EACH_PAIR(BODY)                                             \
  if (shift == 0) {                                                     \
    BODY(0, 0, own)                                                     \
    const long end = own ? (n + 1) / 2 : n;                             \
    _Pragma("clang loop vectorize(assume_safety)")                      \
    for (long k = 1; k < end; k++) { BODY(k, n - k, false) }            \
    if (own && n % 2 == 0) { BODY(n / 2, n / 2, true) }                 \
  } else {                                                              \
    const long end = own ? n / 2 : n;                                   \
    _Pragma("clang loop vectorize(assume_safety)")                      \
    for (long k = 0; k < end; k++) { BODY(k, n - 1 - k, false) }        \
    if (own && n % 2 == 1) { BODY(n / 2, n / 2, true) }                 \
  }

static void KERNEL(pair_multiply)(float *z, float *zp, const float *h0, const float *h1,
                                  bool conjugate, long n, int shift, bool own) {
  const float sign = conjugate ? -1.0f : 1.0f;
// W[k] = S·Z[k] + D·conj Z[-k] and W[-k] = conj(S)·Z[-k] + conj(D)·conj Z[k] for the half sum S
// and the half difference D of the two filters' spectra at k.
#define BODY(J, P, SELF)                                                                  \
  const long j = (J), p = (P);                                                            \
  const float ar = h0[2 * j], ai = sign * h0[2 * j + 1];                                  \
  const float br = h1[2 * j], bi = sign * h1[2 * j + 1];                                  \
  const float sr = 0.5f * (ar + br), si = 0.5f * (ai + bi);                               \
  const float dr = 0.5f * (ar - br), di = 0.5f * (ai - bi);                               \
  const float xr = z[2 * j], xi = z[2 * j + 1], yr = zp[2 * p], yi = zp[2 * p + 1];       \
  z[2 * j] = sr * xr - si * xi + dr * yr + di * yi;                                       \
  z[2 * j + 1] = sr * xi + si * xr + di * yr - dr * yi;                                   \
  zp[2 * p] = sr * yr + si * yi + dr * xr - di * xi;                                      \
  zp[2 * p + 1] = sr * yi - si * yr - dr * xi - di * xr;
#define SCOPED(J, P, SELF) { BODY(J, P, SELF) }
  FOR_EACH_PAIR(SCOPED)
#undef BODY
}

static void KERNEL(pair_correlate)(float *a0, float *a0p, float *a1, float *a1p, const float *u,
                                   const float *up, const float *g, const float *gp, long n,
                                   int shift, bool own) {
// a0 += conj(U0)·G0 and a1 += conj(U1)·G1; at the negative bins their conjugates. With the
// factors 2 of U and G left in, the products are four times too large.
#define BODY(J, P, SELF)                                                                  \
  const long j = (J), p = (P);                                                            \
  const float xr = u[2 * j], xi = u[2 * j + 1], yr = up[2 * p], yi = up[2 * p + 1];       \
  const float vr = g[2 * j], vi = g[2 * j + 1], wr = gp[2 * p], wi = gp[2 * p + 1];       \
  const float u0r = xr + yr, u0i = xi - yi, u1r = xi + yi, u1i = yr - xr;                 \
  const float g0r = vr + wr, g0i = vi - wi, g1r = vi + wi, g1i = wr - vr;                 \
  const float p0r = 0.25f * (u0r * g0r + u0i * g0i), p0i = 0.25f * (u0r * g0i - u0i * g0r); \
  const float p1r = 0.25f * (u1r * g1r + u1i * g1i), p1i = 0.25f * (u1r * g1i - u1i * g1r); \
  a0[2 * j] += p0r;                                                                       \
  a0[2 * j + 1] += p0i;                                                                   \
  a1[2 * j] += p1r;                                                                       \
  a1[2 * j + 1] += p1i;                                                                   \
  if (!(SELF)) {                                                                          \
    a0p[2 * p] += p0r;                                                                    \
    a0p[2 * p + 1] -= p0i;                                                                \
    a1p[2 * p] += p1r;                                                                    \
    a1p[2 * p + 1] -= p1i;                                                                \
  }
  FOR_EACH_PAIR(SCOPED)
#undef BODY
}

static void KERNEL(pair_separate)(float *h0, float *h0p, float *h1, float *h1p, const float *f,
                                  const float *fp, float scale, long n, int shift, bool own) {
  const float half = 0.5f * scale;
// The spectra of two real filters from that of h0 + i·h1, times `scale`.
#define BODY(J, P, SELF)                                                                  \
  const long j = (J), p = (P);                                                            \
  const float xr = f[2 * j], xi = f[2 * j + 1], yr = fp[2 * p], yi = fp[2 * p + 1];       \
  const float ar = half * (xr + yr), ai = half * (xi - yi);                               \
  const float br = half * (xi + yi), bi = half * (yr - xr);                               \
  h0[2 * j] = ar;                                                                         \
  h0[2 * j + 1] = ai;                                                                     \
  h0p[2 * p] = ar;                                                                        \
  h0p[2 * p + 1] = (SELF) ? ai : -ai;                                                     \
  h1[2 * j] = br;                                                                         \
  h1[2 * j + 1] = bi;                                                                     \
  h1p[2 * p] = br;                                                                        \
  h1p[2 * p + 1] = (SELF) ? bi : -bi;
  FOR_EACH_PAIR(SCOPED)
#undef BODY
}

static void KERNEL(pair_combine)(float *f, float *fp, const float *h0, const float *h0p,
                                 const float *h1, const float *h1p, float scale, long n,
                                 int shift, bool own) {
  const float half = 0.5f * scale;
// The spectrum of Re h0 + i·Re h1 from those of complex h0 and h1, times `scale`.
#define BODY(J, P, SELF)                                                                  \
  const long j = (J), p = (P);                                                            \
  const float ar = half * (h0[2 * j] + h0p[2 * p]), ai = half * (h0[2 * j + 1] - h0p[2 * p + 1]); \
  const float br = half * (h1[2 * j] + h1p[2 * p]), bi = half * (h1[2 * j + 1] - h1p[2 * p + 1]); \
  f[2 * j] = ar - bi;                                                                     \
  f[2 * j + 1] = ai + br;                                                                 \
  fp[2 * p] = (SELF) ? ar - bi : ar + bi;                                                 \
  fp[2 * p + 1] = (SELF) ? ai + br : br - ai;
  FOR_EACH_PAIR(SCOPED)
#undef BODY
}

#undef SCOPED
#undef FOR_EACH_PAIR
