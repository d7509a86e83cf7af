#include "stats/two_sample.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "kernels/kernels.h"
#include "math/random.h"
#include "memory.h"

namespace nflow {
namespace {

constexpr Index kEnough = 10;  // exchanges that give as much: p is then known well enough
constexpr Index kRound = 64;   // exchanges that are counted at once
constexpr Index kShare = 16;   // of these, what a worker treats at once
constexpr Index kBlock = 32;   // rows of distances that a worker treats at once

/// The distances between any two rows, those of the first sample before those of the second.
class Distances {
 public:
  Distances(const RowMatrix& rows, ThreadPool& pool)
      : count_(rows.rows()), stride_(padded(count_)), block_(stride_ * count_) {
    pool.run((count_ + kBlock - 1) / kBlock, [&](Index number, int) {
      const Index end = std::min(count_, (number + 1) * kBlock);
      for (Index i = number * kBlock; i < end; ++i) {
        float* column = block_.data() + i * stride_;
        for (Index j = 0; j < count_; ++j) {
          column[j] = static_cast<float>((rows.row(i) - rows.row(j)).norm());
        }
        std::fill(column + count_, column + stride_, 0.0F);
      }
    });
  }

  Index stride() const { return stride_; }

  /// signs^T D signs for each of `cols` columns of signs; `products` is memory of the same size.
  void quadratic_forms(const float* signs, Index cols, float* products, double* out) const {
    Gemm<float> g{};
    g.rows = stride_;
    g.cols = cols;
    g.depth = count_;
    g.a = block_.data();
    g.a_stride = stride_;
    g.b = signs;
    g.b_depth = 1;
    g.b_col = stride_;
    g.c = products;
    g.c_stride = stride_;
    g.far = true;
    kernels<float>().gemm(g);
    for (Index c = 0; c < cols; ++c) {
      out[c] = 0;
      for (Index i = 0; i < count_; ++i) {
        out[c] += static_cast<double>(signs[c * stride_ + i] * products[c * stride_ + i]);
      }
    }
  }

 private:
  Index count_, stride_;
  AlignedBlock<float> block_;
};

/// +1 for rows that count as the first sample's, -1 for the others; number 0 exchanges nothing.
class Exchanges {
 public:
  Exchanges(Index half, bool paired, std::uint64_t seed)
      : half_(half), paired_(paired), random_(seed, Purpose::exchange) {}

  void fill(Index number, float* signs) const {
    std::fill_n(signs, half_, 1.0F);
    std::fill_n(signs + half_, half_, -1.0F);
    if (number == 0) return;
    const auto stream = static_cast<std::uint32_t>(number);
    for (Index i = 0; i < half_; ++i) {
      if (paired_) {
        if (random_.uniform(i, stream) < 0.5) std::swap(signs[i], signs[half_ + i]);
      } else {  // the first half of a random order (Fisher and Yates)
        const auto rest = static_cast<std::uint64_t>(2 * half_ - i);
        std::swap(signs[i], signs[i + static_cast<Index>(random_.below(rest, i, stream))]);
      }
    }
  }

 private:
  Index half_;
  bool paired_;
  Random random_;
};

}  // namespace

// With signs s, -s^T D s is 2 sum |x - y| - sum |x - x'| - sum |y - y'|, n^2 times the distance.
TestResult energy_test(const RowMatrix& first, const RowMatrix& second, bool paired,
                       std::uint64_t seed, Index most_exchanges, ThreadPool& pool, double share) {
  const Index half = first.rows();
  RowMatrix all(2 * half, first.cols());
  all << first, second;
  const Distances distances(all, pool);
  const Exchanges exchanges(half, paired, seed);
  const Index stride = distances.stride();
  AlignedBlock<float> signs(stride * kRound), products(stride * kRound);
  std::vector<double> forms(kRound);
  double own = 0;
  Index as_much = 0;
  for (Index begin = 0; begin <= most_exchanges; begin += kRound) {
    pool.run(kRound / kShare, [&](Index part, int) {
      const Index c = part * kShare;
      for (Index i = c; i < c + kShare; ++i) exchanges.fill(begin + i, signs.data() + i * stride);
      distances.quadratic_forms(signs.data() + c * stride, kShare, products.data() + c * stride,
                                &forms[c]);
    });
    for (Index c = 0; c < kRound && begin + c <= most_exchanges; ++c) {
      const Index number = begin + c;
      if (number == 0) own = forms[0];
      if (number == 0 || forms[c] > share * own) continue;
      if (++as_much == kEnough) {
        return {-own / static_cast<double>(half * half),
                static_cast<double>(as_much) / static_cast<double>(number)};
      }
    }
  }
  return {-own / static_cast<double>(half * half),
          static_cast<double>(as_much + 1) / static_cast<double>(most_exchanges + 1)};
}

void to_pooled_ranks(RowMatrix& first, RowMatrix& second, Index column) {
  const Index half = first.rows(), all = half + second.rows();
  const auto value = [&](Index i) -> double& {
    return i < half ? first(i, column) : second(i - half, column);
  };
  std::vector<Index> order(all);
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](Index a, Index b) { return value(a) < value(b); });
  for (Index begin = 0, end = 0; begin < all; begin = end) {
    const double same = value(order[begin]);
    end = begin + 1;
    while (end < all && value(order[end]) == same) ++end;
    const double rank = static_cast<double>(begin + end) / 2 / static_cast<double>(all);
    for (Index i = begin; i < end; ++i) value(order[i]) = rank;
  }
}

}  // namespace nflow
