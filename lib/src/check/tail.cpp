// Are rows as often improbable as the model says?

#include <algorithm>

#include "ask/draws.h"
#include "check/checks.h"
#include "stats/goodness_of_fit.h"

namespace nflow {
namespace {

constexpr Index kDraws = 19;  // for each row
constexpr std::uint32_t kStream = 40, kTies = 1U << 30;

/// The place of each row's log p among those of draws given its context; between two draws, and
/// among equal ones, it is random.
std::vector<double> tail_places(const Subject& subject) {
  Evaluator evaluator(subject.model, subject.options.threads);
  const Random random(subject.options.seed, Purpose::check);
  const Dataset& data = *subject.data;
  std::vector<double> own, places, log_prob;
  evaluator.log_prob(data.x, data.context, own);
  constexpr Index at_once = kAskedRows / kDraws;
  RowMatrix drawn;
  for (Index first = 0; first < data.x.rows(); first += at_once) {
    const Index n = std::min(at_once, data.x.rows() - first);
    const RowMatrix context = each_repeated(data.context.middleRows(first, n), kDraws);
    evaluator.sample(subject.options.seed,
                     FarRows::check(kStream) + static_cast<std::uint64_t>(first * kDraws),
                     n * kDraws, context, 1, drawn);
    evaluator.log_prob(drawn, context, log_prob);
    for (Index i = 0; i < n; ++i) {
      const double value = own[static_cast<std::size_t>(first + i)];
      const auto begin = log_prob.begin() + i * kDraws, end = begin + kDraws;
      const auto less = std::count_if(begin, end, [&](double other) { return other < value; });
      const auto same = std::count(begin, end, value) + 1;
      const double part = random.uniform(static_cast<std::uint64_t>(first + i), kTies);
      places.push_back((static_cast<double>(less) + part * static_cast<double>(same)) /
                       (kDraws + 1));
    }
  }
  return places;
}

}  // namespace

Finding tail_finding(const Subject& subject) {
  const std::vector<double> places = tail_places(subject);
  const auto share = [&](double most) {
    const auto below =
        std::count_if(places.begin(), places.end(), [&](double place) { return place < most; });
    return 100 * static_cast<double>(below) / static_cast<double>(places.size());
  };
  const TestResult result = kolmogorov_smirnov(places);
  return tested("tail", distance_p(subject, result.statistic, static_cast<Index>(places.size())),
                "Kolmogorov-Smirnov distance " + short_number(result.statistic) + "; " +
                    short_number(share(0.05)) + " % of the rows below 5 %");
}

}  // namespace nflow
