#include "nflow/partial.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ask/line_column.h"
#include "ask/partial_impl.h"

namespace nflow {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
// Draws begin with so many for each row and double. Up to kTogether all rows go on together, which
// is faster; beyond that one by one, since they take much memory.
constexpr Index kFirstDraws = 64, kTogether = 512;
// Draws go on until the standard error is so small, in nats; it is not believed with fewer
// effective draws.
constexpr double kError = 0.03, kLeastEffective = 20;
// All plans that are kept have so many numbers together.
constexpr Index kPlanNumbers = Index{1} << 23;

}  // namespace

Partial::Partial(const Model& model, int threads, bool there)
    : impl_(std::make_unique<Impl>(model, threads, there)) {}
Partial::~Partial() = default;

std::map<std::vector<bool>, Partial::Impl::Places> Partial::Impl::by_unknown(
    const RowMatrix& rows) const {
  std::map<std::vector<bool>, Places> groups;
  std::vector<bool> unknown(static_cast<std::size_t>(rows.cols()));
  for (Index i = 0; i < rows.rows(); ++i) {
    for (Index j = 0; j < rows.cols(); ++j) {
      unknown[static_cast<std::size_t>(j)] = is_unknown(rows(i, j));
    }
    groups[unknown].push_back(i);
  }
  return groups;
}

const PartialPlan& Partial::Impl::plan(const std::vector<bool>& unknown, bool for_density) {
  const auto key = std::make_pair(unknown, for_density);
  const auto found = plans.find(key);
  if (found != plans.end()) return found->second;
  const auto width = layout.context + static_cast<Index>(layout.line.size());
  const Index each = std::max(kMostStandInNumbers, width * width);
  if (static_cast<Index>(plans.size()) >= kPlanNumbers / each) plans.clear();
  PartialPlan made(model(), layout, unknown, for_density, there);
  using Way = PartialPlan::Way;
  const bool exact = particles.is_exact();
  if (exact && made.way != Way::complete) {
    made.drawn.insert(made.drawn.end(), made.behind.begin(), made.behind.end());
    made.behind.clear();
    made.way = Way::importance;
  }
  if (independent && made.way != Way::complete) {
    made.behind.insert(made.behind.end(), made.drawn.begin(), made.drawn.end());
    made.drawn.clear();
    made.way = Way::behind;
  }
  if (made.way == Way::importance || made.way == Way::quadrature) {
    std::vector<Index> known;
    for (Index j = 0; j < layout.context; ++j) known.push_back(j);
    for (std::size_t c = 0; c < layout.line.size(); ++c) {
      if (unknown[static_cast<std::size_t>(layout.line[c])]) continue;
      known.push_back(layout.context + static_cast<Index>(c));
    }
    made.line = std::make_shared<StandInGiven>(particles.stand_in(), known);
  }
  return plans.emplace(key, std::move(made)).first->second;
}

/// Takes what is known of a row to the line; false where it has no density.
bool Partial::Impl::to_line(const RowMatrix& rows, Index i, RowMatrix& line) const {
  for (Index j = 0; j < rows.cols(); ++j) {
    line(0, j) = 0;
    const double x = rows(i, j);
    if (is_unknown(x)) {
      if (support(j).cells) line(0, j) = 0.5;
      continue;
    }
    if (!support(j).contains(x)) return false;
    line(0, j) = asked_line(support(j), x);
    if (support(j).cells) line(0, j) = std::floor(line(0, j)) + 0.5;
  }
  return true;
}

/// What is fixed of the known columns: log p in their units less that on the line.
double Partial::Impl::slopes(const RowMatrix& rows, Index i) const {
  double sum = 0;
  for (Index j = 0; j < rows.cols(); ++j) {
    if (!is_unknown(rows(i, j))) sum += support(j).log_slope(rows(i, j));
  }
  return sum;
}

std::vector<ParticleRow> Partial::Impl::prepared(const PartialPlan& plan, const RowMatrix& rows,
                                                 const RowMatrix& context, const Places& places,
                                                 const std::vector<std::uint64_t>& numbers) {
  std::vector<ParticleRow> list(places.size(), ParticleRow(rows.cols(), context.cols()));
  for (std::size_t i = 0; i < places.size(); ++i) {
    to_line(rows, places[i], list[i].line);
    list[i].context = context.row(places[i]);
    list[i].number = numbers[i];
    list[i].drawn.resize(0, rows.cols());
  }
  if (!plan.line) return list;
  particles.pool().run(static_cast<Index>(list.size()), [&](Index i, int) {
    particles.prepare(plan, list[static_cast<std::size_t>(i)]);
  });
  return list;
}

/// Draws for rows that are not many until each has enough.
void Partial::Impl::work(const PartialPlan& plan, std::vector<ParticleRow>& rows,
                         std::uint64_t seed, const Goal& goal) {
  std::vector<ParticleRow*> open;
  for (ParticleRow& row : rows) open.push_back(&row);
  if (!plan.line) return particles.combine(plan, open);
  Index drawn = 0, more = kFirstDraws;
  while (!open.empty() && drawn < std::min(kTogether, goal.most)) {
    particles.draw(plan, open, more, seed);
    drawn += more;
    more = drawn;
    open.erase(std::remove_if(open.begin(), open.end(),
                              [&](const ParticleRow* row) { return goal.reached(*row); }),
               open.end());
  }
  // The others one by one, since they take much memory.
  for (ParticleRow* row : open) {
    while (row->drawn.rows() < goal.most && !goal.reached(*row)) {
      particles.draw(plan, {row}, std::min(row->drawn.rows(), goal.most - row->drawn.rows()), seed);
    }
  }
}

