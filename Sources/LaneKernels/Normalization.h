// Layer and root-mean-square normalisation over the channels of each row.

static void KERNEL(layer_norm)(float *restrict y, float *restrict statistics,
                               const float *restrict x, const float *restrict gain,
                               const float *restrict bias, float epsilon, long rows, long n) {
#pragma clang fp reassociate(on)
  for (long r = 0; r < rows; r++) {
    const float *in = x + r * n;
    float *out = y + r * n;
    float sum = 0, squares = 0;
    for (long i = 0; i < n; i++) sum += in[i];
    const float mean = sum / (float)n;
    for (long i = 0; i < n; i++) squares += (in[i] - mean) * (in[i] - mean);
    const float inverse = 1 / __builtin_sqrtf(squares / (float)n + epsilon);
    for (long i = 0; i < n; i++) out[i] = (in[i] - mean) * inverse * gain[i] + bias[i];
    statistics[2 * r] = mean;
    statistics[2 * r + 1] = inverse;
  }
}

static void KERNEL(layer_norm_pullback)(float *restrict dx, float *restrict dgain,
                                        float *restrict dbias, const float *restrict dy,
                                        const float *restrict x, const float *restrict statistics,
                                        const float *restrict gain, long rows, long n) {
#pragma clang fp reassociate(on)
  for (long r = 0; r < rows; r++) {
    const float *in = x + r * n, *up = dy + r * n;
    float *down = dx + r * n;
    const float mean = statistics[2 * r], inverse = statistics[2 * r + 1];
    float sum = 0, projection = 0;
    for (long i = 0; i < n; i++) {
      const float normal = (in[i] - mean) * inverse, g = up[i] * gain[i];
      sum += g;
      projection += g * normal;
      dgain[i] += up[i] * normal;
      dbias[i] += up[i];
    }
    sum /= (float)n;
    projection /= (float)n;
    for (long i = 0; i < n; i++) {
      const float normal = (in[i] - mean) * inverse;
      down[i] = (up[i] * gain[i] - sum - normal * projection) * inverse;
    }
  }
}

static void KERNEL(rms_norm)(float *restrict y, float *restrict statistics,
                             const float *restrict x, const float *restrict gain, float epsilon,
                             long rows, long n) {
#pragma clang fp reassociate(on)
  for (long r = 0; r < rows; r++) {
    const float *in = x + r * n;
    float squares = 0;
    for (long i = 0; i < n; i++) squares += in[i] * in[i];
    const float inverse = 1 / __builtin_sqrtf(squares / (float)n + epsilon);
    for (long i = 0; i < n; i++) y[r * n + i] = in[i] * inverse * gain[i];
    statistics[r] = inverse;
  }
}

static void KERNEL(rms_norm_pullback)(float *restrict dx, float *restrict dgain,
                                      const float *restrict dy, const float *restrict x,
                                      const float *restrict statistics,
                                      const float *restrict gain, long rows, long n) {
#pragma clang fp reassociate(on)
  for (long r = 0; r < rows; r++) {
    const float *in = x + r * n, *up = dy + r * n;
    const float inverse = statistics[r];
    float projection = 0;
    for (long i = 0; i < n; i++) {
      projection += up[i] * gain[i] * in[i];
      dgain[i] += up[i] * in[i] * inverse;
    }
    projection *= inverse * inverse / (float)n;
    for (long i = 0; i < n; i++)
      dx[r * n + i] = (up[i] * gain[i] - in[i] * projection) * inverse;
  }
}
