#pragma once

#include <vector>

#include "stats/labelled_mixture.h"

namespace nflow {

/// The numbers of all rows, so that those with the same holes stand side by side.
std::vector<Index> by_pattern(const HoledRows& rows);

/// Rows of the same holes: numbers of rows in HoledRows.
struct PatternRows {
  const Index* row;
  Index count;
};

/// Calls treat(PatternRows) for rows [first, last) of `order`, at most `most` of one pattern at
/// once.
template <class Treat>
void each_pattern(const HoledRows& rows, const std::vector<Index>& order, Index first, Index last,
                  const Treat& treat) {
  constexpr Index most = 256;
  const auto same = [&](Index a, Index b) {
    for (Index e = 0; e < rows.numbers.cols(); ++e) {
      if ((rows.numbers(a, e) != rows.numbers(a, e)) != (rows.numbers(b, e) != rows.numbers(b, e)))
        return false;
    }
    return true;
  };
  while (first < last) {
    Index end = first + 1;
    while (end < last && end - first < most && same(order[first], order[end])) ++end;
    treat(PatternRows{order.data() + first, end - first});
    first = end;
  }
}

/// What a mixture makes of rows of one pattern.
class PatternView {
 public:
  PatternView(const LabelledMixture& mixture, const HoledRows& rows, const PatternRows& which);

  const std::vector<Index>& missing() const { return missing_; }
  /// Log density of what is there in each row.
  const Eigen::VectorXd& log_density() const { return log_density_; }
  /// n x K: the components' shares in it.
  const Eigen::MatrixXd& share() const { return share_; }
  /// E x n: the numbers, and where they are missing their means in a component.
  const Eigen::MatrixXd& completed(Index component) const { return parts_[component].completed; }
  /// Covariance of the missing numbers in a component given the others.
  const Eigen::MatrixXd& spread(Index component) const { return parts_[component].spread; }

 private:
  struct Part {
    Eigen::MatrixXd completed, spread;
  };
  /// Log density of the numbers that are there, in a component.
  Eigen::VectorXd add_part(const LabelledMixture& mixture, const Eigen::MatrixXd& numbers,
                           Index component);

  std::vector<Index> known_, missing_;
  std::vector<Part> parts_;
  Eigen::VectorXd log_density_;
  Eigen::MatrixXd share_;
};

}  // namespace nflow
