#include "nflow/cells.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "cell_places.h"
#include "intervals.h"
#include "nflow/csv.h"
#include "nflow/error.h"
#include "nflow/labels.h"
#include "nflow/support.h"
#include "stats/distributions.h"

namespace nflow {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

const double kBelowOne = std::nextafter(1.0, 0.0);

[[noreturn]] void refuse(const char* reason) {
  throw Error(std::string("the cells of a column do not hang together: ") + reason);
}

bool all_positive(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(),
                     [](double x) { return x > 0 && std::isfinite(x); });
}

bool ascending(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(), [](double x) { return std::isfinite(x); }) &&
         std::adjacent_find(values.begin(), values.end(),
                            [](double a, double b) { return !(a < b); }) == values.end();
}

void check_levels(const CellData& data) {
  if (data.level_bin.size() != data.levels.size() || data.level_mass.size() != data.levels.size()) {
    refuse("a level without a bin");
  }
  if (data.levels.size() > static_cast<std::size_t>(kMostLevels)) refuse("too many levels");
  if (!all_positive(data.level_mass)) refuse("the share of a level is not above 0");
  std::vector<bool> used(static_cast<std::size_t>(data.level_bins()), false);
  for (const Index bin : data.level_bin) {
    if (bin < 0 || bin >= data.level_bins()) refuse("a level's bin is none of the column's");
    used[static_cast<std::size_t>(bin)] = true;
  }
  if (!std::all_of(used.begin(), used.end(), [](bool b) { return b; })) refuse("an empty bin");
}

void check(const Support& base, const CellData& data) {
  if (data.bins() < 1 || data.bins() > kMostCellBins) refuse("the number of bins");
  if (!all_positive(data.mass)) refuse("the share of a bin is not above 0");
  if (!ascending(data.points) || !ascending(data.edges)) refuse("values out of order");
  const NormalMixture& rest = data.rest;
  if (rest.mean.size() != rest.weight.size() || rest.deviation.size() != rest.weight.size()) {
    refuse("a component without a mean or deviation");
  }
  if (!all_positive(rest.weight) || !all_positive(rest.deviation)) refuse("a component");
  if (std::any_of(rest.mean.begin(), rest.mean.end(), [](double x) { return !std::isfinite(x); })) {
    refuse("a mean is not finite");
  }
  if (rest.weight.empty() && !data.edges.empty()) refuse("intervals without a density");
  if (!ascending(data.ties) || !all_positive(data.tie_mass) ||
      data.ties.size() != data.tie_mass.size() ||
      data.ties.size() > static_cast<std::size_t>(kMostLevels)) {
    refuse("values that rows share");
  }
  const bool shares = data.tie_share > 0 && data.tie_share < 1;
  if (data.ties.empty() ? data.tie_share != 0 : !shares) refuse("the share of ties");
  if (!data.ties.empty() && base.kind != Support::Kind::grid) refuse("ties that are on no grid");
  const bool category = base.kind == Support::Kind::category;
  if (category == data.levels.empty()) refuse("levels where there is no category, or none");
  if (category && (!data.points.empty() || !rest.weight.empty())) refuse("numbers of a category");
  if (data.level_bins() < 0) refuse("more values than bins");
  check_levels(data);
}

}  // namespace

Index CellData::intervals() const {
  return rest.weight.empty() ? 0 : static_cast<Index>(edges.size()) + 1;
}

Index CellData::level_bins() const {
  return bins() - static_cast<Index>(points.size()) - intervals() - (hole ? 1 : 0);
}

std::shared_ptr<const Cells> Cells::on_line(const Cells& cells) {
  const auto copy = std::make_shared<Cells>(*cells.base_, cells.data_);
  copy->on_line_ = true;
  return copy;
}

Cells::Cells(const Support& base, CellData data)
    : base_(std::make_unique<const Support>(base)), data_(std::move(data)) {
  check(base, data_);
  log_step_ = base.kind == Support::Kind::grid ? std::log(base.step) : 0;
  members_.resize(static_cast<std::size_t>(data_.level_bins()));
  bin_share_.assign(members_.size(), 0);
  for (std::size_t n = 0; n < data_.levels.size(); ++n) {
    const auto bin = static_cast<std::size_t>(data_.level_bin[n]);
    members_[bin].push_back(static_cast<Index>(n));
    bin_share_[bin] += data_.level_mass[n];
    numbers_.emplace(data_.levels[n], static_cast<Index>(n));
  }
  if (data_.intervals() > 0) intervals_ = std::make_unique<Intervals>(base, data_);
}

Cells::~Cells() = default;

