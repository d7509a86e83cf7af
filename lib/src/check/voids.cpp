// Samples where no rows are, and rows where no samples are.

#include "stats/voids.h"

#include <algorithm>
#include <cmath>

#include "check/checks.h"

namespace nflow {
namespace {

constexpr double kTimes = 10;      // as far out as rows are
constexpr double kLevel = 1e-4;    // the chance of finding fault with a right model
constexpr double kMostFar = 1e-3;  // the share of samples that may be far
constexpr double kMostReference = 1500;
constexpr double kMostOfReference = 1e9;  // (its rows)^2 columns
constexpr double kMostSteps = 4e8;        // held-out rows x rows of the reference x columns
constexpr Index kLeastRows = 3;

/// Rows for the reference and rows to hold beside it.
struct Halves {
  Dataset reference, held;
};

Dataset some(const Dataset& data, const std::vector<Index>& places) {
  return {data.x(places, Eigen::all), data.context(places, Eigen::all)};
}

/// Every third row is of the reference; fewer where columns are many.
Halves halves_of(const Dataset& data) {
  const auto columns = static_cast<double>(data.x.cols() + data.context.cols() + 1);
  const double reference = std::min(kMostReference, std::sqrt(kMostOfReference / columns));
  const auto most = static_cast<std::size_t>(kMostSteps / columns / reference);
  std::vector<Index> known, held;
  for (Index i = 0; i < data.x.rows(); ++i) {
    if (!data.x.row(i).allFinite() || !data.context.row(i).allFinite()) continue;
    const bool of_reference = i % 3 == 0;
    if (of_reference && static_cast<double>(known.size()) < reference) known.push_back(i);
    if (!of_reference && held.size() < most) held.push_back(i);
  }
  return {some(data, known), some(data, held)};
}

/// Columns, circles as points, and context in one row.
RowMatrix joined(const Model& model, RowMatrix rows, const RowMatrix& context) {
  circles_to_points(model, rows);
  RowMatrix both(rows.rows(), rows.cols() + context.cols());
  both << rows, context;
  return both;
}

Finding finding_of(const std::string& name, const FarShare& share, std::size_t n) {
  const std::string seen =
      share.least > 0 ? short_number(100 * share.seen) + " % of " : "none to speak of among ";
  return bounded(name, share.least, kMostFar,
                 seen + std::to_string(n) + ", at 10 times the distance");
}

}  // namespace

/// Is a share of the samples, given the context of rows, far from all rows, where other rows are
/// near to some? And of the rows from samples?
Findings check_voids(const Subject& subject) {
  Halves rows = halves_of(*subject.data);
  Evaluator own(subject.model, subject.options.threads);
  RowMatrix known = draw(own, subject, rows.reference.context, 21);
  RowMatrix held = draw(own, subject, rows.held.context, 22);
  const std::vector<Index> known_places = finite_places(known), held_places = finite_places(held);
  if (static_cast<Index>(known_places.size()) < kLeastRows || held_places.empty()) return {};
  const auto all = [&](const RowMatrix& x, const Dataset& data, const std::vector<Index>& places) {
    return joined(subject.model, x(places, Eigen::all), data.context(places, Eigen::all));
  };
  const RowMatrix rows_known = all(rows.reference.x, rows.reference, known_places);
  const RowMatrix rows_held = all(rows.held.x, rows.held, held_places);
  const RowMatrix samples_known = all(known, rows.reference, known_places);
  const RowMatrix samples_held = all(held, rows.held, held_places);
  const auto share = [&](const RowMatrix& first, const RowMatrix& second, const RowMatrix& from) {
    return far_share(relative_distances(first, from, subject.pool),
                     relative_distances(second, from, subject.pool), kTimes, kLevel);
  };
  const std::size_t n = held_places.size();
  return {finding_of("samples far from rows", share(samples_held, rows_held, rows_known), n),
          finding_of("rows far from samples", share(rows_held, samples_held, samples_known), n)};
}

}  // namespace nflow
