#include "nflow/tail.h"

#include <algorithm>
#include <set>

#include "ask/draws.h"

namespace nflow {
namespace {

/// Numbers that are kept of contexts that may come again.
constexpr std::size_t kMostKept = std::size_t{1} << 20;

}  // namespace

TailShares::TailShares(const Model& model, Evaluator& evaluator, Index draws)
    : evaluator_(evaluator),
      columns_(static_cast<Index>(model.columns.size())),
      context_(static_cast<Index>(model.context.size())),
      draws_(draws > 0 ? draws : (context_ > 0 ? kDrawsGiven : kDraws)) {}

void TailShares::operator()(const RowMatrix& context, const std::vector<double>& log_prob,
                            std::vector<double>& shares) {
  const auto rows = static_cast<Index>(log_prob.size());
  const Index at_once = std::max<Index>(1, kAskedRows / draws_);  // contexts
  shares.resize(log_prob.size());
  for (Index first = 0; first < rows;) {
    std::set<Key> open;
    std::vector<Index> places;
    Index end = first;
    for (; end < rows; ++end) {
      const Key own = key_of(context, end);
      if (known_.count(own) != 0 || open.count(own) != 0) continue;
      if (static_cast<Index>(open.size()) == at_once) break;
      open.insert(own);
      places.push_back(end);
    }
    learn(context(places, Eigen::all));
    for (; first < end; ++first) {
      const Values& own = known_.find(key_of(context, first))->second;
      const double value = log_prob[static_cast<std::size_t>(first)];
      const auto no_more = std::upper_bound(own.begin(), own.end(), value) - own.begin();
      shares[static_cast<std::size_t>(first)] =
          static_cast<double>(no_more + 1) / static_cast<double>(draws_ + 1);
    }
    if (known_.size() * static_cast<std::size_t>(draws_) > kMostKept && context_ > 0) {
      known_.clear();
    }
  }
}

void TailShares::learn(const RowMatrix& contexts) {
  if (contexts.rows() == 0) return;
  std::vector<Values> found(static_cast<std::size_t>(contexts.rows()));
  for (Index first = 0; first < draws_; first += kAskedRows) {
    const Index count = std::min(kAskedRows, draws_ - first);
    const Values some = log_prob_of(contexts, first, count);
    for (std::size_t i = 0; i < found.size(); ++i) {
      const auto begin = some.begin() + static_cast<Index>(i) * count;
      found[i].insert(found[i].end(), begin, begin + count);
    }
  }
  for (std::size_t i = 0; i < found.size(); ++i) {
    std::sort(found[i].begin(), found[i].end());
    known_[key_of(contexts, static_cast<Index>(i))] = std::move(found[i]);
  }
}

/// log p of some of the draws, those of each context one after the other.
TailShares::Values TailShares::log_prob_of(const RowMatrix& context, Index first, Index count) {
  const RowMatrix drawn = draws_given(evaluator_, fixed_latent(first, count, columns_), context);
  Values log_prob;
  evaluator_.log_prob(drawn, each_repeated(context, count), log_prob);
  return log_prob;
}

}  // namespace nflow
