// Matrix products on tiles. A block of kRowVecs vectors of rows stays in registers with kCols
// columns of C; the block's part of A stays in the first-level cache while all of B passes by.

#if NFLOW_VECTOR_BYTES == 64
inline constexpr int kRowVecs = 2, kCols = 12;  // 24 of 32 registers hold C
#elif NFLOW_VECTOR_BYTES == 32
inline constexpr int kRowVecs = 2, kCols = 6;  // 12 of 16
#else
inline constexpr int kRowVecs = 2, kCols = 4;  // 8 of 16, no fused multiply-add
#endif

/// The depths of one block's columns: all of them read [inner_begin, inner_end), some of them read
/// what else lies in [begin, end).
struct DepthRange {
  Index begin, inner_begin, inner_end, end;
};

template <class T, int N>
inline DepthRange depth_range(const Gemm<T>& g, Index col) {
  DepthRange d{0, 0, g.depth, g.depth};
  if (g.depth_begin) {
    d.begin = g.depth;
    for (int j = 0; j < N; ++j) {
      const Index first = g.depth_begin[col + j];
      d.begin = first < d.begin ? first : d.begin;
      d.inner_begin = first > d.inner_begin ? first : d.inner_begin;
    }
  }
  if (g.depth_end) {
    d.end = 0;
    for (int j = 0; j < N; ++j) {
      const Index last = g.depth_end[col + j];
      d.end = last > d.end ? last : d.end;
      d.inner_end = last < d.inner_end ? last : d.inner_end;
    }
  }
  if (g.zero_outside) d.inner_begin = d.begin, d.inner_end = d.end;
  if (d.inner_begin > d.inner_end) d.inner_begin = d.inner_end = d.end;
  return d;
}

/// acc += A(row.., begin .. end) B(begin .. end, col ..). `Guarded` leaves out what a column does
/// not read; `Far` fetches what of B comes next.
template <class T, int V, int N, bool Guarded, bool Far>
__attribute__((always_inline)) inline void gemm_depths(const Gemm<T>& g, Index row, Index col,
                                                       Index begin, Index end,
                                                       Vec<T> (&acc)[V][N]) {
  const T* a = g.a + row + begin * g.a_stride;
  const T* b = g.b + col * g.b_col + begin * g.b_depth;
  // The columns after these: at each depth theirs, where they lie side by side; else a piece of the
  // first of them, and so on, N columns at the last depth.
  const bool side_by_side = g.b_col == 1;
  const T* next = side_by_side ? b + 2 * N - 1 : g.b + (col + N) * g.b_col;
  const Index next_step = side_by_side ? g.b_depth : N;
  for (Index p = begin; p < end; ++p, a += g.a_stride, b += g.b_depth, next += next_step) {
    if constexpr (Far) __builtin_prefetch(next, 0, 2);
    Vec<T> x[V];
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) x[v] = load(a + v * kLanes<T>);
#pragma GCC unroll 12
    for (int j = 0; j < N; ++j) {
      const bool reads = !Guarded || ((!g.depth_begin || g.depth_begin[col + j] <= p) &&
                                      (!g.depth_end || p < g.depth_end[col + j]));
      if (!reads) continue;
      const Vec<T> w = splat<T>(b[j * g.b_col]);
#pragma GCC unroll 4
      for (int v = 0; v < V; ++v) acc[v][j] += x[v] * w;
    }
  }
}

/// Writes, or adds, V vectors of rows of N columns, as far as each column has them.
template <class T, int V, int N>
__attribute__((noinline)) void gemm_store_some(const Gemm<T>& g, Index row, Index col,
                                               const Vec<T> (&acc)[V][N]) {
  for (int j = 0; j < N; ++j) {
    T* to = g.c + (col + j) * g.c_stride + row;
    const Index first = (g.row_begin ? g.row_begin[col + j] : 0) - row;
    const Index last = (g.row_end ? g.row_end[col + j] : g.rows) - row;
    for (Index i = first > 0 ? first : 0; i < last && i < V * kLanes<T>; ++i) {
      const T value = acc[i / kLanes<T>][j][i % kLanes<T>];
      to[i] = g.accumulate ? to[i] + value : value;
    }
  }
}

