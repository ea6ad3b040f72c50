// Activations and their pullbacks. GELU is the exact one, x·Φ(x), not the tanh approximation.

static void KERNEL(gelu)(float *y, const float *x, long n) {
  EACH for (long i = 0; i < n; i++) {
    float density;
    y[i] = x[i] * KERNEL(normal)(x[i], &density);
  }
}

// The sum is made for a few rows at a time, so that it is still in the first cache.
static void KERNEL(gelu_adding)(float *y, float *x, const float *row, long rows, long n) {
  const long some = n < 512 ? 1024 / (n + (n == 0)) : 1;
  for (long r = 0; r < rows; r += some) {
    const long count = rows - r < some ? rows - r : some;
    KERNEL(add_row)(x + r * n, x + r * n, row, count, n);
    KERNEL(gelu)(y + r * n, x + r * n, count * n);
  }
}

static void KERNEL(gelu_pullback)(float *dx, const float *x, const float *dy, long n) {
  EACH for (long i = 0; i < n; i++) {
    float density;
    const float probability = KERNEL(normal)(x[i], &density);
    dx[i] = dy[i] * (probability + x[i] * density);
  }
}

static void KERNEL(silu)(float *y, const float *x, long n) {
  EACH for (long i = 0; i < n; i++) y[i] = x[i] * KERNEL(logistic)(x[i]);
}

static void KERNEL(silu_pullback)(float *dx, const float *x, const float *dy, long n) {
  EACH for (long i = 0; i < n; i++) {
    const float s = KERNEL(logistic)(x[i]);
    dx[i] = dy[i] * (s + x[i] * s * (1 - s));
  }
}

static void KERNEL(relu)(float *y, const float *x, long n) {
  // Asked this way round, so that NaN stays NaN.
  EACH for (long i = 0; i < n; i++) y[i] = x[i] < 0 ? 0 : x[i];
}

static void KERNEL(relu_pullback)(float *dx, const float *x, const float *dy, long n) {
  EACH for (long i = 0; i < n; i++) dx[i] = x[i] > 0 ? dy[i] : 0;
}

static void KERNEL(squared_relu)(float *y, const float *x, long n) {
  EACH for (long i = 0; i < n; i++) y[i] = x[i] < 0 ? 0 : x[i] * x[i];
}

static void KERNEL(squared_relu_pullback)(float *dx, const float *x, const float *dy, long n) {
  EACH for (long i = 0; i < n; i++) dx[i] = x[i] > 0 ? 2.0f * x[i] * dy[i] : 0;
}

static void KERNEL(sigmoid)(float *y, const float *x, long n) {
  EACH for (long i = 0; i < n; i++) y[i] = KERNEL(logistic)(x[i]);
}

static void KERNEL(sigmoid_pullback)(float *dx, const float *x, const float *dy, long n) {
  EACH for (long i = 0; i < n; i++) {
    const float s = KERNEL(logistic)(x[i]);
    dx[i] = dy[i] * (s * (1 - s));
  }
}

static void KERNEL(elu)(float *y, const float *x, long n) {
  EACH for (long i = 0; i < n; i++) y[i] = x[i] > 0 ? x[i] : KERNEL(exp_minus_one)(x[i]);
}

static void KERNEL(elu_pullback)(float *dx, const float *x, const float *dy, long n) {
  EACH for (long i = 0; i < n; i++) dx[i] = dy[i] * (x[i] > 0 ? 1.0f : KERNEL(exp)(x[i]));
}

static void KERNEL(softplus)(float *y, const float *x, long n) {
  EACH for (long i = 0; i < n; i++) {
    // max(x, 0) + log(1 + e^-|x|), the sum being that of a NaN for a NaN.
    const float a = x[i] < 0 ? -x[i] : x[i], positive = x[i] < 0 ? 0 : x[i];
    y[i] = positive + KERNEL(log_one_plus)(KERNEL(exp)(-a));
  }
}

static void KERNEL(softplus_pullback)(float *dx, const float *x, const float *dy, long n) {
  EACH for (long i = 0; i < n; i++) dx[i] = dy[i] * KERNEL(logistic)(x[i]);
}

static void KERNEL(exponential)(float *y, const float *x, long n) {
  EACH for (long i = 0; i < n; i++) y[i] = KERNEL(exp)(x[i]);
}

static void KERNEL(sine)(float *y, const float *x, long n) {
  EACH for (long i = 0; i < n; i++) y[i] = KERNEL(sine_of)(x[i], 0);
}

static void KERNEL(cosine)(float *y, const float *x, long n) {
  EACH for (long i = 0; i < n; i++) y[i] = KERNEL(sine_of)(x[i], 1);
}

static void KERNEL(sine_pullback)(float *dx, const float *x, const float *dy, long n) {
  EACH for (long i = 0; i < n; i++) dx[i] = dy[i] * KERNEL(sine_of)(x[i], 1);
}

static void KERNEL(tanh)(float *y, const float *x, long n) {
  EACH for (long i = 0; i < n; i++) y[i] = KERNEL(tanh_of)(x[i]);
}

static void KERNEL(tanh_pullback)(float *dx, const float *x, const float *dy, long n) {
  EACH for (long i = 0; i < n; i++) {
    const float y = KERNEL(tanh_of)(x[i]);
    dx[i] = dy[i] * (1 - y) * (1 + y);
  }
}

static void KERNEL(glu)(float *restrict y, const float *restrict x, long rows, long n) {
  for (long r = 0; r < rows; r++) {
    const float *value = x + 2 * r * n, *gate = value + n;
    for (long i = 0; i < n; i++) y[r * n + i] = value[i] * KERNEL(logistic)(gate[i]);
  }
}

static void KERNEL(glu_pullback)(float *restrict dx, const float *restrict x,
                                 const float *restrict dy, long rows, long n) {
  for (long r = 0; r < rows; r++) {
    const float *value = x + 2 * r * n, *gate = value + n;
    float *dvalue = dx + 2 * r * n, *dgate = dvalue + n;
    for (long i = 0; i < n; i++) {
      const float s = KERNEL(logistic)(gate[i]), d = dy[r * n + i] * s;
      dvalue[i] = d;
      dgate[i] = d * value[i] * (1 - s);
    }
  }
}
