// Dropout masks from Philox4x32-10 (Salmon et al. 2011), kRowStep rows at once; the same numbers as
// math/random.h draws one by one. Eight units share the 128 bits of one draw.

/// The words of counters (row, block), one row an entry, under `key`.
struct PhiloxBlock {
  std::uint32_t word[4][kRowStep];

  PhiloxBlock(const DropoutArgs& d, std::uint64_t row, std::uint32_t block) {
    for (Index i = 0; i < kRowStep; ++i) {
      const std::uint64_t at = row + static_cast<std::uint64_t>(i);
      word[0][i] = static_cast<std::uint32_t>(at);
      word[1][i] = static_cast<std::uint32_t>(at >> 32);
      word[2][i] = block;
      word[3][i] = d.purpose;
    }
    std::uint32_t key0 = static_cast<std::uint32_t>(d.seed);
    std::uint32_t key1 = static_cast<std::uint32_t>(d.seed >> 32);
    for (int round = 0; round < 10; ++round, key0 += 0x9e3779b9u, key1 += 0xbb67ae85u) {
      for (Index i = 0; i < kRowStep; ++i) {
        const std::uint64_t even = std::uint64_t{0xd2511f53u} * word[0][i];
        const std::uint64_t odd = std::uint64_t{0xcd9e8d57u} * word[2][i];
        word[0][i] = static_cast<std::uint32_t>(odd >> 32) ^ word[1][i] ^ key0;
        word[1][i] = static_cast<std::uint32_t>(odd);
        word[2][i] = static_cast<std::uint32_t>(even >> 32) ^ word[3][i] ^ key1;
        word[3][i] = static_cast<std::uint32_t>(even);
      }
    }
  }
};

template <class T>
void dropout(const DropoutArgs& d, Index n, Index cols, T* units, Index stride) {
  for (Index j = 0; j < cols;) {
    const Index block = (d.first_unit + j) / 8, past = (block + 1) * 8 - d.first_unit;
    const Index end = past < cols ? past : cols;
    for (Index r = 0; r < n; r += kRowStep) {
      const PhiloxBlock bits(d, d.first_row + static_cast<std::uint64_t>(r),
                             static_cast<std::uint32_t>(block));
      for (Index u = j; u < end; ++u) {
        const Index lane = (d.first_unit + u) % 8;
        const std::uint32_t* word = bits.word[lane / 2];
        const int shift = lane % 2 == 0 ? 0 : 16;
        T* to = units + u * stride + r;
        for (Index i = 0; i < kRowStep; ++i) {
          const bool dropped = ((word[i] >> shift) & 0xffffu) < d.threshold;
          to[i] *= dropped ? T(0) : static_cast<T>(d.kept);
        }
      }
    }
    j = end;
  }
}