template <class T, int V, int N>
__attribute__((always_inline)) inline void gemm_store(const Gemm<T>& g, Index row, Index col,
                                                      const Vec<T> (&acc)[V][N]) {
#pragma GCC unroll 12
  for (int j = 0; j < N; ++j) {
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) {
      T* to = g.c + (col + j) * g.c_stride + row + v * kLanes<T>;
      store(to, g.accumulate ? load(to) + acc[v][j] : acc[v][j]);
    }
  }
}

/// Which of the rows [row, row + count) the columns write.
enum class Rows { none, some, all };

template <class T, int N>
inline Rows rows_written(const Gemm<T>& g, Index row, Index count, Index col) {
  if (!g.row_begin && !g.row_end) return row + count <= g.rows ? Rows::all : Rows::some;
  bool any = false, all = true;
  for (int j = 0; j < N; ++j) {
    const Index first = g.row_begin ? g.row_begin[col + j] : 0;
    const Index last = g.row_end ? g.row_end[col + j] : g.rows;
    any = any || (first < row + count && row < last && first < last);
    all = all && first <= row && row + count <= last;
  }
  return all ? Rows::all : (any ? Rows::some : Rows::none);
}

/// C(row .. row + V vectors, col .. col + N), over the depths `d`. Of its own for `Edges`, which
/// some columns do not read, so that the common case keeps C in registers.
template <class T, int V, int N, bool Edges, bool Far>
__attribute__((noinline)) void gemm_block(const Gemm<T>& g, Index row, Index col,
                                          const DepthRange& d, Rows rows) {
  Vec<T> acc[V][N];
#pragma GCC unroll 12
  for (int j = 0; j < N; ++j) {
    const Vec<T> start = splat<T>(g.bias ? g.bias[col + j] : T(0));
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) {
      acc[v][j] = start;
      if (Far) __builtin_prefetch(g.c + (col + j) * g.c_stride + row + v * kLanes<T>, 1, 3);
    }
  }
  if (Edges) gemm_depths<T, V, N, true, false>(g, row, col, d.begin, d.inner_begin, acc);
  gemm_depths<T, V, N, false, Far>(g, row, col, d.inner_begin, d.inner_end, acc);
  if (Edges) gemm_depths<T, V, N, true, false>(g, row, col, d.inner_end, d.end, acc);
  if (rows == Rows::all) {
    gemm_store<T, V, N>(g, row, col, acc);
    return;
  }
  Vec<T> out[V][N];  // a copy, since acc has no address
#pragma GCC unroll 12
  for (int j = 0; j < N; ++j) {
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) out[v][j] = acc[v][j];
  }
  gemm_store_some<T, V, N>(g, row, col, out);
}

template <class T, int V, int N, bool Far>
inline void gemm_columns(const Gemm<T>& g, Index row, Index col) {
  const Rows rows = rows_written<T, N>(g, row, V * kLanes<T>, col);
  if (rows == Rows::none) return;
  const DepthRange d = depth_range<T, N>(g, col);
  if (d.begin < d.inner_begin || d.inner_end < d.end) {
    gemm_block<T, V, N, true, Far>(g, row, col, d, rows);
  } else {
    gemm_block<T, V, N, false, Far>(g, row, col, d, rows);
  }
}

