// From channels-last sequences to contiguous complex rows and back, a block of positions at a
// time so that both sides of the transposition stay in L1.

enum { TILE_LENGTH = 16, TILE_CHANNELS = 16 };

typedef struct { float re, im; } KERNEL(pair);

/// Writes tile[n][g] to z[g][n], `count` positions of `width` rows.
static inline void KERNEL(store_tile)(float *restrict z, long zstride,
                                      const KERNEL(pair) tile[TILE_LENGTH][TILE_CHANNELS],
                                      long count, long width) {
  for (long g = 0; g < width; g++) {
    KERNEL(pair) *row = (KERNEL(pair) *)z + g * zstride;
    if (count == TILE_LENGTH)
      for (long n = 0; n < TILE_LENGTH; n++) row[n] = tile[n][g];
    else
      for (long n = 0; n < count; n++) row[n] = tile[n][g];
  }
}

static inline void KERNEL(gather_batch_tile)(float *restrict z, long zstride,
                                             const float *restrict u0, const float *restrict u1,
                                             const float *g0, const float *g1, long count,
                                             long stride, long width) {
  KERNEL(pair) tile[TILE_LENGTH][TILE_CHANNELS];
  for (long n = 0; n < count; n++) {
    const float *a = u0 + n * stride, *b = u1 + n * stride;
    if (g0) {
      const float *ga = g0 + n * stride, *gb = g1 + n * stride;
      for (long g = 0; g < width; g++) {
        tile[n][g].re = a[g] * ga[g];
        tile[n][g].im = b[g] * gb[g];
      }
    } else {
      for (long g = 0; g < width; g++) {
        tile[n][g].re = a[g];
        tile[n][g].im = b[g];
      }
    }
  }
  KERNEL(store_tile)(z, zstride, tile, count, width);
}

static void KERNEL(gather_batch_pair)(float *restrict z, long zstride, const float *restrict u0,
                                      const float *restrict u1, const float *g0, const float *g1,
                                      long length, long stride, long channels) {
  for (long n = 0; n < length; n += TILE_LENGTH) {
    const long count = length - n < TILE_LENGTH ? length - n : TILE_LENGTH;
    for (long c = 0; c < channels; c += TILE_CHANNELS) {
      const long at = n * stride + c, to = 2 * (c * zstride + n);
      const float *ga = g0 ? g0 + at : 0, *gb = g1 ? g1 + at : 0;
      if (channels - c >= TILE_CHANNELS)
        KERNEL(gather_batch_tile)(z + to, zstride, u0 + at, u1 + at, ga, gb, count, stride,
                                  TILE_CHANNELS);
      else
        KERNEL(gather_batch_tile)(z + to, zstride, u0 + at, u1 + at, ga, gb, count, stride,
                                  channels - c);
    }
  }
}

static void KERNEL(gather_channel_pair)(float *restrict z, long zstride, const float *restrict u,
                                        const float *gate, long length, long stride,
                                        long channels) {
  const long rows = (channels + 1) / 2;
  for (long n0 = 0; n0 < length; n0 += TILE_LENGTH) {
    const long count = length - n0 < TILE_LENGTH ? length - n0 : TILE_LENGTH;
    for (long g0 = 0; g0 < rows; g0 += TILE_CHANNELS) {
      const long width = rows - g0 < TILE_CHANNELS ? rows - g0 : TILE_CHANNELS;
      const long floats = channels - 2 * g0 < 2 * width ? channels - 2 * g0 : 2 * width;
      KERNEL(pair) tile[TILE_LENGTH][TILE_CHANNELS];
      for (long n = 0; n < count; n++) {
        const long at = (n0 + n) * stride + 2 * g0;
        float *flat = &tile[n][0].re;
        if (gate)
          for (long i = 0; i < floats; i++) flat[i] = u[at + i] * gate[at + i];
        else
          for (long i = 0; i < floats; i++) flat[i] = u[at + i];
        if (floats & 1) flat[floats] = 0;
      }
      KERNEL(store_tile)(z + 2 * (g0 * zstride + n0), zstride, tile, count, width);
    }
  }
}

