#include "ask/cell_column.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ask/panel.h"
#include "cell_places.h"
#include "nflow/labels.h"

namespace nflow {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr int kBisections = 100;
constexpr double kMostCells = 20000;  // of a grid that are looked at one by one
constexpr Index kParts = 4096;        // of an interval that has more
constexpr double kDeviations = 10;    // of a component that have mass
constexpr double kStep = 0.5;         // deviations from panel to panel

/// The multiple of the step that is nearest to the value.
double on_grid(double step, double value) {
  const double per_unit = std::round(1 / step);
  const bool whole = per_unit > 0 && std::fabs(per_unit * step - 1) < 1e-12;
  const double cell = std::round(whole ? value * per_unit : value / step);
  return (whole ? cell / per_unit : cell * step) + 0.0;
}

double rest_density(const NormalMixture& rest, double u) {
  double sum = 0;
  for (std::size_t k = 0; k < rest.weight.size(); ++k) {
    const double z = (u - rest.mean[k]) / rest.deviation[k];
    sum += rest.weight[k] / rest.deviation[k] * std::exp(-0.5 * z * z);
  }
  return sum;
}

/// Ends of panels on which the mixture, and its values as `base` has them, are smooth.
std::vector<double> panel_ends(const NormalMixture& rest, bool positive, double low, double high) {
  std::vector<double> ends;
  double least = kInfinity, most = -kInfinity;
  for (std::size_t k = 0; k < rest.mean.size(); ++k) {
    const double deviation = rest.deviation[k];
    // The mean of exp(u) is that of a normal density further up.
    const double shift = positive ? deviation * deviation : 0;
    for (double z = -kDeviations; z <= kDeviations + shift / deviation; z += kStep) {
      ends.push_back(rest.mean[k] + z * deviation);
    }
    least = std::min(least, rest.mean[k] - kDeviations * deviation);
    most = std::max(most, rest.mean[k] + kDeviations * deviation + shift);
  }
  least = std::max(least, low);
  most = std::min(most, high);
  if (!(least < most)) return {};
  ends.insert(ends.end(), {least, most});
  std::sort(ends.begin(), ends.end());
  ends.erase(
      std::remove_if(ends.begin(), ends.end(), [&](double u) { return u < least || u > most; }),
      ends.end());
  ends.erase(std::unique(ends.begin(), ends.end()), ends.end());
  return ends;
}

}  // namespace

/// The answers for one row.
class CellDensity final : public ColumnDensity {
 public:
  CellDensity(const CellColumn& column, std::vector<double> bins)
      : column_(column), bins_(std::move(bins)) {
    const Index hole = column_.hole();
    if (hole >= 0) missing_ = bins_[static_cast<std::size_t>(hole)];
    for (Index b = 0; b < static_cast<Index>(bins_.size()); ++b) {
      if (b != hole) there_ += bins_[static_cast<std::size_t>(b)];
    }
  }

  bool is_known() const override { return !bins_.empty() && there_ + missing_ > 0; }
  double missing() const override { return is_known() ? missing_ : kNaN; }

  std::vector<double> labels() const override {
    const CellData& data = column_.support_.cells->data();
    std::vector<double> share(data.levels.size(), kNaN), total(bins_.size(), 0);
    if (!is_known()) return share;
    for (std::size_t n = 0; n < share.size(); ++n) {
      total[static_cast<std::size_t>(data.level_bin[n])] += data.level_mass[n];
    }
    for (std::size_t n = 0; n < share.size(); ++n) {
      const auto bin = static_cast<std::size_t>(data.level_bin[n]);
      share[n] = bins_[bin] * data.level_mass[n] / total[bin];
    }
    return share;
  }

  double below(double value) const override {
    if (!is_answered()) return kNaN;
    const CellData& data = column_.support_.cells->data();
    double sum = 0;
    for (std::size_t k = 0; k < data.points.size(); ++k) {
      if (data.points[k] < value) sum += of_bin(column_.first_point() + static_cast<Index>(k));
    }
    for (Index k = 0; k < data.intervals(); ++k) {
      const Index bin = column_.first_interval() + k;
      sum += of_bin(bin) * column_.share_below(bin, value);
    }
    return std::min(1.0, sum);
  }

  double at(double value) const override {
    if (!is_answered()) return kNaN;
    const Cells& cells = *column_.support_.cells;
    if (is_hole(value) || !cells.contains(value)) return 0;
    const double low = cells.to_line(value, 0), high = cells.to_line(value, 1);
    return of_bin(static_cast<Index>(low)) * std::min(1.0, (high - low) / kWithin);
  }

