// Tiles of the matrix unit, as amx.inc.h multiplies them: of 16 x 32 or 32 x 16 numbers of 16 bits
// and 1 KiB, two depths side by side.

inline constexpr Index kAmxSide = 16, kAmxDepth = 32;
inline constexpr Index kAmxTile = kAmxSide * kAmxSide;  // 32-bit words of a tile
inline constexpr Index kAmxMostDepth = 256;             // that is packed at once
inline constexpr Index kAmxMostTiles = 64;              // of R that are packed at once
inline constexpr Index kAmxBlocks = kAmxMostDepth / kAmxDepth;
inline constexpr Index kAmxFetches = 4;  // pairs of rows' blocks that share the fetching of a panel

/// Tiles side by side: part 1 of all `count`, part 2 of all, part 3 of all.
template <class Word>
struct AmxTilesOf {
  Word* words;
  Index count;

  Word* at(int part, Index tile) const { return words + (part * count + tile) * kAmxTile; }
};
using AmxTiles = AmxTilesOf<std::int32_t>;  // to be packed
using PackedAmxTiles = AmxTilesOf<const std::int32_t>;

/// The leading bits of x as a float, and x less them.
template <int Parts>
inline IntVec leading(FloatVec& x) {
  const IntVec upper = IntVec{} + std::int32_t(0xffff0000);
  const IntVec part = (bits<float>(x) + (Parts == 2 ? 0x8000 : 0)) & upper;
  x -= from_bits<float>(part);
  return part;
}

/// Words of the parts of `even` and `odd`, the numbers at two depths.
template <int Parts>
inline void split_pair(FloatVec even, FloatVec odd, IntVec (&word)[3]) {
#pragma GCC unroll 3
  for (int i = 0; i < Parts; ++i) {
    const IntVec low = leading<Parts>(even), high = leading<Parts>(odd);
    word[i] = (IntVec)_mm512_or_si512(_mm512_srli_epi32((__m512i)low, 16), (__m512i)high);
  }
}

inline FloatVec load_some(const float* p, Index count) {
  if (count >= kAmxSide) return load(p);
  if (count <= 0) return FloatVec{};
  return (FloatVec)_mm512_maskz_loadu_ps(__mmask16((1u << count) - 1), p);
}

/// A(row .. row + 16, begin .. begin + 32) as tile `to` of R.
template <int Parts>
inline void pack_rows(const Gemm<float>& g, Index row, Index begin, Index end, Index to,
                      const AmxTiles& tiles) {
  const float* a = g.a + row + begin * g.a_stride;
  for (Index p = 0; p < kAmxSide; ++p, a += 2 * g.a_stride) {
    const Index at = begin + 2 * p;
    IntVec word[3];
    split_pair<Parts>(at < end ? load(a) : FloatVec{},
                      at + 1 < end ? load(a + g.a_stride) : FloatVec{}, word);
#pragma GCC unroll 3
    for (int i = 0; i < Parts; ++i) {
      __builtin_memcpy(tiles.at(i, to) + p * kAmxSide, &word[i], sizeof word[i]);
    }
  }
}

/// B(begin .. begin + 32, col .. col + 16) as tile `to` of L, depths being contiguous in B.
template <int Parts>
inline void pack_columns(const Gemm<float>& g, Index col, Index begin, Index end, Index to,
                         const AmxTiles& tiles) {
  alignas(64) static constexpr std::int16_t upper_halves[32] = {
      1,  3,  5,  7,  9,  11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31,
      33, 35, 37, 39, 41, 43, 45, 47, 49, 51, 53, 55, 57, 59, 61, 63};
  const __m512i pick = _mm512_load_si512(upper_halves);
  for (Index j = 0; j < kAmxSide; ++j) {
    const float* b = g.b + (col + j) * g.b_col + begin;
    const bool there = col + j < g.cols;
    FloatVec first = there ? load_some(b, end - begin) : FloatVec{};
    FloatVec second = there ? load_some(b + kAmxSide, end - begin - kAmxSide) : FloatVec{};
#pragma GCC unroll 3
    for (int i = 0; i < Parts; ++i) {
      const IntVec one = leading<Parts>(first), two = leading<Parts>(second);
      const __m512i words = _mm512_permutex2var_epi16((__m512i)one, pick, (__m512i)two);
      _mm512_store_si512(tiles.at(i, to) + j * kAmxSide, words);
    }
  }
}

/// The same, columns being contiguous in B.
template <int Parts>
inline void pack_turned_columns(const Gemm<float>& g, Index col, Index begin, Index end, Index to,
                                const AmxTiles& tiles) {
  FloatVec square[3][kAmxSide];
  const float* b = g.b + col + begin * g.b_depth;
#pragma GCC unroll 16
  for (Index p = 0; p < kAmxSide; ++p, b += 2 * g.b_depth) {
    const Index at = begin + 2 * p;
    IntVec word[3];
    split_pair<Parts>(at < end ? load_some(b, g.cols - col) : FloatVec{},
                      at + 1 < end ? load_some(b + g.b_depth, g.cols - col) : FloatVec{}, word);
#pragma GCC unroll 3
    for (int i = 0; i < Parts; ++i) square[i][p] = from_bits<float>(word[i]);
  }
#pragma GCC unroll 3
  for (int i = 0; i < Parts; ++i) {
    transpose_square<float>(square[i]);
#pragma GCC unroll 16
    for (Index j = 0; j < kAmxSide; ++j) {
      __builtin_memcpy(tiles.at(i, to) + j * kAmxSide, &square[i][j], sizeof square[i][j]);
    }
  }
}
