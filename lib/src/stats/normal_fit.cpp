#include "stats/normal_fit.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <limits>

#include "math/constants.h"
#include "memory.h"
#include "nflow/mean_estimate.h"
#include "stats/factor_analysis.h"
#include "stats/weights.h"

namespace nflow {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;
using Kind = Gaussian::Kind;

/// Rows that are treated at once.
constexpr Index kBlock = 1024;

/// A pivot that is a smaller share of its column's variance is rounding.
constexpr double kLeastPivot = 1e-14;

/// Rows held out: each of so many parts in turn, each row of very few, one part where rows or
/// columns are many.
constexpr Index kFolds = 5, kManyRows = 5000, kManyColumns = 300;
constexpr Index kMostRows = 50000;

/// More columns have a diagonal: what is done with a covariance takes as long as their cube.
constexpr Index kMostColumns = 2048;

/// Rows from which a choice can be made; fewer have a diagonal.
constexpr Index kFewestToChoose = 4;

/// Standard errors by which a density with correlations must be ahead of one without.
constexpr double kAheadOfDiagonal = 1;

/// As if so many held-out numbers more had told that the density is as wide as it should be.
constexpr double kWidthPrior = 10;

/// In a part of the rows a column may stand still: this share of its variance remains.
constexpr double kLeastVariance = 1e-3;

/// Shares of the way to the diagonal, and numbers of factors.
constexpr double kShrinkages[] = {0.01, 0.03, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9};
constexpr Index kFactors[] = {1, 2, 3, 4, 6, 8, 12, 16, 24, 32};
/// Steps in a row without a better one that end each of the two searches.
constexpr int kPatience = 2;

struct Candidate {
  Kind kind;
  double shrinkage = 0;
  Index factors = 0;
};

/// Sums of products of rows less `centre`, each times its weight: lower triangle and all.
MatrixXd scatter(const NormalRows& data, const VectorXd& centre) {
  const Index columns = data.rows.cols(), stride = padded(columns);
  AlignedBlock<double> block((kBlock + columns) * stride);
  double* u = block.data();
  double* sums = u + kBlock * stride;
  std::fill_n(u, (kBlock + columns) * stride, 0.0);
  std::vector<Index> first, last(columns, stride);
  for (Index j = 0; j < columns; ++j) first.push_back(j);
  for (Index begin = 0; begin < data.rows.rows(); begin += kBlock) {
    const Index n = std::min(kBlock, data.rows.rows() - begin);
    for (Index r = 0; r < n; ++r) {
      const Index row = begin + r;
      const double root = data.weights.empty() ? 1 : std::sqrt(data.weights[row]);
      for (Index j = 0; j < columns; ++j) {
        u[r * stride + j] = root * (data.rows(row, j) - centre(j));
      }
    }
    Gemm<double> g{};
    g.rows = stride;
    g.cols = columns;
    g.depth = n;
    g.a = u;
    g.a_stride = stride;
    g.b = u;
    g.b_depth = stride;
    g.b_col = 1;
    g.c = sums;
    g.c_stride = stride;
    g.accumulate = true;
    g.row_begin = first.data();
    g.row_end = last.data();
    kernels<double>().gemm(g);
  }
  const Eigen::Map<const MatrixXd, 0, Eigen::OuterStride<>> lower(sums, columns, columns,
                                                                  Eigen::OuterStride<>(stride));
  return lower.selfadjointView<Eigen::Lower>();
}

double weight_of(const NormalRows& data) { return total_weight(data.weights, data.rows.rows()); }

VectorXd mean_of(const NormalRows& data, const VectorXd& centre) {
  VectorXd sum = VectorXd::Zero(data.rows.cols());
  for (Index r = 0; r < data.rows.rows(); ++r) {
    sum += (data.weights.empty() ? 1 : data.weights[r]) * (data.rows.row(r).transpose() - centre);
  }
  return centre + sum / weight_of(data);
}

/// Corrected once by the mean of what it leaves.
VectorXd mean_of(const NormalRows& data) {
  return mean_of(data, mean_of(data, VectorXd::Zero(data.rows.cols())));
}

/// L with L L^T = covariance; none where that is singular, but for rounding.
std::optional<MatrixXd> factor_of(const MatrixXd& covariance) {
  const Eigen::LLT<MatrixXd> cholesky(covariance);
  if (cholesky.info() != Eigen::Success) return std::nullopt;
  MatrixXd factor = cholesky.matrixL();
  for (Index j = 0; j < factor.rows(); ++j) {
    if (!(factor(j, j) * factor(j, j) > kLeastPivot * covariance(j, j))) return std::nullopt;
  }
  return factor;
}

/// The rows less the mean, times L^-1.
RowMatrix whitened(const RowMatrix& rows, const VectorXd& mean, const MatrixXd& factor) {
  RowMatrix white(rows.rows(), rows.cols());
  for (Index first = 0; first < rows.rows(); first += kBlock) {
    const Index n = std::min(kBlock, rows.rows() - first);
    const MatrixXd u = rows.middleRows(first, n).transpose().colwise() - mean;
    white.middleRows(first, n) = factor.triangularView<Eigen::Lower>().solve(u).transpose();
  }
  return white;
}

MatrixXd covariance_of(const Candidate& candidate, const MatrixXd& sample) {
  if (candidate.kind == Kind::diagonal) return sample.diagonal().asDiagonal();
  if (candidate.kind == Kind::factors) return factor_analytic(sample, candidate.factors);
  MatrixXd drawn = (1 - candidate.shrinkage) * sample;
  drawn.diagonal() = sample.diagonal();
  return drawn;
}

/// Normal densities of rows against rows held out.
class Choice {
 public:
  Choice(const NormalRows& data, Index given, const std::function<bool()>& hurried)
      : columns_(data.rows.cols()), given_(given), hurried_(hurried) {
    const Index n = std::min(data.rows.rows(), kMostRows);
    const bool many = n >= kManyRows || columns_ >= kManyColumns;
    const Index parts = n < 2 * kFolds ? n : kFolds, folds = many ? 1 : parts;
    const VectorXd mean = mean_of(data);
    const VectorXd least = kLeastVariance * scatter(data, mean).diagonal() / weight_of(data);
    for (Index f = 0; f < folds; ++f) {
      folds_.push_back(fold(data, n, parts, f, least));
      const std::vector<double>& weights = folds_.back().weights;
      weights_.insert(weights_.end(), weights.begin(), weights.end());
    }
    share_ = 1 - 1 / static_cast<double>(parts);
  }

