// The transform behind convolutions of LANE_GROUP neighbouring channels, one in each lane of one vector
// or of a few: what a cache line holds is read, and written, at one time.
//
// 2P real values are a polynomial modulo x^2P + 1 = (x^P - i)(x^P + i); as the values are real, the
// remainder modulo x^P - i says everything: P complex numbers, the first half of the values in the
// real parts and the second half in the imaginary parts. From there on
// x^n - c = (x^(n/2) - s)(x^(n/2) + s), s² = c, halves the modulus until its degree is one, where
// products of polynomials are products of numbers. (The "right-angle" convolution; identity 2 of the
// engine's notes.) A step multiplies by one constant a block, not by one a position, so constants
// stay in registers; and since it multiplies before it adds, a butterfly is six fused operations.
//
// Bins are never put in order: on the way back, the blocks of a size are the inverse transforms of
// every n-th bin, and are joined as in decimation in time. There the constant is one a position,
// the same for all blocks, so that again the product comes before the sum (undoing the steps would
// take eight operations, not six), and the first pass back needs none. The bins lie a quarter of a bin
// off, (k + ¼)/P turns; a last turn of each value by its position makes up for that, and costs half
// where only real parts are wanted.
//
// Blocks that a filter leaves nothing of are skipped: passes stop after the last block that is kept,
// and on the way back what was skipped is zero.
//
// A point is the real parts of a group of channels followed by their imaginary parts. Narrow vectors
// take a part of its lanes after the other; those beyond the last channel are left out.

typedef float vec __attribute__((vector_size(4 * KERNEL_LANES), aligned(4)));
typedef struct {
  vec re, im;
} point;

// Floats of a point, and vectors that hold the real parts of one.
enum { POINT = 2 * LANE_GROUP, VECTORS = LANE_GROUP / KERNEL_LANES };

// The vectors that so many channels fill.
INLINE long vectors_of(long channels) { return (channels + KERNEL_LANES - 1) / KERNEL_LANES; }

// Runs over the vectors of a point; where one holds it all, the compiler knows.
#define FOR_EACH_VECTOR(v, count) for (long v = 0; v < (VECTORS == 1 ? 1 : (count)); v++)

// Loads and stores take a pointer to the first lane of a vector.
INLINE point load_point(const float *z, long n) {
  const float *p = z + n * POINT;
  return (point){*(const vec *)p, *(const vec *)(p + LANE_GROUP)};
}

INLINE void store_point(float *z, long n, point x) {
  float *p = z + n * POINT;
  *(vec *)p = x.re;
  *(vec *)(p + LANE_GROUP) = x.im;
}

// a, b = a + w·b, a - w·b.
INLINE void part(point *a, point *b, float wr, float wi) {
  const vec re = a->re + wr * b->re, im = a->im + wr * b->im;
  const point sum = {re - wi * b->im, im + wi * b->re};
  *b = (point){2.0f * a->re - sum.re, 2.0f * a->im - sum.im};
  *a = sum;
}

// a, b = a + i·w·b, a - i·w·b.
INLINE void part_turned(point *a, point *b, float wr, float wi) {
  const vec re = a->re - wi * b->re, im = a->im - wi * b->im;
  const point sum = {re - wr * b->im, im + wr * b->re};
  *b = (point){2.0f * a->re - sum.re, 2.0f * a->im - sum.im};
  *a = sum;
}

// a, b = a + w·b, a - w·b for real a and b.
INLINE void part_real(point *a, point *b, float wr, float wi) {
  const vec x = a->re, y = b->re, im = wi * y;
  *a = (point){x + wr * y, im};
  *b = (point){x - wr * y, -im};
}

// a, b = a - i·w·b, a + i·w·b.
INLINE void part_turned_back(point *a, point *b, float wr, float wi) {
  const vec re = a->re + wi * b->re, im = a->im + wi * b->im;
  const point sum = {re + wr * b->im, im - wr * b->re};
  *b = (point){2.0f * a->re - sum.re, 2.0f * a->im - sum.im};
  *a = sum;
}

// The same for w = 1.
INLINE void part_plain(point *a, point *b) {
  const point x = *a, y = *b;
  *a = (point){x.re + y.re, x.im + y.im};
  *b = (point){x.re - y.re, x.im - y.im};
}

INLINE void part_plain_turned_back(point *a, point *b) {
  const point x = *a, y = *b;
  *a = (point){x.re + y.im, x.im - y.re};
  *b = (point){x.re - y.im, x.im + y.re};
}

// w·x.
INLINE point turn(point x, const float w[2]) {
  return (point){x.re * w[0] - x.im * w[1], x.re * w[1] + x.im * w[0]};
}