  double quantile(double share) const override {
    if (!is_answered()) return kNaN;
    double before = 0, last = kNaN;
    for (const CellColumn::Piece& piece : column_.pieces_) {
      const double own = of_bin(piece.bin) * (piece.high - piece.low);
      if (own <= 0) continue;
      if (before + own >= share) {
        const double part = std::clamp((share - before) / own, 0.0, 1.0);
        return column_.value(piece.bin, piece.low + part * (piece.high - piece.low));
      }
      before += own;
      last = column_.value(piece.bin, piece.high);
    }
    return last;
  }

  double mean() const override {
    if (!is_answered()) return kNaN;
    double sum = 0;
    for (const auto& [bin, inside] : numbers()) sum += of_bin(bin) * inside->mean;
    return sum;
  }

  double density(double value) const override {
    if (!is_answered()) return kNaN;
    const Cells& cells = *column_.support_.cells;
    if (is_hole(value) || !cells.contains(value)) return 0;
    return of_bin(static_cast<Index>(cells.to_line(value, 0.5))) * std::exp(cells.log_slope(value));
  }

  double mode() const override {
    if (!is_known() || !(there_ > 0)) return kNaN;
    if (column_.is_category()) {
      const std::vector<double> share = labels();
      return label_value(std::max_element(share.begin(), share.end()) - share.begin());
    }
    double single = -1, likeliest = kNaN, others = 0, densest = -1, place = kNaN;
    for (const auto& [bin, inside] : numbers()) {
      const bool point = bin < column_.first_interval();
      if (!point) others += of_bin(bin);
      if ((point || column_.is_grid()) && of_bin(bin) * inside->at_mode > single) {
        single = of_bin(bin) * inside->at_mode;
        likeliest = inside->mode;
      }
      if (!point && of_bin(bin) * inside->at_mode > densest) {
        densest = of_bin(bin) * inside->at_mode;
        place = inside->mode;
      }
    }
    return column_.is_grid() || single >= others ? likeliest : place;
  }

 private:
  bool is_answered() const { return is_known() && there_ > 0 && !column_.is_category(); }
  /// The probability of a bin where the value is not missing.
  double of_bin(Index bin) const { return bins_[static_cast<std::size_t>(bin)] / there_; }

  std::vector<std::pair<Index, const CellColumn::Inside*>> numbers() const {
    std::vector<std::pair<Index, const CellColumn::Inside*>> list;
    for (Index b = column_.first_point(); b < column_.bins(); ++b) {
      if (b != column_.hole()) list.emplace_back(b, &column_.inside_[static_cast<std::size_t>(b)]);
    }
    return list;
  }

  const CellColumn& column_;
  std::vector<double> bins_;  // of mass 1; none: the rest of the row has no density
  double missing_ = 0, there_ = 0;
};

CellColumn::CellColumn(const Support& support) : support_(support) {
  if (is_category()) return;
  inside_.resize(static_cast<std::size_t>(bins()));
  const CellData& data = support_.cells->data();
  for (std::size_t k = 0; k < data.points.size(); ++k) {
    const double point = data.points[k];
    inside_[static_cast<std::size_t>(first_point()) + k] = {point, point, point, point, 1};
  }
  for (Index k = 0; k < data.intervals(); ++k) {
    const Index bin = first_interval() + k;
    Inside& inside = inside_[static_cast<std::size_t>(bin)];
    inside.first = value(bin, 0);
    inside.last = value(bin, 1);
    if (is_grid()) {
      look_inside_of_grid(bin);
    } else {
      look_inside(k);
    }
  }
  order_pieces();
}

Index CellColumn::first_interval() const {
  return first_point() + static_cast<Index>(support_.cells->data().points.size());
}

Index CellColumn::hole() const { return support_.cells->data().hole ? bins() - 1 : -1; }

double CellColumn::value(Index bin, double share) const {
  return support_.cells->from_line(static_cast<double>(bin) +
                                   kWithin * std::min(share, 1 - 0x1p-53));
}

/// The share of an interval that is below a value.
double CellColumn::share_below(Index bin, double value) const {
  const Inside& inside = inside_[static_cast<std::size_t>(bin)];
  if (!(value > inside.first)) return 0;
  const Cells& cells = *support_.cells;
  if (cells.contains(value)) {
    const double u = cells.to_line(value, 0);
    if (std::floor(u) == static_cast<double>(bin)) {
      return (u - static_cast<double>(bin)) / kWithin;
    }
  }
  if (value > inside.last) return 1;
  double low = 0, high = 1;
  for (int step = 0; step < kBisections && low < high; ++step) {
    const double middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) break;
    (this->value(bin, middle) < value ? low : high) = middle;
  }
  return high;
}

