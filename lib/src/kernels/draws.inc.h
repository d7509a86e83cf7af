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

/// What the logarithm of 1 - u and the circle functions of v turns begin with: exact in double
/// precision, and as T accurate near 0 too, where u and v themselves would not be.
template <class T>
struct BoxMullerParts {
  T n[kRowStep], f[kRowStep], rest[kRowStep];
  typename Traits<T>::Bits quarter[kRowStep];

  BoxMullerParts(const double* u, const double* v) {
    double wide_n[kRowStep], wide_f[kRowStep], wide_rest[kRowStep];
    std::int64_t wide_quarter[kRowStep];
    for (Index i = 0; i < kRowStep; i += kLanes<double>) {
      Vec<double> exponent;
      Int<double> whole;
      store(wide_f + i, split_log<double>(1.0 - load(u + i), exponent));
      store(wide_rest + i, split_turn<double>(load(v + i), whole));
      store(wide_n + i, exponent);
      __builtin_memcpy(wide_quarter + i, &whole, sizeof whole);
    }
    for (Index i = 0; i < kRowStep; ++i) {
      n[i] = static_cast<T>(wide_n[i]);
      f[i] = static_cast<T>(wide_f[i]);
      rest[i] = static_cast<T>(wide_rest[i]);
      quarter[i] = static_cast<typename Traits<T>::Bits>(wide_quarter[i] & 3);
    }
  }
};

// Box and Muller (1958): sqrt(-2 log(1 - u)) times the cosine and sine of v turns.
template <class T>
void normals(const NormalArgs& d, Index n, T* even, T* odd) {
  for (Index first = 0; first < n; first += kRowStep) {
    const PhiloxBlock draw(d.seed, d.purpose, d.first_row + static_cast<std::uint64_t>(first),
                           d.pair);
    double u[kRowStep], v[kRowStep];
    unit_numbers(draw.word[0], draw.word[1], u);
    unit_numbers(draw.word[2], draw.word[3], v);
    const BoxMullerParts<T> parts(u, v);
    for (Index i = 0; i < kRowStep; i += kLanes<T>) {
      const Vec<T> log_rest = log_of_split<T>(load(parts.n + i), load(parts.f + i));
      const Vec<T> radius = sqrt(log_rest * T(-2)) * static_cast<T>(d.scale);
      Int<T> quarter;
      __builtin_memcpy(&quarter, parts.quarter + i, sizeof quarter);
      Vec<T> cosine, sine;
      cos_sin<T>(load(parts.rest + i), quarter, cosine, sine);
      store(even + first + i, radius * cosine);
      if (odd) store(odd + first + i, radius * sine);
    }
  }
}