std::vector<double> Cells::log_mass() const {
  double total = 0;
  for (const double mass : data_.mass) total += mass;
  std::vector<double> logs;
  for (const double mass : data_.mass) logs.push_back(std::log(mass / total));
  return logs;
}

std::vector<double> Cells::scores() const {
  const auto points = static_cast<Index>(data_.points.size()), intervals = data_.intervals();
  if (points + intervals == 0) return {};
  // Where each of the ordered bins begins, and which it is.
  std::vector<std::pair<double, Index>> order;
  for (Index k = 0; k < points; ++k) order.emplace_back(data_.points[k], data_.level_bins() + k);
  for (Index k = 0; k < intervals; ++k) {
    order.emplace_back(intervals_->begin_of(k), data_.level_bins() + points + k);
  }
  std::sort(order.begin(), order.end());
  double total = 0, before = 0;
  for (const auto& [value, bin] : order) total += data_.mass[bin];
  std::vector<double> scores(data_.mass.size(), 0);
  for (const auto& [value, bin] : order) {
    const double middle = (before + data_.mass[bin] / 2) / total;
    scores[bin] = normal_quantile(middle);
    before += data_.mass[bin];
  }
  return scores;
}

std::optional<Cells::Place> Cells::place_of_level(double value) const {
  Index level = 0;
  if (is_label(value)) {
    level = label_number(value);
  } else {
    const auto found = numbers_.find(number_text(value));  // a code that was read as a number
    if (found == numbers_.end()) return std::nullopt;
    level = found->second;
  }
  if (level >= static_cast<Index>(data_.levels.size())) return std::nullopt;
  const Index bin = data_.level_bin[level];
  const std::vector<Index>& members = members_[bin];
  if (members.size() == 1) return Place{bin, 0, 1, 0};
  double before = 0;
  for (auto other = members.begin(); *other != level; ++other) before += data_.level_mass[*other];
  const double share = data_.level_mass[level] / bin_share_[bin];
  const double low = before / bin_share_[bin];
  return Place{bin, low, std::min(1.0, low + share), std::log(share)};
}

std::optional<Cells::Place> Cells::place(double value) const {
  if (on_line_) {
    if (!(value >= 0 && value < static_cast<double>(bins()))) return std::nullopt;
    const double bin = std::floor(value);
    return Place{static_cast<Index>(bin), value - bin, value - bin, 0};
  }
  if (is_hole(value)) {
    if (!data_.hole) return std::nullopt;
    return Place{bins() - 1, 0, 1, 0};
  }
  if (!data_.levels.empty()) return place_of_level(value);
  if (is_label(value)) return std::nullopt;
  const auto point = std::lower_bound(data_.points.begin(), data_.points.end(), value);
  if (point != data_.points.end() && *point == value) {
    return Place{point - data_.points.begin(), 0, 1, -log_step_};
  }
  if (!intervals_) return std::nullopt;
  const std::optional<Intervals::Place> inside = intervals_->place(value);
  if (!inside) return std::nullopt;
  const Index first = static_cast<Index>(data_.points.size());
  return Place{first + inside->interval, inside->low, inside->high, inside->log_slope - log_step_};
}

bool Cells::contains(double value) const { return place(value).has_value(); }

double Cells::to_line(double value, double v) const {
  const std::optional<Place> at = place(value);
  if (!at) return kNaN;
  if (on_line_) return value;
  const double w = at->low + v * (at->high - at->low);
  return static_cast<double>(at->bin) + kWithin * std::clamp(w, 0.0, kBelowOne);
}

double Cells::log_slope(double value) const {
  const std::optional<Place> at = place(value);
  return at ? at->log_slope : -kInfinity;
}

double Cells::level_at(Index bin, double w) const {
  const std::vector<Index>& members = members_[bin];
  double before = 0;
  for (const Index level : members) {
    before += data_.level_mass[level];
    if (w * bin_share_[bin] < before) return label_value(level);
  }
  return label_value(members.back());
}

double Cells::from_line(double u) const {
  if (std::isnan(u) || on_line_) return u;
  const double last = static_cast<double>(bins());
  const double within = std::clamp(u, 0.0, std::nextafter(last, 0.0));
  auto bin = static_cast<Index>(within);
  const double w = std::min((within - static_cast<double>(bin)) / kWithin, kBelowOne);
  if (data_.hole && bin == bins() - 1) return kNaN;
  if (bin < data_.level_bins()) return level_at(bin, w);
  bin -= data_.level_bins();
  const auto points = static_cast<Index>(data_.points.size());
  return bin < points ? data_.points[bin] : intervals_->value(bin - points, w);
}

}  // namespace nflow