void CellColumn::order_pieces() {
  const CellData& data = support_.cells->data();
  auto point = data.points.begin();
  const auto add_point = [&] {
    pieces_.push_back({first_point() + (point - data.points.begin()), 0, 1, true});
    ++point;
  };
  for (Index k = 0; k < data.intervals(); ++k) {
    const Index bin = first_interval() + k;
    double from = 0;
    for (; point != data.points.end(); add_point()) {
      const double share = share_below(bin, *point);
      if (share >= 1) break;
      if (share > from) pieces_.push_back({bin, from, share, false});
      from = std::max(from, share);
    }
    pieces_.push_back({bin, from, 1, false});
  }
  while (point != data.points.end()) add_point();
}

void CellColumn::look_inside_of_grid(Index bin) {
  Inside& inside = inside_[static_cast<std::size_t>(bin)];
  const Cells& cells = *support_.cells;
  double total = 0, sum = 0;
  const auto add = [&](double value, double share) {
    if (!(share > 0)) return;
    total += share;
    sum += share * value;
    if (share <= inside.at_mode) return;
    inside.at_mode = share;
    inside.mode = value;
  };
  const auto probability = [&](double value) {
    const bool own =
        cells.contains(value) && std::floor(cells.to_line(value, 0.5)) == static_cast<double>(bin);
    return own ? std::exp(cells.log_slope(value) + std::log(support_.step)) : 0;
  };
  const double count = (inside.last - inside.first) / support_.step;
  if (count <= kMostCells) {
    for (double k = 0; k <= count + 0.5; ++k) {
      const double value = on_grid(support_.step, inside.first + k * support_.step);
      add(value, probability(value));
    }
  } else {  // too many: an equal share of the mass at each
    for (Index i = 0; i < kParts; ++i) {
      const double one = value(bin, (static_cast<double>(i) + 0.5) / static_cast<double>(kParts));
      sum += one;
      total += 1;
      if (probability(one) > inside.at_mode) {
        inside.at_mode = probability(one);
        inside.mode = one;
      }
    }
  }
  inside.mean = total > 0 ? sum / total : inside.first;
}

void CellColumn::look_inside(Index interval) {
  Inside& inside = inside_[static_cast<std::size_t>(first_interval() + interval)];
  const CellData& data = support_.cells->data();
  const Support base = support_.base();
  const double low =
      interval == 0 ? -kInfinity : data.edges[static_cast<std::size_t>(interval - 1)];
  const bool last = interval + 1 == data.intervals();
  const double high = last ? kInfinity : data.edges[static_cast<std::size_t>(interval)];
  const auto ends = panel_ends(data.rest, base.kind == Support::Kind::positive, low, high);
  double total = 0, sum = 0;
  inside.mode = inside.mean = inside.first;
  for (std::size_t i = 0; i + 1 < ends.size(); ++i) {
    const double half = (ends[i + 1] - ends[i]) / 2, middle = ends[i] + half;
    PanelValues mass{}, moment{};
    for (std::size_t k = 0; k < mass.size(); ++k) {
      const double u = middle + half * panel_nodes()[k], y = base.from_line(u);
      mass[k] = rest_density(data.rest, u);
      moment[k] = mass[k] * y;
      const double density = mass[k] * std::exp(base.log_slope(y));
      if (density > inside.at_mode) {
        inside.at_mode = density;
        inside.mode = y;
      }
    }
    total += half * panel_integral(mass).value;
    sum += half * panel_integral(moment).value;
  }
  if (!(total > 0)) return;
  inside.mean = sum / total;
  inside.at_mode /= total;
}

std::unique_ptr<ColumnDensity> CellColumn::with(const std::vector<double>& log_bins) const {
  const double top =
      log_bins.empty() ? -kInfinity : *std::max_element(log_bins.begin(), log_bins.end());
  std::vector<double> bins;
  if (std::isfinite(top)) {
    double total = 0;
    for (const double value : log_bins) total += std::exp(value - top);
    for (const double value : log_bins) bins.push_back(std::exp(value - top) / total);
  }
  return std::make_unique<CellDensity>(*this, std::move(bins));
}

}  // namespace nflow
