#include "dependence.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

#include "scaler.h"

namespace nflow {
namespace {

/// Rows that are standardised at once.
constexpr Index kBlock = 1024;

/// A share of variance unexplained below which a column is looked at closely: far above the square
/// of kNearResidual and what rounding does to correlations.
constexpr double kSuspicious = 1e-5;

/// Standardised slopes below this are no part of a dependence.
constexpr double kSmallSlope = 1e-4;

class Search {
 public:
  explicit Search(const Dataset& data) : data_(data), context_(data.context.cols()) {
    const std::vector<std::string> unnamed(context_ + data.x.cols());
    scaler_ = joined(fit_scaler(data.context, unnamed), fit_scaler(data.x, unnamed));
    correlate();
  }

  /// A Cholesky factorisation that leaves dependent columns out: row j of `factor` has the
  /// coordinates of column j along the directions that the columns kept so far add.
  std::vector<Dependence> run() {
    std::vector<Dependence> found;
    const Index columns = correlation_.rows();
    Eigen::MatrixXd factor = Eigen::MatrixXd::Zero(columns, columns);
    for (Index j = 0; j < columns; ++j) {
      const auto kept = static_cast<Index>(kept_.size());
      Eigen::VectorXd to_kept(kept);
      for (Index k = 0; k < kept; ++k) to_kept(k) = correlation_(j, kept_[k]);
      const auto triangle = factor.topLeftCorner(kept, kept).triangularView<Eigen::Lower>();
      const Eigen::VectorXd along = triangle.solve(to_kept);
      const double left = correlation_(j, j) - along.squaredNorm();
      bool keep = left > kContextLeft;
      if (kept > 0 && left < kSuspicious && j >= context_) {
        const Dependence dependence = look_closely(j, triangle, to_kept);
        if (dependence.residual < kNearResidual) found.push_back(dependence);
        keep = dependence.residual >= kExactResidual;
      }
      if (!keep) continue;
      factor.row(kept).head(kept) = along;
      factor(kept, kept) = std::sqrt(std::max(left, kContextLeft));
      kept_.push_back(j);
    }
    return found;
  }

 private:
  // Variance left of a context column, or of a pivot, that is as good as none.
  static constexpr double kContextLeft = kExactResidual * kExactResidual;

  double value(Index row, Index j) const {
    const double x = j < context_ ? data_.context(row, j) : data_.x(row, j - context_);
    return standard_score(x, scaler_, j);
  }

  /// The kept columns, then column j, of a block of rows.
  RowMatrix block(Index first, const std::vector<Index>& columns) const {
    const Index n = std::min(kBlock, data_.x.rows() - first);
    RowMatrix u(n, static_cast<Index>(columns.size()));
    for (Index r = 0; r < n; ++r) {
      for (std::size_t k = 0; k < columns.size(); ++k) {
        u(r, static_cast<Index>(k)) = value(first + r, columns[k]);
      }
    }
    return u;
  }

  void correlate() {
    std::vector<Index> all;
    for (Index j = 0; j < context_ + data_.x.cols(); ++j) all.push_back(j);
    const auto columns = static_cast<Index>(all.size());
    correlation_ = Eigen::MatrixXd::Zero(columns, columns);
    for (Index first = 0; first < data_.x.rows(); first += kBlock) {
      correlation_.selfadjointView<Eigen::Lower>().rankUpdate(block(first, all).transpose());
    }
    correlation_ /= static_cast<double>(data_.x.rows());
  }

  /// The residual from the rows themselves: correlations would not show one below 1e-7. Slopes from
  /// correlations are as wrong as those, so they are improved once by the residual's own
  /// regression.
  template <class Triangle>
  Dependence look_closely(Index j, const Triangle& triangle, const Eigen::VectorXd& to_kept) const {
    const auto solve = [&](const Eigen::VectorXd& right) -> Eigen::VectorXd {
      const Eigen::VectorXd half = triangle.solve(right);
      return triangle.transpose().solve(half);
    };
    Eigen::VectorXd slopes = solve(to_kept);
    Eigen::VectorXd remaining;
    residual(j, slopes, remaining);
    slopes += solve(remaining);
    return in_units(j, slopes, residual(j, slopes, remaining));
  }

  /// Deviation of column j less the kept ones times slopes, and the products of what is left with
  /// each of them.
  double residual(Index j, const Eigen::VectorXd& slopes, Eigen::VectorXd& with_kept) const {
    with_kept = Eigen::VectorXd::Zero(slopes.size());
    double squares = 0;
    std::vector<Index> columns = kept_;
    columns.push_back(j);
    for (Index first = 0; first < data_.x.rows(); first += kBlock) {
      const RowMatrix u = block(first, columns);
      const auto kept = u.leftCols(slopes.size());
      const Eigen::VectorXd left = u.col(slopes.size()) - kept * slopes;
      squares += left.squaredNorm();
      with_kept += kept.transpose() * left;
    }
    const auto rows = static_cast<double>(data_.x.rows());
    with_kept /= rows;
    return std::sqrt(squares / rows);
  }

  Dependence in_units(Index j, const Eigen::VectorXd& slopes, double residual) const {
    Dependence dependence{j, {}, scaler_.mean[j], residual};
    for (Index k = 0; k < slopes.size(); ++k) {
      if (std::fabs(slopes(k)) < kSmallSlope) continue;
      const Index column = kept_[k];
      const double slope = slopes(k) * scaler_.deviation[j] / scaler_.deviation[column];
      dependence.terms.push_back({column, slope});
      dependence.intercept -= slope * scaler_.mean[column];
    }
    const double size = std::fabs(scaler_.mean[j]) + scaler_.deviation[j];
    const double least = std::max(kExactResidual, residual) * size;
    if (std::fabs(dependence.intercept) < least) dependence.intercept = 0;
    return dependence;
  }

  const Dataset& data_;
  Index context_;
  Scaler scaler_;  // of the context columns, then the modelled ones
  Eigen::MatrixXd correlation_;
  std::vector<Index> kept_;  // in the order of their places in the factorisation
};

}  // namespace

std::vector<Dependence> find_dependences(const Dataset& data) { return Search(data).run(); }

}  // namespace nflow
