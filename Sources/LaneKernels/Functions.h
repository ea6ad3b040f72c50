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
