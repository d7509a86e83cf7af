// The bins of a column: which values have one of their own, and what the others share.

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "math/random.h"
#include "nflow/csv.h"
#include "nflow/kinds.h"
#include "nflow/labels.h"
#include "stats/weights.h"
#include "train/mixture_choice.h"

namespace nflow {
namespace {

using Kind = Support::Kind;

/// So many levels or values at most have a bin each; beyond, those that many rows have.
constexpr std::size_t kMostOwnBins = 160;
constexpr double kOften = 1.0 / 256;

/// Rows that an interval holds at least, and the most intervals.
constexpr double kRowsOfInterval = 40;
constexpr Index kMostIntervals = 64;

/// Rows that a mixture within intervals needs, and the most it is fitted to.
constexpr Index kFewestRowsOfMixture = 20, kMostRowsOfMixture = 20000, kMostComponents = 16;
constexpr int kIterations = 200;

/// Ties that take less of the rows than this are chance; and steps to find out how much.
constexpr double kLeastTieShare = 0.02;
constexpr int kTieSteps = 50;

/// What every bin has seen beside its rows.
constexpr double kEvenRows = 0.5;

/// How much wider than the rows what nobody has seen is taken to be; and how wide at least, beside
/// the mean.
constexpr double kWider = 2, kLeastWidth = 1e-6;

struct Weighted {
  std::vector<double> values, weights;
  double total = 0;

  void add(double value, double weight) {
    values.push_back(value);
    weights.push_back(weight);
    total += weight;
  }
};

/// What a value counts: its rows' weights, of mean 1, and the rows that have any.
struct Count {
  double weight = 0, rows = 0;

  void add(double more) {
    weight += more;
    rows += more > 0 ? 1 : 0;
  }
};

/// Rows by value, those of holes and labels apart.
struct Tally {
  std::map<double, Count> numbers;
  std::vector<double> labels;
  double holes = 0, total = 0;

  explicit Tally(const ColumnValues& column) : labels(column.labels.size(), 0) {
    const double unit = unit_of(column.weights);
    for (std::size_t r = 0; r < column.values.size(); ++r) {
      const double x = column.values[r];
      const double weight = column.weights.empty() ? 1 : column.weights[r] / unit;
      total += weight;
      if (is_hole(x)) {
        holes += weight;
      } else if (!is_label(x)) {
        numbers[x + 0.0].add(weight);
      } else if (label_number(x) < static_cast<Index>(labels.size())) {
        labels[static_cast<std::size_t>(label_number(x))] += weight;
      }
    }
  }

 private:
  /// The mean of the weights that are not 0.
  static double unit_of(const std::vector<double>& weights) {
    Count all;
    for (const double weight : weights) all.add(weight);
    return all.rows > 0 ? all.weight / all.rows : 1;
  }
};

CellData category_cells(const Support& support, const ColumnValues& column, const Tally& tally) {
  CellData data;
  data.levels = column.labels;
  data.level_mass = tally.labels;
  for (const auto& [value, count] : tally.numbers) {
    const std::string text = number_text(value);
    const auto found = std::find(column.labels.begin(), column.labels.end(), text);
    if (found != column.labels.end()) {
      data.level_mass[static_cast<std::size_t>(found - column.labels.begin())] += count.weight;
    } else {
      data.levels.push_back(text);
      data.level_mass.push_back(count.weight);
    }
  }
  std::vector<Index> order(data.levels.size());
  std::iota(order.begin(), order.end(), Index{0});
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) {
    return data.level_mass[static_cast<std::size_t>(a)] >
           data.level_mass[static_cast<std::size_t>(b)];
  });
  const bool own = data.levels.size() <= kMostOwnBins;
  const double enough = own ? 0 : tally.total / static_cast<double>(kMostOwnBins);
  data.level_bin.resize(data.levels.size());
  double in_bin = 0;
  for (const Index level : order) {
    const auto place = static_cast<std::size_t>(level);
    if (data.mass.empty() || in_bin >= enough) {
      data.mass.push_back(kEvenRows);
      in_bin = 0;
    }
    data.level_bin[place] = static_cast<Index>(data.mass.size()) - 1;
    in_bin += data.level_mass[place];
    data.mass.back() += data.level_mass[place];
    data.level_mass[place] += kEvenRows / static_cast<double>(data.levels.size());
  }
  if (support.holes) {
    data.hole = true;
    data.mass.push_back(tally.holes + kEvenRows);
  }
  return data;
}

