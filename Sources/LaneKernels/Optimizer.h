// AdamW: Loshchilov and Hutter, "Decoupled weight decay regularization", 2019, as in PyTorch.

static void KERNEL(adamw)(float *restrict value, float *restrict first, float *restrict second,
                          const float *restrict gradient, float rate, float beta1, float beta2,
                          float epsilon, float decay, float correction1, float correction2,
                          float gradient_scale, long n) {
  const float keep = 1 - rate * decay, step = rate / correction1;
  const float inverse_root = 1 / __builtin_sqrtf(correction2);
  for (long i = 0; i < n; i++) {
    const float g = gradient[i] * gradient_scale;
    const float m = beta1 * first[i] + (1 - beta1) * g;
    const float v = beta2 * second[i] + (1 - beta2) * g * g;
    first[i] = m;
    second[i] = v;
    value[i] = value[i] * keep - step * m / (__builtin_sqrtf(v) * inverse_root + epsilon);
  }
}
