#include "ask/particles.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "ask/draws.h"
#include "math/constants.h"
#include "scaler.h"
#include "tile.h"

namespace nflow {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

}  // namespace

Particles::Particles(Asked& asked, const PartialLayout& layout, int threads, bool there)
    : asked_(asked), model_(asked.model()), layout_(layout), there_(there), pool_(threads) {
  tiles_.resize(static_cast<std::size_t>(pool_.size()));
  if (std::optional<StandIn> own = own_mixture()) {
    stand_in_ = std::move(*own);
    exact_ = true;
  }
}

const StandIn& Particles::stand_in() {
  if (context_) return stand_in_;
  if (!exact_) stand_in_ = fit();
  std::vector<Index> context(static_cast<std::size_t>(layout_.context));
  for (std::size_t j = 0; j < context.size(); ++j) context[j] = static_cast<Index>(j);
  context_ = std::make_shared<StandInGiven>(stand_in_, context);
  return stand_in_;
}

void Particles::prepare(const PartialPlan& plan, ParticleRow& row) {
  const StandIn& mixture = stand_in();
  std::vector<double> known;
  for (const Index place : plan.line->known()) {
    known.push_back(place < layout_.context
                        ? standard_score(row.context(0, place), model_.context_scaler, place)
                        : 0);
    if (place < layout_.context) continue;
    const Index j = layout_.line[static_cast<std::size_t>(place - layout_.context)];
    known.back() = line_score(j, row.line(0, j));
  }
  const double log_narrow = std::log1p(-mixture.wide), log_wide = std::log(mixture.wide);
  const auto both = [&](const StandInGiven::Row& given, std::size_t k) {
    return mixture.wide > 0 ? log_sum_of({log_narrow + given.narrow[k], log_wide + given.wide[k]})
                            : given.narrow[k];
  };
  const StandInGiven::Row before = context_->at(known.data());
  row.given = plan.line->at(known.data());
  row.before = row.all = mixture.log_weight;
  row.narrow.assign(row.all.size(), 1);
  for (std::size_t k = 0; k < row.all.size(); ++k) {
    row.before[k] += both(before, k);
    row.all[k] += both(row.given, k);
    if (mixture.wide > 0) {
      row.narrow[k] = std::exp(log_narrow + row.given.narrow[k] - both(row.given, k));
    }
  }
  std::size_t c = 0;
  for (const auto* columns : {&layout_.circles, &layout_.cells}) {
    for (const Index j : *columns) {
      const Eigen::MatrixXd& share = mixture.share[c];
      if (!plan.unknown[static_cast<std::size_t>(j)]) {
        const double u = row.line(0, j);
        const Index bin = columns == &layout_.circles ? circle_bin(u) : static_cast<Index>(u);
        for (std::size_t k = 0; k < row.all.size(); ++k) {
          row.all[k] += std::log(share(static_cast<Index>(k), bin));
        }
      }
      ++c;
    }
  }
}

double Particles::line_score(Index column, double u) const {
  const Support support = support_at(model_.supports, static_cast<std::size_t>(column));
  const double middle = support.kind == Support::Kind::integer ? 0.5 : 0;
  return standard_score(u + middle, model_.scaler, column);
}

double Particles::log_known(const PartialPlan& plan, const ParticleRow& row) const {
  double units = 0;
  for (const Index j : layout_.line) {
    const auto place = static_cast<std::size_t>(j);
    if (!plan.unknown[place]) units -= std::log(model_.scaler.deviation[place]);
  }
  return log_sum_of(row.all) - log_sum_of(row.before) + units;
}

void Particles::draw(const PartialPlan& plan, const std::vector<ParticleRow*>& rows, Index more,
                     std::uint64_t seed) {
  std::vector<ParticleJob> jobs;
  const Random random(seed, Purpose::ask);
  for (ParticleRow* row : rows) {
    for (Index d = 0; d < more; ++d) jobs.push_back({row, row->drawn.rows() + d});
  }
  evaluate(plan, jobs, &random);
}

void Particles::combine(const PartialPlan& plan, const std::vector<ParticleRow*>& rows) {
  std::vector<ParticleJob> jobs;
  for (ParticleRow* row : rows) {
    for (Index d = 0; d < static_cast<Index>(plan.combinations); ++d) jobs.push_back({row, d});
  }
  evaluate(plan, jobs, nullptr);
}

void Particles::evaluate(const PartialPlan& plan, const std::vector<ParticleJob>& jobs,
                         const Random* random) {
  std::vector<double> log_p, log_q;
  for (std::size_t first = 0; first < jobs.size(); first += kAskedRows) {
    const std::size_t end = std::min(jobs.size(), first + kAskedRows);
    const ParticleJob* some = jobs.data() + first;
    const auto n = static_cast<Index>(end - first);
    RowMatrix drawn(n, static_cast<Index>(plan.unknown.size())), context(n, layout_.context);
    for (Index i = 0; i < n; ++i) {
      drawn.row(i) = some[i].row->line;
      context.row(i) = some[i].row->context;
    }
    log_p.assign(end - first, 0);
    log_q.assign(end - first, 0);
    pool_.run((n + kTileRows - 1) / kTileRows, [&](Index tile, int number) {
      std::unique_ptr<ParticleTile>& own = tiles_[static_cast<std::size_t>(number)];
      if (!own) own = std::make_unique<ParticleTile>(model_, layout_, stand_in_, there_);
      const Index at = tile * kTileRows;
      own->make({plan, some, at, std::min(kTileRows, n - at), random}, {drawn, log_p, log_q});
    });
    if (exact_) {
      log_p.assign(log_p.size(), 0);
      log_q.assign(log_q.size(), 0);
    } else if (plan.full) {
      asked_.log_density(-1, drawn, context, log_p);
    }
    // The draws of a row stand side by side, but it may begin in one part and end in the next.
    for (Index i = 0; i < n;) {
      ParticleRow& row = *some[i].row;
      Index last = i;
      while (last < n && some[last].row == &row) ++last;
      const Index before = row.drawn.rows();
      row.drawn.conservativeResize(before + last - i, drawn.cols());
      row.drawn.bottomRows(last - i) = drawn.middleRows(i, last - i);
      for (; i < last; ++i) {
        const auto place = static_cast<std::size_t>(i);
        const double weight = log_p[place] - log_q[place];
        row.log_weight.push_back(std::isnan(weight) ? -kInfinity : weight);
      }
    }
  }
}

}  // namespace nflow
