// One-sample-at-a-time convolution: rows of whole cache lines of channels, channels innermost.

enum { ONLINE_LANES = 16, ONLINE_ROWS = 8, ONLINE_INPUTS = 4 };

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpsabi"

typedef float KERNEL(online_lanes) __attribute__((vector_size(64), aligned(4)));
#define ROW(p) (*(KERNEL(online_lanes) *)(p))
#define CONST_ROW(p) (*(const KERNEL(online_lanes) *)(p))

static void KERNEL(online_output)(float *restrict y, const float *restrict pending,
                                  const float *restrict x, const float *restrict h, long stride,
                                  long taps, long channels) {
  for (long c = 0; c < channels; c += ONLINE_LANES) {
    // Two chains of sums hide the latency of the multiply-add.
    KERNEL(online_lanes) sum = CONST_ROW(pending + c), other = {0};
    long j = 0;
    for (; j + 2 <= taps; j += 2) {
      sum += CONST_ROW(h + j * stride + c) * CONST_ROW(x - j * stride + c);
      other += CONST_ROW(h + (j + 1) * stride + c) * CONST_ROW(x - (j + 1) * stride + c);
    }
    if (j < taps) sum += CONST_ROW(h + j * stride + c) * CONST_ROW(x - j * stride + c);
    sum += other;
    if (channels - c >= ONLINE_LANES) {
      ROW(y + c) = sum;
    } else {
      for (long i = 0; i < channels - c; i++) y[c + i] = sum[i];
    }
  }
}

/// ONLINE_INPUTS inputs before ONLINE_ROWS outputs: each lag is loaded once for all the pairs that
/// lie so far apart.
#define TILE(ROWS, SUMS, X, H)                                           \
  {                                                                      \
    KERNEL(online_lanes) in[ONLINE_INPUTS];                              \
    _Pragma("clang loop unroll(full)") for (long a = 0; a < ONLINE_INPUTS; a++) \
        in[a] = CONST_ROW((X) - a * stride);                             \
    _Pragma("clang loop unroll(full)") for (long d = 0; d < ONLINE_INPUTS + ROWS - 1; d++) { \
      const KERNEL(online_lanes) tap = CONST_ROW((H) + d * stride);      \
      _Pragma("clang loop unroll(full)") for (long a = 0; a < ONLINE_INPUTS; a++) \
        if (d - a >= 0 && d - a < ROWS) SUMS[d - a] += tap * in[a];      \
    }                                                                    \
  }

static void KERNEL(online_tile)(float *restrict y, const float *restrict x,
                                const float *restrict h, long stride, long inputs,
                                long channels) {
  for (long c = 0; c < channels; c += ONLINE_LANES) {
    KERNEL(online_lanes) sums[ONLINE_ROWS];
    for (long t = 0; t < ONLINE_ROWS; t++) sums[t] = CONST_ROW(y + t * stride + c);
    for (long s = 0; s < inputs; s += ONLINE_INPUTS)
      TILE(ONLINE_ROWS, sums, x - (s + 1) * stride + c, h + (s + 1) * stride + c)
    for (long t = 0; t < ONLINE_ROWS; t++) ROW(y + t * stride + c) = sums[t];
  }
}

#undef TILE
#undef ROW
#undef CONST_ROW

static void KERNEL(partition_sum)(float *restrict w, const float *restrict x,
                                  const float *restrict h, long slots, long newest, long side,
                                  long bins) {
// a = Σ X0·H0 and b = Σ X1·H1 stay in registers; a + i·b is the spectrum of a pair of channels.
// The mirror of bin 0 goes one beyond the end.
#define BODY(W, K)                                                                           \
  {                                                                                          \
    KERNEL(c##W) re0 = {0}, im0 = {0}, re1 = {0}, im1 = {0};                                 \
    for (long t = 0, s = newest; t < slots; t++, s = s == 0 ? slots - 1 : s - 1) {           \
      const float *in = x + 4 * s * bins, *filter = h + 4 * t * bins;                        \
      const KERNEL(c##W) u = KERNEL(load##W)(in, K), p = KERNEL(load##W)(filter, K);         \
      const KERNEL(c##W) v = KERNEL(load##W)(in, bins + K);                                  \
      const KERNEL(c##W) q = KERNEL(load##W)(filter, bins + K);                              \
      re0 += EVEN##W(p) * u;                                                                 \
      im0 += ODD##W(p) * SWAP##W(u);                                                         \
      re1 += EVEN##W(q) * v;                                                                 \
      im1 += ODD##W(q) * SWAP##W(v);                                                         \
    }                                                                                        \
    const KERNEL(c##W) a = MIX##W(re0 - im0, re0 + im0), b = MIX##W(re1 - im1, re1 + im1);   \
    KERNEL(store_back##W)(w, 2 * side - (K), KERNEL(less_i##W)(a, b));                       \
    KERNEL(store##W)(w, K, KERNEL(plus_i##W)(a, b));                                         \
  }
  for (long k = 0; k < side; k += LANES) BODY(8, k)
  BODY(1, side)
#undef BODY
}

#pragma clang diagnostic pop
