// Hot loops of Longwave, each compiled once per instruction set and chosen at run time.
//
// Conventions: sizes are counts of elements, not bytes; complex numbers are interleaved
// (re, im) pairs and their counts are counts of pairs; destinations come first; nothing here
// allocates. Arrays must not overlap unless a kernel says that it works in place.
#ifndef LONGWAVE_LANE_KERNELS_H
#define LONGWAVE_LANE_KERNELS_H

#include <stdbool.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/// What becomes of a value on its way out: y1 gets it times m1 and y2 times m2. `m1` null means 1;
/// `y2` null means no second result.
typedef struct LaneFinish {
  float *y1;
  const float *_Nullable m1;
  float *_Nullable y2;
  const float *_Nullable m2;
} LaneFinish;

// Convolutions of groups of channels in the lanes of vectors (see LaneTransform.h).

/// Channels of a group: a cache line of floats.
enum { LANE_GROUP = 16 };

/// Values of a sequence from a position of a ring of 2P positions on.
typedef struct LaneInputRun {
  long position;
  /// 0 for none.
  long count;
  /// [count, stride], from the first channel of the group on.
  const float *_Nullable values;
  const float *_Nullable gate;
  float scale;
} LaneInputRun;

/// What a ring holds: up to two runs, zero elsewhere.
typedef struct LaneInput {
  LaneInputRun run[2];
  long stride;
  long channels;
} LaneInput;

/// Where values of a ring go, times a scale.
typedef struct LaneOutputRun {
  long position;
  long count;
  LaneFinish finish;
  float scale;
} LaneOutputRun;

/// What is taken from a ring: up to two runs.
typedef struct LaneOutput {
  LaneOutputRun run[2];
  long stride;
  long channels;
  /// Whether caches could not keep the output anyway.
  bool is_large;
} LaneOutput;

enum { LANE_PASSES = 4, LANE_LEVELS = 8 };

/// One level of blocks: blocks of points·columns points become `points` blocks of `columns`.
typedef struct LaneLevel {
  long points;
  long columns;
  /// Points from one of the smaller blocks to the next in memory.
  long stride;
  /// 1, and more in the innermost blocks only.
  int passes;
  /// 4 or 8; that of the first level may be 3, 5 or 7.
  int radix[LANE_PASSES];
  /// For each block of a pass as many floats as its radix: √c, ⁴√c and for 8 ⁸√c, ⁸√c·exp(πi/4).
  const float *_Nullable constants[LANE_PASSES];
  /// On the way back, for each item of a pass as many floats as its radix: ω², ω or ω⁴, ω², ω and
  /// ω·exp(-πi/4) for ω = exp(-2πi·item/n), n being the size of the blocks that come out. None where
  /// the radix is odd.
  const float *_Nullable twiddles[LANE_PASSES];
  /// The first blocks of `points`, which are kept: the others are zero in the filter, and skipped.
  long kept;
  /// The blocks of each pass that hold any that are kept.
  long blocks[LANE_PASSES];
} LaneLevel;

/// How P points are transformed.
typedef struct LaneTransform {
  long points;
  int levels;
  LaneLevel level[LANE_LEVELS];
  /// For each column j of the first level as many complex numbers as its radix r:
  /// exp(-2πi·(j + k·P/r)/4P) for part k, or, where the radix is odd, exp(-2πi·(k + ¼)·j/P) for block k.
  const float *_Nullable twist;
  /// The innermost blocks, contiguous in memory; `columns` and `stride` have no meaning.
  LaneLevel block;
  /// Points left free after each innermost block, so that blocks do not meet in a cache's sets.
  long padding;
} LaneTransform;

typedef enum LaneOperation {
  /// Splits z only.
  LANE_PART,
  /// Joins z only.
  LANE_JOIN,
  /// z = z·(filter + skip).
  LANE_MULTIPLY,
  /// sum += g·conj(z), g = g·conj(filter + skip).
  LANE_GRADIENTS,
  /// The same, and z = z·(filter + skip).
  LANE_GRADIENTS_AND_OUTPUT,
} LaneOperation;

