#pragma once

#include <vector>

#include "nflow/table.h"

namespace nflow {

/// Along one column: cuts where its draws have their quantiles, on a scale on which all of it is
/// finite. Beyond the outermost cuts a and b this is u = b + w t / (1 - t), 0 <= t < 1.
class Axis {
 public:
  enum class Cuts {
    few,       ///< for products of axes
    all_along  ///< so many that each peak which draws show has some, and none is much wider than
               ///< the one beside it: a rule for cells cannot pass over what is narrow
  };

  /// `circle`: the column is [-1/2, 1/2].
  Axis(bool circle, const Eigen::Ref<const Eigen::VectorXd, 0, Eigen::InnerStride<>>& draws,
       Cuts cuts);

  /// Cuts of this scale, growing.
  const std::vector<double>& edges() const { return edges_; }

  /// The column's number at a place of this scale; multiplies `slope` by du/dplace.
  double operator()(double place, double& slope) const;

 private:
  void open_ends(int doublings);

  std::vector<double> edges_;
  double low_ = 0, high_ = 0;
  double low_width_ = 0, high_width_ = 0;  // of the scale beyond; 0: all of it is between the edges
};

}  // namespace nflow
