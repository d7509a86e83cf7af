#include "nflow/partial.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "ask/asked.h"
#include "ask/draws.h"
#include "ask/line_column.h"
#include "ask/particles.h"
#include "cell_places.h"
#include "math/constants.h"
#include "nflow/conditional.h"
#include "support_map.h"

namespace nflow {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

constexpr Index kRowsAtOnce = 128, kFirstDraws = 64;
constexpr Index kTogether = 512;     // draws of each row, up to which all go on together
constexpr Index kMostDraws = 16384;  // of a row
constexpr Index kMostOfOne = 32;     // the same for each row that is taken, where that is more
constexpr Index kMostTaken = 1024;   // rows that are taken from the same draws
constexpr double kEffective = 32, kEffectiveOfOne = 4;  // and for each row that is taken
constexpr double kLeastEffective = 20;                  // for a standard error to be believed
constexpr double kError = 0.03;                         // nats
constexpr Index kFewTaken = 8;                          // for which quadrature takes too long
constexpr Index kTakenForBest = 512;
constexpr Index kMostPlans = 1024;

/// The draws of equal weight that these are worth, and the log of their mean.
struct Weighed {
  double effective = 0, log_mean = -kInfinity, error = kInfinity;

  explicit Weighed(const std::vector<double>& log_weight) {
    double top = -kInfinity, sum = 0, squares = 0;
    for (const double w : log_weight) top = std::max(top, w);
    if (!std::isfinite(top)) return;
    for (const double w : log_weight) {
      const double one = std::exp(w - top);
      sum += one;
      squares += one * one;
    }
    const auto n = static_cast<double>(log_weight.size());
    effective = sum * sum / squares;
    log_mean = top + std::log(sum / n);
    error = n > 1 ? std::sqrt(std::max(0.0, n * squares / (sum * sum) - 1) / (n - 1)) : kInfinity;
  }
};

/// When a row has enough draws.
struct Goal {
  double effective, error;
  Index most;

  bool reached(const ParticleRow& row) const {
    const Weighed weighed(row.log_weight);
    return weighed.effective >= effective && weighed.error <= error;
  }
};

}  // namespace

struct Partial::Impl {
  Impl(const Model& model, int threads, bool there_)
      : asked(model, threads),
        layout(asked.model()),
        particles(asked, layout, threads, there_),
        conditional(asked.model(), threads),
        whole(asked.model(), threads),
        there(there_) {}

  using Places = std::vector<Index>;
  const Model& model() const { return asked.model(); }
  Support support(Index j) const {
    return support_at(model().supports, static_cast<std::size_t>(j));
  }

  std::map<std::vector<bool>, Places> by_unknown(const RowMatrix& rows) const;
  const PartialPlan& plan(const std::vector<bool>& unknown, bool for_density);
  bool to_line(const RowMatrix& rows, Index i, RowMatrix& line) const;
  double slopes(const RowMatrix& rows, Index i) const;
  std::vector<ParticleRow> prepared(const PartialPlan& plan, const RowMatrix& rows,
                                    const RowMatrix& context, const Places& places,
                                    const std::vector<std::uint64_t>& numbers);
  void work(const PartialPlan& plan, std::vector<ParticleRow>& rows, std::uint64_t seed,
            const Goal& goal);

  void densities(const PartialPlan& plan, const RowMatrix& rows, const RowMatrix& context,
                 const Places& places, std::vector<KnownDensity>& out);
  void quadrature_densities(const PartialPlan& plan, const RowMatrix& rows,
                            const RowMatrix& context, const Places& places,
                            std::vector<KnownDensity>& out);

  struct Taking {
    std::uint64_t seed, first;
    Index n;
    bool best;
  };
  PartialDraws draws(const RowMatrix& rows, const RowMatrix& context, const Taking& taking);
  void fill(const PartialPlan& plan, const RowMatrix& rows, const RowMatrix& context,
            const Places& places, const Taking& taking, Index block, PartialDraws& out);
  void by_quadrature(const PartialPlan& plan, const RowMatrix& rows, const RowMatrix& context,
                     const Places& places, const Taking& taking, PartialDraws& out);
  void take(const ParticleRow& row, const Random& random, RowMatrix& taken) const;
  void draw_behind(const PartialPlan& plan, const Random& random,
                   const std::vector<std::uint64_t>& numbers, const RowMatrix& context,
                   RowMatrix& lines);
  double value(Index column, double u, const Random& random, std::uint64_t number) const;
  double centre(Index column, std::vector<double> values) const;

