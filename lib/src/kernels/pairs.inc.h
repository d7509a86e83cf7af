// Rough matrix products by pairs of bfloat16 (a float without its lower half), as processors with
// AVX512_BF16 multiply them: 16 words of two numbers by 16 others, the sum of each two products
// added to a float. Numbers are rounded to nearest, to 8 bits, the sums are floats:
//   a b (1 + O(2^-8)), twice as fast as products of floats.
// Gradients alone are taken so: of a batch of rows they are known to far less.

inline constexpr Index kPairDepth = 128, kPairRows = 128;  // of A, that are packed at once
inline constexpr Index kPairs = kPairDepth / 2;
inline constexpr Index kWordLanes = 16;

/// Words of B: that of depths 2p, 2p + 1 and column j is words[p * depth + j * col].
struct PairedColumns {
  const std::int32_t* words;
  Index depth, col;
};

/// bfloat16 of `even` in the lower halves, of `odd` in the upper ones.
inline IntVec pair_words(FloatVec even, FloatVec odd) {
  alignas(64) static constexpr std::int16_t interleaved[32] = {
      0, 16, 1, 17, 2,  18, 3,  19, 4,  20, 5,  21, 6,  22, 7,  23,
      8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31};
  const __m512bh both = _mm512_cvtne2ps_pbh((__m512)odd, (__m512)even);
  return (IntVec)_mm512_permutexvar_epi16(_mm512_load_si512(interleaved), (__m512i)both);
}

inline void store_words(std::int32_t* to, IntVec words) { __builtin_memcpy(to, &words, 64); }

/// `count` depths of columns [col, col + cols), from `begin` on; what is beyond them is 0.
inline void pack_pairs(const Gemm<float>& g, Index col, Index cols, Index begin, Index count,
                       std::int32_t* words, Index depth_step, Index col_step) {
  if (g.b_depth == 1) {  // depths side by side are pairs as they lie
    for (Index j = 0; j < cols; ++j) {
      const float* b = g.b + (col + j) * g.b_col + begin;
      for (Index p = 0; p < count; p += 2 * kWordLanes, b += 2 * kWordLanes) {
        const __m512bh pairs =
            _mm512_cvtne2ps_pbh((__m512)load_some(b + kWordLanes, count - p - kWordLanes),
                                (__m512)load_some(b, count - p));
        store_words(words + j * col_step + p / 2, (IntVec)pairs);
      }
    }
    return;
  }
  for (Index p = 0; p < count; p += 2) {
    const float* b = g.b + (begin + p) * g.b_depth + col;
    for (Index j = 0; j < cols; j += kWordLanes) {
      const FloatVec odd = p + 1 < count ? load_some(b + g.b_depth + j, cols - j) : FloatVec{};
      store_words(words + p / 2 * depth_step + j, pair_words(load_some(b + j, cols - j), odd));
    }
  }
}

/// C(row .. row + V vectors, col .. col + N) from pairs [first, last) of a chunk of depths.
template <int V, int N>
__attribute__((noinline)) void pair_block(const Gemm<float>& g, Index row, Index col,
                                          const std::int32_t* a, const PairedColumns& b,
                                          Index first, Index last) {
  const Rows rows = rows_written<float, N>(g, row, V * kWordLanes, col);
  if (rows == Rows::none) return;
  FloatVec acc[V][N];
#pragma GCC unroll 12
  for (int j = 0; j < N; ++j) {
    const FloatVec start = splat<float>(g.bias ? g.bias[col + j] : 0.f);
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) {
      acc[v][j] = start;
      if (g.far) __builtin_prefetch(g.c + (col + j) * g.c_stride + row + v * kWordLanes, 1, 3);
    }
  }
  a += first * V * kWordLanes;
  const std::int32_t* words = b.words + first * b.depth;
  for (Index p = first; p < last; ++p, a += V * kWordLanes, words += b.depth) {
    __m512bh x[V];
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) x[v] = (__m512bh)_mm512_load_si512(a + v * kWordLanes);
#pragma GCC unroll 12
    for (int j = 0; j < N; ++j) {
      const __m512bh w = (__m512bh)_mm512_set1_epi32(words[j * b.col]);
#pragma GCC unroll 4
      for (int v = 0; v < V; ++v) {
        acc[v][j] = (FloatVec)_mm512_dpbf16_ps((__m512)acc[v][j], x[v], w);
      }
    }
  }
  if (rows == Rows::all) {
    gemm_store<float, V, N>(g, row, col, acc);
    return;
  }
  FloatVec out[V][N];  // a copy, since acc has no address
#pragma GCC unroll 12
  for (int j = 0; j < N; ++j) {
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) out[v][j] = acc[v][j];
  }
  gemm_store_some<float, V, N>(g, row, col, out);
}

inline Index padded_words(Index count) {
  return (count + kWordLanes - 1) / kWordLanes * kWordLanes;
}

