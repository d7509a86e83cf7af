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

/// The e of weight = m 2^e, 1/2 <= m < 1, of the largest where there are several; the least int of
/// 0.
int exponent_of(double weight);
int exponent_of(const std::vector<double>& weights);

/// weight 2^-e. By the largest one's e no sum overflows, no square that counts is lost, and ratios,
/// which matter alone, keep their bits. What is above 0 stays above 0, however small beside the
/// largest: it is the weight of a row that counts as one.
double scaled_weight(double weight, int e);

/// Their sum; of no weights, that of as many ones as there are rows.
double total_weight(const std::vector<double>& weights, Index rows);

/// The weights divided by their mean; none where there are none. Rows of equal weights then count
/// as rows without any do. What is above 0 stays above 0.
std::vector<double> normalised(std::vector<double> weights);

/// The weights of at most `most` rows, evenly spread, normalised.
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
