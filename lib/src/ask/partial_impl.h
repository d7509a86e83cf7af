#pragma once

#include <cmath>
#include <limits>
#include <map>
#include <utility>
#include <vector>

#include "ask/asked.h"
#include "ask/particles.h"
#include "nflow/conditional.h"
#include "nflow/partial.h"

namespace nflow {

/// Rows that are worked on together, and the most draws of one; more of those that are taken in
/// great number.
inline constexpr Index kPartialRows = 128;
inline constexpr Index kMostDraws = 16384;

/// The draws of equal weight that these are worth, and the log of their mean.
struct Weighed {
  double effective = 0;
  double log_mean = -std::numeric_limits<double>::infinity();
  double error = std::numeric_limits<double>::infinity();  ///< of log_mean

  explicit Weighed(const std::vector<double>& log_weight) {
    double top = -std::numeric_limits<double>::infinity(), sum = 0, squares = 0;
    for (const double w : log_weight) top = std::max(top, w);
    if (!std::isfinite(top)) return;
    for (const double w : log_weight) {
      const double one = std::exp(w - top);
      sum += one;
      squares += one * one;
    }
    const auto n = static_cast<double>(log_weight.size());
    effective = sum * sum / squares;
    log_mean = top + std::log(sum / n);
    error = n > 1 ? std::sqrt(std::max(0.0, n * squares / (sum * sum) - 1) / (n - 1))
                  : std::numeric_limits<double>::infinity();
  }
};

/// When a row has enough draws.
struct Goal {
  double effective, error;
  Index most;

  bool reached(const ParticleRow& row) const {
    const Weighed weighed(row.log_weight);
    return weighed.effective >= effective && weighed.error <= error;
  }
};

/// partial.cpp has what is known, partial_draws.cpp draws.
struct Partial::Impl {
  Impl(const Model& model, int threads, bool there_)
      : asked(model, threads),
        layout(asked.model()),
        particles(asked, layout, threads, there_),
        conditional(asked.model(), threads),
        whole(asked.model(), threads),
        there(there_),
        independent(layout.bins.empty() && layout.context == 0 && model.flow.links.size() == 1 &&
                    model.flow.links[0].name == "marginal") {}

  using Places = std::vector<Index>;
  const Model& model() const { return asked.model(); }
  Support support(Index j) const {
    return support_at(model().supports, static_cast<std::size_t>(j));
  }

  std::map<std::vector<bool>, Places> by_unknown(const RowMatrix& rows) const;
  const PartialPlan& plan(const std::vector<bool>& unknown, bool for_density);
  bool to_line(const RowMatrix& rows, Index i, RowMatrix& line) const;
  double slopes(const RowMatrix& rows, Index i) const;
  std::vector<ParticleRow> prepared(const PartialPlan& plan, const RowMatrix& rows,
                                    const RowMatrix& context, const Places& places,
                                    const std::vector<std::uint64_t>& numbers);
  void work(const PartialPlan& plan, std::vector<ParticleRow>& rows, std::uint64_t seed,
            const Goal& goal);

  void densities(const PartialPlan& plan, const RowMatrix& rows, const RowMatrix& context,
                 const Places& places, std::vector<KnownDensity>& out);
  void independent_densities(const PartialPlan& plan, const RowMatrix& rows, const Places& places,
                             std::vector<KnownDensity>& out);
  void quadrature_densities(const PartialPlan& plan, const RowMatrix& rows,
                            const RowMatrix& context, const Places& places,
                            std::vector<KnownDensity>& out);

  struct Taking {
    std::uint64_t seed, first;
    Index n;
    bool best;
  };
  PartialDraws draws(const RowMatrix& rows, const RowMatrix& context, const Taking& taking);
  void fill(const PartialPlan& plan, const RowMatrix& rows, const RowMatrix& context,
            const Places& places, const Taking& taking, Index block, PartialDraws& out);
  void write(const PartialPlan& plan, const RowMatrix& lines, const Random& random,
             std::uint64_t number, const Taking& taking, Index first, PartialDraws& out) const;
  void by_quadrature(const PartialPlan& plan, const RowMatrix& rows, const RowMatrix& context,
                     const Places& places, const Taking& taking, PartialDraws& out);
  void take(const ParticleRow& row, const Random& random, RowMatrix& taken) const;
  void draw_behind(const PartialPlan& plan, const Random& random,
                   const std::vector<std::uint64_t>& numbers, const RowMatrix& context,
                   RowMatrix& lines);
  double value(Index column, double u, const Random& random, std::uint64_t number) const;
  double centre(Index column, std::vector<double> values) const;

  Asked asked;
  PartialLayout layout;
  Particles particles;
  Conditional conditional;
  Evaluator whole;
  bool there;
  bool independent;  // are all columns, as in a chain of `marginal` alone?
  RowMatrix middle;  // then a row on the line, and the log density of each of its columns
  std::vector<double> at_middle;
  std::map<std::pair<std::vector<bool>, bool>, PartialPlan> plans;
};

}  // namespace nflow
