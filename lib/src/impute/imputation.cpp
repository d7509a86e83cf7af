#include "nflow/imputation.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "impute/imputed_column.h"
#include "math/random.h"
#include "nflow/error.h"
#include "nflow/labels.h"
#include "nflow/mean_estimate.h"
#include "stats/labelled_mixture.h"

namespace nflow {
namespace {

// A mixture is fitted to at most so many rows, and to fewer where its columns are many: EM solves
// equations of all columns for each row, whose work grows by the cube.
constexpr Index kMostRows = 50000, kFewestRows = 2000;
constexpr double kMostWork = 1e9;

// More columns have one component.
constexpr Index kMostMixedColumns = 64;
constexpr Index kCounts[] = {2, 3, 4, 6, 8, 12, 16, 24, 32};
constexpr Index kRowsForComponent = 10;  // at least, in the mean
constexpr int kPatience = 2;             // counts in turn that do not help

// Rows are held out to choose by: each fifth in turn, or, from kFewRows on, one fifth. What has
// more to it must be ahead by so many standard errors.
constexpr Index kFolds = 5, kFewRows = 1000;
constexpr int kStartsToChoose = 2;
constexpr double kAhead = 1;

/// The rows at these places.
HoledRows rows_at(const HoledRows& rows, const std::vector<Index>& places) {
  HoledRows some{rows.numbers(places, Eigen::all), rows.labels(places, Eigen::all)};
  if (rows.weights.empty()) return some;
  for (const Index i : places) some.weights.push_back(rows.weights[static_cast<std::size_t>(i)]);
  return some;
}

/// At most `most` rows, evenly spread.
HoledRows spread(const HoledRows& rows, Index most) {
  if (rows.rows() <= most) return rows;
  std::vector<Index> places;
  for (Index i = 0; i < most; ++i) places.push_back(i * rows.rows() / most);
  return rows_at(rows, places);
}

/// Rows to fit to, and others that the fit has not seen.
struct Fold {
  HoledRows fit, held_out;
};

/// Each fifth of few rows in turn; one fifth of many.
std::vector<Fold> folds_of(const HoledRows& rows) {
  std::vector<Fold> folds;
  for (Index f = 0; f < (rows.rows() < kFewRows ? kFolds : 1); ++f) {
    std::vector<Index> fit, held_out;
    for (Index i = 0; i < rows.rows(); ++i) (i % kFolds == f ? held_out : fit).push_back(i);
    folds.push_back({rows_at(rows, fit), rows_at(rows, held_out)});
  }
  return folds;
}

/// What a mixture says of rows held out.
struct HeldOutDensity {
  std::vector<double> log_density, weights;
};

}  // namespace

struct Imputer::Impl {
  std::uint64_t seed;
  int threads;
  std::vector<std::unique_ptr<ImputedColumn>> columns;  // of x, then of the context
  std::vector<Index> place;                             // of each among numbers or labels
  std::vector<Index> levels;
  Index numbers = 0;
  LabelledMixture mixture;

  void add(const Support& support, const RowMatrix& rows, Index column) {
    std::vector<double> values;
    for (const double x : rows.col(column)) {
      if (!is_hole(x)) values.push_back(x);
    }
    if (values.empty()) throw Error("a column has no value in any row to train on");
    columns.push_back(imputed_column(support, std::move(values)));
    const Index count = columns.back()->levels();
    place.push_back(count > 0 ? static_cast<Index>(levels.size()) : numbers);
    if (count > 0) levels.push_back(count);
    if (count == 0) ++numbers;
  }

