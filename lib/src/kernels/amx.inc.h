// Matrix products of float numbers by the matrix unit of newer x86 processors (AMX), which
// multiplies tiles of 16-bit numbers (bfloat16: a float without its lower half) and adds them up
// as floats. A float is the sum of three such numbers, x = x1 + x2 + x3 of 8 bits each, exactly;
// of the nine products of two sums the three smallest are below a float's rounding:
//   a b = a1 b1 + a1 b2 + a2 b1 + a1 b3 + a2 b2 + a3 b1 + O(2^-24 |a b|)
// (Henry, Tang and Heinecke, "Leveraging the bfloat16 artificial intelligence datatype for
// higher-precision computations", 2019). `rough` products take x = x1 + x2, each rounded to
// nearest, and the first three: a b (1 + O(2^-16)).
//
// A product of tiles is C (16 x 16 floats) += L (16 x 32) R (32 x 16), each of 1 KiB. Here L holds
// 16 columns of B by 32 depths, R the same depths by 16 rows of A, two depths side by side.

struct AmxConfig {
  std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
  std::uint16_t bytes_a_row[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};

// Registers 0 to 3 are C, by two blocks of columns and two of rows; 4 and 5 are L, 6 and 7 are R.

/// Where the tiles of a product lie: `blocks` for each block of columns or rows, R's from `r_first`
/// on.
struct AmxFactors {
  PackedAmxTiles l, r;
  Index r_first, blocks;
  const std::int32_t* next;  // of L, to fetch meanwhile: a share with each block of depth

  template <int Part>
  void load_l(Index k) const {
    _tile_loadd(4, l.at(Part, k), 64);
    _tile_loadd(5, l.at(Part, k + blocks), 64);
  }
  template <int Part>
  void load_r(Index k) const {
    _tile_loadd(6, r.at(Part, r_first + k), 64);
    _tile_loadd(7, r.at(Part, r_first + k + blocks), 64);
  }
};

inline void multiply_tiles() {
  _tile_dpbf16ps(0, 4, 6);
  _tile_dpbf16ps(1, 4, 7);
  _tile_dpbf16ps(2, 5, 6);
  _tile_dpbf16ps(3, 5, 7);
}

/// C += L R over the blocks of depth [first, last), in each the smallest products first.
template <int Parts>
inline void multiply(const AmxFactors& f, Index first, Index last) {
  constexpr Index line = 16, lines = Index{2} * Parts * kAmxTile / line / kAmxFetches;
  for (Index at = first; at < last; ++at) {
    for (Index i = 0; f.next && i < lines; ++i) {
      __builtin_prefetch(f.next + (at * lines + i) * line, 0, 2);
    }
    f.load_r<0>(at);
    if constexpr (Parts == 3) {
      f.load_l<2>(at);
      multiply_tiles();
    }
    f.load_l<1>(at);
    multiply_tiles();
    if constexpr (Parts == 3) {
      f.load_r<1>(at);
      multiply_tiles();
      f.load_l<0>(at);
      multiply_tiles();
      f.load_r<2>(at);
      multiply_tiles();
      f.load_r<0>(at);
      multiply_tiles();
    } else {
      f.load_l<0>(at);
      multiply_tiles();
      f.load_r<1>(at);
      multiply_tiles();
    }
  }
}

/// Rows [row, row + 32) of columns [col, col + 32), of which `rows` tells which are written; `adds`
/// to what C has.
template <int Parts>
inline void amx_corners(const Gemm<float>& g, const AmxRows (&rows)[2], Index row, Index col,
                        bool adds, const AmxFactors& factors, Index first, Index last) {
  AmxCorner corner[4] = {{g, rows[0], row, col},
                         {g, rows[0], row + kAmxSide, col},
                         {g, rows[1], row, col + kAmxSide},
                         {g, rows[1], row + kAmxSide, col + kAmxSide}};
  if (g.far) {
    for (Index j = col; j < col + 2 * kAmxSide && j < g.cols; ++j) {
      __builtin_prefetch(g.c + j * g.c_stride + row, 1, 3);
      __builtin_prefetch(g.c + j * g.c_stride + row + kAmxSide, 1, 3);
    }
  }
  if (adds || g.bias) {
    const float* from[4];
    Index stride[4];
    for (int i = 0; i < 4; ++i) from[i] = corner[i].start(adds, stride[i]);
    _tile_loadd(0, from[0], stride[0] * 4);
    _tile_loadd(1, from[1], stride[1] * 4);
    _tile_loadd(2, from[2], stride[2] * 4);
    _tile_loadd(3, from[3], stride[3] * 4);
  } else {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
  }
  multiply<Parts>(factors, first, last);
  float* to[4];
  Index stride[4];
  for (int i = 0; i < 4; ++i) to[i] = corner[i].place(stride[i]);
  _tile_stored(0, to[0], stride[0] * 4);
  _tile_stored(1, to[1], stride[1] * 4);
  _tile_stored(2, to[2], stride[2] * 4);
  _tile_stored(3, to[3], stride[3] * 4);
  for (AmxCorner& c : corner) c.finish();
}

/// The depths that columns [col, col + 32) read, within [begin, end).
inline void panel_depths(const Gemm<float>& g, Index col, Index& begin, Index& end) {
  const Index past = col + 2 * kAmxSide < g.cols ? col + 2 * kAmxSide : g.cols;
  Index first = g.depth_begin ? end : begin, last = g.depth_end ? begin : end;
  for (Index j = col; j < past; ++j) {
    if (g.depth_begin && g.depth_begin[j] < first) first = g.depth_begin[j];
    if (g.depth_end && g.depth_end[j] > last) last = g.depth_end[j];
  }
  begin = first > begin ? first : begin;
  end = last < end ? last : end;
}

/// Columns of B are taken in panels of 32, depths in chunks of kAmxMostDepth.
inline Index amx_panels(const Gemm<float>& g) {
  return (g.cols + 2 * kAmxSide - 1) / (2 * kAmxSide);
}
inline Index amx_blocks(Index depths) { return (depths + kAmxDepth - 1) / kAmxDepth; }

/// Blocks of depth [first, last) of a chunk that begins at `begin`.
struct AmxRange {
  Index first, last;

