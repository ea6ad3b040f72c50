// Single steps of the complex transform round the contiguous FFTs of the blocks.
//
// A transform of N = R·M points is split into R transforms of M points without reordering:
// block r holds the bins R·k + r (decimation in frequency). The first step doubles as zero
// padding: values beyond `length` are zero and cost nothing.

static void KERNEL(split2)(float *restrict even, float *restrict odd, const float *restrict z,
                           const float *restrict w, long half, long length) {
  const long both = length > half ? length - half : 0;
  const long some = length < half ? length : half;
  for (long n = 0; n < both; n++) {
    const float ar = z[2 * n], ai = z[2 * n + 1];
    const float br = z[2 * (n + half)], bi = z[2 * (n + half) + 1];
    const float dr = ar - br, di = ai - bi, wr = w[2 * n], wi = w[2 * n + 1];
    even[2 * n] = ar + br;
    even[2 * n + 1] = ai + bi;
    odd[2 * n] = dr * wr - di * wi;
    odd[2 * n + 1] = dr * wi + di * wr;
  }
  for (long n = both; n < some; n++) {
    const float ar = z[2 * n], ai = z[2 * n + 1], wr = w[2 * n], wi = w[2 * n + 1];
    even[2 * n] = ar;
    even[2 * n + 1] = ai;
    odd[2 * n] = ar * wr - ai * wi;
    odd[2 * n + 1] = ar * wi + ai * wr;
  }
  for (long i = 2 * some; i < 2 * half; i++) even[i] = odd[i] = 0;
}

static void KERNEL(join2)(float *restrict z, const float *restrict even,
                          const float *restrict odd, const float *restrict w, long half,
                          long length) {
  const long both = length > half ? length - half : 0;
  const long some = length < half ? length : half;
  for (long n = 0; n < both; n++) {
    const float wr = w[2 * n], wi = w[2 * n + 1], er = even[2 * n], ei = even[2 * n + 1];
    const float tr = odd[2 * n] * wr + odd[2 * n + 1] * wi;
    const float ti = odd[2 * n + 1] * wr - odd[2 * n] * wi;
    z[2 * n] = er + tr;
    z[2 * n + 1] = ei + ti;
    z[2 * (n + half)] = er - tr;
    z[2 * (n + half) + 1] = ei - ti;
  }
  for (long n = both; n < some; n++) {
    const float wr = w[2 * n], wi = w[2 * n + 1];
    z[2 * n] = even[2 * n] + (odd[2 * n] * wr + odd[2 * n + 1] * wi);
    z[2 * n + 1] = even[2 * n + 1] + (odd[2 * n + 1] * wr - odd[2 * n] * wi);
  }
}

static void KERNEL(split4)(float *restrict z, const float *restrict w, long quarter) {
  float *restrict z0 = z, *restrict z1 = z + 2 * quarter, *restrict z2 = z + 4 * quarter,
        *restrict z3 = z + 6 * quarter;
  const float *restrict w1 = w, *restrict w2 = w + 2 * quarter, *restrict w3 = w + 4 * quarter;
  for (long n = 0; n < quarter; n++) {
    const float ar = z0[2 * n], ai = z0[2 * n + 1], br = z1[2 * n], bi = z1[2 * n + 1];
    const float cr = z2[2 * n], ci = z2[2 * n + 1], dr = z3[2 * n], di = z3[2 * n + 1];
    const float sr = ar + cr, si = ai + ci, tr = ar - cr, ti = ai - ci;
    const float ur = br + dr, ui = bi + di, vr = br - dr, vi = bi - di;
    const float pr = tr + vi, pi = ti - vr, qr = sr - ur, qi = si - ui, rr = tr - vi, ri = ti + vr;
    z0[2 * n] = sr + ur;
    z0[2 * n + 1] = si + ui;
    z1[2 * n] = pr * w1[2 * n] - pi * w1[2 * n + 1];
    z1[2 * n + 1] = pr * w1[2 * n + 1] + pi * w1[2 * n];
    z2[2 * n] = qr * w2[2 * n] - qi * w2[2 * n + 1];
    z2[2 * n + 1] = qr * w2[2 * n + 1] + qi * w2[2 * n];
    z3[2 * n] = rr * w3[2 * n] - ri * w3[2 * n + 1];
    z3[2 * n + 1] = rr * w3[2 * n + 1] + ri * w3[2 * n];
  }
}

static void KERNEL(join4)(float *restrict z, const float *restrict w, long quarter) {
  float *restrict z0 = z, *restrict z1 = z + 2 * quarter, *restrict z2 = z + 4 * quarter,
        *restrict z3 = z + 6 * quarter;
  const float *restrict w1 = w, *restrict w2 = w + 2 * quarter, *restrict w3 = w + 4 * quarter;
  for (long n = 0; n < quarter; n++) {
    const float ar = z0[2 * n], ai = z0[2 * n + 1];
    const float br = z1[2 * n] * w1[2 * n] + z1[2 * n + 1] * w1[2 * n + 1];
    const float bi = z1[2 * n + 1] * w1[2 * n] - z1[2 * n] * w1[2 * n + 1];
    const float cr = z2[2 * n] * w2[2 * n] + z2[2 * n + 1] * w2[2 * n + 1];
    const float ci = z2[2 * n + 1] * w2[2 * n] - z2[2 * n] * w2[2 * n + 1];
    const float dr = z3[2 * n] * w3[2 * n] + z3[2 * n + 1] * w3[2 * n + 1];
    const float di = z3[2 * n + 1] * w3[2 * n] - z3[2 * n] * w3[2 * n + 1];
    const float sr = ar + cr, si = ai + ci, tr = ar - cr, ti = ai - ci;
    const float ur = br + dr, ui = bi + di, vr = br - dr, vi = bi - di;
    z0[2 * n] = sr + ur;
    z0[2 * n + 1] = si + ui;
    z1[2 * n] = tr - vi;
    z1[2 * n + 1] = ti + vr;
    z2[2 * n] = sr - ur;
    z2[2 * n + 1] = si - ui;
    z3[2 * n] = tr + vi;
    z3[2 * n + 1] = ti - vr;
  }
}

static void KERNEL(spectral_multiply)(float *restrict z, const float *restrict h, bool conjugate,
                                      long n) {
  const float sign = conjugate ? -1.0f : 1.0f;
  for (long k = 0; k < n; k++) {
    const float zr = z[2 * k], zi = z[2 * k + 1], hr = h[2 * k], hi = sign * h[2 * k + 1];
    z[2 * k] = zr * hr - zi * hi;
    z[2 * k + 1] = zr * hi + zi * hr;
  }
}

static void KERNEL(spectral_correlate)(float *restrict a, const float *restrict u,
                                       const float *restrict g, long n) {
  for (long k = 0; k < n; k++) {
    const float ur = u[2 * k], ui = u[2 * k + 1], gr = g[2 * k], gi = g[2 * k + 1];
    a[2 * k] += ur * gr + ui * gi;
    a[2 * k + 1] += ur * gi - ui * gr;
  }
}