std::vector<KnownDensity> Partial::log_prob(const RowMatrix& rows, const RowMatrix& context) {
  std::vector<KnownDensity> out(static_cast<std::size_t>(rows.rows()),
                                KnownDensity{-kInfinity, 0, true});
  RowMatrix line(1, rows.cols());
  for (const auto& [unknown, all] : impl_->by_unknown(rows)) {
    Impl::Places places;
    for (const Index i : all) {
      if (impl_->to_line(rows, i, line)) places.push_back(i);
    }
    const PartialPlan& plan = impl_->plan(unknown, true);
    for (std::size_t first = 0; first < places.size(); first += kPartialRows) {
      const std::size_t end = std::min(places.size(), first + kPartialRows);
      impl_->densities(plan, rows, context,
                       Impl::Places(places.begin() + static_cast<Index>(first),
                                    places.begin() + static_cast<Index>(end)),
                       out);
    }
  }
  return out;
}

void Partial::Impl::densities(const PartialPlan& plan, const RowMatrix& rows,
                              const RowMatrix& context, const Places& places,
                              std::vector<KnownDensity>& out) {
  using Way = PartialPlan::Way;
  if (plan.way == Way::complete) {
    std::vector<double> found;
    whole.log_prob(rows(places, Eigen::all), context(places, Eigen::all), found);
    for (std::size_t i = 0; i < places.size(); ++i) {
      out[static_cast<std::size_t>(places[i])].log_prob = found[i];
    }
    return;
  }
  if (plan.way == Way::quadrature) return quadrature_densities(plan, rows, context, places, out);
  if (independent) return independent_densities(plan, rows, places, out);
  if (plan.drawn.empty() && plan.walk == 0) {  // nothing is known
    for (const Index i : places) out[static_cast<std::size_t>(i)].log_prob = 0;
    return;
  }
  std::vector<ParticleRow> list =
      prepared(plan, rows, context, places, std::vector<std::uint64_t>(places.size(), 0));
  if (!particles.is_exact()) {
    work(plan, list, 0, {kLeastEffective, kError, kMostDraws});
  }
  for (std::size_t i = 0; i < places.size(); ++i) {
    KnownDensity& answer = out[static_cast<std::size_t>(places[i])];
    const double fixed = slopes(rows, places[i]);
    if (particles.is_exact()) {
      answer = {particles.log_known(plan, list[i]) + fixed, 0, true};
      continue;
    }
    const Weighed weighed(list[i].log_weight);
    const bool summed = !plan.line;  // of all combinations, or of one
    answer.log_prob = weighed.log_mean + fixed;
    answer.error = weighed.error;
    if (summed) {
      answer.log_prob += std::log(static_cast<double>(list[i].log_weight.size()));
      answer.error = 0;
    }
    answer.enough = answer.error <= kError && (summed || weighed.effective >= kLeastEffective);
  }
}

/// The unknown columns stand in the middle, where each has a density that is taken off.
void Partial::Impl::independent_densities(const PartialPlan& plan, const RowMatrix& rows,
                                          const Places& places, std::vector<KnownDensity>& out) {
  std::vector<double> found;
  if (at_middle.empty()) {
    RowMatrix values(1, rows.cols());
    middle.resize(1, rows.cols());
    for (Index j = 0; j < rows.cols(); ++j) {
      values(0, j) = support(j).from_line(model().scaler.mean[static_cast<std::size_t>(j)]);
    }
    to_line(values, 0, middle);
    asked.log_density(-1, middle, RowMatrix(1, 0), found);
    for (Index j = 0; j < rows.cols(); ++j) {
      const auto others = conditional.given(j, values, RowMatrix(1, 0));
      at_middle.push_back(found[0] - dynamic_cast<const LineColumn&>(*others[0]).log_mass());
    }
  }
  RowMatrix line(static_cast<Index>(places.size()), rows.cols()), own(1, rows.cols());
  double taken = 0;
  for (std::size_t j = 0; j < at_middle.size(); ++j) taken += plan.unknown[j] ? at_middle[j] : 0;
  for (Index i = 0; i < line.rows(); ++i) {
    to_line(rows, places[static_cast<std::size_t>(i)], own);
    for (Index j = 0; j < rows.cols(); ++j) {
      line(i, j) = plan.unknown[static_cast<std::size_t>(j)] ? middle(0, j) : own(0, j);
    }
  }
  asked.log_density(-1, line, RowMatrix(line.rows(), 0), found);
  for (std::size_t i = 0; i < places.size(); ++i) {
    out[static_cast<std::size_t>(places[i])].log_prob = found[i] - taken + slopes(rows, places[i]);
  }
}

void Partial::Impl::quadrature_densities(const PartialPlan& plan, const RowMatrix& rows,
                                         const RowMatrix& context, const Places& places,
                                         std::vector<KnownDensity>& out) {
  const auto found =
      conditional.given(plan.drawn.front(), rows(places, Eigen::all), context(places, Eigen::all));
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto& line = dynamic_cast<const LineColumn&>(*found[i]);
    KnownDensity& answer = out[static_cast<std::size_t>(places[i])];
    if (!line.is_known()) continue;
    answer = {line.log_mass() + slopes(rows, places[i]), 0, line.is_accurate()};
  }
}

}  // namespace nflow
