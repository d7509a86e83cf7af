#pragma once

#include <string>
#include <vector>

#include "nflow/trainer.h"

namespace nflow {

/// Throws Error where there is not one weight for each row, one is negative or not finite, or all
/// are 0. `what` names the rows.
void check_weights(const Dataset& data, const std::string& what);

/// Does any row have weight 0?
bool has_weightless_rows(const Dataset& data);
/// The others.
Dataset without_weightless_rows(const Dataset& data);

/// The weights divided by their mean; none where there are none. Rows of equal weights then count
/// as rows without any do.
std::vector<double> normalised(std::vector<double> weights);

/// Those of at most `most` rows, evenly spread, normalised.
std::vector<double> spread_weights(const std::vector<double>& weights, Index most);

/// The weighted sum of `values` over the sum of weights.
double weighted_mean(const std::vector<double>& values, const std::vector<double>& weights);

/// Positions of `count` rows, each as often as its share of the weight says (systematic
/// resampling). `row(i)` is the i-th row of those in question.
template <class RowOf>
std::vector<Index> resampled(const std::vector<double>& weights, Index rows, Index count,
                             RowOf row) {
  double total = 0, passed = 0;
  for (Index i = 0; i < rows; ++i) total += weights[row(i)];
  std::vector<Index> picks;
  for (Index i = 0; i < rows; ++i) {
    passed += weights[row(i)];
    while (static_cast<Index>(picks.size()) < count &&
           passed * static_cast<double>(count) > total * (0.5 + double(picks.size()))) {
      picks.push_back(row(i));
    }
  }
  return picks;
}

}  // namespace nflow
