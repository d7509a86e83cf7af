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

/// acc += A(row.., begin .. end) B(begin .. end, col ..); `Guarded` leaves out what a column does
/// not read.
template <class T, int V, int N, bool Guarded>
inline void gemm_depths(const Gemm<T>& g, Index row, Index col, Index begin, Index end,
                        Vec<T> (&acc)[V][N]) {
  const T* a = g.a + row + begin * g.a_stride;
  const T* b = g.b + col * g.b_col + begin * g.b_depth;
  for (Index p = begin; p < end; ++p, a += g.a_stride, b += g.b_depth) {
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

/// Writes, or adds, rows [row, row + one vector) of column j, as far as that column has them.
template <class T>
inline void gemm_store(const Gemm<T>& g, Index row, Index j, Vec<T> value) {
  T* to = g.c + j * g.c_stride + row;
  const Index first = (g.row_begin ? g.row_begin[j] : 0) - row;
  const Index last = (g.row_end ? g.row_end[j] : g.rows) - row;
  if (first <= 0 && last >= kLanes<T>) {
    store(to, g.accumulate ? load(to) + value : value);
    return;
  }
  for (Index i = first > 0 ? first : 0; i < last && i < kLanes<T>; ++i) {
    to[i] = g.accumulate ? to[i] + value[i] : value[i];
  }
}

/// Whether one of the columns has rows in [row, row + count).
template <class T, int N>
inline bool writes_rows(const Gemm<T>& g, Index row, Index count, Index col) {
  if (!g.row_begin && !g.row_end) return true;
  for (int j = 0; j < N; ++j) {
    const Index first = g.row_begin ? g.row_begin[col + j] : 0;
    const Index last = g.row_end ? g.row_end[col + j] : g.rows;
    if (first < row + count && row < last && first < last) return true;
  }
  return false;
}

/// C(row .. row + V vectors, col .. col + N).
template <class T, int V, int N>
inline void gemm_block(const Gemm<T>& g, Index row, Index col) {
  if (!writes_rows<T, N>(g, row, V * kLanes<T>, col)) return;
  Vec<T> acc[V][N];
#pragma GCC unroll 12
  for (int j = 0; j < N; ++j) {
    const Vec<T> start = splat<T>(g.bias ? g.bias[col + j] : T(0));
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) acc[v][j] = start;
  }
  const DepthRange d = depth_range<T, N>(g, col);
  if (d.begin < d.inner_begin) gemm_depths<T, V, N, true>(g, row, col, d.begin, d.inner_begin, acc);
  gemm_depths<T, V, N, false>(g, row, col, d.inner_begin, d.inner_end, acc);
  if (d.inner_end < d.end) gemm_depths<T, V, N, true>(g, row, col, d.inner_end, d.end, acc);
#pragma GCC unroll 12
  for (int j = 0; j < N; ++j) {
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) gemm_store<T>(g, row + v * kLanes<T>, col + j, acc[v][j]);
  }
}

template <class T, int V>
inline void gemm_rows(const Gemm<T>& g, Index row) {
  Index j = 0;
  for (; j + kCols <= g.cols; j += kCols) gemm_block<T, V, kCols>(g, row, j);
  if constexpr (kCols > 8) {
    if (j + 8 <= g.cols) gemm_block<T, V, 8>(g, row, j), j += 8;
  }
  if constexpr (kCols > 4) {
    if (j + 4 <= g.cols) gemm_block<T, V, 4>(g, row, j), j += 4;
  }
  if (j + 2 <= g.cols) gemm_block<T, V, 2>(g, row, j), j += 2;
  if (j < g.cols) gemm_block<T, V, 1>(g, row, j);
}

template <class T>
void gemm(const Gemm<T>& g) {
  Index row = 0;
  for (; row + kRowVecs * kLanes<T> <= g.rows; row += kRowVecs * kLanes<T>) {
    gemm_rows<T, kRowVecs>(g, row);
  }
  for (; row < g.rows; row += kLanes<T>) gemm_rows<T, 1>(g, row);
}

template <class T>
void transpose(Index rows, Index cols, const T* in, Index in_stride, T* out, Index out_stride) {
  constexpr Index block = 16;
  for (Index c0 = 0; c0 < cols; c0 += block) {
    const Index c1 = c0 + block < cols ? c0 + block : cols;
    for (Index r0 = 0; r0 < rows; r0 += block) {
      const Index r1 = r0 + block < rows ? r0 + block : rows;
      for (Index r = r0; r < r1; ++r) {
        for (Index c = c0; c < c1; ++c) out[r * out_stride + c] = in[c * in_stride + r];
      }
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
