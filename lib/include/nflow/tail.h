#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "nflow/evaluator.h"
#include "nflow/model.h"

namespace nflow {

/// The share of a model's own mass that is less probable than a row: P(log p(X) <= log p(row)) for
/// X drawn from the model, given the row's context where there is one. For rows of the model
/// itself the shares are uniform on [0, 1], or above where values with a probability of their own
/// make ties, so that 1 % of them have one below 0.01, whatever the columns and units.
///
/// It is estimated from N draws of the model as (K + 1) / (N + 1), where K of them are no more
/// probable than the row: the standard error is at most 0.5 / sqrt(N), that of a small share s is
/// sqrt(s / N), and none is below 1 / (N + 1). The draws are always the same, those given a context
/// a function of it alone: a row's share does not depend on the rows beside it.
class TailShares {
 public:
  static constexpr Index kDraws = 10000;      ///< of a model without context
  static constexpr Index kDrawsGiven = 1000;  ///< for each context, of a model with one
  static constexpr Index kMostDraws = 10000000;

  /// `draws` 0: those above. The evaluator is the model's, and both must outlive this.
  TailShares(const Model& model, Evaluator& evaluator, Index draws = 0);

  Index draws() const { return draws_; }
  /// The shares of rows with these contexts and log p, as Evaluator::log_prob() gives it.
  void operator()(const RowMatrix& context, const std::vector<double>& log_prob,
                  std::vector<double>& shares);

 private:
  using Values = std::vector<double>;
  using Key = std::vector<std::uint64_t>;  // the bits of a context: what is NaN has an order too

  void learn(const RowMatrix& contexts);
  Values log_prob_of(const RowMatrix& context, Index first, Index count);

  Evaluator& evaluator_;
  Index columns_, context_, draws_;
  std::map<Key, Values> known_;  // log p of the draws, ascending, by context
};

}  // namespace nflow
