// Random numbers from Philox4x32-10 (Salmon et al. 2011), kRowStep rows at once: those that
// math/random.h draws one by one.

/// The words of counters (row, block), one row an entry.
struct PhiloxBlock {
  std::uint32_t word[4][kRowStep];

  PhiloxBlock(std::uint64_t seed, std::uint32_t purpose, std::uint64_t row, std::uint32_t block) {
    for (Index i = 0; i < kRowStep; ++i) {
      const std::uint64_t at = row + static_cast<std::uint64_t>(i);
      word[0][i] = static_cast<std::uint32_t>(at);
      word[1][i] = static_cast<std::uint32_t>(at >> 32);
      word[2][i] = block;
      word[3][i] = purpose;
    }
    std::uint32_t key0 = static_cast<std::uint32_t>(seed);
    std::uint32_t key1 = static_cast<std::uint32_t>(seed >> 32);
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

/// Uniform in [0, 1), 53 bits.
inline void unit_numbers(const std::uint32_t* high, const std::uint32_t* low, double* out) {
  for (Index i = 0; i < kRowStep; ++i) {
    const std::uint64_t word = (std::uint64_t{high[i]} << 21) ^ (low[i] >> 11);
    out[i] = static_cast<double>(static_cast<std::int64_t>(word)) * 0x1p-53;
  }
}

// Box and Muller (1958): sqrt(-2 log(1 - u)) times the cosine and sine of v turns.
template <class T>
void normals(const NormalArgs& d, Index n, T* even, T* odd) {
  for (Index first = 0; first < n; first += kRowStep) {
    const PhiloxBlock draw(d.seed, d.purpose, d.first_row + static_cast<std::uint64_t>(first),
                           d.pair);
    double u[kRowStep], v[kRowStep], cosine[kRowStep], sine[kRowStep];
    unit_numbers(draw.word[0], draw.word[1], u);
    unit_numbers(draw.word[2], draw.word[3], v);
    for (Index i = 0; i < kRowStep; i += kLanes<double>) {
      const Vec<double> angle = load(v + i);
      const Vec<double> radius = sqrt(-2.0 * log<double>(1.0 - load(u + i))) * d.scale;
      store(cosine + i, radius * sin_turns<double>(angle + 0.25));
      store(sine + i, radius * sin_turns<double>(angle));
    }
    for (Index i = 0; i < kRowStep; ++i) even[first + i] = static_cast<T>(cosine[i]);
    for (Index i = 0; odd && i < kRowStep; ++i) odd[first + i] = static_cast<T>(sine[i]);
  }
}
