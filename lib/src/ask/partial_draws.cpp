#include <algorithm>
#include <cmath>
#include <limits>

#include "ask/draws.h"
#include "ask/partial_impl.h"
#include "cell_places.h"
#include "math/constants.h"
#include "support_map.h"

namespace nflow {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
// At most so many rows are taken from the same draws, and for each of them so many draws may be
// made, where that is more than kMostDraws.
constexpr Index kMostTaken = 1024, kMostDrawsOfOne = 32;
// For fewer rows quadrature takes longer than draws by weight.
constexpr Index kFewTaken = 8;
// A median is that of so many rows, taken from draws of this effective sample size.
constexpr Index kTakenForBest = 256;
constexpr double kEffectiveOfBest = 256;
// The effective sample size is to be so much, and so much for each row that is taken.
constexpr double kEffective = 32, kEffectiveOfOne = 4;

/// The effective draws that so many rows are to be taken from.
double wanted(Index n, bool best) {
  if (best) return kEffectiveOfBest;
  return std::max(kEffective, kEffectiveOfOne * static_cast<double>(n));
}

}  // namespace

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
    const Index at_once = std::max<Index>(1, kPartialRows / taken);
    const Index step = quadrature ? kPartialRows : at_once;
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
         {wanted(n, taking.best), kInfinity, std::max(kMostDraws, kMostDrawsOfOne * n)});
  }
  RowMatrix lines(n * static_cast<Index>(places.size()), rows.cols());
  RowMatrix given(lines.rows(), context.cols());
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
      if (effective < wanted(n, taking.best)) out.enough[place] = false;
    }
    if (!lines.middleRows(static_cast<Index>(i) * n, n).allFinite()) {  // beyond the precision
      out.enough[place] = false;
      out.effective[place] = 0;
    }
    write(plan, lines.middleRows(static_cast<Index>(i) * n, n), random, numbers[i], taking,
          taking.best ? places[i] : places[i] * taking.n + block, out);
  }
}

/// Writes what was drawn for one row, as values, to rows of the answer from `first` on.
void Partial::Impl::write(const PartialPlan& plan, const RowMatrix& lines, const Random& random,
                          std::uint64_t number, const Taking& taking, Index first,
                          PartialDraws& out) const {
  for (Index j = 0; j < lines.cols(); ++j) {
    if (!plan.unknown[static_cast<std::size_t>(j)]) continue;
    std::vector<double> values;
    for (Index d = 0; d < lines.rows(); ++d) {
      values.push_back(value(j, lines(d, j), random, number + static_cast<std::uint64_t>(d)));
    }
    if (taking.best) {
      out.rows(first, j) = centre(j, std::move(values));
      continue;
    }
    for (Index d = 0; d < lines.rows(); ++d) {
      out.rows(first + d, j) = values[static_cast<std::size_t>(d)];
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
  const auto median = values.begin() + static_cast<Index>(values.size() / 2);
  std::nth_element(values.begin(), median, values.end());
  return *median;
}

}  // namespace nflow