/// Values that have a bin of their own.
std::vector<double> points_of(const Support& support, const Tally& tally) {
  if (support.kind != Kind::grid) return support.atoms;
  std::vector<double> points;
  const bool all = tally.numbers.size() <= kMostOwnBins;
  for (const auto& [value, count] : tally.numbers) {
    if (all || count.weight >= kOften * tally.total) points.push_back(value);
  }
  return points;
}

/// A grid is on the line as it is.
double on_line(const Support& base, double value) {
  return base.kind == Kind::grid ? value : base.to_line(value);
}

/// The values that share bins, on the line; those of a grid at random places of their cells.
Weighted rest_of(const Support& support, const std::vector<double>& points, const Tally& tally,
                 std::uint64_t seed) {
  const Random random(seed, Purpose::cell);
  Weighted rest;
  std::uint64_t number = 0;
  for (const auto& [value, count] : tally.numbers) {
    ++number;
    if (std::binary_search(points.begin(), points.end(), value)) continue;
    const double jitter =
        support.kind == Kind::grid ? support.step * (random.uniform(number, 0) - 0.5) : 0;
    rest.add(on_line(support, value) + jitter, count.weight);
  }
  return rest;
}

/// A normal density wider than all numbers of the column, where few or none share bins.
NormalMixture wide_normal(const Support& support, const Tally& tally) {
  const Support base = support.base();
  double sum = 0, squares = 0, total = 0, low = INFINITY, high = -INFINITY;
  for (const auto& [value, count] : tally.numbers) {
    const bool atom = std::binary_search(support.atoms.begin(), support.atoms.end(), value);
    if (atom || !base.contains(value)) continue;
    const double u = on_line(base, value);
    sum += count.weight * u;
    squares += count.weight * u * u;
    total += count.weight;
    low = std::min(low, u);
    high = std::max(high, u);
  }
  if (total == 0) return {{1}, {0}, {1}};
  const double mean = sum / total, variance = std::max(0.0, squares / total - mean * mean);
  const double least = base.kind == Kind::grid ? base.step : kLeastWidth * (1 + std::fabs(mean));
  return {{1}, {mean}, {kWider * std::max({std::sqrt(variance), (high - low) / 2, least})}};
}

/// The density within intervals: a mixture fitted to the values, evenly spread ones where they are
/// many; or `wide`, where they are few or all the same.
NormalMixture mixture_of(const Weighted& rest, const NormalMixture& wide, std::uint64_t seed,
                         int threads) {
  const auto count = static_cast<Index>(rest.values.size());
  if (count < kFewestRowsOfMixture) return wide;
  const Index rows = std::min(count, kMostRowsOfMixture);
  double mean = 0, square = 0;
  for (std::size_t i = 0; i < rest.values.size(); ++i) mean += rest.weights[i] * rest.values[i];
  mean /= rest.total;
  for (std::size_t i = 0; i < rest.values.size(); ++i) {
    square += rest.weights[i] * (rest.values[i] - mean) * (rest.values[i] - mean);
  }
  const double deviation = std::sqrt(square / rest.total);
  if (!(deviation > 0)) return wide;
  MixtureRows data{RowMatrix(rows, 1), {}, {}};
  for (Index r = 0; r < rows; ++r) {
    const auto from = static_cast<std::size_t>(r * count / rows);
    data.rows(r, 0) = (rest.values[from] - mean) / deviation;
    data.weights.push_back(rest.weights[from]);
  }
  ThreadPool pool(threads);
  const MixtureChoice choice(data, pool, seed);
  const Index components = choice.components(kMostComponents);
  const GaussianMixture fitted = MixtureFit(data.rows, pool, seed, data.weights)
                                     .fit(components, kIterations, choice.prior(components));
  NormalMixture mixture;
  for (std::size_t k = 0; k < fitted.log_weight.size(); ++k) {
    mixture.weight.push_back(std::max(std::exp(fitted.log_weight[k]), 1e-12));
    mixture.mean.push_back(mean + deviation * fitted.intercept[k]);
    mixture.deviation.push_back(deviation * std::exp(-fitted.log_scale[k]));
  }
  return mixture;
}

/// Places between intervals of about equal shares, between cells where there is a grid.
std::vector<double> edges_of(const Support& support, const Weighted& rest) {
  const auto intervals =
      std::clamp(static_cast<Index>(rest.total / kRowsOfInterval), Index{1}, kMostIntervals);
  std::vector<std::size_t> order(rest.values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return rest.values[a] < rest.values[b]; });
  std::vector<double> edges;
  double before = 0;
  for (std::size_t i = 0; i + 1 < order.size(); ++i) {
    before += rest.weights[order[i]];
    const double next =
        static_cast<double>(edges.size() + 1) * rest.total / static_cast<double>(intervals);
    if (before < next || static_cast<Index>(edges.size()) + 1 >= intervals) continue;
    double edge = (rest.values[order[i]] + rest.values[order[i + 1]]) / 2;
    if (support.kind == Kind::grid) {
      edge = (std::round(edge / support.step - 0.5) + 0.5) * support.step;
    }
    if (edges.empty() || edge > edges.back()) edges.push_back(edge);
  }
  return edges;
}

