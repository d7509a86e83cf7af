#include "ask/particle_tile.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "math/constants.h"
#include "math/pick.h"
#include "scaler.h"

namespace nflow {
namespace {

// This share of a column's draws does not look at what is known behind the column: where the
// stand-in is wrong about that, the weights stay bounded.
constexpr double kOpen = 0.1;
// A component of a smaller share does not count.
constexpr double kNoShare = 1e-30;

/// Makes shares of log weights.
void to_shares(const std::vector<double>& log_weight, std::vector<double>& share) {
  share = log_weight;
  const double top = *std::max_element(share.begin(), share.end());
  double total = 0;
  for (double& value : share) total += value = std::exp(value - top);
  for (double& value : share) value /= total;
}

/// Multiplies shares by what each component says of a bin.
void learn(const Eigen::MatrixXd& of, Index bin, std::vector<double>& share) {
  double total = 0;
  for (std::size_t k = 0; k < share.size(); ++k) {
    total += share[k] *= of(static_cast<Index>(k), bin);
  }
  for (double& value : share) value /= total;
}

/// A place by these shares of any sum, for a u in [0, 1).
Index picked(const std::vector<double>& share, double u) {
  double total = 0;
  for (const double value : share) total += value;
  return pick(u * total, static_cast<Index>(share.size()),
              [&](Index k) { return share[static_cast<std::size_t>(k)]; });
}

}  // namespace

double log_sum_of(const std::vector<double>& terms) {
  const double top = *std::max_element(terms.begin(), terms.end());
  if (!std::isfinite(top)) return top;
  double sum = 0;
  for (const double term : terms) sum += std::exp(term - top);
  return top + std::log(sum);
}

ParticleTile::ParticleTile(const Model& model, const PartialLayout& layout, const StandIn& stand_in,
                           bool there)
    : model_(model), layout_(layout), stand_in_(stand_in), there_(there) {}

double ParticleTile::uniform(const Task& task, Index r, Index stream) {
  const ParticleJob& job = task.jobs[task.first + r];
  return task.random->uniform(particle_key(job.row->number, static_cast<std::uint64_t>(job.number)),
                              static_cast<std::uint32_t>(stream));
}

void ParticleTile::make(const Task& task, Output out) {
  const auto size = static_cast<std::size_t>(task.n);
  bins_.resize(size);
  all_.resize(size);
  prefix_.resize(size);
  before_.resize(task.n, layout_.context + kCircleFeatures * Index(layout_.circles.size()));
  for (Index r = 0; r < task.n; ++r) {
    const ParticleRow& row = *task.jobs[task.first + r].row;
    if (task.random) {
      to_shares(row.all, all_[static_cast<std::size_t>(r)]);
      to_shares(row.before, prefix_[static_cast<std::size_t>(r)]);
    }
    for (Index j = 0; j < layout_.context; ++j) {
      before_(r, j) = standard_score(row.context(0, j), model_.context_scaler, j);
    }
  }
  for (std::size_t c = 0; c < layout_.circles.size(); ++c) draw_circle(task, c, out);
  if (task.plan.walks) walk(task, out);
  for (Index r = 0; task.plan.line_drawn && r < task.n; ++r) draw_line(task, r, out);
}

/// Circles come first, from the stand-in: evenly within its bins.
void ParticleTile::draw_circle(const Task& task, std::size_t c, Output& out) {
  const Index j = layout_.circles[c];
  const bool unknown = task.plan.unknown[static_cast<std::size_t>(j)] && task.random;
  for (Index r = 0; r < task.n; ++r) {
    const auto place = static_cast<std::size_t>(r);
    double& u = out.drawn(task.first + r, j);
    if (unknown) {
      const Eigen::MatrixXd& share = stand_in_.share[c];
      share_.assign(kCircleBins, 0);
      for (Index k = 0; k < share.rows(); ++k) {
        for (Index b = 0; b < kCircleBins; ++b) {
          share_[static_cast<std::size_t>(b)] +=
              all_[place][static_cast<std::size_t>(k)] * share(k, b);
        }
      }
      const Index bin = picked(share_, uniform(task, r, kColumnStream + j));
      u = (static_cast<double>(bin) + uniform(task, r, kPlaceStream + j)) / kCircleBins - 0.5;
      out.log_q[static_cast<std::size_t>(task.first + r)] +=
          std::log(share_[static_cast<std::size_t>(bin)] * kCircleBins);
      learn(share, bin, all_[place]);
    }
    if (task.random) learn(stand_in_.share[c], circle_bin(u), prefix_[place]);
    const Index at = layout_.context + kCircleFeatures * static_cast<Index>(c);
    before_(r, at) = std::cos(kTwoPi * u);
    before_(r, at + 1) = std::sin(kTwoPi * u);
  }
}

void ParticleTile::walk(const Task& task, Output& out) {
  if (!walk_) walk_ = make_cell_walk(model_);
  walk_->begin(before_, 0, task.n);
  double combinations = 1;  // of the columns so far
  for (Index c = 0; c < task.plan.walk; ++c) {
    const Index j = layout_.cells[static_cast<std::size_t>(c)];
    const std::size_t s = layout_.circles.size() + static_cast<std::size_t>(c);
    const bool unknown = task.plan.unknown[static_cast<std::size_t>(j)];
    const auto count = static_cast<double>(layout_.bins[s]);
    walk_->next(c, log_share_);
    for (Index r = 0; r < task.n; ++r) {
      const auto place = static_cast<std::size_t>(r);
      const auto all = static_cast<std::size_t>(task.first + r);
      double& u = out.drawn(task.first + r, j);
      if (!unknown) {
        bins_[place] = static_cast<Index>(u);
        if (task.random) learn(stand_in_.share[s], bins_[place], prefix_[place]);
      } else if (task.random) {
        bins_[place] = draw_bin(task, s, j, r, out.log_q[all]);
      } else {
        const auto number = static_cast<double>(task.jobs[task.first + r].number);
        bins_[place] = static_cast<Index>(std::fmod(std::floor(number / combinations), count));
        const bool hole = there_ && bins_[place] == hole_bin(model_, j);
        if (hole) out.log_q[all] = std::numeric_limits<double>::infinity();  // p / q is 0
      }
      out.log_p[all] += log_share_(r, bins_[place]);
      u = static_cast<double>(bins_[place]) + 0.5;
    }
    if (unknown) combinations *= count;
    if (c + 1 < task.plan.walk) walk_->take(c, bins_);
  }
}

/// A bin by p(bin | before) times what the stand-in says of all that is known, over what it says of
/// what stands before alone.
Index ParticleTile::draw_bin(const Task& task, std::size_t s, Index j, Index r, double& log_q) {
  const Eigen::MatrixXd& share = stand_in_.share[s];
  const auto place = static_cast<std::size_t>(r);
  std::vector<double>&all = all_[place], &prefix = prefix_[place];
  const Index count = layout_.bins[s], hole = there_ ? hole_bin(model_, j) : -1;
  share_.assign(static_cast<std::size_t>(count), 0);
  double total = 0, plain = 0;
  for (Index b = 0; b < count; ++b) {
    if (b == hole) continue;
    double known = 0, before = 0;
    for (std::size_t k = 0; k < all.size(); ++k) {
      known += all[k] * share(static_cast<Index>(k), b);
      before += prefix[k] * share(static_cast<Index>(k), b);
    }
    const double p = std::exp(log_share_(r, b));
    total += share_[static_cast<std::size_t>(b)] = p * known / before;
    plain += p;
  }
  for (Index b = 0; b < count; ++b) {
    if (b == hole) continue;
    double& own = share_[static_cast<std::size_t>(b)];
    own = (1 - kOpen) * own / total + kOpen * std::exp(log_share_(r, b)) / plain;
  }
  const Index bin = picked(share_, uniform(task, r, kColumnStream + j));
  log_q += std::log(share_[static_cast<std::size_t>(bin)]);
  learn(share, bin, all);
  learn(share, bin, prefix);
  return bin;
}

void ParticleTile::draw_line(const Task& task, Index r, Output& out) {
  const ParticleRow& row = *task.jobs[task.first + r].row;
  const std::vector<Index>& others = task.plan.line->others();
  const auto m = static_cast<Index>(others.size());
  const std::vector<double>& all = all_[static_cast<std::size_t>(r)];
  normal_.resize(others.size() + 1);
  others_.resize(others.size());
  const Index k = picked(all, uniform(task, r, kPartStream));
  const bool narrow = uniform(task, r, kPartStream + 1) < row.narrow[static_cast<std::size_t>(k)];
  const std::uint64_t key =
      particle_key(row.number, static_cast<std::uint64_t>(task.jobs[task.first + r].number));
  for (Index i = 0; i < m; i += 2) {
    const auto pair =
        task.random->normal_pair(key, kNormalStream + static_cast<std::uint32_t>(i / 2));
    normal_[static_cast<std::size_t>(i)] = pair[0];
    normal_[static_cast<std::size_t>(i + 1)] = pair[1];
  }
  task.plan.line->draw(row.given, k, narrow ? 1 : StandIn::kWideScale, normal_.data(),
                       others_.data());
  double units = 0;
  for (std::size_t i = 0; i < others.size(); ++i) {
    const Index j = layout_.line[static_cast<std::size_t>(others[i] - layout_.context)];
    const auto place = static_cast<std::size_t>(j);
    const double u = others_[i] * model_.scaler.deviation[place] + model_.scaler.mean[place];
    const bool integer = support_at(model_.supports, place).kind == Support::Kind::integer;
    out.drawn(task.first + r, j) = integer ? std::floor(u) : u;
    units += std::log(model_.scaler.deviation[place]);
  }
  out.log_q[static_cast<std::size_t>(task.first + r)] +=
      log_density_of_line(task.plan, row, all) - units;
}

double ParticleTile::log_density_of_line(const PartialPlan& plan, const ParticleRow& row,
                                         const std::vector<double>& all) {
  work_.resize(others_.size());
  terms_.clear();
  for (std::size_t k = 0; k < all.size(); ++k) {
    if (all[k] < kNoShare) continue;
    const StandInGiven::Pair pair =
        plan.line->log_density(row.given, static_cast<Index>(k), others_.data(), work_.data());
    terms_.push_back(std::log(all[k] * row.narrow[k]) + pair.narrow);
    if (row.narrow[k] < 1) terms_.push_back(std::log(all[k] * (1 - row.narrow[k])) + pair.wide);
  }
  return log_sum_of(terms_);
}

}  // namespace nflow