template <class T, int V, bool Far>
inline void gemm_rows(const Gemm<T>& g, Index row) {
  Index j = 0;
  for (; j + kCols <= g.cols; j += kCols) gemm_columns<T, V, kCols, Far>(g, row, j);
  if constexpr (kCols > 8) {
    if (j + 8 <= g.cols) gemm_columns<T, V, 8, Far>(g, row, j), j += 8;
  }
  if constexpr (kCols > 4) {
    if (j + 4 <= g.cols) gemm_columns<T, V, 4, Far>(g, row, j), j += 4;
  }
  if (j + 2 <= g.cols) gemm_columns<T, V, 2, Far>(g, row, j), j += 2;
  if (j < g.cols) gemm_columns<T, V, 1, Far>(g, row, j);
}

template <class T, bool Far>
inline void gemm_tile(const Gemm<T>& g) {
  Index row = 0;
  for (; row + kRowVecs * kLanes<T> <= g.rows; row += kRowVecs * kLanes<T>) {
    gemm_rows<T, kRowVecs, Far>(g, row);
  }
  for (; row < g.rows; row += kLanes<T>) gemm_rows<T, 1, Far>(g, row);
}

template <class T>
void gemm(const Gemm<T>& g) {
  if (g.far) {
    gemm_tile<T, true>(g);
  } else {
    gemm_tile<T, false>(g);
  }
}

/// Lanes of `low` and `high` by number: those of `high` follow those of `low`.
template <class T>
inline Vec<T> pick(Vec<T> low, Vec<T> high, Int<T> lanes) {
#if defined(__clang__)  // which only knows it with constant numbers
  Vec<T> out;
  for (Index l = 0; l < kLanes<T>; ++l) {
    out[l] = lanes[l] < kLanes<T> ? low[lanes[l]] : high[lanes[l] - kLanes<T>];
  }
  return out;
#else
  return __builtin_shuffle(low, high, lanes);
#endif
}

/// Transposes a square of kLanes vectors: step s swaps the blocks of s x s entries beside the
/// diagonal of each block of 2s x 2s.
template <class T>
inline void transpose_square(Vec<T> (&v)[kLanes<T>]) {
#pragma GCC unroll 4
  for (Index s = 1; s < kLanes<T>; s *= 2) {
    Int<T> upper, lower;
#pragma GCC unroll 16
    for (Index l = 0; l < kLanes<T>; ++l) {
      const bool swapped = (l & s) != 0;
      upper[l] = typename Traits<T>::Bits(swapped ? kLanes<T> + l - s : l);
      lower[l] = typename Traits<T>::Bits(swapped ? kLanes<T> + l : l + s);
    }
#pragma GCC unroll 16
    for (Index i = 0; i < kLanes<T>; ++i) {
      if ((i & s) != 0) continue;
      const Vec<T> a = v[i], b = v[i + s];
      v[i] = pick<T>(a, b, upper);
      v[i + s] = pick<T>(a, b, lower);
    }
  }
}

template <class T>
void transpose(Index rows, Index cols, const T* in, Index in_stride, T* out, Index out_stride) {
  constexpr Index side = kLanes<T>;
  for (Index c = 0; c < out_stride; c += side) {
    for (Index r = 0; r < rows; r += side) {
      Vec<T> v[side];
#pragma GCC unroll 16
      for (Index i = 0; i < side; ++i) {
        v[i] = c + i < cols ? load(in + (c + i) * in_stride + r) : Vec<T>{};
      }
      transpose_square<T>(v);
#pragma GCC unroll 16
      for (Index i = 0; i < side; ++i) store(out + (r + i) * out_stride + c, v[i]);
    }
  }
}

template <class T>
void add_column_sums(Index n, Index cols, const T* in, Index stride, T* sums) {
  for (Index j = 0; j < cols; ++j) {
    Vec<T> s = {};
    for (Index r = 0; r < n; r += kLanes<T>) s += load(in + j * stride + r);
    sums[j] += sum<T>(s);
  }
}

template <class T>
Index no_words(const Gemm<T>&) {
  return 0;
}
template <class T>
void pack_nothing(const Gemm<T>&, std::int32_t*) {}