// Eight parts of a block in three steps; w holds √c, ⁴√c, ⁸√c and ⁸√c·exp(πi/4).
INLINE void part8(point v[8], const float w[8], bool real) {
  for (int k = 0; k < 4; k++) {
    if (real) part_real(v + k, v + k + 4, w[0], w[1]);
    else part(v + k, v + k + 4, w[0], w[1]);
  }
  part(v, v + 2, w[2], w[3]);
  part(v + 1, v + 3, w[2], w[3]);
  part_turned(v + 4, v + 6, w[2], w[3]);
  part_turned(v + 5, v + 7, w[2], w[3]);
  part(v, v + 1, w[4], w[5]);
  part_turned(v + 2, v + 3, w[4], w[5]);
  part(v + 4, v + 5, w[6], w[7]);
  part_turned(v + 6, v + 7, w[6], w[7]);
}

// Eight blocks, joined at a position; w holds ω⁴, ω², ω and ω·exp(-πi/4) for the twiddle ω.
INLINE void join8(point v[8], const float w[8]) {
  for (int k = 0; k < 8; k += 2) part(v + k, v + k + 1, w[0], w[1]);
  for (int k = 0; k < 8; k += 4) {
    part(v + k, v + k + 2, w[2], w[3]);
    part_turned_back(v + k + 1, v + k + 3, w[2], w[3]);
  }
  part(v, v + 4, w[4], w[5]);
  part(v + 1, v + 5, w[6], w[7]);
  part_turned_back(v + 2, v + 6, w[4], w[5]);
  part_turned_back(v + 3, v + 7, w[6], w[7]);
}

// The same where ω = 1.
INLINE void join8_plain(point v[8]) {
  const float half = 0.70710678118654752f;
  for (int k = 0; k < 8; k += 2) part_plain(v + k, v + k + 1);
  for (int k = 0; k < 8; k += 4) {
    part_plain(v + k, v + k + 2);
    part_plain_turned_back(v + k + 1, v + k + 3);
  }
  // exp(-πi/4) is √½·(1 - i): √½ goes with the sum.
  const point x = v[1], y = {v[5].re + v[5].im, v[5].im - v[5].re};
  v[1] = (point){x.re + half * y.re, x.im + half * y.im};
  v[5] = (point){x.re - half * y.re, x.im - half * y.im};
  const point z = v[3], t = {v[7].im - v[7].re, -v[7].re - v[7].im};
  v[3] = (point){z.re + half * t.re, z.im + half * t.im};
  v[7] = (point){z.re - half * t.re, z.im - half * t.im};
  part_plain(v, v + 4);
  part_plain_turned_back(v + 2, v + 6);
}

// Four parts in two steps; w holds √c and ⁴√c.
INLINE void part4(point v[4], const float w[4], bool real) {
  for (int k = 0; k < 2; k++) {
    if (real) part_real(v + k, v + k + 2, w[0], w[1]);
    else part(v + k, v + k + 2, w[0], w[1]);
  }
  part(v, v + 1, w[2], w[3]);
  part_turned(v + 2, v + 3, w[2], w[3]);
}

// Four blocks; w holds ω² and ω.
INLINE void join4(point v[4], const float w[4]) {
  for (int k = 0; k < 4; k += 2) part(v + k, v + k + 1, w[0], w[1]);
  part(v, v + 2, w[2], w[3]);
  part_turned_back(v + 1, v + 3, w[2], w[3]);
}

INLINE void join4_plain(point v[4]) {
  for (int k = 0; k < 4; k += 2) part_plain(v + k, v + k + 1);
  part_plain(v, v + 2);
  part_plain_turned_back(v + 1, v + 3);
}

// An odd number of parts by the definition: the part of the root r is Σ v[s]·rˢ; w holds rˢ,
// [root][s].
INLINE void part_odd(int radix, point *v, const float *w, bool real) {
  point sum[7];
  for (int k = 0; k < radix; k++) {
    sum[k] = v[0];
    if (real) sum[k].im = 0.0f * v[0].re;
    for (int s = 1; s < radix; s++) {
      const float re = w[2 * (k * radix + s)], im = w[2 * (k * radix + s) + 1];
      sum[k].re += re * v[s].re;
      sum[k].im += im * v[s].re;
      if (!real) {
        sum[k].re -= im * v[s].im;
        sum[k].im += re * v[s].im;
      }
    }
  }
  for (int k = 0; k < radix; k++) v[k] = sum[k];
}

INLINE void join_odd(int radix, point *v, const float *w) {
  point sum[7];
  for (int s = 0; s < radix; s++) {
    sum[s] = v[0];
    if (s > 0) {
      const float re = w[2 * s], im = w[2 * s + 1];
      sum[s] = (point){re * v[0].re + im * v[0].im, re * v[0].im - im * v[0].re};
    }
    for (int k = 1; k < radix; k++) {
      const float re = w[2 * (k * radix + s)], im = w[2 * (k * radix + s) + 1];
      sum[s].re += re * v[k].re + im * v[k].im;
      sum[s].im += re * v[k].im - im * v[k].re;
    }
  }
  for (int s = 0; s < radix; s++) v[s] = sum[s];
}

// Rows of what the next task reads, asked for while this one computes: rows of many channels lie too
// far apart for the processor to foresee them. Without any, `row` stays where it is.
typedef struct {
  const float *row;
  long step;
} ahead;

INLINE void ask(ahead *next, int rows) {
  for (int r = 0; r < rows; r++, next->row += next->step) __builtin_prefetch(next->row, 0, 2);
}