  ChosenNormal choose(const NormalRows& data) {
    look_at({Kind::full});
    search(std::begin(kShrinkages), std::end(kShrinkages), [](double s) {
      return Candidate{Kind::shrunken, s};
    });
    search(std::begin(kFactors), std::end(kFactors), [](Index k) {
      return Candidate{Kind::factors, 0, k};
    });
    if (Judged diagonal = judge({Kind::diagonal}); !is_ahead_of(diagonal)) {
      best_ = std::move(diagonal);
    }
    return {fitted(data), best_.score};
  }

 private:
  struct Fold {
    VectorXd mean;
    MatrixXd covariance;
    RowMatrix held_out;
    std::vector<double> weights;  // of the rows held out
  };

  /// A candidate at the rows held out.
  struct Judged {
    Candidate candidate{Kind::diagonal};
    double score = -std::numeric_limits<double>::infinity();  // the mean of:
    std::vector<double> log_density = {};
    double width = 1;
  };

  static Fold fold(const NormalRows& data, Index n, Index parts, Index f, const VectorXd& least) {
    std::vector<Index> in, out;
    for (Index i = 0; i < n; ++i) (i % parts == f ? out : in).push_back(i * data.rows.rows() / n);
    const auto weights_of = [&](const std::vector<Index>& rows) {
      std::vector<double> weights;
      for (const Index r : rows) {
        if (!data.weights.empty()) weights.push_back(data.weights[r]);
      }
      return weights;
    };
    const RowMatrix rows = data.rows(in, Eigen::all);
    const std::vector<double> weights = weights_of(in);
    const NormalRows part{rows, weights};
    Fold fold{mean_of(part), {}, data.rows(out, Eigen::all), weights_of(out)};
    fold.covariance = scatter(part, fold.mean) / weight_of(part);
    fold.covariance.diagonal() = fold.covariance.diagonal().cwiseMax(least);
    return fold;
  }

  /// Looks at some of a kind, as long as they get better.
  template <class Each, class Make>
  void search(Each first, Each last, Make make) {
    double best = -std::numeric_limits<double>::infinity();
    int worse = 0;
    for (Each each = first; each != last && worse < kPatience; ++each) {
      const Candidate candidate = make(*each);
      if (3 * candidate.factors > columns_ || (hurried_ && hurried_())) break;
      const double now = look_at(candidate);
      worse = now > best ? 0 : worse + 1;
      best = std::max(best, now);
    }
  }

  /// Keeps the candidate if none was better; returns its score.
  double look_at(const Candidate& candidate) {
    Judged judged = judge(candidate);
    const double score = judged.score;
    if (score > best_.score) best_ = std::move(judged);
    return score;
  }

