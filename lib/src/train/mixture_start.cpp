#include "train/mixture_start.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <variant>

#include "math/constants.h"
#include "math/random.h"
#include "nflow/support.h"
#include "scaler.h"
#include "stats/weights.h"
#include "support_map.h"
#include "train/mixture_choice.h"

namespace nflow {
namespace {

constexpr Index kMostRows = 200000;

/// Deviation of the noise on indicators: a component for one label alone would be so narrow there
/// that single precision could not weigh it.
constexpr double kIndicatorNoise = 0.1;
constexpr int kIterations = 200;

/// Log-weight of components that a column has no use for.
constexpr double kNoLogWeight = -60;

/// Deviation of the logit of a uniform number of (0, 1): pi / sqrt 3.
constexpr double kUniformDeviation = 1.8137993642342178;

GaussianMixture fitted(const MixtureRows& data, Index components, Index fits, Index given,
                       ThreadPool& pool, std::uint64_t seed) {
  const MixturePrior prior = MixtureChoice(data, pool, seed, fits, given).prior(components);
  return MixtureFit(data.rows, pool, seed, data.weights, data.least_far)
      .fit(components, kIterations, prior, fits, given);
}

/// Adds the noise to the context's indicators among the rows, which come first there.
void soften_indicators(const RowMatrix& context, const Scaler& scaler, RowMatrix& rows) {
  const Random random(0, Purpose::indicator);
  for (Index j = 0; j < context.cols(); ++j) {
    if (!is_indicator(context, j)) continue;
    const double deviation = kIndicatorNoise / scaler.deviation[j];
    for (Index r = 0; r < rows.rows(); ++r) {
      const auto row = static_cast<std::uint64_t>(r);
      rows(r, j) += deviation * random.normal_pair(row, static_cast<std::uint32_t>(j))[0];
    }
  }
}

/// A mixture for each column, of as many components as its held-out rows ask for.
std::vector<TensorStart> marginal_start(Index most, const MixtureRows& data, Index columns,
                                        ThreadPool& pool, std::uint64_t seed) {
  std::vector<double> logits, log_scale, mean;
  for (Index j = data.rows.cols() - columns; j < data.rows.cols(); ++j) {
    const MixtureRows one = data.column(j);
    const Index components = MixtureChoice(one, pool, seed).components(most);
    GaussianMixture mixture = fitted(one, components, 1, 0, pool, seed);
    mixture.log_weight.resize(most, kNoLogWeight);
    mixture.log_scale.resize(most, 0);
    mixture.intercept.resize(most, 0);
    logits.insert(logits.end(), mixture.log_weight.begin(), mixture.log_weight.end());
    log_scale.insert(log_scale.end(), mixture.log_scale.begin(), mixture.log_scale.end());
    mean.insert(mean.end(), mixture.intercept.begin(), mixture.intercept.end());
  }
  return {{"logits", logits}, {"log_scale", log_scale}, {"mean", mean}};
}

}  // namespace

MixtureRows mixture_rows(const Dataset& data, const Scaler& scaler, const Scaler& context_scaler,
                         const std::vector<Support>& supports) {
  const Index circular = circular_columns(supports), front = front_columns(supports);
  const Index n = std::min(kMostRows, data.x.rows());
  RowMatrix rows(n, data.context.cols() + kCircleFeatures * circular + data.x.cols() - front);
  for (Index r = 0; r < n; ++r) {
    const Index from = r * data.x.rows() / n;
    Index to = 0;
    for (Index j = 0; j < data.context.cols(); ++j) {
      rows(r, to++) = standard_score(data.context(from, j), context_scaler, j);
    }
    for (Index j = 0; j < circular; ++j) {
      rows(r, to++) = std::cos(kTwoPi * data.x(from, j));
      rows(r, to++) = std::sin(kTwoPi * data.x(from, j));
    }
    for (Index j = front; j < data.x.cols(); ++j) {
      rows(r, to++) = standard_score(data.x(from, j), scaler, j);
    }
  }
  soften_indicators(data.context, context_scaler, rows);
  const std::vector<Index> order = chain_order(supports, data.x.cols());
  Eigen::VectorXd least_far = Eigen::VectorXd::Zero(rows.cols());
  for (Index j = front; j < data.x.cols(); ++j) {
    const Support support = support_at(supports, order[j]);
    if (support.kind != Support::Kind::interval && support.kind != Support::Kind::arc) continue;
    least_far(rows.cols() - data.x.cols() + j) = kUniformDeviation / scaler.deviation[j];
  }
  return {std::move(rows), spread_weights(data.weights, kMostRows), std::move(least_far)};
}

std::vector<TensorStart> mixture_start(const LinkSpec& first, const Dataset& fit,
                                       const Scaler& scaler, const Scaler& context_scaler,
                                       const std::vector<Support>& supports, ThreadPool& pool,
                                       std::uint64_t seed) {
  if (!is_fitted(first)) return {};
  const LinkOptions& options = first.options;
  const MixtureRows data = mixture_rows(fit, scaler, context_scaler, supports);
  if (first.name == "marginal") {
    return marginal_start(options.components, data, fit.x.cols() - front_columns(supports), pool,
                          seed);
  }
  const GaussianMixture mixture =
      fitted(data, options.components, options.fits, fit.context.cols(), pool, seed);
  std::vector<TensorStart> starts{{"logits", mixture.log_weight},
                                  {"log_scale", mixture.log_scale},
                                  {"mean.weight", mixture.slope},
                                  {"mean.bias", mixture.intercept}};
  if (first.name == "neural-mixture") {
    const double rows = total_weight(data.weights, data.rows.rows());
    const Index columns = fit.x.cols() - front_columns(supports);
    const Eigen::ArrayXd far = far_variance(data.rows, data.least_far).tail(columns);
    const Eigen::ArrayXd log_scale = -0.5 * far.log();
    starts.push_back({"tail_logit", {std::log(kOwnFarRows / rows)}});
    starts.push_back({"tail_log_scale", {log_scale.begin(), log_scale.end()}});
  }
  return starts;
}

GaussianMixture mixture_of(const Model& model) {
  const auto columns = static_cast<Index>(model.columns.size());
  const std::vector<TensorPlace> tensors =
      tensor_places(model.flow, columns, model.context_features(), model.front());
  const auto values = [&](const std::string& of) {
    const std::string name = "1.mixture." + of;
    const auto place = std::find_if(tensors.begin(), tensors.end(),
                                    [&](const TensorPlace& tensor) { return tensor.name == name; });
    if (place == tensors.end()) throw std::logic_error("a model has no tensor " + name);
    return std::visit(
        [&](const auto& theta) {
          const auto first = theta.begin() + place->offset;
          return std::vector<double>(first, first + place->rows * place->cols);
        },
        model.parameters);
  };
  GaussianMixture mixture{values("logits"), values("log_scale"), values("mean.weight"),
                          values("mean.bias")};
  double total = 0;
  const double top = *std::max_element(mixture.log_weight.begin(), mixture.log_weight.end());
  for (const double logit : mixture.log_weight) total += std::exp(logit - top);
  for (double& logit : mixture.log_weight) logit -= top + std::log(total);
  return mixture;
}

}  // namespace nflow
