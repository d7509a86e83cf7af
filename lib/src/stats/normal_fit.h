#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "nflow/gaussian.h"

namespace nflow {

/// A normal density of E columns.
struct Normal {
  Gaussian::Kind kind = Gaussian::Kind::full;
  Eigen::VectorXd mean;    ///< E
  Eigen::MatrixXd factor;  ///< L, lower triangular with a positive diagonal: covariance L L^T
};

/// Rows to fit a normal density to: N x E, with one positive weight each, or none.
struct NormalRows {
  const RowMatrix& rows;
  const std::vector<double>& weights;
};

/// The normal density of the largest likelihood, exact to rounding in the rows: its factor is that
/// of the whitened rows times the one that whitened them (Yamamoto et al., "Roundoff error analysis
/// of the CholeskyQR2 algorithm", 2015). None where the covariance is singular, as that of no more
/// rows than columns is.
std::optional<Normal> most_likely_normal(const NormalRows& data);

struct ChosenNormal {
  Normal normal;
  double held_out = 0;  ///< mean log density of rows held out, of the columns given the first ones
};

/// The normal density that fits best the rows held out of it, each fifth in turn, among: full
/// covariance; full, shrunken towards its diagonal; factor-analytic (a diagonal and a few common
/// factors); diagonal, which is taken unless another is ahead by more than chance. All are as much
/// wider than the likeliest as the rows held out ask for. The first `given` columns are known: only
/// the others, given those, count. It takes two rows; more than 2048 columns have a diagonal.
/// `hurried` says when to end with what there is.
ChosenNormal choose_normal(const NormalRows& data, Index given = 0,
                           const std::function<bool()>& hurried = {});

}  // namespace nflow