/// Where each value of a grid has a bin, those that nobody has seen are together as likely as those
/// that were seen once (Good, "The population frequencies of species", 1953).
double unseen_rows(const Support& support, const CellData& data, const Tally& tally) {
  if (support.kind != Kind::grid || data.points.size() < tally.numbers.size()) return 0;
  return static_cast<double>(std::count_if(tally.numbers.begin(), tally.numbers.end(),
                                           [](const auto& item) { return item.second.rows == 1; }));
}

/// A value of a grid within an interval.
struct Tie {
  double value;
  Count count;
  Index interval;
  double smooth;  // the value's share of the interval by the mixture
};

/// The share of rows of intervals that take a value which others have: that under which each row is
/// likeliest beside all others, by EM for the two parts of a mixture.
double share_of_ties(const std::vector<Tie>& ties) {
  std::map<Index, double> in_interval;
  double share = 0.5, total = 0;
  for (const Tie& tie : ties) {
    in_interval[tie.interval] += tie.count.weight;
    total += tie.count.weight;
  }
  for (int step = 0; step < kTieSteps; ++step) {
    double tied = 0;
    for (const Tie& tie : ties) {
      if (tie.count.rows <= 1) continue;
      const double own = tie.count.weight / tie.count.rows;
      const double others = share * (tie.count.weight - own) / (in_interval[tie.interval] - own);
      tied += tie.count.weight * others / (others + (1 - share) * tie.smooth);
    }
    share = std::min(tied / total, 1 - 1e-6);
  }
  return share;
}

void add_ties(const Support& support, const Tally& tally, CellData& data) {
  const Cells cells(support, data);
  const double log_step = std::log(support.step);
  std::vector<Tie> ties;
  for (const auto& [value, count] : tally.numbers) {
    if (count.rows == 0 || std::binary_search(data.points.begin(), data.points.end(), value)) {
      continue;
    }
    ties.push_back({value, count, static_cast<Index>(cells.to_line(value, 0.5)),
                    std::exp(cells.log_slope(value) + log_step)});
  }
  if (ties.empty() || ties.size() > static_cast<std::size_t>(kMostLevels)) return;
  const double share = share_of_ties(ties);
  if (!(share >= kLeastTieShare)) return;
  for (const Tie& tie : ties) {
    data.ties.push_back(tie.value);
    data.tie_mass.push_back(tie.count.weight);
  }
  data.tie_share = share;
}

CellData number_cells(const Support& support, const Tally& tally, std::uint64_t seed, int threads) {
  CellData data;
  data.points = points_of(support, tally);
  const Weighted rest = rest_of(support, data.points, tally, seed);
  data.rest = mixture_of(rest, wide_normal(support, tally), seed, threads);
  data.edges = edges_of(support, rest);
  for (const double point : data.points) {
    const auto found = tally.numbers.find(point);
    data.mass.push_back(kEvenRows + (found == tally.numbers.end() ? 0 : found->second.weight));
  }
  std::vector<double> in_interval(data.edges.size() + 1,
                                  kEvenRows + unseen_rows(support, data, tally));
  for (std::size_t i = 0; i < rest.values.size(); ++i) {
    const auto place = std::upper_bound(data.edges.begin(), data.edges.end(), rest.values[i]);
    in_interval[static_cast<std::size_t>(place - data.edges.begin())] += rest.weights[i];
  }
  data.mass.insert(data.mass.end(), in_interval.begin(), in_interval.end());
  if (support.holes) {
    data.hole = true;
    data.mass.push_back(tally.holes + kEvenRows);
  }
  if (support.kind == Kind::grid) add_ties(support, tally, data);
  return data;
}

}  // namespace

Support fit_cells(const Support& support, const ColumnValues& column, std::uint64_t seed,
                  int threads) {
  Support fitted = support;
  if (support.kind == Kind::integer && holds_few_whole(column)) {
    fitted.kind = Kind::grid;
    fitted.step = 1;
  }
  if (!fitted.is_cut()) return fitted;
  const Tally tally(column);
  fitted.cells = std::make_shared<const Cells>(
      fitted, fitted.kind == Kind::category ? category_cells(fitted, column, tally)
                                            : number_cells(fitted, tally, seed, threads));
  return fitted;
}

}  // namespace nflow
