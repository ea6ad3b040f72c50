// Direct depthwise convolution of channels-last sequences, for short filters.
//
// A convolution, its adjoint and the gradient of its filter are one loop: sums of w[b]·z[b + t],
// where w is the filter, or the gradient of the output. Sums of DIRECT_TILE values of t stay in
// registers while b runs on; DIRECT_STEP values of b share the rows of z that they load. Eight
// sums hide the latency of a multiply-add, and leave half of 16 registers to the rows.
//
// Rows of z are those of the sequence where its neighbourhood lies inside: whole rows one after
// the other keep pace with memory, since the hardware foresees both the loads and the stores.
// At the ends, and for a gated input, the rows are gathered first, and the sums know no edges.

enum { DIRECT_GROUP = 16, DIRECT_TILE = 8, DIRECT_STEP = 4 };

#define DIRECT_INLINE static inline __attribute__((always_inline))

typedef float KERNEL(wide) __attribute__((vector_size(4 * KERNEL_LANES), aligned(4)));
#define WIDE(p) (*(const KERNEL(wide) *)(p))
#define WIDE_STORE(p, x) (*(KERNEL(wide) *)(p) = (x))

/// A row in whole groups, which are `zgroup` apart, times a gate's row if there is one.
DIRECT_INLINE void KERNEL(direct_gather_row)(float *restrict z, long zgroup,
                                             const float *restrict x, const float *restrict gate,
                                             long channels) {
  long c = 0;
  for (; c + DIRECT_GROUP <= channels; c += DIRECT_GROUP, z += zgroup)
    for (long i = 0; i < DIRECT_GROUP; i += KERNEL_LANES)
      WIDE_STORE(z + i, gate ? WIDE(x + c + i) * WIDE(gate + c + i) : WIDE(x + c + i));
  if (c == channels) return;
  for (long i = 0; i < DIRECT_GROUP; i++)
    z[i] = c + i >= channels ? 0 : gate ? x[c + i] * gate[c + i] : x[c + i];
}

static void KERNEL(direct_gather)(float *restrict z, long zgroup, long zrow,
                                  const float *restrict x, const float *restrict gate, long length,
                                  long stride, long channels, long first, long rows, bool wraps) {
  for (long r = 0; r < rows; r++, z += zrow) {
    long n = first + r;
    if (wraps) n += n < 0 ? length : n >= length ? -length : 0;
    if (n < 0 || n >= length) {
      for (long c = 0; c < channels; c += DIRECT_GROUP)
        for (long i = 0; i < DIRECT_GROUP; i += KERNEL_LANES)
          WIDE_STORE(z + c / DIRECT_GROUP * zgroup + i, (KERNEL(wide)){0});
    } else if (gate) {
      KERNEL(direct_gather_row)(z, zgroup, x + n * stride, gate + n * stride, channels);
    } else {
      KERNEL(direct_gather_row)(z, zgroup, x + n * stride, 0, channels);
    }
  }
}

/// sum[t] += Σ over b in 0..<count of w[b]·z[b + t]; inlined with a constant count.
DIRECT_INLINE void KERNEL(direct_step)(KERNEL(wide) sum[DIRECT_TILE], const float *w, long wrow,
                                       const float *z, long zrow, long count) {
  KERNEL(wide) row[DIRECT_TILE + DIRECT_STEP - 1];
  for (long i = 0; i < DIRECT_TILE + count - 1; i++) row[i] = WIDE(z + i * zrow);
  for (long b = 0; b < count; b++) {
    const KERNEL(wide) factor = WIDE(w + b * wrow);
    for (long t = 0; t < DIRECT_TILE; t++) sum[t] += factor * row[b + t];
  }
}

