// Softmax cross-entropy, loss and gradient in one pass over the logits.

static void KERNEL(softmax_cross_entropy)(float *restrict losses, float *restrict dlogits,
                                          const float *restrict logits,
                                          const int32_t *restrict labels, float weight, long rows,
                                          long n) {
#pragma clang fp reassociate(on)
  for (long r = 0; r < rows; r++) {
    const float *in = logits + r * n;
    float *out = dlogits + r * n;
    float largest = in[0];
    for (long i = 1; i < n; i++) largest = in[i] > largest ? in[i] : largest;
    double sum = 0;
    for (long i = 0; i < n; i++) {
      out[i] = KERNEL(exp)(in[i] - largest);
      sum += (double)out[i];
    }
    const float factor = (float)((double)weight / sum);
    for (long i = 0; i < n; i++) out[i] *= factor;
    // A label out of 0..<n (ignored position) has neither loss nor gradient.
    if (labels[r] >= 0 && labels[r] < n) {
      losses[r] = (float)(__builtin_log(sum) - (double)(in[labels[r]] - largest));
      out[labels[r]] -= weight;
    } else {
      losses[r] = 0;
      for (long i = 0; i < n; i++) out[i] = 0;
    }
  }
}
