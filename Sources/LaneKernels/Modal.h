// Diagonal linear recurrences of many channels, a position at a time: channels innermost.

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpsabi"

// Of narrower vectors four times as many registers are needed.
enum { MODAL_LANES = 16, MODAL_VECTORS = KERNEL_LANES == 16 ? 4 : 1 };

typedef float KERNEL(modal_lanes) __attribute__((vector_size(64), aligned(4)));
#define ROW(p) (*(KERNEL(modal_lanes) *)(p))
#define CONST_ROW(p) (*(const KERNEL(modal_lanes) *)(p))

// `vectors` neighbouring vectors of channels over all modes: what lies side by side in memory is read
// together, whole lines of each row before the next row.
static inline __attribute__((always_inline)) void KERNEL(modal_columns)(
    float *restrict sum, float *restrict real, float *restrict imaginary,
    const float *restrict poles, const float *restrict pole_imaginary,
    const float *restrict residues, const float *restrict residue_imaginary,
    const float *restrict x, long modes, long stride, long c, const int vectors) {
  // Two sums: the states of one mode do not wait for those of the last.
  KERNEL(modal_lanes) in[MODAL_VECTORS], y[MODAL_VECTORS], other[MODAL_VECTORS];
  for (int v = 0; v < vectors; v++) {
    in[v] = CONST_ROW(x + c + v * MODAL_LANES);
    y[v] = CONST_ROW(sum + c + v * MODAL_LANES);
    other[v] = (KERNEL(modal_lanes)){0};
  }
  for (long m = 0; m < modes; m++) {
    for (int v = 0; v < vectors; v++) {
      const long at = m * stride + c + v * MODAL_LANES;
      const KERNEL(modal_lanes) s = CONST_ROW(real + at), t = CONST_ROW(imaginary + at);
      const KERNEL(modal_lanes) a = CONST_ROW(poles + at), b = CONST_ROW(pole_imaginary + at);
      const KERNEL(modal_lanes) next = a * s - b * t + in[v], turned = a * t + b * s;
      ROW(real + at) = next;
      ROW(imaginary + at) = turned;
      y[v] += CONST_ROW(residues + at) * next;
      other[v] += CONST_ROW(residue_imaginary + at) * turned;
    }
  }
  for (int v = 0; v < vectors; v++) ROW(sum + c + v * MODAL_LANES) = y[v] - other[v];
}

static void KERNEL(modal_step)(float *restrict sum, float *restrict real,
                               float *restrict imaginary, const float *restrict poles,
                               const float *restrict pole_imaginary,
                               const float *restrict residues,
                               const float *restrict residue_imaginary,
                               const float *restrict x, long modes, long stride, long channels) {
  long c = 0;
#define COLUMNS(vectors)                                                                       \
  for (; c + (vectors) * MODAL_LANES <= channels; c += (vectors) * MODAL_LANES)                \
    KERNEL(modal_columns)(sum, real, imaginary, poles, pole_imaginary, residues,               \
                          residue_imaginary, x, modes, stride, c, vectors);
  COLUMNS(MODAL_VECTORS)
  COLUMNS(1)
#undef COLUMNS
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
