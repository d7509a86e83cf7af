// The stand-in of a model; see ask/particles.h.

#include <algorithm>
#include <cmath>

#include "ask/draws.h"
#include "ask/particles.h"
#include "nflow/labels.h"
#include "scaler.h"
#include "train/mixture_start.h"

namespace nflow {
namespace {

constexpr Index kBank = 8192;  // rows of the model that it is fitted to
constexpr Index kMostComponents = 64;

}  // namespace

HoledRows Particles::rows_of(const RowMatrix& drawn, const RowMatrix& context) const {
  std::vector<Index> live;
  for (Index i = 0; i < drawn.rows(); ++i) {
    if (drawn.row(i).allFinite()) live.push_back(i);
  }
  const auto n = static_cast<Index>(live.size());
  HoledRows rows{RowMatrix(n, layout_.context + static_cast<Index>(layout_.line.size())),
                 Eigen::MatrixXi(n, static_cast<Index>(layout_.bins.size()))};
  for (Index i = 0; i < n; ++i) {
    const Index from = live[static_cast<std::size_t>(i)];
    Index number = 0, label = 0;
    for (Index j = 0; j < layout_.context; ++j) {
      rows.numbers(i, number++) = standard_score(context(from, j), model_.context_scaler, j);
    }
    for (const Index j : layout_.line) rows.numbers(i, number++) = line_score(j, drawn(from, j));
    for (const Index j : layout_.circles) {
      rows.labels(i, label++) = static_cast<int>(circle_bin(drawn(from, j)));
    }
    for (const Index j : layout_.cells) rows.labels(i, label++) = static_cast<int>(drawn(from, j));
  }
  return rows;
}

/// Contexts of the kind that the model was trained on: normal numbers within their range, labels
/// evenly.
RowMatrix Particles::likely_contexts(Index n) const {
  const Random random(0, Purpose::ask);
  RowMatrix features(n, layout_.context);
  for (Index i = 0; i < n; ++i) {
    Index at = 0;
    for (std::size_t j = 0; j < model_.context.size(); ++j) {
      const ContextKind kind = context_kind_at(model_.context_kinds, j);
      const auto row = static_cast<std::uint64_t>(i);
      const auto stream = kContextStream + static_cast<std::uint32_t>(at);
      if (kind.labels) {
        const auto bin = static_cast<Index>(
            random.below(static_cast<std::uint64_t>(kind.labels->bins()), row, stream));
        for (Index b = 0; b < kind.features(); ++b) features(i, at + b) = b + 1 == bin ? 1 : 0;
      } else {
        const auto place = static_cast<std::size_t>(at);
        const Scaler& scaler = model_.context_scaler;
        features(i, at) =
            scaler.mean[place] + scaler.deviation[place] * random.normal_pair(row, stream)[0];
        if (!scaler.low.empty()) {
          features(i, at) = std::clamp(features(i, at), scaler.low[place], scaler.high[place]);
        }
        if (kind.holes) features(i, at + 1) = random.uniform(row, stream + 1) < 0.1 ? 1 : 0;
        if (kind.holes && features(i, at + 1) == 1) features(i, at) = kind.fill;
      }
      at += kind.features();
    }
  }
  return features;
}

StandIn Particles::fit() {
  const auto columns = static_cast<Index>(model_.columns.size());
  const RowMatrix context = likely_contexts(kBank);
  const RowMatrix drawn = asked_.draws(-1, fixed_latent(0, kBank, columns), context);
  const HoledRows rows = rows_of(drawn, context);
  const Index width = std::max<Index>(1, rows.numbers.cols());
  const Index components =
      std::clamp<Index>(kMostStandInNumbers / (width * width), 1, kMostComponents);
  return fit_stand_in(rows, layout_.bins, components, pool_);
}

/// A chain that is a mixture of all columns is its own stand-in: the factors of its components from
/// the regressions, x = m + A x + e / scale.
std::optional<StandIn> Particles::own_mixture() const {
  const bool whole = std::any_of(model_.supports.begin(), model_.supports.end(),
                                 [](const auto& s) { return s.kind == Support::Kind::integer; });
  if (model_.flow.links.size() != 1 || model_.flow.links[0].name != "mixture" || whole ||
      !layout_.bins.empty()) {
    return std::nullopt;
  }
  const auto columns = static_cast<Index>(model_.columns.size()) + layout_.context;
  const GaussianMixture own = mixture_of(model_);
  StandIn mixture;
  mixture.log_weight = own.log_weight;
  const Index components = mixture.components();
  for (Index k = 0; k < components; ++k) {
    Eigen::VectorXd mean(columns);
    Eigen::MatrixXd factor = Eigen::MatrixXd::Zero(columns, columns);
    for (Index e = 0; e < columns; ++e) {
      const auto at = static_cast<std::size_t>(e * components + k);
      mean[e] = own.intercept[at];
      for (Index i = 0; i < e; ++i) {
        const double a =
            own.slope[at * static_cast<std::size_t>(columns) + static_cast<std::size_t>(i)];
        mean[e] += a * mean[i];
        factor.row(e) += a * factor.row(i);
      }
      factor(e, e) = std::exp(-own.log_scale[at]);
    }
    mixture.mean.push_back(mean);
    mixture.factor.push_back(factor);
  }
  return mixture;
}

}  // namespace nflow