  Asked asked;
  PartialLayout layout;
  Particles particles;
  Conditional conditional;
  Evaluator whole;
  bool there;
  std::map<std::pair<std::vector<bool>, bool>, PartialPlan> plans;
};

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
  if (plans.size() >= static_cast<std::size_t>(kMostPlans)) plans.clear();
  PartialPlan made(model(), layout, unknown, for_density, there);
  using Way = PartialPlan::Way;
  const bool exact = particles.is_exact();
  if (exact && made.way != Way::complete) {
    made.drawn.insert(made.drawn.end(), made.behind.begin(), made.behind.end());
    made.behind.clear();
    made.way = Way::importance;
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
    for (std::size_t first = 0; first < places.size(); first += kRowsAtOnce) {
      const std::size_t end = std::min(places.size(), first + kRowsAtOnce);
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

PartialDraws Partial::draw(const RowMatrix& rows, const RowMatrix& context, std::uint64_t seed,
                           std::uint64_t first, Index n) {
  return impl_->draws(rows, context, {seed, first, n, false});
}

PartialDraws Partial::best(const RowMatrix& rows, const RowMatrix& context) {
  return impl_->draws(rows, context, {0, 0, 1, true});
}

PartialDraws Partial::Impl::draws(const RowMatrix& rows, const RowMatrix& context,
                                  const Taking& taking) {
  PartialDraws out{each_repeated(rows, taking.n),
                   std::vector<double>(static_cast<std::size_t>(rows.rows()), kInfinity),
                   std::vector<bool>(static_cast<std::size_t>(rows.rows()), true)};
  RowMatrix line(1, rows.cols());
  for (const auto& [unknown, all] : by_unknown(rows)) {
    const PartialPlan& own = plan(unknown, false);
    if (own.way == PartialPlan::Way::complete) continue;
    Places places;
    for (const Index i : all) {
      if (to_line(rows, i, line)) {
        places.push_back(i);
      } else {
        out.enough[static_cast<std::size_t>(i)] = false;
        out.effective[static_cast<std::size_t>(i)] = 0;
      }
    }
    const bool single = own.drawn.size() == 1 && own.behind.empty();
    const bool exact = own.way == PartialPlan::Way::quadrature && taking.n >= kFewTaken;
    const bool quadrature = (single && taking.best) || exact;
    const Index taken = taking.best ? kTakenForBest : std::min(taking.n, kMostTaken);
    const Index at_once = std::max<Index>(1, kRowsAtOnce / taken);
    const Index step = quadrature ? kRowsAtOnce : at_once;
    for (Index from = 0; from < static_cast<Index>(places.size()); from += step) {
      const Index end = std::min<Index>(static_cast<Index>(places.size()), from + step);
      const Places some(places.begin() + from, places.begin() + end);
      if (quadrature) {
        by_quadrature(own, rows, context, some, taking, out);
        continue;
      }
      for (Index block = 0; block < taking.n; block += kMostTaken) {
        fill(own, rows, context, some, taking, block, out);
      }
    }
  }
  return out;
}

/// Rows block .. of the n of each of these rows, kMostTaken at most.
void Partial::Impl::fill(const PartialPlan& plan, const RowMatrix& rows, const RowMatrix& context,
                         const Places& places, const Taking& taking, Index block,
                         PartialDraws& out) {
  const Index n = taking.best ? kTakenForBest : std::min(kMostTaken, taking.n - block);
  const Random random(taking.seed, Purpose::ask);
  std::vector<std::uint64_t> numbers;
  for (const Index i : places) {
    numbers.push_back(
        taking.best ? 0 : taking.first + static_cast<std::uint64_t>(i * taking.n + block));
  }
  std::vector<ParticleRow> list = prepared(plan, rows, context, places, numbers);
  if (plan.way == PartialPlan::Way::behind) {
    for (ParticleRow& row : list) {
      row.drawn = row.line.replicate(n, 1);
      row.log_weight.assign(static_cast<std::size_t>(n), 0);
    }
  } else if (plan.line && particles.is_exact()) {
    for (ParticleRow& row : list) particles.draw(plan, {&row}, n, taking.seed);
  } else {
    work(plan, list, taking.seed,
         {std::max(kEffective, kEffectiveOfOne * static_cast<double>(n)), kInfinity,
          std::max(kMostDraws, kMostOfOne * n)});
  }
  RowMatrix lines(n * static_cast<Index>(places.size()), rows.cols()),
      given(lines.rows(), context.cols());
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto at = static_cast<Index>(i) * n;
    RowMatrix taken(n, rows.cols());
    take(list[i], random, taken);
    lines.middleRows(at, n) = taken;
    given.middleRows(at, n) = context.row(places[i]).replicate(n, 1);
  }
  if (!plan.behind.empty()) draw_behind(plan, random, numbers, given, lines);
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto place = static_cast<std::size_t>(places[i]);
    if (plan.line && !particles.is_exact()) {
      const double effective = Weighed(list[i].log_weight).effective;
      out.effective[place] = std::min(out.effective[place], effective);
      const double wanted = std::max(kEffective, kEffectiveOfOne * static_cast<double>(n));
      if (effective < wanted) out.enough[place] = false;
    }
    for (Index j = 0; j < rows.cols(); ++j) {
      if (!plan.unknown[static_cast<std::size_t>(j)]) continue;
      std::vector<double> values;
      for (Index d = 0; d < n; ++d) {
        values.push_back(value(j, lines(static_cast<Index>(i) * n + d, j), random,
                               numbers[i] + static_cast<std::uint64_t>(d)));
      }
      if (taking.best) {
        out.rows(places[i], j) = centre(j, std::move(values));
        continue;
      }
      for (Index d = 0; d < n; ++d) {
        out.rows(places[i] * taking.n + block + d, j) = values[static_cast<std::size_t>(d)];
      }
    }
  }
}

