// Convolution with the lane transform: input to points, points times filter, points to output.

// How general an input or an output is; all but the general kind are one run of whole vectors. It
// lies in the first half of the ring, or, of an overlapping piece without a gate, all round it. Of
// outputs there are kinds more that fill whole cache lines and go past the caches, so that no line is
// read before it is overwritten.
enum { PLAIN, GATED, GENERAL, ROUND, PLAIN_PAST, GATED_PAST, ROUND_PAST };

// Whether a kind has values in the second half of the ring.
#define HAS_BOTH(kind) ((kind) == GENERAL || (kind) == ROUND || (kind) == ROUND_PAST)

// What is written past the caches.
typedef float aligned_vec __attribute__((vector_size(4 * KERNEL_LANES)));

// The first `channels` of a vector, the others zero.
INLINE vec load_part(const float *p, long channels) {
  if (channels >= KERNEL_LANES) return *(const vec *)p;
  float lane[KERNEL_LANES] = {0};
  for (long c = 0; c < channels; c++) lane[c] = p[c];
  return *(const vec *)lane;
}

INLINE void store_part(float *p, long channels, vec x) {
  if (channels >= KERNEL_LANES) {
    *(vec *)p = x;
    return;
  }
  float lane[KERNEL_LANES];
  *(vec *)lane = x;
  for (long c = 0; c < channels; c++) p[c] = lane[c];
}

// The value of an input at a position of the ring, zero outside its runs; `inside` if it is known to
// lie in the only one.
INLINE vec input_value(const LaneInput *x, long position, long lane, int kind, bool inside) {
  static const float zeros[KERNEL_LANES];
  if (kind != GENERAL) {
    const long n = position - x->run[0].position;
    inside = inside || (unsigned long)n < (unsigned long)x->run[0].count;
    const long at = n * x->stride + lane;
    const vec value = *(const vec *)(inside ? x->run[0].values + at : zeros);
    if (kind != GATED) return value;
    return value * *(const vec *)(inside ? x->run[0].gate + at : zeros);
  }
  vec value = {0};
  for (int r = 0; r < 2; r++) {
    const LaneInputRun *run = x->run + r;
    const long n = position - run->position;
    if ((unsigned long)n >= (unsigned long)run->count) continue;
    const long at = n * x->stride + lane;
    vec v = run->scale * load_part(run->values + at, x->channels - lane);
    if (run->gate) v *= load_part(run->gate + at, x->channels - lane);
    value += v;
  }
  return value;
}

INLINE void output_value(const LaneOutput *y, long position, long lane, vec value, int kind,
                         bool inside) {
  for (int r = 0; r < (kind == GENERAL ? 2 : 1); r++) {
    const LaneOutputRun *run = y->run + r;
    const long n = position - run->position;
    if (!inside && (unsigned long)n >= (unsigned long)run->count) continue;
    const long at = n * y->stride + lane, channels = y->channels - lane;
    if (kind != GENERAL) {
      const bool gated = kind == GATED || kind == GATED_PAST;
      const vec v = gated ? value * *(const vec *)(run->finish.m1 + at) : value;
      if (kind < PLAIN_PAST) *(vec *)(run->finish.y1 + at) = v;
      else __builtin_nontemporal_store((aligned_vec)v, (aligned_vec *)(run->finish.y1 + at));
      continue;
    }
    const vec v = run->scale * value;
    const LaneFinish *f = &run->finish;
    store_part(f->y1 + at, channels, f->m1 ? v * load_part(f->m1 + at, channels) : v);
    if (f->y2) store_part(f->y2 + at, channels, f->m2 ? v * load_part(f->m2 + at, channels) : v);
  }
}

// The rows that a column reads alias in the first cache, as many as its ways: only so many columns
// ahead can be asked for.
enum { COLUMNS_AHEAD = 2 };

INLINE void ask_input(const LaneInput *x, long position, long lane) {
  __builtin_prefetch(x->run[0].values + (position - x->run[0].position) * x->stride + lane);
}

