// Dropout whose mask is a function of (key, position): nothing to store for the backward pass,
// and the same mask whatever the number of threads.

static inline uint32_t KERNEL(hash)(uint32_t x) {
  // "lowbias32" constants of the hash prospector (Wellons, 2018).
  x ^= x >> 16;
  x *= 0x7feb352du;
  x ^= x >> 15;
  x *= 0x846ca68bu;
  x ^= x >> 16;
  return x;
}

static void KERNEL(dropout)(float *y, const float *x, uint64_t key, uint64_t first,
                            uint32_t threshold, float scale, long n) {
  const uint32_t low = (uint32_t)key, high = (uint32_t)(key >> 32);
  for (long i = 0; i < n;) {
    // Runs of positions that agree in their upper half. Where in the hash's sequence a run begins
    // and what it is mixed with both depend on all of the key, so that neighbouring keys do not
    // give one mask shifted.
    const uint64_t position = first + (uint64_t)i;
    const uint32_t upper = (uint32_t)(position >> 32), lower = (uint32_t)position;
    const uint64_t room = (uint64_t)UINT32_MAX + 1 - lower;
    const long end = (uint64_t)(n - i) < room ? n : i + (long)room;
    const uint32_t start = KERNEL(hash)(KERNEL(hash)(upper ^ high) + low);
    const uint32_t mix = KERNEL(hash)(start ^ 0x9e3779b9u);
    const uint32_t base = lower + start - (uint32_t)i;
    for (; i < end; i++) {
      const uint32_t bits = KERNEL(hash)(KERNEL(hash)(base + (uint32_t)i) ^ mix);
      y[i] = bits >= threshold ? x[i] * scale : 0.0f;
    }
  }
}
