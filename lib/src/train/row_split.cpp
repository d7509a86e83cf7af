#include "nflow/row_split.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

namespace nflow {
namespace {

/// A random 64-bit number for a row of the table, a function of (seed, row) alone: that output of
/// the generator SplitMix64 (Steele, Lea and Flood, 2014) started from a scrambled seed. Older than
/// Purpose::split, which large tables are split with; models keep their bytes.
std::uint64_t row_key(std::uint64_t seed, Index row) {
  const auto scramble = [](std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  };
  const std::uint64_t golden = 0x9e3779b97f4a7c15u;
  return scramble(scramble(seed + golden) + (static_cast<std::uint64_t>(row) + 1) * golden);
}

}  // namespace

RowSplit split_rows(const std::vector<Index>& rows, double fraction, std::uint64_t seed) {
  if (rows.empty()) return {};
  const auto all = static_cast<double>(rows.size());
  const auto count = static_cast<std::ptrdiff_t>(std::clamp(std::round(fraction * all), 1.0, all));
  RowSplit split{{}, rows};
  std::vector<Index>& drawn = split.validation;
  std::nth_element(drawn.begin(), drawn.begin() + (count - 1), drawn.end(), [&](Index a, Index b) {
    return std::make_pair(row_key(seed, a), a) < std::make_pair(row_key(seed, b), b);
  });
  drawn.resize(static_cast<std::size_t>(count));
  std::sort(drawn.begin(), drawn.end());
  std::set_difference(rows.begin(), rows.end(), drawn.begin(), drawn.end(),
                      std::back_inserter(split.fit));
  return split;
}

}  // namespace nflow
