#pragma once

#include <vector>

#include "blueprint.h"
#include "memory.h"
#include "thread_pool.h"

namespace nflow {

/// What a product with these weights says of them: cols, depth, how B lies and its mask. B itself
/// is left to the caller.
template <class T>
Gemm<T> product_with(const Factor& factor) {
  Gemm<T> g{};
  g.cols = factor.turned ? factor.weight.cols : factor.weight.rows;
  g.depth = factor.turned ? factor.weight.rows : factor.weight.cols;
  g.b_depth = factor.turned ? factor.weight.cols : 1;
  g.b_col = factor.turned ? 1 : factor.weight.cols;
  g.depth_begin = factor.begin.empty() ? nullptr : factor.begin.data();
  g.depth_end = factor.end.empty() ? nullptr : factor.end.data();
  g.zero_outside = true;
  g.rough = factor.turned;
  return g;
}

/// The weights of a chain once more, in the order that the kernels read fastest: many tiles pass
/// them before they change. Empty where the kernels have no such order.
template <class T>
class PackedWeights {
 public:
  /// For forward() alone, or for `training`.
  PackedWeights(const Blueprint& blueprint, bool training) : factors_(blueprint.factors()) {
    for (const Factor& factor : factors_) {
      places_.push_back(words_);
      if (factor.turned && !training) continue;
      words_ += kernels<T>().packed_words(product_with<T>(factor));
    }
    places_.push_back(words_);
    if (words_ > 0) block_.emplace_back(words_);
  }

  void pack(ThreadPool& pool, const T* theta) {
    if (words_ == 0) return;
    pool.run(static_cast<Index>(factors_.size()), [&](Index i, int) {
      if (places_[i] == places_[i + 1]) return;
      Gemm<T> g = product_with<T>(factors_[i]);
      g.b = theta + factors_[i].weight.offset;
      kernels<T>().pack(g, block_[0].data() + places_[i]);
    });
  }

  /// Null where that factor is not packed.
  const std::int32_t* of(Index factor) const {
    if (places_[factor] == places_[factor + 1]) return nullptr;
    return block_[0].data() + places_[factor];
  }

 private:
  std::vector<Factor> factors_;
  std::vector<Index> places_;  // of each factor, and the end
  Index words_ = 0;
  std::vector<AlignedBlock<std::int32_t>> block_;  // one or none
};

}  // namespace nflow