  AmxRange(const Gemm<float>& g, Index col, Index begin, Index end) : first(0), last(0) {
    Index from = begin, to = end;
    panel_depths(g, col, from, to);
    if (from >= to) return;
    first = (from - begin) / kAmxDepth;
    last = amx_blocks(to - begin);
  }
};

/// One panel of a chunk of B.
template <int Parts>
inline void pack_panel(const Gemm<float>& g, Index col, Index begin, Index end,
                       const AmxTiles& to) {
  const AmxRange range(g, col, begin, end);
  for (int side = 0; side < 2; ++side) {
    for (Index k = range.first; k < range.last; ++k) {
      const Index at = begin + k * kAmxDepth, place = side * amx_blocks(end - begin) + k;
      if (g.b_depth == 1) {
        pack_columns<Parts>(g, col + side * kAmxSide, at, end, place, to);
      } else {
        pack_turned_columns<Parts>(g, col + side * kAmxSide, at, end, place, to);
      }
    }
  }
}

/// Where that panel lies in all of B packed.
template <int Parts, class Word>
inline AmxTilesOf<Word> packed_panel(const Gemm<float>& g, Word* packed, Index col, Index begin,
                                     Index end) {
  const Index count = 2 * amx_blocks(end - begin);
  const Index tiles_before = 2 * amx_panels(g) * (begin / kAmxDepth) + col / kAmxSide * count / 2;
  return {packed + Parts * tiles_before * kAmxTile, count};
}

/// Depths [begin, end), at most kAmxMostDepth of them; the first of a product where begin is 0.
template <int Parts>
inline void amx_chunk(const Gemm<float>& g, Index begin, Index end) {
  alignas(64) std::int32_t r_words[Index{Parts} * kAmxMostTiles * kAmxTile];
  alignas(64) std::int32_t l_words[Index{Parts} * 2 * kAmxBlocks * kAmxTile];
  const Index blocks = amx_blocks(end - begin);
  const AmxTiles r{r_words, kAmxMostTiles}, own{l_words, 2 * blocks};
  const Index rows_at_once = kAmxMostTiles / blocks / 2 * 2 * kAmxSide;
  for (Index row0 = 0; row0 < g.rows; row0 += rows_at_once) {
    const Index row1 = row0 + rows_at_once < g.rows ? row0 + rows_at_once : g.rows;
    for (Index row = row0; row < row1; row += kAmxSide) {
      for (Index k = 0; k < blocks; ++k) {
        pack_rows<Parts>(g, row, begin + k * kAmxDepth, end, (row - row0) / kAmxSide * blocks + k,
                         r);
      }
    }
    for (Index col = 0; col < g.cols; col += 2 * kAmxSide) {
      const AmxRange range(g, col, begin, end);
      if (range.first == range.last && begin > 0) continue;
      if (!g.packed) pack_panel<Parts>(g, col, begin, end, own);
      const PackedAmxTiles l = g.packed ? packed_panel<Parts>(g, g.packed, col, begin, end)
                                        : PackedAmxTiles{own.words, own.count};
      const AmxRows rows[2] = {{g, col}, {g, col + kAmxSide}};
      for (Index row = row0; row < row1; row += 2 * kAmxSide) {
        const Index past = row + 2 * kAmxSide;
        if (!rows[0].some(row, past) && !rows[1].some(row, past)) continue;
        const Index pair = (row - row0) / (2 * kAmxSide);
        const bool fetches = g.packed && g.far && pair < kAmxFetches;
        const Index panel_words = Parts * l.count * kAmxTile;
        const AmxFactors factors{
            l,
            {r.words, r.count},
            2 * pair * blocks,
            blocks,
            fetches ? l.words + panel_words + pair * panel_words / kAmxFetches : nullptr};
        amx_corners<Parts>(g, rows, row, col, g.accumulate || begin > 0, factors, range.first,
                           range.last);
      }
    }
  }
}

template <int Parts>
__attribute__((noinline)) void amx_product(const Gemm<float>& g) {
  const AmxConfig config;
  _tile_loadconfig(&config);
  for (Index begin = 0; begin < g.depth; begin += kAmxMostDepth) {
    const Index left = g.depth - begin;
    amx_chunk<Parts>(g, begin, begin + (left < kAmxMostDepth ? left : kAmxMostDepth));
  }
  _tile_release();
}

/// Small products, those that must not read what their masks leave out, and those whose B would
/// have to be packed into three parts for a few rows are those of AVX-512.
/// The choice must not depend on the rows: a row alone has the same bits as in its batch.
inline bool goes_by_tiles(const Gemm<float>& g, bool packed) {
  const bool unmasked = (!g.depth_begin && !g.depth_end) || g.zero_outside;
  const bool contiguous = g.b_depth == 1 || g.b_col == 1;
  return g.depth >= kAmxDepth && g.cols >= kAmxSide && unmasked && contiguous &&
         (packed || g.rough) && !(g.bias && g.accumulate);
}

inline void gemm_by_tiles(const Gemm<float>& g) {
  if (!goes_by_tiles(g, g.packed != nullptr)) {
    gemm<float>(g);
  } else if (g.rough) {
    amx_product<2>(g);
  } else {
    amx_product<3>(g);
  }
}

inline Index words_of_tiles(const Gemm<float>& g) {
  if (!goes_by_tiles(g, true)) return 0;
  return Index{g.rough ? 2 : 3} * 2 * amx_panels(g) * amx_blocks(g.depth) * kAmxTile;
}

template <int Parts>
inline void pack_chunks(const Gemm<float>& g, std::int32_t* packed) {
  for (Index begin = 0; begin < g.depth; begin += kAmxMostDepth) {
    const Index left = g.depth - begin;
    const Index end = begin + (left < kAmxMostDepth ? left : kAmxMostDepth);
    for (Index col = 0; col < g.cols; col += 2 * kAmxSide) {
      pack_panel<Parts>(g, col, begin, end, packed_panel<Parts>(g, packed, col, begin, end));
    }
  }
}

inline void pack_tiles(const Gemm<float>& g, std::int32_t* packed) {
  if (g.rough) {
    pack_chunks<2>(g, packed);
  } else {
    pack_chunks<3>(g, packed);
  }
}
