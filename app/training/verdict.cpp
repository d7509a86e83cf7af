#include "training/verdict.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>

#include "nflow/evaluator.h"
#include "nflow/gaussian.h"
#include "nflow/mean_estimate.h"
#include "report/log.h"

namespace nflow::app {
namespace {

/// Two, or as many as show the standard error.
int decimals(double error) {
  if (!(error > 0)) return 2;
  return static_cast<int>(std::clamp(1 - std::floor(std::log10(error)), 2.0, 4.0));
}

/// What it has to beat: the likeliest normal density, or what the rows allow instead.
std::string name_of(Gaussian::Kind kind) {
  switch (kind) {
    case Gaussian::Kind::full:
      break;
    case Gaussian::Kind::shrunken:
      return "a shrunken Gaussian";
    case Gaussian::Kind::factors:
      return "a factor-analytic Gaussian";
    case Gaussian::Kind::diagonal:
      return "a diagonal Gaussian";
  }
  return "a fitted Gaussian";
}

}  // namespace

void log_verdict(const Model& model, const TrainData& data, int threads) {
  if (!spdlog::should_log(spdlog::level::info)) return;
  const Dataset& rows = data.validation;
  std::vector<double> log_prob;
  Evaluator(model, threads).log_prob(rows.x, rows.context, log_prob);
  const MeanEstimate flow = estimate_mean(log_prob, rows.weights);
  const int digits = decimals(flow.error);
  const std::string error =
      std::isfinite(flow.error) ? fmt::format(" +- {:.{}f}", flow.error, digits) : "";
  const std::string own =
      fmt::format("validation log p {:.{}f}{} nats/row", flow.mean, digits, error);
  if (cut_columns(model.supports) > 0) {  // a normal density knows no labels
    log_with({{"mean_log_prob", flow.mean}, {"stderr", flow.error}}, spdlog::level::info, own);
    return;
  }
  const Gaussian gaussian(data.fit);
  const MeanEstimate normal = estimate_mean(gaussian.log_prob(rows), rows.weights);
  log_with(
      {{"mean_log_prob", flow.mean}, {"stderr", flow.error}, {"gaussian_log_prob", normal.mean}},
      spdlog::level::info,
      fmt::format("{}; {} has {:.{}f} ({:+.{}f})", own, name_of(gaussian.kind()), normal.mean,
                  digits, flow.mean - normal.mean, digits));
}

}  // namespace nflow::app