void Partial::Impl::by_quadrature(const PartialPlan& plan, const RowMatrix& rows,
                                  const RowMatrix& context, const Places& places,
                                  const Taking& taking, PartialDraws& out) {
  const Index j = plan.drawn.front();
  const auto found = conditional.given(j, rows(places, Eigen::all), context(places, Eigen::all));
  const Random random(taking.seed, Purpose::ask);
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto place = static_cast<std::size_t>(places[i]);
    if (!found[i]->is_known()) {
      out.enough[place] = false;
      out.effective[place] = 0;
      continue;
    }
    out.enough[place] = found[i]->is_accurate();
    if (taking.best) {
      const Support::Kind kind = support(j).kind;
      out.rows(places[i], j) = kind == Support::Kind::category   ? found[i]->mode()
                               : kind == Support::Kind::circular ? found[i]->mean()
                                                                 : found[i]->quantile(0.5);
      continue;
    }
    for (Index d = 0; d < taking.n; ++d) {
      const Index row = places[i] * taking.n + d;
      const double share = random.uniform(
          particle_key(taking.first + static_cast<std::uint64_t>(row), 0), kTakeStream);
      out.rows(row, j) = found[i]->quantile(std::clamp(share, 0x1p-53, 1 - 0x1p-53));
    }
  }
}

