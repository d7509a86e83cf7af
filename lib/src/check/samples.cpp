// Samples of the model, and what they say of its log p.

#include <algorithm>
#include <cmath>
#include <limits>

#include "check/checks.h"
#include "check/proposal.h"
#include "standardised.h"
#include "stats/bridge.h"
#include "stats/distributions.h"

namespace nflow {
namespace {

constexpr Index kRows = 10000;       // that must stay in the supports
constexpr Index kFitRows = 8192;     // that a proposal is fitted to
constexpr Index kBridgeRows = 4096;  // of each density
constexpr Index kMoreRows = 16384;   // where these raise a doubt
constexpr double kDoubt = 0.05;      // the p that asks for a second look
constexpr std::uint32_t kStreamsOfLook = 100;
constexpr Index kMostComponents = 32;
constexpr Index kRowsOfEach = 5;     // for each column of a component
constexpr Index kMostColumns = 512;  // of which covariances are worth their time
constexpr int kIterations = 60;
constexpr double kLeastOverlap = 0.02;

/// log p - log q of rows that are drawn for one context.
std::vector<double> ratios(Evaluator& chain, const Proposal& proposal, const RowMatrix& rows,
                           const RowMatrix& context) {
  std::vector<double> ratio;
  chain.log_prob(rows, context, ratio);
  const std::vector<double> known = proposal.log_prob(rows);
  for (std::size_t i = 0; i < ratio.size(); ++i) ratio[i] -= known[i];
  return ratio;
}

/// The mass where p, or the draws of it, are no numbers.
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr LogMass kNoMass{kNaN, kNaN, 0};

/// n draws of the model that are numbers, or fewer.
RowMatrix finite_draws(const Subject& subject, Evaluator& chain, Index n, Index number,
                       std::uint32_t stream) {
  const RowMatrix drawn = draw(chain, subject, subject.one_context(n, number), stream);
  return drawn(finite_places(drawn), Eigen::all);
}

/// `look`: 0, or 1 for draws that have nothing to do with those.
LogMass bridged(const Subject& subject, Evaluator& chain, Index number, std::uint32_t look) {
  const auto stream = 10 + 2 * static_cast<std::uint32_t>(number) + kStreamsOfLook * look;
  const std::uint64_t seed = subject.options.seed;
  const RowMatrix fit = finite_draws(subject, chain, kFitRows, number, stream);
  const Index rows = look == 0 ? kBridgeRows : kMoreRows;
  const RowMatrix own = finite_draws(subject, chain, rows, number, stream + 1);
  if (fit.rows() < kFitRows / 2 || own.rows() < rows / 2) return kNoMass;
  const MixtureFit mixtures(fit, subject.pool, seed);
  const Index components =
      std::clamp<Index>(kFitRows / (kRowsOfEach * subject.columns()), 1, kMostComponents);
  const Proposal proposal(mixtures.fit(components, kIterations));
  const RowMatrix context = subject.one_context(own.rows(), number);
  const RowMatrix other = proposal.sample(own.rows(), Random(seed + stream, Purpose::check));
  return bridge(ratios(chain, proposal, own, context), ratios(chain, proposal, other, context));
}

/// p of a mass of 1. NaN is none.
double p_of(const LogMass& mass) {
  return std::isnan(mass.value) ? 0 : two_sided_p(mass.value / std::max(mass.error, 1e-6));
}

Finding outside_finding(const Subject& subject) {
  Evaluator own(subject.model, subject.options.threads);
  const RowMatrix rows = draw(own, subject, subject.context(kRows), 2);
  Index outside = 0;
  for (Index i = 0; i < rows.rows(); ++i) {
    bool inside = rows.row(i).allFinite();
    for (std::size_t j = 0; j < subject.model.supports.size(); ++j) {
      inside = inside && subject.model.supports[j].contains(rows(i, static_cast<Index>(j)));
    }
    outside += inside ? 0 : 1;
  }
  return bounded("samples outside the supports", static_cast<double>(outside), 0,
                 "of " + std::to_string(kRows));
}

}  // namespace

/// Samples stay in the supports; and where they and a mixture fitted to them meet, the density that
/// log p gives has a mass of 1. Of a conditional model, the worst of a few contexts. Where columns
/// are very many, no mixture would come near the density.
Findings check_samples(const Subject& subject) {
  if (subject.columns() > kMostColumns) return {outside_finding(subject)};
  Evaluator chain(standardised(subject.model), subject.options.threads);
  LogMass worst{0, 1, 1};
  double least = 2;
  for (Index number = 0; number < subject.few_contexts(); ++number) {
    LogMass mass = bridged(subject, chain, number, 0);
    // Draws, unlike rows, can be had at will: with a second look at other ones a right model is
    // found wrong far less often than p says.
    if (p_of(mass) < kDoubt) mass = bridged(subject, chain, number, 1);
    const double p = p_of(mass);
    if (p >= least) continue;
    least = p;
    worst = mass;
  }
  const double p = std::min(1.0, least * static_cast<double>(subject.few_contexts()));
  Finding finding = tested("samples against log p", p,
                           "mass " + short_number(std::exp(worst.value), 5) + " +- " +
                               short_number(std::exp(worst.value) * worst.error));
  if (std::isnan(worst.value)) {
    finding.detail = "log p is no number, or hardly any sample is one";
  } else if (worst.overlap < kLeastOverlap) {
    finding.verdict = Finding::Verdict::open;
    finding.detail = "no mixture comes near enough to the density to tell";
  }
  return {outside_finding(subject), finding};
}

}  // namespace nflow