/// How all of B is packed: by columns or by depths, as it lies.
inline PairedColumns packed_columns(const Gemm<float>& g, const std::int32_t* words) {
  if (g.b_depth == 1) return {words, 1, padded_words((g.depth + 1) / 2)};
  return {words, padded_words(g.cols), 1};
}

/// Depths [begin, begin + depth) of rows [row, row + rows), packed: two vectors of rows side by
/// side at each pair, as long as there are two.
struct PairedRows {
  Index begin, depth, row, rows;
  std::int32_t* words;

  bool two(Index r) const { return r + 2 * kWordLanes <= rows; }
  std::int32_t* at(Index r) const { return words + r * kPairs; }

  void pack(const Gemm<float>& g) const {
    for (Index r = 0; r < rows; r += two(r) ? 2 * kWordLanes : kWordLanes) {
      const Index vectors = two(r) ? 2 : 1;
      const float* a = g.a + begin * g.a_stride + row + r;
      std::int32_t* to = at(r);
      for (Index p = 0; p < depth; p += 2, a += 2 * g.a_stride) {
        for (Index v = 0; v < vectors; ++v, to += kWordLanes) {
          const FloatVec even = load(a + v * kWordLanes);
          const FloatVec odd = p + 1 < depth ? load(a + g.a_stride + v * kWordLanes) : FloatVec{};
          store_words(to, pair_words(even, odd));
        }
      }
    }
  }
};

/// Columns [col, col + N) for those rows. `g` has the bias, or adds, as this chunk is to.
template <int N>
inline void pair_columns(const Gemm<float>& g, const PairedRows& a, Index col) {
  const DepthRange d = depth_range<float, N>(g, col);
  const Index from = d.begin > a.begin ? d.begin - a.begin : 0;
  const Index to = d.end < a.begin + a.depth ? d.end - a.begin : a.depth;
  if (from >= to && a.begin > 0) return;  // but the first chunk writes what is not read too
  const Index first = from < to ? from / 2 : 0, last = from < to ? (to + 1) / 2 : 0;
  alignas(64) std::int32_t own[kWordLanes * kPairs];
  PairedColumns b{own, kWordLanes, 1};
  if (g.b_depth == 1) b = {own, 1, kPairs};
  if (g.packed) {
    b = packed_columns(g, g.packed);
    b.words += a.begin / 2 * b.depth + col * b.col;
  } else {
    pack_pairs(g, col, N, a.begin, a.depth, own, b.depth, b.col);
  }
  for (Index r = 0; r < a.rows; r += a.two(r) ? 2 * kWordLanes : kWordLanes) {
    if (a.two(r)) {
      pair_block<2, N>(g, a.row + r, col, a.at(r), b, first, last);
    } else {
      pair_block<1, N>(g, a.row + r, col, a.at(r), b, first, last);
    }
  }
}

inline void multiply_pairs(const Gemm<float>& g) {
  alignas(64) std::int32_t words[kPairs * kPairRows];
  Gemm<float> chunk = g;
  for (Index begin = 0; begin < g.depth; begin += kPairDepth) {
    const Index depth = g.depth - begin < kPairDepth ? g.depth - begin : kPairDepth;
    for (Index row = 0; row < g.rows; row += kPairRows) {
      const PairedRows a{begin, depth, row, g.rows - row < kPairRows ? g.rows - row : kPairRows,
                         words};
      a.pack(g);
      Index j = 0;
      for (; j + kCols <= g.cols; j += kCols) pair_columns<kCols>(chunk, a, j);
      if (j + 8 <= g.cols) pair_columns<8>(chunk, a, j), j += 8;
      if (j + 4 <= g.cols) pair_columns<4>(chunk, a, j), j += 4;
      if (j + 2 <= g.cols) pair_columns<2>(chunk, a, j), j += 2;
      if (j < g.cols) pair_columns<1>(chunk, a, j);
    }
    chunk.accumulate = true;
    chunk.bias = nullptr;
  }
}

/// Small products, and those that must not read what their masks leave out, stay as they are.
inline bool goes_by_pairs(const Gemm<float>& g) {
  const bool unmasked = (!g.depth_begin && !g.depth_end) || g.zero_outside;
  const bool contiguous = g.b_depth == 1 || g.b_col == 1;
  return g.rough && g.depth >= 2 * kWordLanes && g.cols >= kCols && unmasked && contiguous &&
         !(g.bias && g.accumulate);
}

inline void gemm_by_pairs(const Gemm<float>& g) {
  if (goes_by_pairs(g)) {
    multiply_pairs(g);
  } else {
    gemm<float>(g);
  }
}

inline Index words_of_pairs(const Gemm<float>& g) {
  if (!goes_by_pairs(g)) return 0;
  const PairedColumns b = packed_columns(g, nullptr);
  return g.b_depth == 1 ? g.cols * b.col : (g.depth + 1) / 2 * b.depth;
}

inline void pack_for_pairs(const Gemm<float>& g, std::int32_t* packed) {
  const PairedColumns b = packed_columns(g, packed);
  pack_pairs(g, 0, g.cols, 0, g.depth, packed, b.depth, b.col);
}