// What a pass runs over: `blocks` blocks, `block` points apart, of `items` neighbouring points and
// those that stand `step`, 2·step, … further on; of each point so many vectors.
typedef struct {
  long blocks, block, items, step, vectors;
} range;

// One pass in place; `table` holds the constants of each block in turn, or, on the way back, of each
// item.
enum { BY_BLOCK, BY_ITEM };
#define PASS(name, radix, order, operation)                                                  \
  static __attribute__((noinline)) void name(float *z, range r, const float *table,         \
                                             ahead *next) {                                  \
    ahead rows = *next;                                                                      \
    for (long b = 0; b < r.blocks; b++) {                                                    \
      float *block = z + b * r.block * POINT;                                                \
      for (long j = 0; j < r.items; j++, block += POINT) {                                   \
        const float *w = table + (order == BY_BLOCK ? b : j) * radix;                        \
        ask(&rows, radix / 4);                                                               \
        FOR_EACH_VECTOR(part, r.vectors) {                                                   \
          float *item = block + part * KERNEL_LANES;                                         \
          point v[radix];                                                                    \
          for (int k = 0; k < radix; k++) v[k] = load_point(item, k * r.step);               \
          operation;                                                                         \
          for (int k = 0; k < radix; k++) store_point(item, k * r.step, v[k]);               \
        }                                                                                    \
      }                                                                                      \
    }                                                                                        \
    *next = rows;                                                                            \
  }
PASS(part_pass4, 4, BY_BLOCK, part4(v, w, false))
PASS(part_pass8, 8, BY_BLOCK, part8(v, w, false))
PASS(join_pass4, 4, BY_ITEM, join4(v, w))
PASS(join_pass8, 8, BY_ITEM, join8(v, w))
#undef PASS

static void part_pass(int radix, float *z, range r, const float *w, ahead *next) {
  if (radix == 8) part_pass8(z, r, w, next);
  else part_pass4(z, r, w, next);
}

static void join_pass(int radix, float *z, range r, const float *w, ahead *next) {
  if (radix == 8) join_pass8(z, r, w, next);
  else join_pass4(z, r, w, next);
}

static void clear(float *z, long points) {
  __builtin_memset(z, 0, sizeof(float) * POINT * points);
}

// Before blocks of m points are joined by a pass: zeros in those that nothing was left in.
INLINE void clear_skipped(const LaneLevel *level, int pass, float *z, long m) {
  const bool last = pass == level->passes - 1;
  const long present = last ? level->kept : level->blocks[pass + 1];
  clear(z + present * m * POINT, (level->blocks[pass] * level->radix[pass] - present) * m);
}

// The first `count` passes over a block of contiguous points, in place; `node` is its place among
// the blocks of its size.
static void part_block(const LaneLevel *level, int count, float *z, long vectors, long node,
                       ahead *next) {
  long blocks = 1, m = level->points;
  for (int p = 0; p < count; p++) {
    const int radix = level->radix[p];
    m /= radix;
    const range all = {level->blocks[p], m * radix, m, m, vectors};
    part_pass(radix, z, all, level->constants[p] + node * blocks * radix, next);
    blocks *= radix;
  }
}

// Joins again what the first `count` passes have split.
static void join_block(const LaneLevel *level, int count, float *z, long vectors, ahead *next) {
  long m = level->points;
  for (int p = 0; p < count; p++) m /= level->radix[p];
  for (int p = count - 1; p >= 0; p--) {
    const int radix = level->radix[p];
    const range all = {level->blocks[p], m * radix, m, m, vectors};
    clear_skipped(level, p, z, m);
    join_pass(radix, z, all, level->twiddles[p], next);
    m *= radix;
  }
}

// Columns that lie side by side in memory.
typedef struct {
  long column, address, count;
} run;

// The longest run that starts at a column and ends before `last`.
INLINE run run_at(const LaneTransform *T, long column, long last) {
  const long block = T->block.points, left = block - column % block;
  return (run){column, column + column / block * T->padding,
               last - column < left ? last - column : left};
}

#define FOR_EACH_RUN(r, T, first, last) \
  for (run r = run_at(T, first, last); r.count > 0; r = run_at(T, r.column + r.count, last))

// Splits a block of a level into its children, or joins them, in place.
#define COLUMNS(name, pass, order)                                                           \
  static void name(const LaneTransform *T, const LaneLevel *level, float *z, long vectors,   \
                   const float *table) {                                                     \
    ahead none = {z, 0};                                                                     \
    const int radix = level->radix[0];                                                       \
    FOR_EACH_RUN(r, T, 0, level->columns) {                                                  \
      const range columns = {1, 0, r.count, level->stride, vectors};                         \
      const float *w = table + (order == BY_ITEM ? r.column * radix : 0);                    \
      pass(radix, z + r.address * POINT, columns, w, &none);                                 \
    }                                                                                        \
  }
COLUMNS(part_columns, part_pass, BY_BLOCK)
COLUMNS(join_columns, join_pass, BY_ITEM)
#undef COLUMNS
