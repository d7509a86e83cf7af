// The model beside rows that it was not trained on.

#include <algorithm>
#include <cmath>
#include <numeric>

#include "check/checks.h"
#include "math/constants.h"
#include "nflow/calibration.h"
#include "stats/two_sample.h"

namespace nflow {
namespace {

constexpr Index kTwoSampleRows = 1500;  // of each, since every pair of rows is compared
constexpr Index kDraws = 19;            // of each row, for its columns' places
constexpr double kFarOut = 10;          // where latent numbers are cut for a distance

bool is_circle(const Model& model, Index column) {
  return support_at(model.supports, static_cast<std::size_t>(column)).kind ==
         Support::Kind::circular;
}

/// Columns of the model become pooled ranks, but circles their points.
void to_common_scale(const Model& model, RowMatrix& first, RowMatrix& second) {
  for (Index j = 0; j < static_cast<Index>(model.columns.size()); ++j) {
    if (!is_circle(model, j)) to_pooled_ranks(first, second, j);
  }
  circles_to_points(model, first);
  circles_to_points(model, second);
}

/// Exchanges enough that p can fall to a fifth of what is still fine.
Index most_exchanges(double alpha) {
  return static_cast<Index>(std::clamp(5 * 5 / alpha, 999.0, 100000.0));
}

/// n rows or fewer, evenly spread.
Dataset spread_rows(const Dataset& data, Index most) {
  const Index n = std::min(data.x.rows(), most);
  std::vector<Index> places(static_cast<std::size_t>(n));
  for (Index i = 0; i < n; ++i) places[static_cast<std::size_t>(i)] = i * data.x.rows() / n;
  return {data.x(places, Eigen::all), data.context(places, Eigen::all)};
}

Findings adjusted(Findings findings) {
  std::vector<double> p;
  for (const Finding& finding : findings) p.push_back(finding.figure);
  p = holm(p);
  for (std::size_t i = 0; i < p.size(); ++i) findings[i].figure = p[i];
  return findings;
}

/// Puts the context's ranks behind the columns.
void append_context(RowMatrix context, RowMatrix& rows) {
  RowMatrix none(0, context.cols());
  for (Index j = 0; j < context.cols(); ++j) to_pooled_ranks(context, none, j);
  RowMatrix both(rows.rows(), rows.cols() + context.cols());
  both << rows, context;
  rows = std::move(both);
}

/// The rows of latent numbers without NaN, cut where they are far out.
RowMatrix finite_rows(const RowMatrix& latent) {
  return latent(finite_places(latent), Eigen::all).cwiseMax(-kFarOut).cwiseMin(kFarOut);
}

std::string energy_text(const TestResult& result, Index n) {
  return "energy distance " + short_number(result.statistic) + ", " + std::to_string(n) +
         " rows of each";
}

Finding tails_finding(const Subject& subject, std::string name, std::vector<Tails> tails) {
  const auto n = static_cast<double>(tails.size());
  const double statistic = anderson_darling(std::move(tails)).statistic;
  const double share = subject.share_of_chance(1 / n);
  return tested(std::move(name), anderson_darling_p(share * statistic, share * n),
                "Anderson-Darling statistic " + short_number(statistic));
}

}  // namespace

double distance_p(const Subject& subject, double distance, Index rows) {
  const auto n = static_cast<double>(rows);
  return kolmogorov_smirnov_p(distance, n * subject.share_of_chance(1 / n));
}

void circles_to_points(const Model& model, RowMatrix& rows) {
  for (Index j = 0; j < static_cast<Index>(model.columns.size()); ++j) {
    if (!is_circle(model, j)) continue;
    const Support support = support_at(model.supports, static_cast<std::size_t>(j));
    rows.conservativeResize(Eigen::NoChange, rows.cols() + 1);
    for (Index i = 0; i < rows.rows(); ++i) {
      const double angle = kTwoPi * support.to_line(rows(i, j));
      // Over the circle their deviation is that of the ranks.
      rows(i, j) = std::cos(angle) / std::sqrt(6.0);
      rows(i, rows.cols() - 1) = std::sin(angle) / std::sqrt(6.0);
    }
  }
}

/// All columns at once, and how they hang together: rows against samples, given the same context;
/// and the rows' latent numbers against standard normal rows, for what is small in the columns'
/// scale.
Findings check_two_samples(const Subject& subject) {
  const CheckOptions& options = subject.options;
  Dataset data = spread_rows(*subject.data, kTwoSampleRows);
  Evaluator own(subject.model, options.threads);
  RowMatrix samples = draw(own, subject, data.context, 20);
  const std::vector<Index> places = finite_places(samples);
  if (places.size() < 2) {
    return {tested("samples against data", 0, "hardly any sample is a number")};
  }
  samples = RowMatrix(samples(places, Eigen::all));
  data = {data.x(places, Eigen::all), data.context(places, Eigen::all)};
  RowMatrix rows = data.x;
  to_common_scale(subject.model, rows, samples);
  const bool paired = data.context.cols() > 0;
  if (paired) {
    append_context(data.context, rows);
    append_context(data.context, samples);
  }
  const Index most = most_exchanges(options.alpha);
  const auto share = [&](Index n) { return subject.share_of_chance(2.0 / static_cast<double>(n)); };
  const TestResult outside =
      energy_test(rows, samples, paired, options.seed, most, subject.pool, share(rows.rows()));
  Findings found{tested("samples against data", outside.p, energy_text(outside, rows.rows()))};

  const RowMatrix latent =
      finite_rows(latent_numbers(subject.model, data, options.seed, options.threads));
  if (latent.rows() < 2) return found;
  const TestResult inside = energy_test(latent, normal_rows(subject, latent.rows(), 3), false,
                                        options.seed + 1, most, subject.pool, share(latent.rows()));
  found.push_back(
      tested("latent numbers against normal", inside.p, energy_text(inside, latent.rows())));
  return adjusted(found);
}

/// Each column by itself, given the context, and log p.
Findings check_columns(const Subject& subject) {
  const RowMatrix places = column_places(subject.model, *subject.data, kDraws, subject.options.seed,
                                         subject.options.threads);
  Findings found;
  for (Index j = 0; j < places.cols(); ++j) {
    const TestResult result = kolmogorov_smirnov({places.col(j).begin(), places.col(j).end()});
    found.push_back(tested("column " + subject.model.columns[static_cast<std::size_t>(j)],
                           distance_p(subject, result.statistic, places.rows()),
                           "Kolmogorov-Smirnov distance " + short_number(result.statistic)));
  }
  found.push_back(tail_finding(subject));
  return adjusted(found);
}

/// The rows' latent numbers, each by itself, and their distance from the middle.
Findings check_latent(const Subject& subject) {
  const RowMatrix latent =
      latent_numbers(subject.model, *subject.data, subject.options.seed, subject.options.threads);
  const Index lost = latent.rows() - finite_rows(latent).rows();
  const Finding without = bounded("rows without density", static_cast<double>(lost), 0,
                                  "of " + std::to_string(latent.rows()));
  if (latent.rows() - lost < 2) return {without};
  Findings found;
  std::vector<Tails> radius;
  const auto degrees = static_cast<double>(latent.cols());
  for (Index i = 0; i < latent.rows(); ++i) {
    if (!latent.row(i).allFinite()) continue;
    radius.push_back(chi_squared_tails(latent.row(i).squaredNorm(), degrees));
  }
  for (Index j = 0; j < latent.cols(); ++j) {
    std::vector<Tails> tails;
    for (const double z : latent.col(j)) {
      if (!std::isnan(z)) tails.push_back(normal_tails(z));
    }
    found.push_back(tails_finding(subject, "latent z" + std::to_string(j + 1), std::move(tails)));
  }
  found.push_back(tails_finding(subject, "latent radius", std::move(radius)));
  found = adjusted(found);
  found.insert(found.begin(), without);
  return found;
}

}  // namespace nflow