/// y1 = t·m1 and y2 = t·m2 for one row of `width` channels, t = value + skip·x·xgate.
static inline void KERNEL(finish_row)(float *y1, const float *m1, float *y2, const float *m2,
                                      const float *value, const float *skip, const float *x,
                                      const float *xgate, long at, long width) {
  float t[2 * TILE_CHANNELS];
  for (long i = 0; i < width; i++) t[i] = value[i];
  if (skip) {
    if (xgate)
      for (long i = 0; i < width; i++) t[i] += skip[i] * x[at + i] * xgate[at + i];
    else
      for (long i = 0; i < width; i++) t[i] += skip[i] * x[at + i];
  }
  if (m1)
    for (long i = 0; i < width; i++) y1[at + i] = t[i] * m1[at + i];
  else
    for (long i = 0; i < width; i++) y1[at + i] = t[i];
  if (y2)
    for (long i = 0; i < width; i++) y2[at + i] = t[i] * m2[at + i];
}

static void KERNEL(scatter)(float *y1, const float *m1, float *y2, const float *m2,
                            const float *z, long zstride, int layout, const float *skip,
                            const float *x, const float *xgate, long length, long stride,
                            long channels) {
  const long step = layout == 2 ? 2 : 1, rows = (channels + step - 1) / step;
  for (long n0 = 0; n0 < length; n0 += TILE_LENGTH) {
    const long count = length - n0 < TILE_LENGTH ? length - n0 : TILE_LENGTH;
    for (long g0 = 0; g0 < rows; g0 += TILE_CHANNELS) {
      const long width = rows - g0 < TILE_CHANNELS ? rows - g0 : TILE_CHANNELS;
      const long first = g0 * step;
      const long floats = channels - first < width * step ? channels - first : width * step;
      float tile[TILE_LENGTH][2 * TILE_CHANNELS];
      for (long g = 0; g < width; g++) {
        const KERNEL(pair) *row = (const KERNEL(pair) *)z + (g0 + g) * zstride + n0;
        if (layout == 0)
          for (long n = 0; n < count; n++) tile[n][g] = row[n].re;
        else if (layout == 1)
          for (long n = 0; n < count; n++) tile[n][g] = row[n].im;
        else
          for (long n = 0; n < count; n++) {
            tile[n][2 * g] = row[n].re;
            tile[n][2 * g + 1] = row[n].im;
          }
      }
      const float *d = skip ? skip + first : 0;
      for (long n = 0; n < count; n++) {
        const long at = (n0 + n) * stride + first;
        if (floats == TILE_CHANNELS)
          KERNEL(finish_row)(y1, m1, y2, m2, tile[n], d, x, xgate, at, TILE_CHANNELS);
        else
          KERNEL(finish_row)(y1, m1, y2, m2, tile[n], d, x, xgate, at, floats);
      }
    }
  }
}

static void KERNEL(skip_gradient)(float *restrict out, const float *dy, const float *ygate,
                                  const float *x, const float *xgate, long length, long stride,
                                  long channels) {
  for (long c = 0; c < channels; c += TILE_CHANNELS) {
    const long width = channels - c < TILE_CHANNELS ? channels - c : TILE_CHANNELS;
    // Partial sums bound the rounding error of long sequences.
    for (long n0 = 0; n0 < length; n0 += SUM_BLOCK) {
      const long n1 = length - n0 < SUM_BLOCK ? length : n0 + SUM_BLOCK;
      float partial[TILE_CHANNELS] = {0};
      for (long n = n0; n < n1; n++) {
        const long at = n * stride + c;
        float term[TILE_CHANNELS];
        for (long i = 0; i < width; i++) term[i] = dy[at + i] * x[at + i];
        if (ygate)
          for (long i = 0; i < width; i++) term[i] *= ygate[at + i];
        if (xgate)
          for (long i = 0; i < width; i++) term[i] *= xgate[at + i];
        for (long i = 0; i < width; i++) partial[i] += term[i];
      }
      for (long i = 0; i < width; i++) out[c + i] += partial[i];
    }
  }
}
