// The integral of the density.

#include <cmath>
#include <limits>

#include "check/checks.h"
#include "check/mass_integral.h"
#include "standardised.h"

namespace nflow {
namespace {

constexpr Index kRows = 4000;  // that show where the mass is
constexpr Index kMostPoints = 400000;

Finding mass_of(const Subject& subject, const Model& chain, Evaluator& evaluator, Index number) {
  const auto stream = 3 + static_cast<std::uint32_t>(number);
  const RowMatrix drawn = draw(evaluator, subject, subject.one_context(kRows, number), stream);
  DrawnDensity density;
  density.draws = drawn(finite_places(drawn), Eigen::all);
  if (density.draws.rows() < kRows / 2) {
    return bounded("mass", std::numeric_limits<double>::quiet_NaN(), 0,
                   "hardly any sample is a number");
  }
  for (Index j = 0; j < drawn.cols(); ++j) {
    const Support support = support_at(chain.supports, static_cast<std::size_t>(j));
    density.circular.push_back(support.kind == Support::Kind::circular);
  }
  density.log_density = [&](const RowMatrix& rows) {
    std::vector<double> values;
    evaluator.log_prob(rows, subject.one_context(rows.rows(), number), values);
    return values;
  };
  density.seed = subject.options.seed + stream;
  density.most_points = kMostPoints / subject.few_contexts();
  return mass_finding(density);
}

/// Is a worse than b? What is off is worst, and what is open worse than what is fine.
bool worse(const Finding& a, const Finding& b) {
  const auto rank = [](const Finding& finding) {
    if (finding.verdict == Finding::Verdict::off) return 2;
    return finding.verdict == Finding::Verdict::open ? 1 : 0;
  };
  if (rank(a) != rank(b)) return rank(a) > rank(b);
  return !(a.figure / a.limit <= b.figure / b.limit);
}

}  // namespace

/// Over one column or two. More, and steps of cells, are left to check_samples(). Of a conditional
/// model, the worst of a few contexts. In double: what the model's own precision does to log p is
/// check_rounding()'s, and steps of the last digit would keep the cubature from an end.
Findings check_mass(const Subject& subject) {
  if (subject.columns() > 2 || cut_columns(subject.model.supports) > 0) return {};
  const Model chain = standardised(in_double(subject.model));
  Evaluator evaluator(chain, subject.options.threads);
  Finding worst = mass_of(subject, chain, evaluator, 0);
  for (Index number = 1; number < subject.few_contexts(); ++number) {
    const Finding other = mass_of(subject, chain, evaluator, number);
    if (worse(other, worst)) worst = other;
  }
  return {worst};
}

}  // namespace nflow
