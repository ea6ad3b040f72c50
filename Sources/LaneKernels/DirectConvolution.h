// Direct depthwise convolution of channels-last sequences, for short filters.
//
// LANES channels and OUTPUTS positions at a time stay in registers; a tap costs one load of the
// filter, one load of the input and one multiply-add a position.

enum { DIRECT_LANES = 16, DIRECT_OUTPUTS = 8, GRADIENT_BLOCK = 256 };

// Spelled as a vector: left to itself the compiler gathers over taps instead of channels.
typedef float KERNEL(lanes16) __attribute__((vector_size(64), aligned(4)));
#define LANES(p) (*(const KERNEL(lanes16) *)(p))

/// One position, any width up to DIRECT_LANES, taps clipped to the sequence.
static inline __attribute__((always_inline)) void KERNEL(direct_position)(float *y, const float *x, const float *h, long length,
                                           long stride, long width, long taps, long centre,
                                           long n) {
  float sum[DIRECT_LANES] = {0};
  const long from = n + centre >= length ? n + centre - length + 1 : 0;
  const long to = n + centre + 1 < taps ? n + centre + 1 : taps;
  for (long j = from; j < to; j++) {
    const float *tap = h + j * stride, *in = x + (n - j + centre) * stride;
    for (long i = 0; i < width; i++) sum[i] += tap[i] * in[i];
  }
  for (long i = 0; i < width; i++) y[n * stride + i] = sum[i];
}

static void KERNEL(direct_convolution)(float *restrict y, const float *restrict x,
                                       const float *restrict h, long length, long stride,
                                       long channels, long taps, long centre, long first,
                                       long last) {
  for (long c = 0; c < channels; c += DIRECT_LANES) {
    const long width = channels - c < DIRECT_LANES ? channels - c : DIRECT_LANES;
    const float *in = x + c, *filter = h + c;
    float *out = y + c;
    // Positions whose taps all fall inside the sequence run in blocks.
    long n = first;
    const long inner = taps - 1 - centre, outer = length - centre;
    while (n < last) {
      const bool whole = width == DIRECT_LANES && n >= inner && n + DIRECT_OUTPUTS <= outer &&
                         n + DIRECT_OUTPUTS <= last;
      if (!whole) {
        // A constant width keeps the sums in registers.
        if (width == DIRECT_LANES)
          KERNEL(direct_position)(out, in, filter, length, stride, DIRECT_LANES, taps, centre, n);
        else
          KERNEL(direct_position)(out, in, filter, length, stride, width, taps, centre, n);
        n++;
        continue;
      }
      KERNEL(lanes16) sum[DIRECT_OUTPUTS] = {{0}};
      for (long j = 0; j < taps; j++) {
        const KERNEL(lanes16) tap = LANES(filter + j * stride);
        const float *at = in + (n - j + centre) * stride;
        for (long o = 0; o < DIRECT_OUTPUTS; o++) sum[o] += tap * LANES(at + o * stride);
      }
      for (long o = 0; o < DIRECT_OUTPUTS; o++)
        *(KERNEL(lanes16) *)(out + (n + o) * stride) = sum[o];
      n += DIRECT_OUTPUTS;
    }
  }
}

/// sum[o] += Σ over n in first..<last of g[n]·x[n - o], for `count` taps o of `width` channels.
static inline __attribute__((always_inline)) void KERNEL(correlate_taps)(
    float sum[DIRECT_OUTPUTS][DIRECT_LANES], const float *restrict g, const float *restrict x,
    long first, long last, long stride, long width, long count) {
  if (width == DIRECT_LANES) {
    KERNEL(lanes16) total[DIRECT_OUTPUTS];
    for (long o = 0; o < count; o++) total[o] = LANES(sum[o]);
    for (long n = first; n < last; n++) {
      const KERNEL(lanes16) up = LANES(g + n * stride);
      for (long o = 0; o < count; o++) total[o] += up * LANES(x + (n - o) * stride);
    }
    for (long o = 0; o < count; o++) *(KERNEL(lanes16) *)sum[o] = total[o];
    return;
  }
  for (long n = first; n < last; n++)
    for (long o = 0; o < count; o++)
      for (long i = 0; i < width; i++)
        sum[o][i] += g[n * stride + i] * x[(n - o) * stride + i];
}

static void KERNEL(direct_filter_gradient)(float *restrict dh, const float *restrict g,
                                           const float *restrict x, long length, long stride,
                                           long channels, long taps, long centre) {
  for (long c = 0; c < channels; c += DIRECT_LANES) {
    const long width = channels - c < DIRECT_LANES ? channels - c : DIRECT_LANES;
    for (long j = 0; j < taps; j += DIRECT_OUTPUTS) {
      const long count = taps - j < DIRECT_OUTPUTS ? taps - j : DIRECT_OUTPUTS;
      const float *up = g + c, *in = x + c + (centre - j) * stride;
      // Tap j + o meets positions first + o ..< last + o of the gradient; most are common to all.
      const long first = j - centre, last = length + j - centre;
      long from = first + count - 1 > 0 ? first + count - 1 : 0;
      const long to = last < length ? last : length;
      if (from > to) from = to > 0 ? to : 0;
      // Partial sums over blocks of positions bound the rounding error of long sequences.
      for (long n = from; n < to; n += GRADIENT_BLOCK) {
        const long end = to - n < GRADIENT_BLOCK ? to : n + GRADIENT_BLOCK;
        float sum[DIRECT_OUTPUTS][DIRECT_LANES] = {{0}};
        if (width == DIRECT_LANES && count == DIRECT_OUTPUTS)
          KERNEL(correlate_taps)(sum, up, in, n, end, stride, DIRECT_LANES, DIRECT_OUTPUTS);
        else
          KERNEL(correlate_taps)(sum, up, in, n, end, stride, width, count);
        for (long o = 0; o < count; o++)
          for (long i = 0; i < width; i++) dh[(j + o) * stride + c + i] += sum[o][i];
      }
      for (long o = 0; o < count; o++) {
        const long begin = first + o > 0 ? first + o : 0;
        const long stop = last + o < length ? last + o : length;
        float sum[DIRECT_OUTPUTS][DIRECT_LANES] = {{0}};
        const float *shifted = in - o * stride;
        const long before = from < stop ? from : stop, after = to > begin ? to : begin;
        if (width == DIRECT_LANES) {
          KERNEL(correlate_taps)(sum, up, shifted, begin, before, stride, DIRECT_LANES, 1);
          KERNEL(correlate_taps)(sum, up, shifted, after, stop, stride, DIRECT_LANES, 1);
        } else {
          KERNEL(correlate_taps)(sum, up, shifted, begin, before, stride, width, 1);
          KERNEL(correlate_taps)(sum, up, shifted, after, stop, stride, width, 1);
        }
        for (long i = 0; i < width; i++) dh[(j + o) * stride + c + i] += sum[0][i];
      }
    }
  }
}

#undef LANES