/// sum[t] = Σ over b in 0..<count of w[b]·z[b + t].
DIRECT_INLINE void KERNEL(direct_tile)(KERNEL(wide) sum[DIRECT_TILE], const float *w, long wrow,
                                       const float *z, long zrow, long count) {
  for (long t = 0; t < DIRECT_TILE; t++) sum[t] = (KERNEL(wide)){0};
  for (; count >= DIRECT_STEP; count -= DIRECT_STEP) {
    KERNEL(direct_step)(sum, w, wrow, z, zrow, DIRECT_STEP);
    w += DIRECT_STEP * wrow;
    z += DIRECT_STEP * zrow;
  }
  switch (count) {
    case 1: KERNEL(direct_step)(sum, w, wrow, z, zrow, 1); break;
    case 2: KERNEL(direct_step)(sum, w, wrow, z, zrow, 2); break;
    case 3: KERNEL(direct_step)(sum, w, wrow, z, zrow, 3); break;
  }
}

/// y[t] = sum[t]·m[t] for `count` rows of `width` channels; `m` null means 1.
DIRECT_INLINE void KERNEL(direct_finish)(float *y, const float *m,
                                         const KERNEL(wide) sum[DIRECT_TILE], long stride,
                                         long width, long count) {
  // Constant bounds keep the sums in registers.
  if (width >= KERNEL_LANES && count >= DIRECT_TILE) {
    if (m) {
      for (long t = 0; t < DIRECT_TILE; t++)
        WIDE_STORE(y + t * stride, sum[t] * WIDE(m + t * stride));
    } else {
      for (long t = 0; t < DIRECT_TILE; t++) WIDE_STORE(y + t * stride, sum[t]);
    }
    return;
  }
  float values[DIRECT_TILE][KERNEL_LANES];
  for (long t = 0; t < DIRECT_TILE; t++) WIDE_STORE(values[t], sum[t]);
  if (width > KERNEL_LANES) width = KERNEL_LANES;
  if (count > DIRECT_TILE) count = DIRECT_TILE;
  for (long t = 0; t < count; t++)
    for (long i = 0; i < width; i++) {
      const long at = t * stride + i;
      y[at] = m ? values[t][i] * m[at] : values[t][i];
    }
}

static void KERNEL(direct_convolution)(const LaneFinish *finish, const float *restrict h,
                                       const float *restrict z, long zrow, long stride,
                                       long channels, long rows, long taps) {
  const LaneFinish out = *finish;
  for (long n = 0; n < rows; n += DIRECT_TILE)
    for (long c = 0; c < channels; c += KERNEL_LANES) {
      const long lane = c % DIRECT_GROUP, at = n * stride + c;
      KERNEL(wide) sum[DIRECT_TILE];
      KERNEL(direct_tile)(sum, h + (c - lane) * taps + lane, DIRECT_GROUP, z + n * zrow + c, zrow,
                          taps);
      KERNEL(direct_finish)(out.y1 + at, out.m1 ? out.m1 + at : 0, sum, stride, channels - c,
                            rows - n);
      if (out.y2)
        KERNEL(direct_finish)(out.y2 + at, out.m2 ? out.m2 + at : 0, sum, stride, channels - c,
                              rows - n);
    }
}

static void KERNEL(direct_filter_gradient)(float *restrict dh, long dhrow, const float *restrict g,
                                           long grow, const float *restrict z, long zrow,
                                           long channels, long rows, long taps) {
  for (long c = 0; c < channels; c += KERNEL_LANES) {
    const long width = channels - c < KERNEL_LANES ? channels - c : KERNEL_LANES;
    for (long j = 0; j < taps; j += DIRECT_TILE) {
      KERNEL(wide) sum[DIRECT_TILE];
      KERNEL(direct_tile)(sum, g + c, grow, z + j * zrow + c, zrow, rows);
      float values[DIRECT_TILE][KERNEL_LANES];
      for (long t = 0; t < DIRECT_TILE; t++) WIDE_STORE(values[t], sum[t]);
      for (long t = 0; t < DIRECT_TILE && j + t < taps; t++)
        for (long i = 0; i < width; i++) dh[(j + t) * dhrow + c + i] += values[t][i];
    }
  }
}

#undef WIDE
#undef WIDE_STORE
