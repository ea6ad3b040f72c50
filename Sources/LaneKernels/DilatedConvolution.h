// Dilated depthwise convolution of one group of 16 channels, in rows of 16 floats without gaps.
//
// The levels of a multiresolution tree read rows that a cache keeps, so loads and stores count: a
// row that is loaded serves the low-pass and the high-pass sum, and up to DILATED_TAPS taps stay in
// registers. Where fewer taps reach into the sequence, a span of rows has fewer of them: there are
// no edges inside the loops.

enum { DILATED_GROUP = 16, DILATED_TAPS = 4, DILATED_BLOCK = 64 };

#define DILATED_INLINE static inline __attribute__((always_inline))

typedef float KERNEL(dilated_lanes) __attribute__((vector_size(4 * KERNEL_LANES), aligned(4)));
#define ROW(p) (*(const KERNEL(dilated_lanes) *)(p))
#define ROW_STORE(p, x) (*(KERNEL(dilated_lanes) *)(p) = (x))

/// For n in first..<last: y[n] (+)= Σ_k h[k]·x[n + k·step], z[n] += Σ_k g[k]·x[n + k·step] if there
/// is z, and y[n] += Σ_k g[k]·w[n + k·step] if there is w.
DILATED_INLINE void KERNEL(dilated_span)(float *restrict y, float *restrict z,
                                         const float *restrict x, const float *restrict w,
                                         const float *h, const float *g, const long taps,
                                         const bool adds, const bool has_z, const bool has_w,
                                         long step, long first, long last) {
  KERNEL(dilated_lanes) hs[DILATED_TAPS], gs[DILATED_TAPS];
  for (long k = 0; k < taps; k++) hs[k] = ROW(h + k * DILATED_GROUP);
  if (has_z || has_w)
    for (long k = 0; k < taps; k++) gs[k] = ROW(g + k * DILATED_GROUP);
  for (long n = first * DILATED_GROUP; n < last * DILATED_GROUP; n += DILATED_GROUP) {
    KERNEL(dilated_lanes) a = {0}, b = {0};
    if (adds) a = ROW(y + n);
    if (has_z) b = ROW(z + n);
    for (long k = 0; k < taps; k++) {
      const KERNEL(dilated_lanes) row = ROW(x + n + k * step * DILATED_GROUP);
      a += hs[k] * row;
      if (has_z) b += gs[k] * row;
      if (has_w) b += gs[k] * ROW(w + n + k * step * DILATED_GROUP);
    }
    if (has_w) a += b;
    ROW_STORE(y + n, a);
    if (has_z) ROW_STORE(z + n, b);
  }
}

/// All rows: those that the taps first_tap..<first_tap + taps of a chunk reach, fewer taps at the end
/// where `step` points to.
DILATED_INLINE void KERNEL(dilated_rows)(float *y, float *z, const float *x, const float *w,
                                         const float *h, const float *g, long taps, long step,
                                         long length, const bool adds, const bool has_z,
                                         const bool has_w) {
  const long reach = step < 0 ? -step : step;
  for (long chunk = 0; chunk < taps && chunk * reach < length; chunk += DILATED_TAPS) {
    const long whole = taps - chunk < DILATED_TAPS ? taps - chunk : DILATED_TAPS;
    const long shift = chunk * step * DILATED_GROUP;
    const float *hc = h + chunk * DILATED_GROUP, *gc = has_z || has_w ? g + chunk * DILATED_GROUP : 0;
    const float *xc = x + shift, *wc = has_w ? w + shift : 0;
    for (long count = 1; count <= whole; count++) {
      // Rows that `count` taps of the chunk reach and one more does not, from the edge inwards.
      const long begin = (chunk + count - 1) * reach;
      if (begin >= length) break;
      const long end = count == whole || begin + reach > length ? length : begin + reach;
      const long first = step < 0 ? begin : length - end, last = step < 0 ? end : length - begin;
#define SPAN(TAPS)                                                                             \
  if (adds || chunk > 0)                                                                       \
    KERNEL(dilated_span)(y, z, xc, wc, hc, gc, TAPS, true, has_z, has_w, step, first, last);   \
  else                                                                                         \
    KERNEL(dilated_span)(y, z, xc, wc, hc, gc, TAPS, false, has_z, has_w, step, first, last);
      if (count == 1) { SPAN(1) }
      if (count == 2) { SPAN(2) }
      if (count == 3) { SPAN(3) }
      if (count == 4) { SPAN(4) }
#undef SPAN
    }
  }
}

