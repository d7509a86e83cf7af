#pragma once

#include <Random123/philox.h>

#include <array>
#include <cmath>
#include <cstdint>

#include "math/constants.h"

namespace nflow {

/// What a random number is for; streams of different purposes never meet.
enum class Purpose : std::uint32_t {
  parameters = 1,
  permutation,
  shuffle,
  dropout,
  sample,
  mixture,
  cell,
  split,
  blocks,
  window,
  check,
  exchange,
  rows,
  latent,
  indicator,
  ask,
  imputation,
  noise,
  region,
  folds
};

/// The rows of a model's samples (Purpose::sample) are numbered, and nflow sample draws from row 0
/// on. What draws rows to hold beside data, which may come from there with the same seed, does so
/// far from it, in stretches that do not overlap:
struct FarRows {
  static constexpr std::uint64_t stretch = std::uint64_t{1} << 32;
  static constexpr std::uint64_t pictures = std::uint64_t{1} << 48;  // one
  static constexpr std::uint64_t check(std::uint32_t stream) {       // one each, of 1 to 65535
    return pictures + stream * stretch;
  }
  static constexpr std::uint64_t calibration = std::uint64_t{3} << 48;  // all from here on
};
static_assert(FarRows::check(65535) + FarRows::stretch <= FarRows::calibration);

/// Random numbers that are a function of (seed, purpose, a, b) alone: Philox4x32-10 (Salmon et al.,
/// "Parallel Random Numbers: As Easy as 1, 2, 3", 2011). Nothing is carried from one number to the
/// next, so that any row can be drawn by any thread, rank or job.
class Random {
 public:
  Random(std::uint64_t seed, Purpose purpose) : purpose_(static_cast<std::uint32_t>(purpose)) {
    key_ = {{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)}};
  }

  /// 128 random bits.
  std::array<std::uint32_t, 4> bits(std::uint64_t a, std::uint32_t b) const {
    const r123::Philox4x32::ctr_type counter = {
        {static_cast<std::uint32_t>(a), static_cast<std::uint32_t>(a >> 32), b, purpose_}};
    const auto r = r123::Philox4x32()(counter, key_);
    return {r[0], r[1], r[2], r[3]};
  }
  /// Uniform in [0, 1), 53 bits.
  double uniform(std::uint64_t a, std::uint32_t b) const {
    const auto r = bits(a, b);
    return unit(r[0], r[1]);
  }
  /// Uniform in 0 .. n - 1, for n up to 2^53; the bias is below n / 2^64.
  std::uint64_t below(std::uint64_t n, std::uint64_t a, std::uint32_t b) const {
    const auto r = bits(a, b);
    const std::uint64_t word = (std::uint64_t{r[0]} << 32) | r[1];
    return static_cast<std::uint64_t>((static_cast<Wide>(word) * n) >> 64);
  }
  /// Two independent standard normal numbers (Box and Muller 1958).
  std::array<double, 2> normal_pair(std::uint64_t a, std::uint32_t b) const {
    const auto r = bits(a, b);
    const double radius = std::sqrt(-2 * std::log1p(-unit(r[0], r[1])));
    const double angle = kTwoPi * unit(r[2], r[3]);
    return {radius * std::cos(angle), radius * std::sin(angle)};
  }

 private:
  __extension__ using Wide = unsigned __int128;

  static double unit(std::uint32_t high, std::uint32_t low) {
    const std::uint64_t word = (std::uint64_t{high} << 21) ^ (low >> 11);
    return static_cast<double>(word) * 0x1p-53;
  }

  r123::Philox4x32::key_type key_;
  std::uint32_t purpose_;
};

}  // namespace nflow