/// Takes rows by weight: by equal steps through the sum of all weights, in any order.
void Partial::Impl::take(const ParticleRow& row, const Random& random, RowMatrix& taken) const {
  const Index n = taken.rows(), drawn = row.drawn.rows();
  double top = -kInfinity, total = 0;
  for (const double w : row.log_weight) top = std::max(top, w);
  std::vector<double> weight;
  for (const double w : row.log_weight) {
    weight.push_back(std::isfinite(top) ? std::exp(w - top) : 1);
    total += weight.back();
  }
  const double start = random.uniform(particle_key(row.number, 0), kTakeStream);
  std::vector<Index> places;
  double before = 0;
  Index at = 0;
  for (Index d = 0; d < n; ++d) {
    const double goal = total * (static_cast<double>(d) + start) / static_cast<double>(n);
    while (at + 1 < drawn && before + weight[static_cast<std::size_t>(at)] <= goal) {
      before += weight[static_cast<std::size_t>(at++)];
    }
    places.push_back(at);
  }
  for (Index d = n - 1; d > 0; --d) {
    const auto other =
        random.below(static_cast<std::uint64_t>(d + 1),
                     particle_key(row.number, static_cast<std::uint64_t>(d)), kTakeStream);
    std::swap(places[static_cast<std::size_t>(d)], places[other]);
  }
  taken = row.drawn(places, Eigen::all);
}

/// Draws what stands behind all that is known by the chain's inverse of fresh normal numbers.
void Partial::Impl::draw_behind(const PartialPlan& plan, const Random& random,
                                const std::vector<std::uint64_t>& numbers, const RowMatrix& context,
                                RowMatrix& lines) {
  Evaluator& evaluator = asked.evaluator(-1);
  const auto order = chain_order(model().supports, lines.cols());
  const Index n = lines.rows() / static_cast<Index>(numbers.size());
  for (Index first = 0; first < lines.rows(); first += kAskedRows) {
    const Index count = std::min(kAskedRows, lines.rows() - first);
    RowMatrix z, x;
    evaluator.to_latent(lines.middleRows(first, count), context.middleRows(first, count), z);
    for (Index i = 0; i < count; ++i) {
      const std::uint64_t number = numbers[static_cast<std::size_t>((first + i) / n)] +
                                   static_cast<std::uint64_t>((first + i) % n);
      for (std::size_t c = 0; c < order.size(); ++c) {
        if (std::find(plan.behind.begin(), plan.behind.end(), order[c]) == plan.behind.end()) {
          continue;
        }
        z(i, static_cast<Index>(c)) = random.normal_pair(
            particle_key(number, 0), kBehindStream + static_cast<std::uint32_t>(c / 2))[c % 2];
      }
    }
    evaluator.from_latent(z, context.middleRows(first, count), x);
    for (const Index j : plan.behind) lines.col(j).segment(first, count) = x.col(j);
  }
}

/// A value from the line: anywhere in its bin, where it has one.
double Partial::Impl::value(Index column, double u, const Random& random,
                            std::uint64_t number) const {
  if (!std::isfinite(u)) return unknown_value();
  const Support own = support(column);
  if (!own.cells) return own.from_line(u);
  const double inside =
      random.uniform(particle_key(number, 0), kPlaceStream + static_cast<std::uint32_t>(column));
  return own.from_line(std::floor(u) + kWithin * inside);
}

/// The likeliest label, the mean direction, or the median; a hole where most are.
double Partial::Impl::centre(Index column, std::vector<double> values) const {
  const Support own = support(column);
  const auto all = values.size();
  if (own.kind == Support::Kind::category) {
    std::map<std::uint64_t, std::size_t> counts;
    for (const double value : values) ++counts[bits_of(value)];
    auto best = counts.begin();
    for (auto at = counts.begin(); at != counts.end(); ++at) {
      if (at->second > best->second) best = at;
    }
    return *std::find_if(values.begin(), values.end(),
                         [&](double value) { return bits_of(value) == best->first; });
  }
  values.erase(std::remove_if(values.begin(), values.end(), [](double v) { return std::isnan(v); }),
               values.end());
  if (2 * values.size() < all) return own.holes ? std::nan("") : unknown_value();
  if (own.kind == Support::Kind::circular) {
    double x = 0, y = 0;
    const double width = own.high - own.low;
    for (const double value : values) {
      x += std::cos(kTwoPi * (value - own.low) / width);
      y += std::sin(kTwoPi * (value - own.low) / width);
    }
    const double turns = std::atan2(y, x) / kTwoPi;
    return own.low + width * (turns < 0 ? turns + 1 : turns);
  }
  const auto middle = values.begin() + static_cast<Index>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace nflow