  HoledRows scores(const Dataset& data, std::uint32_t stream) const {
    const Index n = data.x.rows();
    HoledRows rows{RowMatrix(n, numbers), Eigen::MatrixXi(n, static_cast<Index>(levels.size())),
                   data.weights};
    const Random random(seed, Purpose::imputation);
    for (std::size_t j = 0; j < columns.size(); ++j) {
      const auto c = static_cast<Index>(j);
      const bool is_label = columns[j]->levels() > 0;
      for (Index i = 0; i < n; ++i) {
        const double x = c < data.x.cols() ? data.x(i, c) : data.context(i, c - data.x.cols());
        // The noise is that of the place, far from all that fill_holes() draws.
        const std::uint64_t at = (std::uint64_t{1} << 63) + static_cast<std::uint64_t>(i);
        const double score =
            is_hole(x) ? std::numeric_limits<double>::quiet_NaN()
                       : columns[j]->score(x, random.uniform(at, stream + 2 * std::uint32_t(j)));
        if (is_label) rows.labels(i, place[j]) = is_hole(x) ? -1 : static_cast<int>(score);
        if (!is_label) rows.numbers(i, place[j]) = score;
      }
    }
    return rows;
  }

  HeldOutDensity held_out(const std::vector<Fold>& folds, Index components,
                          const LabelledPrior& prior, ThreadPool& pool) const {
    HeldOutDensity all;
    for (const Fold& fold : folds) {
      const LabelledMixture found =
          LabelledFit(fold.fit, levels, pool, seed).fit(components, prior, kStartsToChoose);
      const std::vector<double> part = log_densities(found, fold.held_out, pool);
      all.log_density.insert(all.log_density.end(), part.begin(), part.end());
      all.weights.insert(all.weights.end(), fold.held_out.weights.begin(),
                         fold.held_out.weights.end());
    }
    return all;
  }

  /// More components, and stronger priors, must be ahead by more than chance.
  void choose(const HoledRows& rows, ThreadPool& pool) {
    const std::vector<Fold> folds = folds_of(rows);
    LabelledPrior prior;
    Index components = 1;
    HeldOutDensity best = held_out(folds, 1, prior, pool);
    const auto attempt = [&](Index count, const LabelledPrior& with) {
      HeldOutDensity found = held_out(folds, count, with, pool);
      if (!is_ahead(found.log_density, best.log_density, best.weights, kAhead)) return false;
      best = std::move(found);
      components = count;
      prior = with;
      return true;
    };
    attempt(1, {static_cast<double>(numbers + 1), 1});
    int tries = 0;
    for (const Index count : kCounts) {
      if (numbers > kMostMixedColumns || count * kRowsForComponent > rows.rows()) break;
      if (attempt(count, prior)) {
        tries = 0;
      } else if (++tries == kPatience) {
        break;
      }
    }
    mixture = LabelledFit(rows, levels, pool, seed).fit(components, prior);
  }
};

Imputer::Imputer(const Dataset& fit, const std::vector<Support>& supports, std::uint64_t seed,
                 int threads)
    : impl_(std::make_unique<Impl>()) {
  impl_->seed = seed;
  impl_->threads = threads;
  for (Index j = 0; j < fit.x.cols(); ++j) {
    impl_->add(support_at(supports, static_cast<std::size_t>(j)), fit.x, j);
  }
  for (Index j = 0; j < fit.context.cols(); ++j) impl_->add(Support(), fit.context, j);
  ThreadPool pool(threads);
  const double work = std::pow(static_cast<double>(impl_->numbers + 1), 3);
  const Index most = std::clamp(static_cast<Index>(kMostWork / work), kFewestRows, kMostRows);
  impl_->choose(spread(impl_->scores(fit, 0), most), pool);
}

Imputer::~Imputer() = default;

Index Imputer::components() const { return impl_->mixture.components(); }

Index Imputer::fill(Dataset& data, std::uint32_t stream) const {
  HoledRows rows = impl_->scores(data, stream);
  ThreadPool pool(impl_->threads);
  fill_holes(impl_->mixture, rows, impl_->seed, stream, pool);
  Index filled = 0;
  for (Index j = 0; j < data.x.cols(); ++j) {
    const ImputedColumn& column = *impl_->columns[static_cast<std::size_t>(j)];
    const Index place = impl_->place[static_cast<std::size_t>(j)];
    for (Index i = 0; i < data.x.rows(); ++i) {
      if (!is_hole(data.x(i, j))) continue;
      data.x(i, j) =
          column.value(column.levels() > 0 ? rows.labels(i, place) : rows.numbers(i, place));
      ++filled;
    }
  }
  return filled;
}

}  // namespace nflow
