// The net for columns with cells, and the mixture that it begins at.

#include <algorithm>

#include "nflow/defaults.h"
#include "nflow/kinds.h"
#include "nflow/mean_estimate.h"
#include "stats/weights.h"
#include "train/cell_mixture.h"
#include "train/line_rows.h"

namespace nflow {
namespace {

/// In a table that is not small a net learns all that the mixture knows, and better from the
/// shares: 4,800 rows of six labels lose 0.02 nats by it.
constexpr Index kMostRows = kFewestRowsNotSmall - 1;

/// With more values, or more bins, the search would take longer than the training may.
constexpr Index kMostValues = 100000, kMostBins = 4096;

/// Each fifth of the rows is held out in turn.
constexpr Index kFolds = 5;

/// The mixture is the average of some.
constexpr Index kFits = 4;

constexpr Index kComponents[] = {2, 3, 4, 6, 8, 12, 15};

/// So many numbers of components without a better one end the search.
constexpr int kPatience = 2;

/// Standard errors by which a mixture must be ahead of independent columns.
constexpr double kAhead = 1;

/// Looks for the number of components under which rows are likeliest that were held out.
class Search {
 public:
  Search(const HoledRows& bins, std::vector<Eigen::VectorXd> shares, std::uint64_t seed,
         int threads)
      : shares_(std::move(shares)), seed_(seed), pool_(threads) {
    for (Index f = 0; f < kFolds; ++f) {
      folds_.push_back({part(bins, [f](Index i) { return i % kFolds != f; }),
                        part(bins, [f](Index i) { return i % kFolds == f; })});
      const std::vector<double>& weights = folds_.back().held_out.weights;
      weights_.insert(weights_.end(), weights.begin(), weights.end());
    }
  }

  /// Log densities of the rows held out.
  std::vector<double> held_out(Index components) {
    std::vector<double> all;
    for (const Fold& fold : folds_) {
      const LabelledMixture mixture = fit_bins(fold.fit, shares_, components, 1, pool_, seed_);
      const std::vector<double> part = log_densities(mixture, fold.held_out, pool_);
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }

  Index components(Index most) {
    const std::vector<double> apart = held_out(1);
    std::vector<double> best_held_out = apart;
    Index best = 1;
    int worse = 0;
    for (const Index components : kComponents) {
      if (components > most || worse >= kPatience) break;
      std::vector<double> now = held_out(components);
      worse = is_ahead(now, best_held_out, weights_, 0) ? 0 : worse + 1;
      if (worse > 0) continue;
      best = components;
      best_held_out = std::move(now);
    }
    return best > 1 && is_ahead(best_held_out, apart, weights_, kAhead) ? best : 1;
  }

 private:
  struct Fold {
    HoledRows fit, held_out;
  };

  template <class Keep>
  static HoledRows part(const HoledRows& from, Keep keep) {
    std::vector<Index> rows;
    for (Index i = 0; i < from.rows(); ++i) {
      if (keep(i)) rows.push_back(i);
    }
    HoledRows to{RowMatrix(static_cast<Index>(rows.size()), 0), from.labels(rows, Eigen::all)};
    if (from.weights.empty()) return to;
    for (const Index i : rows) to.weights.push_back(from.weights[static_cast<std::size_t>(i)]);
    return to;
  }

  std::vector<Eigen::VectorXd> shares_;
  std::uint64_t seed_;
  ThreadPool pool_;
  std::vector<Fold> folds_;
  std::vector<double> weights_;
};

}  // namespace

CellNet default_cell_net(Index rows) {
  LinkOptions net;
  net.net = NetKind::residual;
  net.hidden = rows < 1500 ? std::vector<Index>{64, 64} : std::vector<Index>{256, 256};
  net.dropout = 0.3;
  return {net};
}

CellNet choose_cell_net(const Dataset& fit, const std::vector<Support>& supports,
                        std::uint64_t seed, int threads) {
  CellNet net = default_cell_net(fit.rows());
  const Index cells = cut_columns(supports);
  const bool tells = cells > 1 && fit.context.cols() == 0 && fit.rows() >= 2 * kFolds;
  if (!tells || fit.rows() > kMostRows || fit.rows() * cells > kMostValues) return net;
  const std::vector<Eigen::VectorXd> shares = shares_of(front_of(supports, net));
  Index bins = 0;
  for (const Eigen::VectorXd& share : shares) bins += share.size();
  if (bins > kMostBins) return net;
  Dataset line = without_weightless_rows(fit);
  put_on_line(line.x, {supports, std::vector<std::string>(line.x.cols()), seed}, RowUse::fit);
  const Index circles = circular_columns(supports);
  Search search(bins_of(line, circles, cells), shares, seed, threads);
  const Index most = std::min((kMostCellComponents - 1) / kFits, fit.rows() / 4);
  const Index components = search.components(most);
  if (components == 1) return net;
  net.fits = kFits;
  net.components = kFits * components + 1;
  return net;
}

}  // namespace nflow