// Of the columns from a position on, those whose points all lie in a run: most, and these need
// not be looked at one by one.
typedef struct {
  long first, count;
} columns_inside;

INLINE columns_inside inside_of(long run, long length, long position, long span) {
  const long first = run > position ? run - position : 0;
  const long end = run + length - position - span;
  return (columns_inside){first, end > first ? end - first : 0};
}

// What a first or a last pass does with each of its columns; `ends` is its input or output.
#define FOR_EACH_COLUMN(name, radix, kind, ends, values)                                       \
  const long vectors = vectors_of(ends->channels);                                             \
  const long span = T->points - T->points / radix + (HAS_BOTH(kind) ? T->points : 0);          \
  const columns_inside inside =                                                                \
      inside_of(ends->run->position, ends->run->count, position, span);                        \
  for (long j = 0; j < count; j++, values += POINT) {                                          \
    const bool is_inside = kind != GENERAL &&                                                  \
                           (unsigned long)(j - inside.first) < (unsigned long)inside.count;    \
    FOR_EACH_VECTOR(part, vectors) {                                                           \
      const long lane = part * KERNEL_LANES;                                                   \
      if (is_inside) name##_column(T, ends, position + j, lane, values + lane, stride, true);  \
      else name##_column(T, ends, position + j, lane, values + lane, stride, false);           \
    }                                                                                          \
  }

// The pass of the top level over `count` columns from the first position on; v[k] stands a block
// further on, `stride` points in memory.
#define TOP_PASS(name, radix, operation, kind)                                                 \
  INLINE void name##_column(const LaneTransform *T, const LaneInput *x, long position, long lane,\
                            float *y, long stride, bool inside) {                              \
    const float *w = T->level[0].constants[0];                                                 \
    const bool real = !HAS_BOTH(kind);                                                         \
    point v[radix];                                                                            \
    for (int k = 0; k < radix; k++) {                                                          \
      const long n = position + k * (T->points / radix);                                       \
      if (inside) ask_input(x, n + COLUMNS_AHEAD, lane);                                       \
      v[k].re = input_value(x, n, lane, kind, inside);                                         \
      if (HAS_BOTH(kind)) v[k].im = input_value(x, n + T->points, lane, kind, inside);         \
    }                                                                                          \
    operation;                                                                                 \
    for (int k = 0; k < radix; k++) store_point(y, k * stride, v[k]);                          \
  }                                                                                            \
  static __attribute__((noinline)) void name(const LaneTransform *T, const LaneInput *x,       \
                                             long position, long count, float *y,              \
                                             long stride) {                                    \
    FOR_EACH_COLUMN(name, radix, kind, x, y)                                                   \
  }

// Joins the blocks of the top level at a column, and makes up for the bins' quarter of a bin: after
// powers of two, where real parts alone cost half, before others. What the caller does not use, the
// compiler leaves out.
INLINE void join_at_top(int radix, const LaneTransform *T, point *v, long column) {
  const LaneLevel *top = T->level;
  const float *twist = T->twist + 2 * radix * column;
  if (radix % 2 == 1) {
    for (int k = 0; k < radix; k++) v[k] = turn(v[k], twist + 2 * k);
    join_odd(radix, v, top->constants[0]);
    return;
  }
  const float *w = top->twiddles[0] + radix * column;
  if (radix == 8) join8(v, w);
  else join4(v, w);
  for (int k = 0; k < radix; k++) v[k] = turn(v[k], twist + 2 * k);
}

