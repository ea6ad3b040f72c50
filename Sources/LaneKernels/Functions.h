// Branch-free single precision functions that vectorise.

/// exp(x), relative error about 1e-7; saturates at the ends of the float range.
static inline float KERNEL(exp)(float x) {
  // Adding and subtracting 1.5·2²³ rounds to an integer without a library call.
  const float magic = 12582912.0f;
  x = x > 88.3762626f ? 88.3762626f : x;
  x = x < -87.3365448f ? -87.3365448f : x;
  const float shifted = x * 1.44269504f + magic;
  const float k = shifted - magic;
  const float r = (x - k * 0.693359375f) + k * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  union { int32_t i; float f; } power;
  power.i = ((int32_t)k + 127) << 23;
  return p * power.f;
}

static inline float KERNEL(logistic)(float x) { return 1.0f / (1.0f + KERNEL(exp)(-x)); }

/// The standard normal distribution function and density at x.
///
/// The tail is exp(-x²/2)/2 times a polynomial in 1/(1 + 0.3|x|) fitted to erfcx(|x|/√2)
/// (relative error 4e-9 before rounding), so that it keeps its relative accuracy.
static inline float KERNEL(normal)(float x, float *density) {
  const float a = x < 0 ? -x : x;
  const float t = 1.0f / (1.0f + 0.3f * a);
  const float bell = KERNEL(exp)(-0.5f * x * x);
  float p = -4.122584689e-02f;
  p = p * t + 2.247525689e-01f;
  p = p * t - 4.561373782e-01f;
  p = p * t + 3.831664734e-01f;
  p = p * t - 1.584971913e-01f;
  p = p * t + 1.921169712e-01f;
  p = p * t + 1.568507208e-01f;
  p = p * t + 2.204547379e-01f;
  p = p * t + 2.391456721e-01f;
  p = p * t + 2.393732687e-01f;
  const float tail = 0.5f * bell * p * t;
  *density = 0.39894228f * bell;
  return x < 0 ? tail : 1.0f - tail;
}

/// sin(x + quarters·π/2), absolute error about 1e-7 for |x| up to 10⁴; beyond, products of the
/// reduction are no longer exact without fused operations.
static inline float KERNEL(sine_of)(float x, int32_t quarters) {
  const float magic = 12582912.0f;
  const float k = (x * 0.636619772f + magic) - magic;
  // π/2 in three parts, the first two short enough for exact products.
  const float r = ((x - k * 1.5703125f) - k * 4.837512969970703125e-4f) - k * 7.549789954892e-8f;
  const float z = r * r;
  float s = -1.9515295891e-4f;
  s = s * z + 8.3321608736e-3f;
  s = s * z - 1.6666654611e-1f;
  s = s * z * r + r;
  float c = 2.443315711809948e-5f;
  c = c * z - 1.388731625493765e-3f;
  c = c * z + 4.166664568298827e-2f;
  c = c * z * z - 0.5f * z + 1.0f;
  const int32_t quarter = (int32_t)k + quarters;
  const float y = quarter & 1 ? c : s;
  return quarter & 2 ? -y : y;
}

/// tanh(x), relative error about 1e-7.
static inline float KERNEL(tanh_of)(float x) {
  const float a = x < 0 ? -x : x, z = x * x;
  float p = -5.70498872745e-3f;
  p = p * z + 2.06390887954e-2f;
  p = p * z - 5.37397155531e-2f;
  p = p * z + 1.33314422036e-1f;
  p = p * z - 3.33332819422e-1f;
  p = p * z * x + x;
  const float far = 1.0f - 2.0f / (1.0f + KERNEL(exp)(2.0f * a));
  return a < 0.625f ? p : x < 0 ? -far : far;
}

/// exp(x) - 1 for x <= 0, relative error about 2e-7: 2t/(1 - t) with t = tanh(x/2).
static inline float KERNEL(exp_minus_one)(float x) {
  const float t = KERNEL(tanh_of)(0.5f * x);
  return 2.0f * t / (1.0f - t);
}

/// log(1 + x) for 0 <= x <= 1, relative error about 2e-7: 2·artanh(s) with s = x/(2 + x) <= 1/3.
static inline float KERNEL(log_one_plus)(float x) {
  const float s = x / (2.0f + x), z = s * s;
  float p = 7.692307692e-2f;
  p = p * z + 9.090909091e-2f;
  p = p * z + 1.111111111e-1f;
  p = p * z + 1.428571429e-1f;
  p = p * z + 2.0e-1f;
  p = p * z + 3.333333333e-1f;
  return 2.0f * (p * z * s + s);
}