/// Points of one group of channels and what becomes of them.
typedef struct LaneWork {
  LaneOperation operation;
  /// Channels of the group that there are; the lanes beyond are left as they are.
  long channels;
  float *z;
  float *_Nullable g;
  const float *_Nullable filter;
  /// LANE_GROUP floats.
  const float *_Nullable skip;
  float *_Nullable sum;
  /// Whether `sum` is set rather than added to.
  bool first;
  /// What the next task will read for z and for g, to be brought near meanwhile: `next_rows` rows,
  /// `next_stride` apart. May be null.
  const float *_Nullable next_z;
  const float *_Nullable next_g;
  long next_rows;
  long next_stride;
} LaneWork;

/// The modes of one axis of a grid that a transform keeps (see KeptModes.h): 0 ..< positive in rows
/// from `positive_row` on, and -negative ..< 0 in rows from `negative_row` on.
typedef struct LaneModes {
  long size;
  long positive;
  long positive_row;
  long negative;
  long negative_row;
} LaneModes;

enum {
  /// Floats that `modes_of_real` and its kin handle together.
  LANE_MODE_LINE = 16,
  /// Columns of a block of their tables.
  LANE_MODE_BLOCK = 8
};

/// Which factor of a product of complex matrices is conjugated.
typedef enum LaneConjugate {
  LANE_CONJUGATE_NONE,
  LANE_CONJUGATE_LEFT,
  LANE_CONJUGATE_RIGHT,
} LaneConjugate;

