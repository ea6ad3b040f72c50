// Diagonal linear recurrences of many channels, a position at a time: channels innermost.

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpsabi"

enum { MODAL_LANES = 16 };

typedef float KERNEL(modal_lanes) __attribute__((vector_size(64), aligned(4)));
#define ROW(p) (*(KERNEL(modal_lanes) *)(p))
#define CONST_ROW(p) (*(const KERNEL(modal_lanes) *)(p))

static void KERNEL(modal_step)(float *restrict sum, float *restrict real,
                               float *restrict imaginary, const float *restrict poles,
                               const float *restrict pole_imaginary,
                               const float *restrict residues,
                               const float *restrict residue_imaginary,
                               const float *restrict x, long modes, long stride, long channels) {
  long c = 0;
  for (; c + MODAL_LANES <= channels; c += MODAL_LANES) {
    const KERNEL(modal_lanes) in = CONST_ROW(x + c);
    // Two sums: the states of one mode do not wait for those of the last.
    KERNEL(modal_lanes) y = CONST_ROW(sum + c), other = {0};
    for (long m = 0; m < modes; m++) {
      const long at = m * stride + c;
      const KERNEL(modal_lanes) s = CONST_ROW(real + at), t = CONST_ROW(imaginary + at);
      const KERNEL(modal_lanes) a = CONST_ROW(poles + at), b = CONST_ROW(pole_imaginary + at);
      const KERNEL(modal_lanes) next = a * s - b * t + in, turned = a * t + b * s;
      ROW(real + at) = next;
      ROW(imaginary + at) = turned;
      y += CONST_ROW(residues + at) * next;
      other += CONST_ROW(residue_imaginary + at) * turned;
    }
    ROW(sum + c) = y - other;
  }
  for (; c < channels; c++) {
    float y = sum[c], other = 0;
    for (long m = 0; m < modes; m++) {
      const long at = m * stride + c;
      const float s = real[at], t = imaginary[at], a = poles[at], b = pole_imaginary[at];
      const float next = a * s - b * t + x[c], turned = a * t + b * s;
      real[at] = next;
      imaginary[at] = turned;
      y += residues[at] * next;
      other += residue_imaginary[at] * turned;
    }
    sum[c] = y - other;
  }
}

#undef ROW
#undef CONST_ROW
#pragma clang diagnostic pop