static void KERNEL(dilated_filter)(float *y, const float *x, const float *h, long taps, long step,
                                   long length, bool adds) {
  for (long c = 0; c < DILATED_GROUP; c += KERNEL_LANES) {
    if (adds)
      KERNEL(dilated_rows)(y + c, 0, x + c, 0, h + c, 0, taps, step, length, true, false, false);
    else
      KERNEL(dilated_rows)(y + c, 0, x + c, 0, h + c, 0, taps, step, length, false, false, false);
  }
}

static void KERNEL(dilated_pair)(float *low, float *sum, const float *x, const float *h,
                                 const float *g, long taps, long dilation, long length) {
  for (long c = 0; c < DILATED_GROUP; c += KERNEL_LANES)
    KERNEL(dilated_rows)(low + c, sum + c, x + c, 0, h + c, g + c, taps, -dilation, length, false,
                         true, false);
}

static void KERNEL(dilated_pair_adjoint)(float *dx, const float *dlow, const float *dsum,
                                         const float *h, const float *g, long taps, long dilation,
                                         long length) {
  for (long c = 0; c < DILATED_GROUP; c += KERNEL_LANES)
    KERNEL(dilated_rows)(dx + c, 0, dlow + c, dsum + c, h + c, g + c, taps, dilation, length, false,
                         false, true);
}

/// Σ over first..<last of p[n]·x[n - k·dilation] and of q[n]·x[n - k·dilation], in blocks of rows.
DILATED_INLINE void KERNEL(dilated_sums)(float *dh, float *dg, const float *restrict x,
                                         const float *restrict p, const float *restrict q,
                                         const long taps, const bool has_q, long dilation,
                                         long first, long last) {
  for (long block = first; block < last; block += DILATED_BLOCK) {
    const long end = last - block < DILATED_BLOCK ? last : block + DILATED_BLOCK;
    KERNEL(dilated_lanes) a[DILATED_TAPS], b[DILATED_TAPS];
    for (long k = 0; k < taps; k++) a[k] = b[k] = (KERNEL(dilated_lanes)){0};
    for (long n = block * DILATED_GROUP; n < end * DILATED_GROUP; n += DILATED_GROUP) {
      const KERNEL(dilated_lanes) u = ROW(p + n);
      KERNEL(dilated_lanes) v = u;
      if (has_q) v = ROW(q + n);
      for (long k = 0; k < taps; k++) {
        const KERNEL(dilated_lanes) row = ROW(x + n - k * dilation * DILATED_GROUP);
        a[k] += u * row;
        if (has_q) b[k] += v * row;
      }
    }
    for (long k = 0; k < taps; k++) {
      float *to = dh + k * DILATED_GROUP;
      ROW_STORE(to, ROW(to) + a[k]);
      if (has_q) {
        to = dg + k * DILATED_GROUP;
        ROW_STORE(to, ROW(to) + b[k]);
      }
    }
  }
}

static void KERNEL(dilated_gradients)(float *dh, float *dg, const float *x, const float *p,
                                      const float *q, long taps, long dilation, long length) {
  for (long c = 0; c < DILATED_GROUP; c += KERNEL_LANES)
    for (long chunk = 0; chunk < taps && chunk * dilation < length; chunk += DILATED_TAPS) {
      const long whole = taps - chunk < DILATED_TAPS ? taps - chunk : DILATED_TAPS;
      const float *xc = x + c - chunk * dilation * DILATED_GROUP;
      float *to = dh + chunk * DILATED_GROUP + c;
      float *other = q ? dg + chunk * DILATED_GROUP + c : 0;
      for (long count = 1; count <= whole; count++) {
        const long begin = (chunk + count - 1) * dilation;
        if (begin >= length) break;
        const long end = count == whole || begin + dilation > length ? length : begin + dilation;
#define SUMS(TAPS)                                                                              \
  if (q)                                                                                        \
    KERNEL(dilated_sums)(to, other, xc, p + c, q + c, TAPS, true, dilation, begin, end);        \
  else                                                                                          \
    KERNEL(dilated_sums)(to, 0, xc, p + c, 0, TAPS, false, dilation, begin, end);
        if (count == 1) { SUMS(1) }
        if (count == 2) { SUMS(2) }
        if (count == 3) { SUMS(3) }
        if (count == 4) { SUMS(4) }
#undef SUMS
      }
    }
}

static void KERNEL(group_scatter)(float *restrict y, const float *restrict z, long stride,
                                  long channels, long rows) {
  if (channels == DILATED_GROUP) {
    for (long r = 0; r < rows; r++)
      for (long i = 0; i < DILATED_GROUP; i += KERNEL_LANES)
        ROW_STORE(y + r * stride + i, ROW(z + r * DILATED_GROUP + i));
  } else {
    for (long r = 0; r < rows; r++)
      for (long i = 0; i < channels; i++) y[r * stride + i] = z[r * DILATED_GROUP + i];
  }
}

#undef ROW
#undef ROW_STORE
#undef DILATED_INLINE