typedef struct __attribute__((swift_attr("@Sendable"))) LaneKernels {
  /// The instruction set these kernels were compiled for: "avx512", "avx2" or "baseline".
  const char *name;
  /// Floats in a vector of this instruction set.
  long lane_count;

  // Elementwise; the destination may be either operand.
  void (*add)(float *y, const float *a, const float *b, long n);
  void (*subtract)(float *y, const float *a, const float *b, long n);
  void (*multiply)(float *y, const float *a, const float *b, long n);
  void (*divide)(float *y, const float *a, const float *b, long n);
  void (*scale)(float *y, const float *a, float factor, long n);
  /// y = a·s + t.
  void (*affine)(float *y, const float *a, float s, float t, long n);
  /// y += x.
  void (*accumulate)(float *y, const float *x, long n);
  /// y += x·factor.
  void (*accumulate_scaled)(float *y, const float *x, float factor, long n);

  // Rows: x is [rows, n], `row` is [n].
  void (*add_row)(float *y, const float *x, const float *row, long rows, long n);
  void (*multiply_row)(float *y, const float *x, const float *row, long rows, long n);
  /// y = x·scale + shift.
  void (*affine_rows)(float *y, const float *x, const float *scale, const float *shift,
                      long rows, long n);
  /// y += x·gate + row.
  void (*add_gated_rows)(float *y, const float *x, const float *gate, const float *row,
                         long rows, long n);
  /// out += Σ over rows of x.
  void (*sum_rows)(float *out, const float *x, long rows, long n);
  /// out += Σ over rows of a·b.
  void (*sum_products)(float *out, const float *a, const float *b, long rows, long n);
  /// out += Σ over rows of (x - mean)².
  void (*sum_squared_deviations)(float *out, const float *x, const float *mean, long rows, long n);
  double (*sum)(const float *x, long n);
  double (*sum_of_squares)(const float *x, long n);

  // Activations and their pullbacks (the gradient multiplied by the derivative at x).
  void (*gelu)(float *y, const float *x, long n);
  /// y = GELU(x + row), and x becomes x + row.
  void (*gelu_adding)(float *y, float *x, const float *row, long rows, long n);
  void (*gelu_pullback)(float *dx, const float *x, const float *dy, long n);
  void (*silu)(float *y, const float *x, long n);
  void (*silu_pullback)(float *dx, const float *x, const float *dy, long n);
  void (*relu)(float *y, const float *x, long n);
  void (*relu_pullback)(float *dx, const float *x, const float *dy, long n);
  /// max(0, x)².
  void (*squared_relu)(float *y, const float *x, long n);
  void (*squared_relu_pullback)(float *dx, const float *x, const float *dy, long n);
  void (*sigmoid)(float *y, const float *x, long n);
  void (*sigmoid_pullback)(float *dx, const float *x, const float *dy, long n);
  /// x above 0, else exp(x) - 1.
  void (*elu)(float *y, const float *x, long n);
  void (*elu_pullback)(float *dx, const float *x, const float *dy, long n);
  /// log(1 + exp(x)).
  void (*softplus)(float *y, const float *x, long n);
  void (*softplus_pullback)(float *dx, const float *x, const float *dy, long n);
  void (*exponential)(float *y, const float *x, long n);
  void (*sine)(float *y, const float *x, long n);
  void (*cosine)(float *y, const float *x, long n);
  void (*sine_pullback)(float *dx, const float *x, const float *dy, long n);
  void (*tanh)(float *y, const float *x, long n);
  void (*tanh_pullback)(float *dx, const float *x, const float *dy, long n);
  /// Gated linear unit: x is [rows, 2n], y = x[:, ..<n]·sigmoid(x[:, n...]).
  void (*glu)(float *y, const float *x, long rows, long n);
  void (*glu_pullback)(float *dx, const float *x, const float *dy, long rows, long n);

  // Normalisation over the n channels of a row; `statistics` is [rows, 2]: mean, 1/deviation.
  void (*layer_norm)(float *y, float *statistics, const float *x, const float *gain,
                     const float *bias, float epsilon, long rows, long n);
  /// `dgain` and `dbias` are added to.
  void (*layer_norm_pullback)(float *dx, float *dgain, float *dbias, const float *dy,
                              const float *x, const float *statistics, const float *gain,
                              long rows, long n);
  /// Root mean square normalisation; `statistics` is [rows]: 1/root mean square.
  void (*rms_norm)(float *y, float *statistics, const float *x, const float *gain, float epsilon,
                   long rows, long n);
  void (*rms_norm_pullback)(float *dx, float *dgain, const float *dy, const float *x,
                            const float *statistics, const float *gain, long rows, long n);

  /// Keeps element i (scaled) where a hash of `key` and `first + i` is at least `threshold`.
  void (*dropout)(float *y, const float *x, uint64_t key, uint64_t first, uint32_t threshold,
                  float scale, long n);

  /// Softmax cross-entropy of rows of n logits: losses[r] and gradients (softmax - one-hot)·weight.
  void (*softmax_cross_entropy)(float *losses, float *dlogits, const float *logits,
                                const int32_t *labels, float weight, long rows, long n);

  /// One AdamW step; `correction1/2` are 1 - βᵗ.
  void (*adamw)(float *value, float *first, float *second, const float *gradient, float rate,
                float beta1, float beta2, float epsilon, float decay, float correction1,
                float correction2, float gradient_scale, long n);

  // Sequence rows [length, stride] (channels last) to contiguous complex rows and back.
  /// z[g][n] = (u0·g0, u1·g1) at [n, g]; gates may be null. Rows of z lie `zstride` pairs apart.
  void (*gather_batch_pair)(float *z, long zstride, const float *u0, const float *u1,
                            const float *_Nullable g0, const float *_Nullable g1, long length,
                            long stride, long channels);
  /// z[g][n] = channels 2g and 2g+1 of u·gate; an odd last channel gets a zero partner.
  void (*gather_channel_pair)(float *z, long zstride, const float *u, const float *_Nullable gate,
                              long length, long stride, long channels);
  /// The real parts of z go to the first sequence, the imaginary parts to the second.
  void (*scatter_batch_pair)(const LaneFinish *first, const LaneFinish *second, const float *z,
                             long zstride, long length, long stride, long channels);
  /// The parts of row g of z go to channels 2g and 2g + 1.
  void (*scatter_channel_pair)(const LaneFinish *finish, const float *z, long zstride,
                               long length, long stride, long channels);

  // Steps of the complex transform, decimation in frequency and its inverse.
  /// even = a + b, odd = (a - b)·w, for a = z[n], b = z[n + half], zero beyond `length`.
  void (*split2)(float *even, float *odd, const float *z, const float *w, long half, long length);
  /// The inverse of split2 times two; writes the first `length` values.
  void (*join2)(float *z, const float *even, const float *odd, const float *w, long half,
                long length);
  /// In place: one block of 4·quarter values to four blocks; w is [quarter/8, 3, 8] and quarter a
  /// multiple of 8.
  void (*split4)(float *z, const float *w, long quarter);
  /// The inverse of split4 times four, in place.
  void (*join4)(float *z, const float *w, long quarter);

  // Spectra of n complex values.
  /// z = z·(h + skip); adding a real constant to every bin adds it to lag 0.
  void (*spectral_multiply)(float *z, const float *h, float skip, bool conjugate, long n);
  /// a += conj(u)·g.
  void (*spectral_correlate)(float *a, const float *u, const float *g, long n);
  // Pairs of blocks whose bins are each other's negatives (see ChannelPairs.h).
  void (*pair_multiply)(float *z, float *zp, const float *h0, const float *h1, float skip0,
                        float skip1, bool conjugate, long n, int shift, bool own);
  void (*pair_correlate)(float *a0, float *a0p, float *a1, float *a1p, const float *u,
                         const float *up, const float *g, const float *gp, long n, int shift,
                         bool own);
  void (*pair_separate)(float *h0, float *h0p, float *h1, float *h1p, const float *f,
                        const float *fp, float scale, long n, int shift, bool own);
  void (*pair_combine)(float *f, float *fp, const float *h0, const float *h0p, const float *h1,
                       const float *h1p, float scale, long n, int shift, bool own);

  // The lane transform.
  /// Input to the blocks of the first level, for the columns first..<last.
  void (*lane_part)(const LaneTransform *T, const LaneInput *x, float *z, long first, long last);
  /// The blocks first..<last of the first level: in, the operation, and back; those that are not
  /// kept become zero.
  void (*lane_blocks)(const LaneTransform *T, const LaneWork *work, long first, long last);
  /// The blocks of the first level to the output, for the columns first..<last; 2P values times P.
  void (*lane_join)(const LaneTransform *T, const LaneOutput *y, const float *z, long first,
                    long last);

  // Direct depthwise sums (see DirectConvolution.h). They read whole groups of 16 channels of
  // z, g and h, and rows of z in eights: up to seven more than they need. What they read too much
  // does not count.
  /// Rows `first` onwards of x·gate, zero outside 0..<length or wrapped around once, and zero for
  /// channels that are missing: group g of row r goes to z + g·zgroup + r·zrow.
  void (*direct_gather)(float *z, long zgroup, long zrow, const float *x,
                        const float *_Nullable gate, long length, long stride, long channels,
                        long first, long rows, bool wraps);
  /// y[n] = Σ_b h[b]·z[n + b] for n in 0..<rows; h is [groups of channels, taps, 16].
  void (*direct_convolution)(const LaneFinish *finish, const float *h, const float *z, long zrow,
                             long stride, long channels, long rows, long taps);
  /// dh[b] += Σ_n g[n]·z[n + b]; row b of dh lies at dh + b·dhrow, where dhrow may be negative.
  void (*direct_filter_gradient)(float *dh, long dhrow, const float *g, long grow, const float *z,
                                 long zrow, long channels, long rows, long taps);

  // Dilated depthwise sums over rows of one group of LANE_GROUP channels (see DilatedConvolution.h);
  // taps are [taps, LANE_GROUP], and what lies outside 0..<length counts as zero.
  /// y[n] = Σ_k h[k]·x[n + k·step], or y[n] += that if it `adds`.
  void (*dilated_filter)(float *y, const float *x, const float *h, long taps, long step,
                         long length, bool adds);
  /// low[n] = Σ_k h[k]·x[n - k·dilation] and sum[n] += Σ_k g[k]·x[n - k·dilation].
  void (*dilated_pair)(float *low, float *sum, const float *x, const float *h, const float *g,
                       long taps, long dilation, long length);
  /// dx[n] = Σ_k h[k]·dlow[n + k·dilation] + g[k]·dsum[n + k·dilation].
  void (*dilated_pair_adjoint)(float *dx, const float *dlow, const float *dsum, const float *h,
                               const float *g, long taps, long dilation, long length);
  /// dh[k] += Σ_n p[n]·x[n - k·dilation], and dg[k] the same with q unless q is null.
  void (*dilated_gradients)(float *dh, float *_Nullable dg, const float *x, const float *p,
                            const float *_Nullable q, long taps, long dilation, long length);
  /// y[r·stride + c] = z[r·LANE_GROUP + c] for the first `channels` of a group.
  void (*group_scatter)(float *y, const float *z, long stride, long channels, long rows);

  // Convolution as it comes in: rows are `stride` floats, a multiple of 16.
  /// y = pending + Σ over j < taps of h[j]·x[-j], one row; only `channels` of y are written.
  void (*online_output)(float *y, const float *pending, const float *x, const float *h,
                        long stride, long taps, long channels);
  /// y[t] += Σ over s in 1...inputs of h[s + t]·x[-s] for eight rows t; `inputs` is a multiple of
  /// 4 and `channels` of 16.
  void (*online_tile)(float *y, const float *x, const float *h, long stride, long inputs,
                      long channels);
  /// The spectrum of 2·side points (and one value more) of a + i·b for two channels a and b, each
  /// Σ over t < slots of x[newest - t]·h[t]. Slots are [2 channels, bins], of which bins 0...side
  /// count; those of x are a ring. `side` is a multiple of 8.
  void (*partition_sum)(float *w, const float *x, const float *h, long slots, long newest,
                        long side, long bins);

  /// For every channel and mode s ← pole·s + x, and sum += Re(residue·s) over the modes; modes are
  /// `stride` floats apart.
  void (*modal_step)(float *sum, float *real, float *imaginary, const float *poles,
                     const float *pole_imaginary, const float *residues,
                     const float *residue_imaginary, const float *x, long modes, long stride,
                     long channels);

  // The kept modes of one axis and back, rows `stride` floats apart (rows of complex values of a
  // real axis 2·stride), `width` floats of each. Tables are [blocks, terms, LANE_MODE_BLOCK] of
  // cosines (even) and negative sines (odd); scratch is 2·(size + 1) lines, or 4 lines a mode.
  void (*modes_of_real)(float *z, const float *x, const LaneModes *kept, const float *even,
                        const float *odd, float *scratch, long stride, long width);
  void (*modes_of_complex)(float *z, const float *x, const LaneModes *kept, const float *even,
                           const float *odd, float *scratch, long stride, long width);
  void (*real_of_modes)(float *y, const float *z, const LaneModes *kept, const float *even,
                        const float *odd, float *scratch, long stride, long width);
  void (*complex_of_modes)(float *y, const float *z, const LaneModes *kept, const float *even,
                           const float *odd, float *scratch, long stride, long width);

  /// The product of complex matrices c = a·b, a being [m, k] and b [k, n], either conjugated (see
  /// ComplexProduct.h). Rows lie `crow`, `arow` and `brow` floats apart, neighbouring elements of a
  /// row of a `astep` floats, those of b and c two.
  void (*complex_product)(float *c, long crow, const float *a, long arow, long astep,
                          const float *b, long brow, long m, long n, long k,
                          LaneConjugate conjugate);
} LaneKernels;

/// The kernels for this processor; `LONGWAVE_ISA` = avx512, avx2 or baseline asks for less.
const LaneKernels *lane_kernels_best(void);

/// The kernels of one instruction set by name, or null if this processor lacks it.
const LaneKernels *_Nullable lane_kernels_named(const char *name);

/// Asks the system to back a block of memory with huge pages, where it can.
void lane_prefer_huge_pages(void *block, long bytes);

/// Marks this thread as running inside a parallel loop; returns what it was before.
bool lane_enter_parallel(bool inside);

/// Lets this thread treat numbers below the normal range as zero; returns its previous mode.
///
/// Saturated activations are full of such numbers, and arithmetic on them is up to a hundred times
/// slower: matrix products took three times as long after two epochs of training.
uint64_t lane_flush_subnormals(void);

/// Brings back the mode that `lane_flush_subnormals` returned.
void lane_restore_subnormals(uint64_t mode);

/// Keeps OpenMP inside libraries to this one thread, once a thread.
void lane_single_threaded_libraries(void);

#pragma clang assume_nonnull end
#endif