  Judged judge(const Candidate& candidate) const {
    const auto columns = static_cast<double>(columns_ - given_);
    std::vector<double> squares, log_dets;
    for (const Fold& fold : folds_) {
      const auto factor = factor_of(covariance_of(candidate, fold.covariance));
      if (!factor) return {candidate};
      const RowMatrix white = whitened(fold.held_out, fold.mean, *factor);
      for (Index r = 0; r < white.rows(); ++r) {
        squares.push_back(white.row(r).tail(columns_ - given_).squaredNorm());
      }
      const auto diagonal = factor->diagonal().tail(columns_ - given_).array();
      log_dets.resize(squares.size(), 2 * diagonal.log().sum());
    }
    const double total = total_weight(weights_, static_cast<Index>(squares.size()));
    const double square = weighted_mean(squares, weights_);
    Judged judged{candidate};
    judged.width = std::max(1.0, (total * square + kWidthPrior) / (total * columns + kWidthPrior));
    for (std::size_t r = 0; r < squares.size(); ++r) {
      judged.log_density.push_back(
          -0.5 * (log_dets[r] + columns * std::log(judged.width) + squares[r] / judged.width) -
          columns * kHalfLogTwoPi);
    }
    judged.score = weighted_mean(judged.log_density, weights_);
    return judged;
  }

  /// Few rows show correlations that are none: is the best surely better than without any?
  bool is_ahead_of(const Judged& diagonal) const {
    return !best_.log_density.empty() &&
           is_ahead(best_.log_density, diagonal.log_density, weights_, kAheadOfDiagonal);
  }

  /// The best, of all rows: more than each fold had, so that it need not be as much wider.
  Normal fitted(const NormalRows& data) const {
    const double width = std::sqrt(1 + share_ * (best_.width - 1));
    if (best_.candidate.kind == Kind::full) {
      if (auto normal = most_likely_normal(data)) {
        normal->factor *= width;
        return *normal;
      }
    }
    Normal normal{best_.candidate.kind, mean_of(data), {}};
    const MatrixXd sample = scatter(data, normal.mean) / weight_of(data);
    auto factor = factor_of(covariance_of(best_.candidate, sample));
    if (!factor) {
      normal.kind = Kind::diagonal;
      factor = MatrixXd(sample.diagonal().array().sqrt().matrix().asDiagonal());
    }
    normal.factor = width * *factor;
    return normal;
  }

  Index columns_, given_;
  const std::function<bool()>& hurried_;
  std::vector<Fold> folds_;
  double share_ = 1;             // of the rows that a fold is fitted to
  std::vector<double> weights_;  // of the rows held out, one fold after the other
  Judged best_;
};

/// A new row's squared distance from the mean of n is on average (n + 1) / (n - 1) times the
/// variance that the likeliest normal has.
Normal wide_diagonal(const NormalRows& data) {
  const VectorXd mean = mean_of(data);
  const auto n = static_cast<double>(data.rows.rows());
  VectorXd squares = VectorXd::Zero(mean.size());
  for (Index r = 0; r < data.rows.rows(); ++r) {
    const double w = data.weights.empty() ? 1 : data.weights[r];
    squares += w * (data.rows.row(r).transpose() - mean).cwiseAbs2();
  }
  const VectorXd deviation = (squares / weight_of(data) * (n + 1) / (n - 1)).array().sqrt();
  return {Kind::diagonal, mean, deviation.asDiagonal()};
}

}  // namespace

std::optional<Normal> most_likely_normal(const NormalRows& data) {
  if (data.rows.rows() <= data.rows.cols() || data.rows.cols() > kMostColumns) return std::nullopt;
  const double total = weight_of(data);
  const VectorXd mean = mean_of(data);
  const auto first = factor_of(scatter(data, mean) / total);
  if (!first) return std::nullopt;
  const RowMatrix white = whitened(data.rows, mean, *first);
  const auto second =
      factor_of(scatter({white, data.weights}, VectorXd::Zero(white.cols())) / total);
  if (!second) return std::nullopt;
  return Normal{Kind::full, mean, *first * *second};
}

ChosenNormal choose_normal(const NormalRows& data, Index given,
                           const std::function<bool()>& hurried) {
  if (data.rows.rows() < kFewestToChoose || data.rows.cols() > kMostColumns) {
    return {wide_diagonal(data), -std::numeric_limits<double>::infinity()};
  }
  return Choice(data, given, hurried).choose(data);
}

}  // namespace nflow