#define TOP_LAST_PASS(name, radix, kind)                                                       \
  INLINE void name##_column(const LaneTransform *T, const LaneOutput *y, long position,        \
                            long lane, const float *x, long stride, bool inside) {             \
    point v[radix];                                                                            \
    for (int k = 0; k < radix; k++) v[k] = load_point(x, k * stride);                          \
    join_at_top(radix, T, v, position);                                                        \
    for (int k = 0; k < radix; k++) {                                                          \
      const long n = position + k * (T->points / radix);                                       \
      output_value(y, n, lane, v[k].re, kind, inside);                                         \
      if (HAS_BOTH(kind)) output_value(y, n + T->points, lane, v[k].im, kind, inside);         \
    }                                                                                          \
  }                                                                                            \
  static __attribute__((noinline)) void name(const LaneTransform *T, const LaneOutput *y,      \
                                             long position, long count, const float *x,        \
                                             long stride) {                                    \
    FOR_EACH_COLUMN(name, radix, kind, y, x)                                                   \
  }
#define TOP_PASSES(radix, parts)                                                                \
  TOP_PASS(part_plain##radix, radix, parts, PLAIN)                                              \
  TOP_PASS(part_gated##radix, radix, parts, GATED)                                              \
  TOP_PASS(part_general##radix, radix, parts, GENERAL)                                          \
  TOP_PASS(part_round##radix, radix, parts, ROUND)                                              \
  TOP_LAST_PASS(join_plain##radix, radix, PLAIN)                                         \
  TOP_LAST_PASS(join_gated##radix, radix, GATED)                                         \
  TOP_LAST_PASS(join_general##radix, radix, GENERAL)                                     \
  TOP_LAST_PASS(join_round##radix, radix, ROUND)                                         \
  TOP_LAST_PASS(join_plain_past##radix, radix, PLAIN_PAST)                               \
  TOP_LAST_PASS(join_gated_past##radix, radix, GATED_PAST)                               \
  TOP_LAST_PASS(join_round_past##radix, radix, ROUND_PAST)                               \
  static const part_top part_top##radix[] = {part_plain##radix, part_gated##radix,              \
                                             part_general##radix, part_round##radix};           \
  static const join_top join_top##radix[] = {                                                   \
      join_plain##radix,      join_gated##radix,      join_general##radix, join_round##radix,   \
      join_plain_past##radix, join_gated_past##radix, join_round_past##radix};
typedef void (*part_top)(const LaneTransform *, const LaneInput *, long, long, float *, long);
typedef void (*join_top)(const LaneTransform *, const LaneOutput *, long, long, const float *, long);
TOP_PASSES(3, part_odd(3, v, w, real))
TOP_PASSES(4, part4(v, w, real))
TOP_PASSES(5, part_odd(5, v, w, real))
TOP_PASSES(7, part_odd(7, v, w, real))
TOP_PASSES(8, part8(v, w, real))
#undef TOP_PASSES
#undef TOP_LAST_PASS
#undef TOP_PASS

static const part_top *top_parts(int radix) {
  return radix == 3 ? part_top3 : radix == 4 ? part_top4 : radix == 5 ? part_top5
         : radix == 7 ? part_top7 : part_top8;
}

static const join_top *top_joins(int radix) {
  return radix == 3 ? join_top3 : radix == 4 ? join_top4 : radix == 5 ? join_top5
         : radix == 7 ? join_top7 : join_top8;
}

static int input_kind(const LaneTransform *T, const LaneInput *x) {
  const LaneInputRun *run = x->run;
  const bool whole = x->channels % KERNEL_LANES == 0 && run[1].count == 0 && run->scale == 1;
  const bool half = run->position + run->count <= T->points;
  if (!whole || (!half && run->gate)) return GENERAL;
  return !half ? ROUND : run->gate ? GATED : PLAIN;
}

static int output_kind(const LaneTransform *T, const LaneOutput *y) {
  const LaneOutputRun *run = y->run;
  const LaneFinish *f = &run->finish;
  const bool whole =
      y->channels % KERNEL_LANES == 0 && run[1].count == 0 && run->scale == 1 && !f->y2;
  const bool half = run->position + run->count <= T->points;
  if (!whole || (!half && f->m1)) return GENERAL;
  const bool past = y->is_large && y->channels == LANE_GROUP && y->stride % LANE_GROUP == 0 &&
                    (uintptr_t)f->y1 % (sizeof(float) * LANE_GROUP) == 0;
  if (!half) return past ? ROUND_PAST : ROUND;
  if (f->m1) return past ? GATED_PAST : GATED;
  return past ? PLAIN_PAST : PLAIN;
}

static void KERNEL(lane_part)(const LaneTransform *T, const LaneInput *x, float *z, long first,
                              long last) {
  const LaneLevel *top = T->level;
  const part_top pass = top_parts(top->radix[0])[input_kind(T, x)];
  FOR_EACH_RUN(r, T, first, last)
    pass(T, x, r.column, r.count, z + r.address * POINT, top->stride);
}

static void KERNEL(lane_join)(const LaneTransform *T, const LaneOutput *y, const float *z,
                              long first, long last) {
  const LaneLevel *top = T->level;
  const join_top pass = top_joins(top->radix[0])[output_kind(T, y)];
  FOR_EACH_RUN(r, T, first, last)
    pass(T, y, r.column, r.count, z + r.address * POINT, top->stride);
  // Lines that went past the caches are there before others are told that the work is done.
  if (y->is_large) __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

INLINE point times(point x, point h) {
  return (point){x.re * h.re - x.im * h.im, x.re * h.im + x.im * h.re};
}

// x·conj(h).
INLINE point over(point x, point h) {
  return (point){x.re * h.re + x.im * h.im, x.im * h.re - x.re * h.im};
}

// From here on `n` is the address in floats of a point's vector, and `lane` that of its first lane.

INLINE point filter_at(const LaneWork *work, long n, long lane) {
  point h = load_point(work->filter + n, 0);
  h.re += *(const vec *)(work->skip + lane);
  return h;
}

INLINE point bin_product(const LaneWork *work, long n, long lane, point x) {
  return times(x, filter_at(work, n, lane));
}

// What becomes of a bin of the two inputs x = z[n] and g: to the sum, to z, and to the result.
INLINE point bin_gradient(const LaneWork *work, long n, long lane, point g) {
  const point h = filter_at(work, n, lane), x = load_point(work->z + n, 0);
  point sum = over(g, x);
  if (!work->first) {
    const point before = load_point(work->sum + n, 0);
    sum = (point){sum.re + before.re, sum.im + before.im};
  }
  store_point(work->sum + n, 0, sum);
  if (work->operation == LANE_GRADIENTS_AND_OUTPUT) store_point(work->z + n, 0, times(x, h));
  return over(g, h);
}

// The last pass of blocks of z or g, what becomes of their bins, and the first pass back, in
// registers. Before gradients, all passes over z have been made.
#define MIDDLE(name, radix, array, bin, parts, joins)                                          \
  static __attribute__((noinline)) void name(const LaneWork *work, long at, long blocks,       \
                                             const float *w, ahead *next) {                    \
    ahead rows = *next;                                                                        \
    const long vectors = vectors_of(work->channels);                                           \
    for (long b = 0; b < blocks; b++, w += radix, at += radix) {                               \
      ask(&rows, radix / 4);                                                                   \
      FOR_EACH_VECTOR(part, vectors) {                                                         \
        const long lane = part * KERNEL_LANES, n = at * POINT + lane;                          \
        point v[radix];                                                                        \
        for (int k = 0; k < radix; k++) v[k] = load_point(work->array + n, k);                 \
        parts;                                                                                 \
        for (int k = 0; k < radix; k++) v[k] = bin(work, n + k * POINT, lane, v[k]);           \
        joins;                                                                                 \
        for (int k = 0; k < radix; k++) store_point(work->array + n, k, v[k]);                 \
      }                                                                                        \
    }                                                                                          \
    *next = rows;                                                                              \
  }
MIDDLE(multiply4, 4, z, bin_product, part4(v, w, false), join4_plain(v))
MIDDLE(multiply8, 8, z, bin_product, part8(v, w, false), join8_plain(v))
MIDDLE(differentiate4, 4, g, bin_gradient, part4(v, w, false), join4_plain(v))
MIDDLE(differentiate8, 8, g, bin_gradient, part8(v, w, false), join8_plain(v))
#undef MIDDLE

// The part of the rows from `first` on that one of the innermost blocks asks for.
static ahead ahead_of(const LaneTransform *T, const LaneWork *work, const float *first, long node,
                      float *z) {
  if (!first) return (ahead){z, 0};
  const long blocks = T->points / T->block.points;
  return (ahead){first + node * work->next_rows / blocks * work->next_stride, work->next_stride};
}

static void inner_block(const LaneTransform *T, const LaneWork *work, long node, long at) {
  const LaneLevel *block = &T->block;
  const int passes = block->passes, radix = block->radix[passes - 1];
  const long count = block->blocks[passes - 1];
  const float *w = block->constants[passes - 1] + node * block->points;
  const long vectors = vectors_of(work->channels);
  float *z = work->z + at * POINT;
  ahead next = ahead_of(T, work, work->next_z, node, z);
  switch (work->operation) {
  case LANE_PART:
    part_block(block, passes, z, vectors, node, &next);
    clear_skipped(block, passes - 1, z, 1);
    return;
  case LANE_JOIN:
    join_block(block, passes, z, vectors, &next);
    return;
  case LANE_MULTIPLY:
    part_block(block, passes - 1, z, vectors, node, &next);
    if (radix == 8) multiply8(work, at, count, w, &next);
    else multiply4(work, at, count, w, &next);
    join_block(block, passes - 1, z, vectors, &next);
    return;
  default: {
    float *g = work->g + at * POINT;
    ahead next_g = ahead_of(T, work, work->next_g, node, g);
    part_block(block, passes, z, vectors, node, &next);
    part_block(block, passes - 1, g, vectors, node, &next_g);
    if (radix == 8) differentiate8(work, at, count, w, &next_g);
    else differentiate4(work, at, count, w, &next_g);
    join_block(block, passes - 1, g, vectors, &next_g);
    if (work->operation == LANE_GRADIENTS_AND_OUTPUT) join_block(block, passes, z, vectors, &next);
  }
  }
}

// A block that is not kept, but joined with some that are.
static void clear_block(const LaneWork *work, long at, long points) {
  clear(work->z + at * POINT, points);
  if (work->g) clear(work->g + at * POINT, points);
}

// A block of a level and all inside it, depth first, so that each level stays in its cache.
static void whole_block(const LaneTransform *T, const LaneWork *work, int l, long node,
                        long at) {
  if (l == T->levels) {
    inner_block(T, work, node, at);
    return;
  }
  const LaneLevel *level = T->level + l;
  const bool both = work->operation >= LANE_GRADIENTS;
  const bool keeps = work->operation != LANE_GRADIENTS;
  const long vectors = vectors_of(work->channels);
  const float *constants = level->constants[0] + node * level->radix[0];
  float *z = work->z + at * POINT, *g = both ? work->g + at * POINT : 0;
  if (work->operation != LANE_JOIN) part_columns(T, level, z, vectors, constants);
  if (both) part_columns(T, level, g, vectors, constants);
  for (long k = 0; k < level->kept; k++)
    whole_block(T, work, l + 1, node * level->points + k, at + k * level->stride);
  for (long k = level->kept; k < level->points; k++)
    clear_block(work, at + k * level->stride, level->stride);
  if (work->operation == LANE_PART) return;
  if (both) join_columns(T, level, g, vectors, level->twiddles[0]);
  if (keeps) join_columns(T, level, z, vectors, level->twiddles[0]);
}

static void KERNEL(lane_blocks)(const LaneTransform *T, const LaneWork *work, long first,
                                long last) {
  const LaneLevel *top = T->level;
  for (long node = first; node < last; node++) {
    if (node < top->kept) whole_block(T, work, 1, node, node * top->stride);
    else clear_block(work, node * top->stride, top->stride);
  }
}
