// Dropout masks: eight units share the 128 bits of one draw.

template <class T>
void dropout(const DropoutArgs& d, Index n, Index cols, T* units, Index stride) {
  for (Index j = 0; j < cols;) {
    const Index block = (d.first_unit + j) / 8, past = (block + 1) * 8 - d.first_unit;
    const Index end = past < cols ? past : cols;
    for (Index r = 0; r < n; r += kRowStep) {
      const PhiloxBlock bits(d.seed, d.purpose, d.first_row + static_cast<std::uint64_t>(r),
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
