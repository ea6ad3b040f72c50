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
  const uint32_t low = (uint32_t)key, high = (uint32_t)(key >> 32) ^ (uint32_t)(first >> 32);
  for (long i = 0; i < n; i++) {
    const uint32_t bits =
        KERNEL(hash)(KERNEL(hash)((uint32_t)first + (uint32_t)i + low) ^ high);
    y[i] = bits >= threshold ? x[i] * scale : 0.0f;
  }
}
